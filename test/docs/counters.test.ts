import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { RedisStore } from 'connect-redis';
import type { SessionData } from 'express-session';
import Libsql from 'libsql';
import { createClient } from 'redis';
import { postgresCounter, redisCounter, type SimpleCounter } from '../../lib';
import { guardedCounter } from '../../lib/counters/guarded-counter';
import { SETTLE } from '../../lib/counters/redis-script';
import { counterContract } from '../contract/counter';
import { newestCode, pending, startApp, verified, wrongCode } from '../helpers/app';
import { testClock } from '../helpers/clock';
import { ROUTER } from '../helpers/paths';
import {
  connect,
  countsAt,
  hasRedis,
  ownRedis,
  putCounts,
  startRedis,
} from '../helpers/redis-server';
import type { RedisClient, RedisServer } from '../helpers/redis-server';
import { blocksIn, runBlock } from './page';
import { startPostgres } from './postgres';
import { typeErrors } from './type-errors';

const [grant = '', table = ''] = blocksIn('counters.md', 'sql');
const [setUp = '', recipe = ''] = blocksIn('counters.md', 'ts');
const [rights = ''] = blocksIn('counters.md', 'text');
const [look = '', find = ''] = blocksIn('counters.md', 'sh');

test('the lines and the counter on the page compile', () => {
  const uses = `
    import { createSecondFactor, type SecondFactorOptions } from 'passport-sms-2fa';
    import { sqliteCounter, type Database } from './counter';
    declare const options: SecondFactorOptions;
    declare const database: Database;
    createSecondFactor({ ...options, counter: sqliteCounter(database) });
  `;
  expect(typeErrors({ 'set-up.ts': setUp, 'counter.ts': recipe, 'uses.ts': uses })).toEqual([]);
}, 120_000);

test('each line of the page is one of the messages', () => {
  // What a start that fails tells an app to write.
  for (const line of ['(args) => client.sendCommand(args)', 'client.call(name, ...args)']) {
    expect(setUp).toContain(line);
  }
});

describe('on SQLite', () => {
  const { sqliteCounter } = runBlock('counters.md', recipe) as {
    sqliteCounter: (database: object, clock: () => number) => SimpleCounter;
  };
  const database = new Libsql(':memory:');
  database.exec(table);

  counterContract('the counter on the page', {
    reach: 'count',
    keepsZeros: true,
    crowd: 60,
    make: () => {
      const clock = testClock();
      const pass = (milliseconds: number) => clock.advance(milliseconds / 1_000);
      return { counter: guardedCounter(sqliteCounter(database, clock), clock), pass };
    },
  });
});

test('postgresCounter counts on PGlite, by its own query, and for the user of the page', async () => {
  const postgres = startPostgres();
  const counter = postgresCounter({ query: (text, values) => postgres.query(text, values) });
  await counter.createTable();
  await postgres.query('CREATE ROLE bank');
  await postgres.query(grant);
  await postgres.query('SET ROLE bank');
  const take = [{ key: 'a#x', window: 60_000, limit: 2 }];
  const told = [];
  for (let asked = 0; asked < 3; asked += 1) told.push((await counter.settle({ take })).ok);
  expect(told).toEqual([true, true, false]);
  await postgres.stop();
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

  test('passes the check of the counter, and lacks what it is told with each right taken away', async () => {
    const counter = guardedCounter(
      redisCounter({ sendCommand: (args) => limited.sendCommand(args), prefix: '' }),
      Date.now,
    );
    const user = rights.trim().split(' ')[2] ?? '';
    const ofCounter = 'evalsha eval time get pttl set del'.split(' ');
    await counter.check('k3Jx0a:sess:check');
    expect(await owner.exists('k3Jx0a:sess:check')).toBe(0);
    for (const right of ofCounter) {
      await owner.sendCommand(['ACL', 'SETUSER', user, `-${right}`]);
      const told = await counter
        .check('k3Jx0a:sess:check')
        .catch((error: unknown) => (error as Error).message);
      expect(told).toMatch(new RegExp(`^counter.check failed: .*ACL SETUSER .*\\+${right}\\b`));
      await owner.sendCommand(['ACL', 'SETUSER', user, `+${right}`]);
    }
    const keys = ['ACL', 'SETUSER', user, 'resetkeys', '~sess:*'];
    await owner.sendCommand(keys);
    await expect(counter.check('k3Jx0a:sess:check')).rejects.toThrow(/ACL SETUSER .*~\?{6}:\*/);
    // The same, where nobody asked before.
    const take = [{ key: 'k3Jx0a:sess:u#x', window: 60_000, limit: 9 }];
    await expect(counter.settle({ take })).rejects.toThrow(/ACL SETUSER .*~\?{6}:\*/);
    await owner.sendCommand([...keys, '~??????:sess:*', '-evalsha']);
    await expect(counter.settle({ take })).rejects.toThrow(/ACL SETUSER .*\+evalsha \+eval \+time/);
    await owner.sendCommand(['ACL', 'SETUSER', user, '+evalsha', '-set']);
    await expect(counter.settle({ take })).rejects.toThrow(/ACL SETUSER .*\+set/);
    await owner.sendCommand(['ACL', 'SETUSER', user, '+set']);
    await counter.settle({ take });
    const kept = await countsAt(owner, 'k3Jx0a:sess:u');
    await owner.sendCommand(['ACL', 'SETUSER', user, '-get']);
    for (const clear of [[], ['k3Jx0a:sess:u#y'], ['k3Jx0a:sess:u#x']]) {
      await expect(counter.settle({ clear, take })).rejects.toThrow(/ACL SETUSER .*\+get/);
    }
    await expect(counter.settle({ read: ['k3Jx0a:sess:u#x'] })).rejects.toThrow(/ACL SETUSER/);
    expect(await countsAt(owner, 'k3Jx0a:sess:u')).toEqual(kept);
    await owner.sendCommand(['ACL', 'SETUSER', user, '+get']);
    await counter.check('k3Jx0a:sess:check');
    expect(await owner.keys('*check*')).toEqual([]);
  });

  test('may take out what has ended, and read what is no count', async () => {
    const counter = redisCounter({
      sendCommand: (args) => limited.sendCommand(args),
      prefix: 'sess:',
    });
    const take = (key: string) => counter.settle({ take: [{ key, window: 60_000, limit: 9 }] });
    await take('x#kept');
    await putCounts(owner, 'sess:x', { over: [1, 5] });
    await take('x#other');
    expect(Object.keys((await countsAt(owner, 'sess:x'))!).sort()).toEqual(['kept', 'other']);
    await putCounts(owner, 'sess:x', { broken: 'no count' });
    expect((await counter.settle({ read: ['x#broken'], take: [] })).read.get('x#broken')).toEqual(
      expect.objectContaining({ count: Number.MAX_SAFE_INTEGER }),
    );
    await counter.settle({ clear: ['x#kept', 'x#other', 'x#broken'] });
    expect(await owner.exists('sess:x')).toBe(0);
  });
});

