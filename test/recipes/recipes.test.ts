import type { Enrollment, Enrollments } from '../../lib';
import { guardedEnrollments } from '../../lib/stores/enrollments';
import { enrollmentsContract } from '../docs/contract';
import { RECIPES_APART } from '../docs/page';
import {
  ofDrizzle,
  ofKnex,
  ofMongoose,
  ofMysql,
  ofPg,
  ofPrisma,
  ofSequelize,
  ofSqlite3,
  ofTypeorm,
  type Opened,
} from './clients';
import { hasMysql, mongoServer, mysqlServer, postgresServer, type TestServer } from './servers';

type Open = (server: TestServer) => Promise<Opened>;

const ON: [string, () => Promise<TestServer>, Record<string, Open>][] = [
  [
    'PostgreSQL',
    postgresServer,
    {
      postgresql: ofPg,
      drizzle: ofDrizzle,
      prisma: ofPrisma,
      knex: ofKnex('postgres'),
      sequelize: ofSequelize('postgres'),
      typeorm: ofTypeorm('postgres'),
    },
  ],
  [
    'MariaDB',
    mysqlServer,
    {
      mysql: ofMysql,
      knex: ofKnex('mysql'),
      sequelize: ofSequelize('mysql'),
      typeorm: ofTypeorm('mysql'),
    },
  ],
  ['the wire protocol of MongoDB', mongoServer, { mongoose: ofMongoose }],
];

const VALUE: Enrollment = { phone: '+12065550142', confirmedAt: 1, epoch: 'e', version: 1 };

const nextTurn = () => new Promise((resolve) => setTimeout(resolve, 20));

/** How a call ended: what the library would do then, and when. */
const ended = async (call: unknown): Promise<string> => {
  try {
    await call;
    return 'answered';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe.each(ON.filter(([name]) => name !== 'MariaDB' || hasMysql()))(
  'on %s',
  (_, serve, recipes) => {
    let server: TestServer;
    beforeAll(async () => {
      server = await serve();
      await server.start();
    }, 120_000);
    afterAll(() => server.end());

    describe.each(Object.entries(recipes))('%s', (name, open) => {
      let opened: Opened;
      let logged: jest.SpyInstance;
      beforeAll(async () => {
        opened = await open(server);
      }, 60_000);
      afterAll(() => opened.close());
      beforeEach(() => {
        logged = jest.spyOn(console, 'error').mockImplementation(() => undefined);
      });
      afterEach(() => logged.mockRestore());

      enrollmentsContract(name, async () => {
        await opened.clear();
        return opened.make();
      });

      test('[S134] it outlives its database: while that is away each call fails, and then works again', async () => {
        await opened.clear();
        const kept: Enrollments = guardedEnrollments(opened.make());
        expect(await kept.set('A', VALUE, 0)).toBe(true);
        await server.stop();
        const calls = [
          kept.get('A'),
          kept.set('A', { ...VALUE, version: 2 }, 1),
          kept.delete('A', 1),
        ];
        expect(await Promise.all(calls.map(ended))).toEqual(Array(3).fill('store_unavailable'));
        await server.start();
        while ((await ended(kept.get('A'))) !== 'answered') await nextTurn();
        await opened.clear();
        expect(await kept.set('A', VALUE, 0)).toBe(true);
        expect(await kept.get('A')).toEqual(VALUE);
      });
    });
  },
);

describe('sqlite3', () => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await ofSqlite3();
  });
  enrollmentsContract('sqlite3', async () => {
    await opened.clear();
    return opened.make();
  });

  test('[S134] what its database answers with an error fails', async () => {
    const kept = opened.make();
    await opened.close();
    await expect(kept.get('A')).rejects.toThrow();
    await expect(kept.set('A', VALUE, 0)).rejects.toThrow();
    await expect(kept.delete('A', 1)).rejects.toThrow();
  });
});

test('each page that needs packages of its own is run', () => {
  const run = [...ON.flatMap(([, , recipes]) => Object.keys(recipes)), 'sqlite3'];
  expect(run).toEqual(expect.arrayContaining(Object.keys(RECIPES_APART)));
});
