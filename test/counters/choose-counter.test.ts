import cluster from 'node:cluster';
import { RedisStore } from 'connect-redis';
import session from 'express-session';
import Ioredis, { Cluster as IoredisCluster } from 'ioredis';
import * as redis from 'redis';
import * as redis5 from 'redis5';
import { memoryCounter, redisCounter, type Counter } from '../../lib';
import { startApp } from '../helpers/app';
import { testClock } from '../helpers/clock';
import { startRedisCluster, type RedisCluster } from '../helpers/redis-cluster';
import {
  connect,
  countsAt,
  hasRedis,
  startRedis,
  startSentinel,
  type RedisClient,
  type RedisServer,
} from '../helpers/redis-server';

const warned: { message: string; code: string | undefined }[] = [];
const before = { ...process.env };
type Choose = typeof import('../../lib/counters/choose-counter').chooseCounter;
let chooseCounter: (...given: [Parameters<Choose>[0], Parameters<Choose>[1]]) => Counter;

beforeEach(() => {
  warned.length = 0;
  // What was warned of once is not warned of again.
  jest.isolateModules(() => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded anew each time
    const { chooseCounter: choose } = require('../../lib/counters/choose-counter') as {
      chooseCounter: Choose;
    };
    chooseCounter = (store, clock) =>
      choose(store, clock, (code, message) => warned.push({ message, code }));
  });
});
afterEach(() => {
  jest.restoreAllMocks();
  process.env = { ...before };
});

const place = { key: 'a#x', window: 60_000, limit: 10 };
const take = async (counter: Counter) =>
  (await counter.settle({ take: [place] })).places.get('a#x');
const storeOver = (client: unknown) => Object.assign(new session.MemoryStore(), { client });
function setEnvironment(environment: string | undefined): void {
  if (environment === undefined) delete process.env.NODE_ENV;
  else process.env.NODE_ENV = environment;
}

test('a MemoryStore is counted for in memory, by the clock that is given', async () => {
  const clock = testClock();
  const counter = chooseCounter(new session.MemoryStore(), clock);
  expect(await take(counter)).toEqual({ count: 1, left: 60_000, ends: clock() + 60_000 });
  await clock.advance(60);
  expect((await counter.settle({ read: ['a#x'] })).read.size).toBe(0);
});

test('each counter in memory counts for itself', async () => {
  const store = new session.MemoryStore();
  await take(chooseCounter(store, Date.now));
  expect((await take(chooseCounter(store, Date.now)))?.count).toBe(1);
});

describe('where no counter is given, and none is shared', () => {
  type Rule = 'passes' | 'warns' | 'fails';
  const signs: [name: string, put: () => unknown][] = [
    ['none', () => undefined],
    ['a worker of a cluster', () => jest.replaceProperty(cluster, 'isWorker', true)],
    ['NODE_APP_INSTANCE', () => (process.env.NODE_APP_INSTANCE = '0')],
    ['pm_id', () => (process.env.pm_id = '3')],
  ];
  const rules: [environment: string | undefined, alone: Rule, several: Rule][] = [
    ['production', 'fails', 'fails'],
    [undefined, 'warns', 'fails'],
    ['', 'warns', 'fails'],
    ['staging', 'warns', 'fails'],
    ['development', 'passes', 'warns'],
    ['test', 'passes', 'warns'],
  ];
  const table = rules.flatMap(([environment, alone, several]) =>
    signs.map(
      ([sign, put]) => [environment, sign, sign === 'none' ? alone : several, put] as const,
    ),
  );

  test.each(table)(
    '[S36] NODE_ENV %p, sign of several processes: %s: the start %s',
    (environment, _sign, rule, put) => {
      setEnvironment(environment);
      put();
      const choose = () => chooseCounter(new session.MemoryStore(), Date.now);
      if (rule === 'fails') {
        expect(choose).toThrow(TypeError);
        expect(choose).toThrow(
          /^passport-sms-2fa: counter is undefined\. .*every limit once per process, and a restart would forget them\. Give counter: redisCounter\(\{ sendCommand \}\), postgresCounter\(\{ query \}\).* counter: memoryCounter\(\) says so\.$/,
        );
      } else {
        choose();
        choose();
      }
      expect(warned.map(({ code }) => code)).toEqual(
        rule === 'warns' ? ['SMS2FA_MEMORY_COUNTER'] : [],
      );
      if (rule === 'warns')
        expect(warned[0]?.message).toMatch(/counter is not given.*Give counter:/);
    },
  );

  test('the sentence says which of both it is', () => {
    setEnvironment('production');
    expect(() => chooseCounter(new session.MemoryStore(), Date.now)).toThrow(/runs in production/);
    setEnvironment(undefined);
    process.env.pm_id = '0';
    expect(() => chooseCounter(new session.MemoryStore(), Date.now)).toThrow(
      /one of several processes/,
    );
  });

  test('behind connect-pg-simple the line is that of PostgreSQL', () => {
    class PGStore extends session.MemoryStore {}
    setEnvironment('production');
    expect(() => chooseCounter(new PGStore(), Date.now)).toThrow(
      /Give counter: postgresCounter\(\{ query: \(text, values\) => pool\.query\(text, values\) \}\)\./,
    );
  });

  test('an app in production does not start without, and starts with one that it names', async () => {
    setEnvironment('production');
    await expect(startApp()).rejects.toThrow(/counter is undefined/);
    const named = [memoryCounter(), redisCounter({ sendCommand: () => Promise.resolve([1, 1]) })];
    for (const counter of named) await (await startApp({ factor: { counter } })).close();
    expect(warned).toEqual([]);
  });
});

