import { createHash } from 'node:crypto';
import { redisCounter, type Counter } from '../../lib';
import { SETTLE } from '../../lib/counters/redis-script';
import { until } from '../helpers/cluster';
import {
  connect,
  countsAt,
  hasRedis,
  lifetimes,
  ownRedis,
  putCounts,
} from '../helpers/redis-server';

const MINUTE = 60_000;
const SPENT = Number.MAX_SAFE_INTEGER;
const SHA = createHash('sha1').update(SETTLE).digest('hex');
const place = (key: string, limit = 10, window = MINUTE) => ({ key, window, limit });

/** A counter on a Redis that answers this, and what was sent to it. */
function onRedis(answer: unknown, prefix?: string) {
  const calls: [string[], string][] = [];
  const counter = redisCounter({
    sendCommand: async (args, key) => {
      calls.push([args, key]);
      return answer;
    },
    ...(prefix === undefined ? {} : { prefix }),
  });
  return { counter, calls };
}

test('a decision is one script call that names each subject once', async () => {
  const { counter, calls } = onRedis([2, 40, 9_000, 3, 50, 9_001, 0, 0, 0, 0, 0]);
  const take = [{ ...place('a#x', 5, 10.2), by: 2 }, place('b#y', SPENT)];
  const settled = await counter.settle({
    read: ['a#r'],
    clear: ['card#z'],
    take,
    give: [{ key: 'b#g', ends: 7 }],
  });
  expect(settled).toEqual({
    ok: true,
    read: new Map([['a#r', { count: 2, left: 40, ends: 9_000 }]]),
    places: new Map([['a#x', { count: 3, left: 50, ends: 9_001 }]]),
    full: [],
  });
  const wish = [
    ...[1, 1, 2, 1],
    ...[1, 'r'],
    ...[2, 'z'],
    ...[1, 'x', 11, 5, 2, 3, 'y', MINUTE, SPENT, 1],
    ...[3, 'g', 7, 1],
  ];
  const keys = ['sms2fa:a', 'sms2fa:card', 'sms2fa:b'];
  expect(calls).toEqual([[['EVALSHA', SHA, '3', ...keys, JSON.stringify(wish)], 'sms2fa:a']]);
});

test('a key is a subject and, behind the first #, the name of its count; either may be empty', async () => {
  const { counter, calls } = onRedis(Array(9).fill(0));
  await counter.settle({ read: ['a', '#x', 'a#b#c'] });
  const wish = [...[3, 0, 0, 0], ...[1, ''], ...[2, 'x'], ...[1, 'b#c']];
  expect(calls[0]?.[0].slice(2)).toEqual(['2', 'sms2fa:a', 'sms2fa:', JSON.stringify(wish)]);
});

test('where nothing is asked nothing is sent', async () => {
  const { counter, calls } = onRedis([]);
  for (const wish of [{}, { read: [], give: [] }]) {
    const nothing = { ok: true, read: new Map(), places: new Map(), full: [] };
    expect(await counter.settle(wish)).toEqual(nothing);
  }
  expect(calls).toEqual([]);
});

test.each([
  [[1, 2, 3, 0], 1, 2],
  [['1', '2', '3', '0'], 1, 2],
  [[1n, 2n, 3n, 0n], 1, 2],
  [[0, 10, 3, 0], 0, 10],
  [[-1, 10, 3, 1], SPENT, 10],
])('%p is read as %d for another %d ms', async (answer, count, left) => {
  const { places } = await onRedis(answer).counter.settle({ take: [place('a')] });
  expect(places.get('a')).toEqual({ count, left, ends: 3 });
});

