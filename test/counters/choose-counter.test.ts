import cluster from 'node:cluster';
import { RedisStore } from 'connect-redis';
import session from 'express-session';
import { createSentinel } from 'redis';
import { redisCounter, type Counter } from '../../lib';
import { chooseCounter } from '../../lib/counters/choose-counter';
import { startApp } from '../helpers/app';
import { testClock } from '../helpers/clock';
import {
  connect,
  hasRedis,
  startRedis,
  startSentinel,
  type RedisClient,
  type RedisServer,
} from '../helpers/redis-server';

const warned: { message: string; code: string | undefined }[] = [];
const { NODE_ENV } = process.env;

beforeEach(() => {
  warned.length = 0;
  jest.spyOn(process, 'emitWarning').mockImplementation((message, options) => {
    warned.push({ message: String(message), code: (options as { code?: string }).code });
  });
});
afterEach(() => {
  jest.restoreAllMocks();
  process.env.NODE_ENV = NODE_ENV;
});

const place = { key: 'a#x', window: 60_000, limit: 10 };
const take = async (counter: Counter) =>
  (await counter.settle({ take: [place] })).places.get('a#x');
/** A store over such a client, which says yes to every decision. */
function storeOver(client: object) {
  const sendCommand = jest.fn().mockResolvedValue([1, 60_000, 60_005, 0]);
  const store = Object.assign(new session.MemoryStore(), { client: { ...client, sendCommand } });
  return { store, sendCommand };
}

test('a MemoryStore is counted for in memory, by the clock that is given', async () => {
  const clock = testClock();
  const counter = chooseCounter(new session.MemoryStore(), clock);
  expect(await take(counter)).toEqual({ count: 1, left: 60_000, ends: clock() + 60_000 });
  await clock.advance(60);
  expect((await counter.settle({ read: ['a#x'] })).read.size).toBe(0);
});

test('in memory, where no clock is given, the clock of the machine moves nothing', async () => {
  const counter = chooseCounter(new session.MemoryStore(), Date.now);
  const begun = await take(counter);
  jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 3_600_000);
  expect(await take(counter)).toMatchObject({ count: 2, ends: begun?.ends });
});

test('each counter in memory counts for itself', async () => {
  const store = new session.MemoryStore();
  await take(chooseCounter(store, Date.now));
  expect((await take(chooseCounter(store, Date.now)))?.count).toBe(1);
});

test.each(['test', 'development', undefined])(
  'a counter in memory is no reason for a warning where NODE_ENV is %s',
  (environment) => {
    if (environment === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = environment;
    chooseCounter(new session.MemoryStore(), Date.now);
    expect(warned).toEqual([]);
  },
);

test('in production a counter in memory warns with a code and says what to do', async () => {
  process.env.NODE_ENV = 'production';
  chooseCounter(new session.MemoryStore(), Date.now);
  expect(warned).toHaveLength(1);
  expect(warned[0]!.code).toBe('SMS2FA_MEMORY_COUNTER');
  expect(warned[0]!.message).toContain('redisCounter({ sendCommand })');
  const app = await startApp();
  await app.close();
  expect(warned.map(({ code }) => code)).toEqual(Array(2).fill('SMS2FA_MEMORY_COUNTER'));
});

test('[S36] in a worker of a cluster a counter in memory warns, too', () => {
  jest.replaceProperty(cluster, 'isWorker', true);
  chooseCounter(new session.MemoryStore(), Date.now);
  expect(warned[0]?.message).toMatch(/memory of this process only.*more than one process/);
});

test('in production a counter that the app names warns of nothing', async () => {
  process.env.NODE_ENV = 'production';
  const counter = redisCounter({ sendCommand: () => Promise.resolve([1, 1]) });
  const app = await startApp({ factor: { counter } });
  await app.close();
  expect(warned).toEqual([]);
});

test('the client of a store counts in Redis', async () => {
  process.env.NODE_ENV = 'production';
  const { store, sendCommand } = storeOver({});
  expect(await take(chooseCounter(store, Date.now))).toEqual({
    count: 1,
    left: 60_000,
    ends: 60_005,
  });
  expect(sendCommand.mock.calls).toEqual([[expect.arrayContaining(['EVALSHA', '1', 'a'])]]);
  expect(warned).toEqual([]);
});

test.each([
  [true, [{ timeout: undefined }]],
  [false, []],
])('a client that is ready (%p) is asked for no timer of its own', async (isReady, options) => {
  const { store, sendCommand } = storeOver({ isReady });
  expect((await take(chooseCounter(store, Date.now)))?.count).toBe(1);
  expect(sendCommand.mock.calls).toEqual([[expect.any(Array), ...options]]);
});

test('a cluster client gets the key with each command', async () => {
  const { store, sendCommand } = storeOver({ masters: [] });
  expect((await take(chooseCounter(store, Date.now)))?.count).toBe(1);
  const command = expect.arrayContaining(['EVALSHA', '1', 'a']) as unknown;
  expect(sendCommand.mock.calls).toEqual([['a', false, command]]);
});

test('a Sentinel client is told that each command may write', async () => {
  const { store, sendCommand } = storeOver({ getSentinelNode: () => undefined });
  expect((await take(chooseCounter(store, Date.now)))?.count).toBe(1);
  const command = expect.arrayContaining(['EVALSHA', '1', 'a']) as unknown;
  expect(sendCommand.mock.calls).toEqual([[false, command]]);
});

test.each([
  [undefined],
  [null],
  ['redis://localhost'],
  [{}],
  [{ masters: [] }],
  [{ getSentinelNode: () => 1 }],
  [{ sendCommand: 'no' }],
  [Object.assign(() => 1, { sendCommand: () => 1 })],
])('a store whose client is %p is counted for in memory', async (client) => {
  const store = Object.assign(new session.MemoryStore(), { client });
  expect((await take(chooseCounter(store, () => 5)))?.ends).toBe(60_005);
});

(hasRedis() ? describe : describe.skip)('with a real Redis', () => {
  let server: RedisServer;
  let client: RedisClient;
  beforeAll(async () => {
    server = await startRedis();
    client = await connect(server);
  });
  afterAll(async () => {
    client.destroy();
    await server.stop();
  });

  test('the client of a connect-redis store is counted with, for every process', async () => {
    process.env.NODE_ENV = 'production';
    await take(chooseCounter(new RedisStore({ client }), Date.now));
    expect(await client.hGet('a', 'x')).toMatch(/^1 \d+$/);
    const timers = jest.spyOn(AbortSignal, 'timeout');
    expect((await take(chooseCounter(new RedisStore({ client }), testClock())))?.count).toBe(2);
    expect(timers).not.toHaveBeenCalled();
    expect(warned).toEqual([]);
  });

  test('behind Sentinel the client of the store is counted with', async () => {
    const watch = await startSentinel(server);
    const sentinel = createSentinel({
      name: 'main',
      sentinelRootNodes: [{ host: '127.0.0.1', port: watch.port }],
    });
    try {
      await client.flushAll();
      await sentinel.connect();
      const store = Object.assign(new session.MemoryStore(), { client: sentinel });
      expect((await take(chooseCounter(store, Date.now)))?.count).toBe(1);
      expect(await client.hGet('a', 'x')).toMatch(/^1 \d+$/);
    } finally {
      await sentinel.close();
      await watch.stop();
    }
  });
});
