import { RedisStore } from 'connect-redis';
import type { SessionData } from 'express-session';
import { createClient } from 'redis';
import { redisCounter, type SimpleCounter } from '../../lib';
import { guardedCounter } from '../../lib/counters/guarded-counter';
import { SETTLE } from '../../lib/counters/redis-script';
import { counterContract } from '../contract/counter';
import { newestCode, pending, startApp, verified, wrongCode } from '../helpers/app';
import { testClock } from '../helpers/clock';
import { ROUTER } from '../helpers/paths';
import { connect, hasRedis, startRedis } from '../helpers/redis-server';
import type { RedisClient, RedisServer } from '../helpers/redis-server';
import { blocksIn, runBlock } from './page';
import { startPostgres, type Postgres } from './postgres';
import { typeErrors } from './type-errors';

const [table = ''] = blocksIn('counters.md', 'sql');
const [recipe = ''] = blocksIn('counters.md', 'ts');
const [rights = ''] = blocksIn('counters.md', 'text');

test('the counter on the page compiles, and is one that an app can give', () => {
  const uses = `
    import { createSecondFactor, type SecondFactorOptions } from 'passport-sms-2fa';
    import { postgresCounter, type Pool } from './counter';
    declare const options: SecondFactorOptions;
    declare const pool: Pool;
    createSecondFactor({ ...options, counter: postgresCounter(pool) });
  `;
  expect(typeErrors({ 'counter.ts': recipe, 'uses.ts': uses })).toEqual([]);
}, 120_000);

describe('on PostgreSQL', () => {
  const { postgresCounter } = runBlock('counters.md', recipe) as {
    postgresCounter: (pool: Postgres, clock: () => number) => SimpleCounter;
  };
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = startPostgres();
    await postgres.query(table);
  });
  afterAll(() => postgres.stop());

  counterContract('the counter on the page', {
    reach: 'count',
    make: () => {
      const clock = testClock();
      const pass = (milliseconds: number) => clock.advance(milliseconds / 1_000);
      return { counter: guardedCounter(postgresCounter(postgres, clock), clock), pass };
    },
  });
});

const withRedis = hasRedis() ? describe : describe.skip;

withRedis('the user with few rights', () => {
  let server: RedisServer;
  let owner: RedisClient;
  let limited: RedisClient;
  beforeAll(async () => {
    server = await startRedis();
    owner = await connect(server);
    const [name, ...args] = rights.trim().split(' ');
    await owner.sendCommand([name ?? '', ...args]);
    const password = /(?<=>)\S+/.exec(rights)?.[0] ?? '';
    limited = createClient({ url: server.url, username: args[1] ?? '', password });
    limited.on('error', () => undefined);
    await limited.connect();
  });
  afterAll(async () => {
    limited.destroy();
    owner.destroy();
    await server.stop();
  });

  test('may do what the script does', () => {
    const done = Array.from(SETTLE.matchAll(/redis\.p?call\('(\w+)'/g), ([, name = '']) => name);
    const asked = [...new Set(['EVALSHA', 'EVAL', ...done])].map((name) => name.toLowerCase());
    const allowed: string[] = rights.match(/(?<=\+)\w+/g) ?? [];
    expect(asked.filter((name) => !allowed.includes(name))).toEqual([]);
    const ofStore = ['get', 'set', 'expire', 'del'];
    expect(allowed.filter((name) => ![...asked, ...ofStore].includes(name))).toEqual([]);
  });

  test('may do all that an app asks for, and nothing else', async () => {
    const app = await startApp({ store: new RedisStore({ client: limited }) });
    const agent = app.agent();
    const code = await pending(app, agent);
    await agent
      .post(ROUTER.verify)
      .send({ code: wrongCode(code) })
      .expect(401);
    await agent
      .post(ROUTER.verify)
      .send({ code: newestCode(app) })
      .expect(200);
    await agent.get('/secret').expect(200);
    await agent.post('/logout').send({}).expect(200);
    await agent.get('/secret').expect(401);
    for (const key of await owner.keys('*')) expect(key).toMatch(/^(?:[\w-]{6}:)?sess:/);
    await expect(limited.get('other:key')).rejects.toThrow('NOPERM');
    await expect(limited.flushAll()).rejects.toThrow('NOPERM');
  });

  test('may take out what has ended, and read what is no count', async () => {
    const counter = redisCounter({
      sendCommand: (args) => limited.sendCommand(args),
      prefix: 'sess:',
    });
    const take = (key: string) => counter.settle({ take: [{ key, window: 60_000, limit: 9 }] });
    await take('x#kept');
    await owner.hSet('sess:x', { over: '1 5', broken: 'no count' });
    expect((await counter.settle({ read: ['x#broken'], take: [] })).read.get('x#broken')).toEqual(
      expect.objectContaining({ count: Number.MAX_SAFE_INTEGER }),
    );
    await take('x#other');
    expect(Object.keys(await owner.hGetAll('sess:x')).sort()).toEqual(['broken', 'kept', 'other']);
    await counter.settle({ clear: ['x#kept', 'x#other', 'x#broken'] });
    expect(await owner.exists('sess:x')).toBe(0);
  });
});

withRedis('the keys of the page', () => {
  let server: RedisServer;
  let client: RedisClient;
  beforeAll(async () => {
    server = await startRedis();
    client = await connect(server);
  });
  beforeEach(() => client.flushAll());
  afterAll(async () => {
    client.destroy();
    await server.stop();
  });

  const keysOf = async (kind: string): Promise<string[]> => {
    const keys = await client.keys('*');
    const kinds = await Promise.all(keys.map((key) => client.type(key)));
    return keys.filter((_, index) => kinds[index] === kind);
  };

  test('counts lie under six characters of the app and the prefix of the store', async () => {
    for (const appName of ['Acme', 'Acme staging']) {
      const app = await startApp({ store: new RedisStore({ client }), factor: { appName } });
      await pending(app, app.agent());
    }
    const counts = await keysOf('hash');
    const namespaces = new Set(counts.map((key) => key.split(':').slice(0, 2).join(':')));
    for (const each of namespaces) expect(each).toMatch(/^[\w-]{6}:sess$/);
    expect(namespaces.size).toBe(2);
  });

  test('a redisCounter that is given puts its own prefix before that', async () => {
    const counter = redisCounter({ sendCommand: (args) => client.sendCommand(args) });
    const app = await startApp({ store: new RedisStore({ client }), factor: { counter } });
    await pending(app, app.agent());
    for (const key of await keysOf('hash')) expect(key).toMatch(/^sms2fa:[\w-]{6}:sess:/);
  });

  test('store.all() lists records beside the sessions, by names that tell them', async () => {
    const store = new RedisStore({ client });
    const app = await startApp({ store });
    await verified(app, app.agent());
    await pending(app, app.agent(), 'B');
    const listed = (await store.all()) as unknown as (SessionData & { id: string })[];
    const records = listed.filter(({ id }) => id.startsWith('sms2fa'));
    expect(records.length).toBeGreaterThan(1);
    for (const { id } of records) expect(id).toMatch(/^sms2fa[a-z0-9]{26}$/);
    const sessions = listed.filter((each) => !records.includes(each));
    // The one that was left is still there for ten seconds.
    expect(sessions.map((each) => Object.hasOwn(each, 'passport'))).toEqual([true, true, true]);
    await store.clear();
    expect(await keysOf('string')).toEqual([]);
    expect(await keysOf('hash')).not.toEqual([]);
  });
});
