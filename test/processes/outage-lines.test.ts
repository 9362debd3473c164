import { Pool } from 'pg';
import { postgresCounter, redisCounter } from '../../lib';
import { pending, startApp, type TestApp } from '../helpers/app';
import { until } from '../helpers/cluster';
import { ROUTER } from '../helpers/paths';
import { createClient } from 'redis';
import { connect, hasRedis, startRedis } from '../helpers/redis-server';
import { hasPostgres, startPostgresServer, type PostgresServer } from '../helpers/postgres-server';

const own = hasPostgres() && process.env.TEST_POSTGRES_URL === undefined;

(own ? describe : describe.skip)('when the PostgreSQL of the counter goes away', () => {
  let server: PostgresServer;
  let pool: Pool;
  let app: TestApp;
  let lines: string[];
  beforeAll(async () => {
    server = await startPostgresServer();
    pool = new Pool({ connectionString: server.url, max: 4 });
    // As every recipe has it: without a listener a lost connection ends the process.
    pool.on('error', () => undefined);
  });
  beforeEach(async () => {
    lines = [];
    const say = (line: string) => void lines.push(line);
    const counter = postgresCounter({ query: (text, values) => pool.query(text, values) });
    await counter.createTable();
    app = await startApp({ factor: { counter, logger: { warn: say, error: say } } });
  });
  afterAll(async () => {
    await pool.end();
    await server.stop();
  });

  test('[S134] [S199] users read a page that says so, the operator a line with its cure, and it works again by itself', async () => {
    const agent = app.agent();
    const code = await pending(app, agent);
    await server.crash();
    const page = await agent
      .post(ROUTER.verify)
      .type('form')
      .set('Accept', 'text/html')
      .set('Sec-Fetch-Site', 'same-origin')
      .send({ code });
    expect(page.status).toBe(503);
    await agent.get('/secret').expect(401);
    expect(page.text).toMatch(/Temporarily unavailable.*Try again in a moment/s);
    expect(lines).toEqual([
      expect.stringMatching(/^passport-sms-2fa: store_failed: .*ECONNREFUSED.* See that .* are up/),
    ]);
    await server.again();
    await until('the counter answers', async () => {
      return (await agent.post(ROUTER.verify).send({ code })).status !== 503;
    });
    await agent.get('/secret').expect(200);
  });

  test('[S199] of a table that was taken away the line has its name, and what to do', async () => {
    const agent = app.agent();
    await pool.query('DROP TABLE second_factor_counts');
    await expect(pending(app, agent)).rejects.toThrow();
    expect(lines).toEqual([
      expect.stringMatching(
        /relation "second_factor_counts" does not exist\. Call createTable\(\)/,
      ),
    ]);
  });

  test('[S199] a server without a connection left says so', async () => {
    const others = new Pool({ connectionString: server.url, max: 60 });
    others.on('error', () => undefined);
    // More than the server takes.
    const held = await Promise.allSettled(Array.from({ length: 50 }, () => others.connect()));
    const single = new Pool({ connectionString: server.url, max: 1 });
    single.on('error', () => undefined);
    const counter = postgresCounter({ query: (text, values) => single.query(text, values) });
    const say = (line: string) => void lines.push(line);
    const crowded = await startApp({ factor: { counter, logger: { warn: say, error: say } } });
    await expect(pending(crowded, crowded.agent())).rejects.toThrow();
    expect(lines).toEqual([
      expect.stringMatching(
        /a store has no connection left, .*too many clients.*make pools smaller/,
      ),
    ]);
    await expect(crowded.secondFactor.check()).rejects.toThrow(
      /counter has no connection left .* make pools smaller/,
    );
    for (const each of held) if (each.status === 'fulfilled') each.value.release(true);
    await Promise.all([others.end(), single.end()]);
  });
});

(hasRedis() ? describe : describe.skip)('when the Redis of the counter goes away', () => {
  test('[S134] [S199] the same holds: a page, a line with its cure, and no restart', async () => {
    const server = await startRedis();
    const client = await connect(server);
    client.on('error', () => undefined);
    const lines: string[] = [];
    const say = (line: string) => void lines.push(line);
    const counter = redisCounter({ sendCommand: (args) => client.sendCommand(args) });
    const app = await startApp({ factor: { counter, logger: { warn: say, error: say } } });
    const agent = app.agent();
    const code = await pending(app, agent);
    await client.sendCommand(['CONFIG', 'SET', 'maxclients', '1']);
    const crowded = createClient({ url: server.url, socket: { reconnectStrategy: false } });
    crowded.on('error', () => undefined);
    const refused = redisCounter({
      sendCommand: async (args) => {
        if (!crowded.isOpen) await crowded.connect();
        return crowded.sendCommand(args);
      },
    });
    const other = await startApp({
      factor: { counter: refused, logger: { warn: say, error: say } },
    });
    await expect(pending(other, other.agent())).rejects.toThrow();
    expect(lines).toEqual([
      expect.stringMatching(/has no connection left, .*max number of clients.* maxclients/),
    ]);
    lines.length = 0;
    await server.stop();
    const page = await agent
      .post(ROUTER.verify)
      .type('form')
      .set('Accept', 'text/html')
      .set('Sec-Fetch-Site', 'same-origin')
      .send({ code });
    expect(page.status).toBe(503);
    expect(page.text).toMatch(/Temporarily unavailable.*Try again in a moment/s);
    expect(lines).toEqual([
      expect.stringMatching(/^passport-sms-2fa: store_failed: .* See that .* are up and answer/),
    ]);
    const again = await startRedis(server.port);
    await until('the counter answers', async () => {
      return (await agent.post(ROUTER.challenge).send({})).status !== 503;
    });
    client.destroy();
    await again.stop();
  });
});
