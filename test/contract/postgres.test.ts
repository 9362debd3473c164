import { Pool } from 'pg';
import { postgresCounter } from '../../lib/counters/postgres-counter';
import { testClock } from '../helpers/clock';
import { hasPostgres, startPostgresServer, type PostgresServer } from '../helpers/postgres-server';
import { agingCounter } from '../helpers/redis-server';
import { counterContract } from './counter';

(hasPostgres() ? describe : describe.skip)('on PostgreSQL', () => {
  let server: PostgresServer;
  let pool: Pool;
  beforeAll(async () => {
    server = await startPostgresServer();
    pool = new Pool({ connectionString: server.url, max: 4 });
    await postgresCounter(pool).createTable();
  });
  afterAll(async () => {
    await pool.end();
    await server.stop();
  });

  counterContract('postgresCounter', {
    reach: 'decision',
    make: () => {
      const clock = testClock();
      return {
        counter: agingCounter(postgresCounter(pool), clock),
        pass: async (milliseconds) => {
          await clock.advance(milliseconds / 1_000);
          await pool.query('UPDATE second_factor_counts SET ends = ends - $1', [milliseconds]);
        },
      };
    },
  });
});