/** Every kind of client, as its package makes it; none of them connects. */
const lazy = { lazyConnect: true };
const root = { rootNodes: [{ url: 'redis://127.0.0.1:1' }] };
const sentinel = { name: 'main', sentinelRootNodes: [{ host: '127.0.0.1', port: 1 }] };
class Iovalkey extends Ioredis {}
/** As node-redis 4 makes one with `legacyMode`: its own verb answers by callback. */
const older = (legacyMode: boolean) => ({
  isOpen: true,
  isReady: false,
  options: { legacyMode },
  sendCommand: () => undefined,
  get v4(): object {
    if (!legacyMode) throw new Error('the client is not in "legacy mode"');
    return { sendCommand: () => undefined };
  },
});
type Way = 'args' | 'key, false, args' | 'false, args' | 'name, ...args';
const KNOWN: [name: string, client: object, way: Way, at?: 'v4' | 'call'][] = [
  ['node-redis 6', redis.createClient(), 'args'],
  ['node-redis 6, with a type mapping', redis.createClient().withTypeMapping({}), 'args'],
  ['node-redis 6, a pool', redis.createClientPool(), 'args'],
  ['node-redis 6, a cluster', redis.createCluster(root), 'key, false, args'],
  ['node-redis 6, Sentinel', redis.createSentinel(sentinel), 'false, args'],
  ['node-redis 5', redis5.createClient(), 'args'],
  ['node-redis 5, a pool', redis5.createClientPool(), 'args'],
  ['node-redis 5, a cluster', redis5.createCluster(root), 'key, false, args'],
  ['node-redis 5, Sentinel', redis5.createSentinel(sentinel), 'false, args'],
  ['node-redis 4', older(false), 'args'],
  ['node-redis 4 with legacyMode', older(true), 'args', 'v4'],
  [
    'node-redis 4, a cluster',
    { isOpen: true, masters: [], sendCommand: () => 1 },
    'key, false, args',
  ],
  ['ioredis', new Ioredis(lazy), 'name, ...args', 'call'],
  ['ioredis, a cluster', new IoredisCluster([], lazy), 'name, ...args', 'call'],
  ['iovalkey', new Iovalkey(lazy), 'name, ...args', 'call'],
];

test.each(KNOWN.map(([name, ...rest]) => [name, rest] as const))(
  '%s is sent to by its own signature',
  async (_name, [client, way, at]) => {
    setEnvironment('production');
    const answer = jest.fn().mockResolvedValue([1, 60_000, 60_005, 0]);
    const stub = (name: string, value: unknown) =>
      Object.defineProperty(client, name, { value, configurable: true });
    if (at === 'v4') stub('v4', { sendCommand: answer });
    else stub(at ?? 'sendCommand', answer);
    expect((await take(chooseCounter(storeOver(client), Date.now)))?.ends).toBe(60_005);
    const args = expect.arrayContaining(['EVALSHA', '1', 'a']) as unknown;
    const calls: Record<Way, unknown[]> = {
      args: [args],
      'key, false, args': ['a', false, args],
      'false, args': [false, args],
      'name, ...args': ['EVALSHA', expect.stringMatching(/^\w{40}$/), '1', 'a', expect.any(String)],
    };
    expect(answer.mock.calls).toEqual([calls[way]]);
    expect(warned).toEqual([]);
  },
);

test('a client that is ready is asked for no timer of its own', async () => {
  const sendCommand = jest.fn().mockResolvedValue([1, 60_000, 60_005, 0]);
  for (const isReady of [true, false]) {
    const counter = chooseCounter(storeOver({ isOpen: true, isReady, sendCommand }), Date.now);
    expect((await take(counter))?.count).toBe(1);
  }
  const command = expect.any(Array) as unknown;
  expect(sendCommand.mock.calls).toEqual([[command, { timeout: undefined }], [command]]);
});