test.each([
  [null],
  [undefined],
  ['OK'],
  [7],
  [{}],
  [{ 0: 1, 1: 1, 2: 1, 3: 0, length: 4, map: () => [1, 1, 1, 0] }],
  [[]],
  [[1]],
  [[1, 2, 3]],
  [[1, 2, 3, 0, 0]],
  [['', 1, 1, 0]],
  [[1, '', 1, 0]],
  [[null, 1, 1, 0]],
  [[1, 1, null, 0]],
  [[true, 1, 1, 0]],
  [[[1], 1, 1, 0]],
  [['x', 1, 1, 0]],
  [[1.5, 1, 1, 0]],
  [[1, 1.5, 1, 0]],
])('[S135] %p is no answer to a decision', async (answer) => {
  await expect(onRedis(answer).counter.settle({ take: [place('a')] })).rejects.toThrow(
    'Redis answered a count with something else (docs/counters.md).',
  );
});

test('of several places one 0 says that none was full, and nothing else does', async () => {
  const take = [place('a'), place('b')];
  const settle = (...flags: number[]) =>
    onRedis([1, 2, 3, 4, 5, 6, ...flags]).counter.settle({ take });
  expect((await settle(0)).full).toEqual([]);
  expect((await settle(0, 1)).full).toEqual([take[1]]);
  for (const flags of [[], [1], [0, 0, 0]]) await expect(settle(...flags)).rejects.toThrow();
  await expect(onRedis([1, 2, 3, 0]).counter.settle({ read: ['a'] })).rejects.toThrow();
});

test('a node that does not know the script gets it whole, once a call', async () => {
  const calls: string[][] = [];
  const counter = redisCounter({
    sendCommand: async (args, key) => {
      calls.push([...args.slice(0, 4), key]);
      if (args[0] === 'EVALSHA') throw new Error('NOSCRIPT No matching script.');
      return [1, 10, 10, 0];
    },
  });
  expect((await counter.settle({ take: [place('a')] })).ok).toBe(true);
  expect(calls).toEqual([
    ['EVALSHA', SHA, '1', 'sms2fa:a', 'sms2fa:a'],
    ['EVAL', SETTLE, '1', 'sms2fa:a', 'sms2fa:a'],
  ]);
});

test('a user of Redis who may run a known script, but sent none, is told the line that mends it', async () => {
  const says = {
    EVALSHA: 'NOSCRIPT No matching script.',
    EVAL: "NOPERM User app has no permissions to run the 'eval' command",
  };
  const counter = redisCounter({
    sendCommand: ([name]) => Promise.reject(new Error(says[name as keyof typeof says])),
  });
  await expect(counter.settle({ take: [place('a')] })).rejects.toThrow(
    `${says.EVAL}. The counter needs: ACL SETUSER app +evalsha +eval`,
  );
});

test('another error of Redis is passed on, and nothing is sent again', async () => {
  const sendCommand = jest.fn().mockRejectedValue(new Error('READONLY'));
  const counter = redisCounter({ sendCommand });
  await expect(counter.settle({ take: [place('a')] })).rejects.toThrow('READONLY');
  expect(sendCommand).toHaveBeenCalledTimes(1);
});

