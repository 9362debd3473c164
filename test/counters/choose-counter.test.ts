import { RedisStore } from 'connect-redis';
import session from 'express-session';
import { redisCounter } from '../../lib';
import { chooseCounter } from '../../lib/counters/choose-counter';
import { startApp } from '../helpers/app';
import { testClock } from '../helpers/clock';
import {
  connect,
  hasRedis,
  startRedis,
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

test('a MemoryStore is counted for in memory, by the clock that is given', async () => {
  const clock = testClock();
  const counter = chooseCounter(new session.MemoryStore(), clock);
  expect(await counter.add('a', 60_000)).toEqual({ count: 1, expiresAt: clock() + 60_000 });
  await clock.advance(60);
  expect(await counter.peek('a')).toBeUndefined();
});

test('each counter in memory counts for itself', async () => {
  const store = new session.MemoryStore();
  await chooseCounter(store, Date.now).add('a', 60_000);
  expect(await chooseCounter(store, Date.now).peek('a')).toBeUndefined();
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

test('in production a counter that the app names warns of nothing', async () => {
  process.env.NODE_ENV = 'production';
  const counter = redisCounter({ sendCommand: () => Promise.resolve([1, 1]) });
  const app = await startApp({ factor: { counter } });
  await app.close();
  expect(warned).toEqual([]);
});

test('a cluster client gets the key with each command', async () => {
  const calls: unknown[][] = [];
  const client = {
    masters: [],
    sendCommand: (...args: unknown[]) => {
      calls.push(args);
      return Promise.resolve([1, 60_000]);
    },
  };
  const store = Object.assign(new session.MemoryStore(), { client });
  const counter = chooseCounter(store, () => 0);
  expect(await counter.add('a', 60_000)).toEqual({ count: 1, expiresAt: 60_000 });
  expect(calls).toEqual([['sms2fa:a', false, expect.arrayContaining(['EVALSHA', 'sms2fa:a'])]]);
});

test.each([[undefined], [null], ['redis://localhost'], [{}], [{ sendCommand: 'no' }]])(
  'a store whose client is %p is counted for in memory',
  async (client) => {
    const store = Object.assign(new session.MemoryStore(), { client });
    expect((await chooseCounter(store, Date.now).add('a', 60_000)).count).toBe(1);
  },
);

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
    const store = new RedisStore({ client });
    const clock = testClock();
    const counter = chooseCounter(store, clock);
    await counter.add('a', 60_000);
    expect(await client.get('sms2fa:a')).toBe('1');
    expect((await chooseCounter(new RedisStore({ client }), clock).add('a', 60_000)).count).toBe(2);
    expect(warned).toEqual([]);
  });
});
