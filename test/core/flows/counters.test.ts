import { createHash } from 'node:crypto';
import { memoryCounter } from '../../../lib/counters/memory-counter';
import { redisCounter } from '../../../lib/counters/redis-counter';
import { ADD, PEEK } from '../../../lib/counters/redis-scripts';

const SPENT = Number.MAX_SAFE_INTEGER;

/** A counter on a Redis that answers this, and what was sent to it. */
function onRedis(answer: unknown, prefix?: string) {
  const calls: [string[], string][] = [];
  const counter = redisCounter({
    sendCommand: async (args, key) => {
      calls.push([args, key]);
      return answer;
    },
    clock: () => 5_000,
    ...(prefix === undefined ? {} : { prefix }),
  });
  return { counter, calls };
}

test('an addition is one script call on one key', async () => {
  const { counter, calls } = onRedis([3, 60_000]);
  expect(await counter.add('a', 1_000.2)).toEqual({ count: 3, expiresAt: 65_000 });
  await counter.add('a', 1_000, -1);
  expect(calls).toEqual([
    [['EVALSHA', ADD.sha, '1', 'sms2fa:a', '1001', '1'], 'sms2fa:a'],
    [['EVALSHA', ADD.sha, '1', 'sms2fa:a', '1000', '-1'], 'sms2fa:a'],
  ]);
});

test('a look and an end name the key behind the prefix of the app', async () => {
  const { counter, calls } = onRedis([3, 60_000], 'app:');
  expect(await counter.peek('a')).toEqual({ count: 3, expiresAt: 65_000 });
  await counter.clear('a');
  expect(calls).toEqual([
    [['EVALSHA', PEEK.sha, '1', 'app:a'], 'app:a'],
    [['DEL', 'app:a'], 'app:a'],
  ]);
});

test.each([null, undefined])('%p is no count', async (answer) => {
  expect(await onRedis(answer).counter.peek('a')).toBeUndefined();
  await expect(onRedis(answer).counter.add('a', 1)).rejects.toThrow('something else');
});

test.each([
  [[1, 2], 1, 5_002],
  [['1', '2'], 1, 5_002],
  [[1n, 2n], 1, 5_002],
  [[0, 0], 0, 5_000],
  [[4, -1], 4, 5_000],
  [[-1, 10], SPENT, 5_010],
])('%p is read as %d until %d', async (answer, count, expiresAt) => {
  expect(await onRedis(answer).counter.add('a', 1)).toEqual({ count, expiresAt });
});

test.each([
  ['OK'],
  [7],
  [{}],
  [{ 0: 1, 1: 1, map: () => [1, 1] }],
  [[]],
  [[1]],
  [['', 1]],
  [[1, '']],
  [[null, 1]],
  [[1, null]],
  [[true, 1]],
  [[[1], 1]],
  [['x', 1]],
  [[1.5, 1]],
  [[1, 1.5]],
])('[S135] %p is no answer to an addition', async (answer) => {
  await expect(onRedis(answer).counter.add('a', 1)).rejects.toThrow(
    'Redis answered a count with something else.',
  );
});

test('a node that does not know the script gets it whole, once a call', async () => {
  const calls: string[][] = [];
  const counter = redisCounter({
    sendCommand: async (args, key) => {
      calls.push([...args, key]);
      if (args[0] === 'EVALSHA') throw new Error('NOSCRIPT No matching script.');
      return [1, 10];
    },
    clock: () => 0,
  });
  expect(await counter.add('a', 10)).toEqual({ count: 1, expiresAt: 10 });
  expect(calls.at(-1)).toEqual(['EVAL', ADD.source, '1', 'sms2fa:a', '10', '1', 'sms2fa:a']);
});

test('another error of Redis is passed on, and nothing is sent again', async () => {
  const sendCommand = jest.fn().mockRejectedValue(new Error('READONLY'));
  await expect(redisCounter({ sendCommand }).add('a', 10)).rejects.toThrow('READONLY');
  expect(sendCommand).toHaveBeenCalledTimes(1);
});

test('by itself a counter goes by the time of this machine', async () => {
  const before = Date.now();
  const counts = [
    await redisCounter({ sendCommand: async () => [1, 1_000] }).add('a', 1_000),
    await memoryCounter().add('a', 1_000),
  ];
  for (const { expiresAt } of counts) {
    expect(expiresAt).toBeGreaterThanOrEqual(before + 1_000);
    expect(expiresAt).toBeLessThanOrEqual(Date.now() + 1_000);
  }
});

test.each([undefined, {}, { sendCommand: 'no' }])('from %p no counter is made', (options) => {
  expect(() => redisCounter(options as never)).toThrow(
    /redisCounter\(\{ sendCommand \}\).*Give a function/,
  );
});

test('in memory a count lives to its end and not a moment longer', async () => {
  let now = 0;
  const counter = memoryCounter({ clock: () => now });
  expect(await counter.add('a', 10, -1)).toEqual({ count: 0, expiresAt: 0 });
  await counter.add('a', 10);
  now = 9;
  expect(await counter.add('a', 10, -3)).toEqual({ count: 0, expiresAt: 10 });
  expect(await counter.peek('a')).toEqual({ count: 0, expiresAt: 10 });
  now = 10;
  expect(await counter.peek('a')).toBeUndefined();
  expect(await counter.add('a', 10)).toEqual({ count: 1, expiresAt: 20 });
});

test('adding nothing starts the life of a count, giving back does not', async () => {
  const counter = memoryCounter({ clock: () => 0 });
  expect(await counter.add('a', 10, 0)).toEqual({ count: 0, expiresAt: 10 });
  await counter.add('b', 10, -1);
  expect(await counter.peek('b')).toBeUndefined();
});

test('every thousandth addition sweeps what is over, and nothing else', async () => {
  let now = 0;
  const gone = jest.spyOn(Map.prototype, 'delete');
  const forgotten = () => gone.mock.calls.filter(([key]) => String(key).startsWith('old:')).length;
  const counter = memoryCounter({ clock: () => now });
  for (let each = 0; each < 400; each += 1) await counter.add(`old:${each}`, 10);
  now = 10;
  for (let each = 0; each < 599; each += 1) await counter.add('kept', 1_000);
  expect(forgotten()).toBe(0);
  await counter.add('kept', 1_000);
  expect(forgotten()).toBe(400);
  for (let each = 0; each < 999; each += 1) await counter.add(each === 0 ? 'old:x' : 'kept', 5);
  now = 15;
  expect(forgotten()).toBe(400);
  await counter.add('kept', 1_000);
  expect(forgotten()).toBe(401);
  gone.mockRestore();
  expect(await counter.peek('kept')).toEqual({ count: 1_599, expiresAt: 1_010 });
});

test('a script is called by its digest, and begins with what reads a count', () => {
  for (const { source, sha } of [ADD, PEEK]) {
    expect(sha).toBe(createHash('sha1').update(source).digest('hex'));
    expect(source).toMatch(/^\s*local value = redis\.call\('GET', KEYS\[1\]\)/);
  }
  // What they do is held by test/contract, with a real Redis.
  expect(ADD.source).toContain("redis.call('SET', KEYS[1]");
  expect(PEEK.source).toContain("return { count, redis.call('PTTL', KEYS[1]) }");
});