test.each([undefined, null, {}, { sendCommand: 'no' }])('from %p no counter is made', (options) => {
  expect(() => redisCounter(options as never)).toThrow(TypeError);
  expect(() => redisCounter(options as never)).toThrow(
    /redisCounter\(.* Give (?:a function|\{ sendCommand \})/,
  );
});

test('a prefix that is no text is a mistake', () => {
  const given = { sendCommand: () => Promise.resolve(), prefix: 7 };
  expect(() => redisCounter(given as never)).toThrow(/redisCounter\(\{ prefix \}\).*text/);
});

(hasRedis() ? describe : describe.skip)('with a real Redis', () => {
  const redis = ownRedis();
  let counter: Counter;
  let sent: string[];

  beforeEach(async () => {
    await redis.client.flushAll();
    sent = [];
    counter = redisCounter({
      sendCommand: (args) => {
        sent.push(args[0]);
        return redis.client.sendCommand(args);
      },
    });
  });

  const take = (...keys: string[]) => counter.settle({ take: keys.map((key) => place(key)) });
  const countOf = async (key: string) =>
    (await counter.settle({ read: [key] })).read.get(key)?.count;

  const kept = async (): Promise<unknown> => countsAt(redis.client, 'sms2fa:a');

  test('keeps one key for a subject, and no key without an end, whatever is done', async () => {
    await counter.settle({ take: [place('a#x'), place('a#y', 10, 5_000.4), place('b#x')] });
    await counter.settle({ read: ['c#x'], clear: ['d#x'], give: [{ key: 'e#x', ends: 1 }] });
    await counter.settle({ take: [{ ...place('f#x'), by: 0 }] });
    expect((await redis.client.keys('*')).sort()).toEqual(['sms2fa:a', 'sms2fa:b']);
    expect(await kept()).toEqual({
      x: expect.any(Number) as unknown,
      y: expect.any(Number) as unknown,
    });
    for (const [key, left] of await lifetimes(redis.client)) {
      expect([key, left > 0 && left <= MINUTE]).toEqual([key, true]);
    }
  });

  test('a subject lives as long as its last count, and no longer', async () => {
    const lives = async (): Promise<number> => redis.client.pTTL('sms2fa:a');
    const { places } = await counter.settle({
      take: [place('a#short', 10, MINUTE), place('a#long', 10, 10 * MINUTE)],
    });
    expect(Math.abs((await lives()) - 10 * MINUTE)).toBeLessThan(500);
    await counter.settle({ give: [{ key: 'a#long', ends: places.get('a#long')!.ends }] });
    expect(await kept()).toEqual({ short: places.get('a#short')!.ends });
    expect(await lives()).toBeLessThanOrEqual(MINUTE);
    await counter.settle({ take: [place('a#long', 10, 10 * MINUTE)] });
    await counter.settle({ clear: ['a#long'] });
    expect(await lives()).toBeLessThanOrEqual(MINUTE);
    await counter.settle({ clear: ['a#short'] });
    expect(await redis.client.exists('sms2fa:a')).toBe(0);
  });

  test('[S135] what is no count stays for as long as it had to live, whatever else is counted meanwhile', async () => {
    await counter.settle({ take: [place('a#x', 10, 10 * MINUTE)] });
    await putCounts(redis.client, 'sms2fa:a', { x: 'no count' });
    await take('a#y');
    await take('a#y');
    expect(Math.abs((await redis.client.pTTL('sms2fa:a')) - 10 * MINUTE)).toBeLessThan(1_000);
    expect(await countOf('a#x')).toBe(SPENT);
  });

  test('nothing stays of a subject whose last count went back', async () => {
    const { places } = await take('a#x', 'a#y');
    const held = ['a#x', 'a#y'].map((key) => ({ key, ends: places.get(key)!.ends }));
    await counter.settle({ give: held });
    expect(await redis.client.keys('*')).toEqual([]);
  });

  test('of a count of one there is its end alone', async () => {
    const { places } = await take('a#x');
    const { ends } = places.get('a#x')!;
    expect(await kept()).toEqual({ x: ends });
    await take('a#x');
    expect(await kept()).toEqual({ x: [2, ends] });
    await counter.settle({ give: [{ key: 'a#x', ends }] });
    expect(await kept()).toEqual({ x: ends });
    // The same, with its one beside it.
    await putCounts(redis.client, 'sms2fa:a', { x: [1, ends] });
    expect(await countOf('a#x')).toBe(1);
  });

  test('what is over goes with the next change of its subject, and may be taken anew with it', async () => {
    await counter.settle({ take: [place('a#x', 10, 20), place('a#y', 10, 20), place('a#z')] });
    await until('the first two are over', async () => {
      const { read } = await counter.settle({ read: ['a#x', 'a#y'] });
      return read.size === 0;
    });
    expect(Object.keys((await kept()) as object).sort()).toEqual(['x', 'y', 'z']);
    await take('a#x');
    expect(Object.keys((await kept()) as object).sort()).toEqual(['x', 'z']);
    expect([await countOf('a#x'), await countOf('a#y')]).toEqual([1, undefined]);
  });

  test.each<[string, string[]]>([
    ['a text', ['SET', 'sms2fa:a', '1']],
    ['nothing', ['SET', 'sms2fa:a', '']],
    [
      'a list of counts',
      ['EVAL', "redis.call('SET', KEYS[1], cmsgpack.pack({ 9, 9 }))", '1', 'sms2fa:a'],
    ],
    ['an empty list', ['EVAL', "redis.call('SET', KEYS[1], cmsgpack.pack({}))", '1', 'sms2fa:a']],
    [
      'a subject and more',
      [
        'EVAL',
        "redis.call('SET', KEYS[1], cmsgpack.pack({ y = 9999999999999 }, 1))",
        '1',
        'sms2fa:a',
      ],
    ],
    ['a list of Redis', ['RPUSH', 'sms2fa:a', '1']],
    ['a hash, as before', ['HSET', 'sms2fa:a', 'x', '1 9999999999999']],
  ])('[S135] %s in place of a subject fills every place of it', async (_name, command) => {
    await redis.client.sendCommand(command);
    for (const limit of [0, 10, SPENT]) {
      const { ok, read, places, full } = await counter.settle({
        read: ['a#x'],
        take: [{ ...place('a#x', limit), by: limit === 0 ? 0 : 1 }, place('b#x')],
      });
      expect([ok, full.map(({ key }) => key)]).toEqual([false, ['a#x']]);
      expect([read.get('a#x')?.count, places.get('a#x')?.count]).toEqual([SPENT, SPENT]);
    }
    expect(await countOf('b#x')).toBeUndefined();
    await counter.settle({ clear: ['a#x'] });
    expect(await redis.client.keys('*')).toEqual([]);
    await redis.client.sendCommand(command);
    await counter.settle({ clear: ['a#x'], take: [place('a#x', 1)] });
    expect(await countOf('a#x')).toBe(1);
  });

  test('works on after the server has forgotten the script', async () => {
    await take('a#x');
    await redis.client.scriptFlush();
    await take('a#x', 'b#x');
    expect([await countOf('a#x'), await countOf('b#x')]).toEqual([2, 1]);
    const flood = Promise.all(Array.from({ length: 50 }, () => take('c#x')));
    await redis.client.scriptFlush();
    const answers = await flood;
    expect(answers.filter(({ ok }) => ok)).toHaveLength(10);
    expect(await countOf('c#x')).toBe(10);
  });

  test('sends the source of the script only where it has to, and one command a decision', async () => {
    await redis.client.scriptFlush();
    for (let each = 0; each < 3; each += 1) await take('a#x', 'b#x', 'c#x');
    expect(sent).toEqual(['EVALSHA', 'EVAL', 'EVALSHA', 'EVALSHA']);
  });

  test('writes behind its prefix', async () => {
    const other = redisCounter({
      sendCommand: (args) => redis.client.sendCommand(args),
      prefix: 'acme:',
    });
    await other.settle({ take: [place('a#x')] });
    await take('a#x');
    expect((await redis.client.keys('*')).sort()).toEqual(['acme:a', 'sms2fa:a']);
    await other.settle({ clear: ['a#x'] });
    expect(await redis.client.keys('*')).toEqual(['sms2fa:a']);
  });

  test('what is only read is read from a replica that takes no writes, too', async () => {
    await take('a#x');
    await redis.client.sendCommand(['REPLICAOF', '127.0.0.1', '1']);
    try {
      expect(await countOf('a#x')).toBe(1);
      await expect(take('a#x')).rejects.toThrow(/READONLY/);
    } finally {
      await redis.client.sendCommand(['REPLICAOF', 'NO', 'ONE']);
    }
    expect(await countOf('a#x')).toBe(1);
  });

  test('counters of two clients count together', async () => {
    const second = await connect(redis.server);
    const other = redisCounter({ sendCommand: (args) => second.sendCommand(args) });
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, index) =>
        (index % 2 === 0 ? counter : other).settle({ take: [place('a#x', 100)] }),
      ),
    );
    expect(answers.filter(({ ok }) => ok)).toHaveLength(100);
    second.destroy();
  });
});
