import cluster from 'node:cluster';
import { chooseCounter } from '../../../lib/counters/choose-counter';
import { memoryCounter } from '../../../lib/counters/memory-counter';
import type { SessionStore } from '../../../lib/ports/session-store';
import { counterContract } from '../../contract/counter';

counterContract('memoryCounter', () => {
  let now = 1_000_000;
  return Promise.resolve({
    counter: memoryCounter({ clock: () => now }),
    pass: async (milliseconds) => {
      now += milliseconds;
    },
    now: () => now,
  });
});

const storeWith = (client: unknown): SessionStore => ({ client }) as unknown as SessionStore;
const { NODE_ENV } = process.env;
let warn: jest.SpyInstance;
beforeEach(() => {
  warn = jest.spyOn(process, 'emitWarning').mockReturnValue(undefined);
});
afterEach(() => {
  jest.restoreAllMocks();
  process.env.NODE_ENV = NODE_ENV;
});

test('the client of a store counts in Redis, by the clock of the app', async () => {
  process.env.NODE_ENV = 'production';
  const sendCommand = jest.fn().mockResolvedValue([1, 60_000]);
  const counter = chooseCounter(storeWith({ sendCommand }), () => 5);
  expect(await counter.add('a', 60_000)).toEqual({ count: 1, expiresAt: 60_005 });
  expect(sendCommand.mock.calls).toEqual([[expect.arrayContaining(['EVALSHA', 'sms2fa:a'])]]);
  expect(warn).not.toHaveBeenCalled();
});

test('a cluster client gets the key with each command', async () => {
  process.env.NODE_ENV = 'production';
  const sendCommand = jest.fn().mockResolvedValue([1, 60_000]);
  const counter = chooseCounter(storeWith({ masters: [], sendCommand }), () => 5);
  expect(await counter.add('a', 60_000)).toEqual({ count: 1, expiresAt: 60_005 });
  expect(sendCommand.mock.calls).toEqual([
    ['sms2fa:a', false, expect.arrayContaining(['EVALSHA', 'sms2fa:a'])],
  ]);
  expect(warn).not.toHaveBeenCalled();
});

test.each([
  [undefined],
  [null],
  ['redis://localhost'],
  [{}],
  [{ masters: [] }],
  [{ sendCommand: 'no' }],
  [Object.assign(() => 1, { sendCommand: () => 1 })],
])('a store whose client is %p is counted for in memory', async (client) => {
  const counter = chooseCounter(storeWith(client), () => 5);
  expect(await counter.add('a', 60_000)).toEqual({ count: 1, expiresAt: 60_005 });
  expect(warn).not.toHaveBeenCalled();
});

test('[S36] in production, or in a worker of a cluster, counting in memory warns', () => {
  process.env.NODE_ENV = 'production';
  chooseCounter(storeWith(undefined), Date.now);
  process.env.NODE_ENV = 'test';
  jest.replaceProperty(cluster, 'isWorker', true);
  chooseCounter(storeWith(undefined), Date.now);
  const said = expect.stringMatching(
    /memory of this process only.*more than one process.*redisCounter/,
  );
  expect(warn.mock.calls).toEqual(Array(2).fill([said, { code: 'SMS2FA_MEMORY_COUNTER' }]));
});