withRedis('the keys of the page', () => {
  const redis = ownRedis();
  beforeEach(() => redis.client.flushAll());

  const keys = async (): Promise<{ counts: string[]; sessions: string[] }> => {
    const all = await redis.client.keys('*');
    const found = await Promise.all(all.map((key) => countsAt(redis.client, key)));
    return {
      counts: all.filter((_, index) => found[index] !== undefined),
      sessions: all.filter((_, index) => found[index] === undefined),
    };
  };

  test('counts lie under six characters of the app and the prefix of the store', async () => {
    for (const appName of ['Acme', 'Acme staging']) {
      const app = await startApp({
        store: new RedisStore({ client: redis.client }),
        factor: { appName },
      });
      await pending(app, app.agent());
    }
    const { counts } = await keys();
    const namespaces = new Set(counts.map((key) => key.split(':').slice(0, 2).join(':')));
    for (const each of namespaces) expect(each).toMatch(/^[\w-]{6}:sess$/);
    expect(namespaces.size).toBe(2);
  });

  test('the line that prints one prints it', async () => {
    const counter = redisCounter({ sendCommand: (args) => redis.client.sendCommand(args) });
    const take = ['u#once', 'u#twice'].map((key, by) => ({
      key,
      window: 9e4,
      limit: 9,
      by: by + 1,
    }));
    const { places } = await counter.settle({ take });
    const [, script = ''] = /^redis-cli EVAL "(.*)" 1 '.*'$/m.exec(look) ?? [];
    const printed = await redis.client.eval(script, { keys: ['sms2fa:u'] });
    expect(JSON.parse(printed as string)).toEqual({
      once: places.get('u#once')!.ends,
      twice: [2, places.get('u#twice')!.ends],
    });
  });

  test('what is something else fills the limits of a user, until it is unlocked', async () => {
    const app = await startApp({ store: new RedisStore({ client: redis.client }) });
    const agent = app.agent();
    const code = await pending(app, agent);
    const [key = ''] = await redis.client.keys('??????:sess:u:*');
    await redis.client.del(key);
    await redis.client.hSet(key, 'fails', '1 9999999999999');
    const { body } = await agent.post(ROUTER.verify).send({ code }).expect(429);
    expect(body).toMatchObject({ code: 'too_many_attempts', retryAfter: 31_536_000 });
    await app.secondFactor.admin.unlock('id-of-A', { operator: 'Jo' });
    expect(await redis.client.exists(key)).toBe(0);
    await agent.post(ROUTER.verify).send({ code }).expect(200);
  });

  test('the command that finds what is no count finds all of it, and nothing else', async () => {
    const app = await startApp({ store: new RedisStore({ client: redis.client }) });
    await pending(app, app.agent());
    const [user = ''] = await redis.client.keys('??????:sess:u:*');
    const bare = user.slice(0, -1);
    await redis.client.hSet(`${bare}a`, 'fails', '1');
    for (const [end, text] of Object.entries({ b: 'a text', c: '\x82\xa5fails', d: '\x80' })) {
      await redis.client.set(bare + end, text);
    }
    await putCounts(redis.client, `${bare}e`, { fails: [-2, 9_999_999_999_999] });
    await putCounts(redis.client, `${bare}f`, { fails: 'soon' });
    await putCounts(redis.client, `${bare}g`, { fails: [2, 9_999_999_999_999], lock: 5 });
    const command = find
      .replaceAll('redis-cli', `redis-cli -p ${redis.server.port}`)
      .replace('k3Jx0a', user.slice(0, 6));
    const { stdout } = await promisify(execFile)('sh', ['-c', command]);
    const found = stdout.trim().split('\n').sort();
    expect(found).toEqual(['a', 'b', 'c', 'd', 'e', 'f'].map((end) => bare + end));
  });

  test('a redisCounter that is given puts its own prefix before that', async () => {
    const counter = redisCounter({ sendCommand: (args) => redis.client.sendCommand(args) });
    const app = await startApp({
      store: new RedisStore({ client: redis.client }),
      factor: { counter },
    });
    await pending(app, app.agent());
    const { counts } = await keys();
    expect(counts).not.toEqual([]);
    for (const key of counts) expect(key).toMatch(/^sms2fa:[\w-]{6}:sess:/);
  });

  test('store.all() lists records beside the sessions, by names that tell them', async () => {
    const store = new RedisStore({ client: redis.client });
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
    const left = await keys();
    expect(left.sessions).toEqual([]);
    expect(left.counts).not.toEqual([]);
  });
});