const sendCommand = () => Promise.resolve(1);
const NODE_REDIS = 'redisCounter({ sendCommand: (args) => client.sendCommand(args) })';
const IOREDIS = 'redisCounter({ sendCommand: ([name, ...args]) => client.call(name, ...args) })';
const verb = () => 1;
const UNKNOWN: [name: string, client: unknown, line: string][] = [
  [
    '.legacy() of node-redis 6',
    redis.createClient().legacy(),
    'with the client that .legacy() was called on',
  ],
  ['.legacy() of node-redis 5', redis5.createClient().legacy(), NODE_REDIS],
  [
    'node-redis 3',
    { connected: true, send_command: verb, sendCommand: verb, multi: verb },
    'promisify(client.send_command).call(client, name, args)',
  ],
  ['an object with nothing but sendCommand', { sendCommand }, IOREDIS],
  ['an object with a masters list', { masters: [], sendCommand }, NODE_REDIS],
  [
    'the verbs that connect-redis 8 keeps',
    { get: verb, set: verb, mget: verb, expire: verb },
    IOREDIS,
  ],
  ['no client', undefined, 'rateLimiterCounter(limiter)'],
  ['null', null, 'rateLimiterCounter(limiter)'],
  ['an address', 'redis://localhost', 'rateLimiterCounter(limiter)'],
  ['an empty object', {}, 'rateLimiterCounter(limiter)'],
  [
    'a sendCommand that is none',
    { sendCommand: 'no', isOpen: true, isReady: true },
    'rateLimiterCounter',
  ],
  ['a client of MongoDB', { db: verb, connect: verb }, 'rateLimiterCounter(limiter)'],
];

test.each(UNKNOWN)(
  '%s is never called: production does not start, and says the line',
  async (_name, client, line) => {
    const called = typeof client === 'object' && client !== null && 'sendCommand' in client;
    const spy =
      called && typeof client.sendCommand === 'function'
        ? jest.spyOn(client as { sendCommand: () => unknown }, 'sendCommand')
        : undefined;
    setEnvironment('production');
    expect(() => chooseCounter(storeOver(client), Date.now)).toThrow(TypeError);
    expect(() => chooseCounter(storeOver(client), Date.now)).toThrow(line);
    setEnvironment('test');
    expect((await take(chooseCounter(storeOver(client), () => 5)))?.ends).toBe(60_005);
    if (spy) expect(spy).not.toHaveBeenCalled();
  },
);

test('a client that is told arguments is not taken for what .legacy() gives', () => {
  setEnvironment('production');
  for (const [takes, line] of [
    [(command: unknown) => Promise.resolve(command), IOREDIS],
    [() => Promise.resolve(), 'that .legacy() was called on'],
  ] as const) {
    const client = { multi: verb, sendCommand: takes };
    expect(() => chooseCounter(storeOver(client), Date.now)).toThrow(line);
  }
});

(hasRedis() ? describe : describe.skip)('with a real Redis', () => {
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

  test('the client of a connect-redis store is counted with, for every process', async () => {
    setEnvironment('production');
    await take(chooseCounter(new RedisStore({ client }), Date.now));
    expect(await countsAt(client, 'a')).toEqual({ x: expect.any(Number) as unknown });
    const timers = jest.spyOn(AbortSignal, 'timeout');
    expect((await take(chooseCounter(new RedisStore({ client }), testClock())))?.count).toBe(2);
    expect(timers).not.toHaveBeenCalled();
    expect(warned).toEqual([]);
  });

  test('a pool, Sentinel and ioredis count there as well', async () => {
    setEnvironment('production');
    const watch = await startSentinel(server);
    const pool = redis.createClientPool({ url: server.url });
    const sentinels = redis.createSentinel({
      name: 'main',
      sentinelRootNodes: [{ host: '127.0.0.1', port: watch.port }],
    });
    const io = new Ioredis(server.url);
    try {
      await Promise.all([pool.connect(), sentinels.connect()]);
      const counts = [];
      for (const each of [pool, sentinels, io]) {
        counts.push((await take(chooseCounter(storeOver(each), Date.now)))?.count);
      }
      expect(counts).toEqual([1, 2, 3]);
    } finally {
      io.disconnect();
      await Promise.all([pool.close(), sentinels.close()]);
      await watch.stop();
    }
  });
});

(hasRedis() ? describe : describe.skip)('with a real Redis Cluster', () => {
  let servers: RedisCluster;
  beforeAll(async () => {
    servers = await startRedisCluster();
  });
  beforeEach(() => Promise.all(servers.nodes.map((node) => node.flushAll())));
  afterAll(() => servers.stop());

  test('the cluster clients of node-redis and ioredis count for each other', async () => {
    const io = new IoredisCluster([{ host: '127.0.0.1', port: servers.port }]);
    try {
      const wish = { take: ['a#x', 'b#x', 'c#x'].map((key) => ({ ...place, key })) };
      const told = [];
      for (const each of [servers.client, io]) {
        const { ok, places } = await chooseCounter(storeOver(each), Date.now).settle(wish);
        told.push([ok, ...[...places.values()].map(({ count }) => count)]);
      }
      expect(told).toEqual([
        [true, 1, 1, 1],
        [true, 2, 2, 2],
      ]);
    } finally {
      io.disconnect();
    }
  });
});
