import { createClient as createOlderClient } from 'redis5';
import { memoryCounter, redisCounter, type Counter } from '../../lib';
import { testClock } from '../helpers/clock';
import {
  age,
  connect,
  hasRedis,
  lifetimes,
  startRedis,
  type RedisClient,
  type RedisServer,
} from '../helpers/redis-server';
import { counterContract } from './counter';

const MINUTE = 60_000;
const SPENT = Number.MAX_SAFE_INTEGER;

counterContract('memoryCounter', () => {
  const clock = testClock();
  return Promise.resolve({
    counter: memoryCounter({ clock }),
    pass: (milliseconds) => clock.advance(milliseconds / 1_000),
    now: clock,
  });
});

test('memoryCounter forgets what is over, without being asked for it', async () => {
  const clock = testClock();
  const counter = memoryCounter({ clock });
  const kept = jest.spyOn(Map.prototype, 'delete');
  for (let each = 0; each < 900; each += 1) await counter.add(`old:${each}`, MINUTE);
  await clock.advance(61);
  for (let each = 0; each < 200; each += 1) await counter.add(`new:${each}`, MINUTE);
  const forgotten = kept.mock.calls.filter(([key]) => String(key).startsWith('old:'));
  kept.mockRestore();
  expect(forgotten).toHaveLength(900);
  expect((await counter.peek('new:0'))?.count).toBe(1);
});

test('redisCounter without sendCommand says what to give', () => {
  expect(() => redisCounter({} as never)).toThrow(TypeError);
  expect(() => redisCounter({} as never)).toThrow(
    /sendCommand.* is undefined.* [Gg]ive a function/,
  );
});

(hasRedis() ? describe : describe.skip)('with a real Redis', () => {
  let server: RedisServer;
  let client: RedisClient;
  const older = { client: undefined as ReturnType<typeof olderClient> | undefined };
  const olderClient = () => createOlderClient({ url: server.url });

  beforeAll(async () => {
    server = await startRedis();
    client = await connect(server);
    older.client = olderClient();
    await older.client.connect();
  });
  beforeEach(() => client.flushAll());
  afterAll(async () => {
    client.destroy();
    older.client?.destroy();
    await server.stop();
  });

  const byNewer = (args: string[]) => client.sendCommand(args);
  const byOlder = (args: string[]) => older.client!.sendCommand(args);
  const kinds: [string, (args: string[]) => Promise<unknown>][] = [
    ['redisCounter with node-redis 6', byNewer],
    ['redisCounter with node-redis 5', byOlder],
  ];

  for (const [name, sendCommand] of kinds) {
    const make = (): Counter => redisCounter({ sendCommand });

    counterContract(name, () => {
      let passed = 0;
      const now = (): number => Date.now() + passed;
      return Promise.resolve({
        counter: redisCounter({ sendCommand, clock: now }),
        pass: async (milliseconds) => {
          passed += milliseconds;
          await age(client, milliseconds);
        },
        now,
      });
    });

    describe(name, () => {
      test('leaves no key without a life, whatever is done', async () => {
        const counter = make();
        await counter.add('a', MINUTE);
        await counter.add('a', MINUTE);
        await counter.add('b', MINUTE, 3);
        await counter.add('b', MINUTE, -3);
        await counter.add('c', MINUTE, -1);
        await counter.add('d', 5_000.4);
        await counter.peek('e');
        await counter.clear('f');
        // A count that has lost its end counts as spent, and gets an end with the next addition.
        await client.set('sms2fa:g', '2');
        expect((await counter.add('g', MINUTE)).count).toBe(Number.MAX_SAFE_INTEGER);
        const lives = await lifetimes(client);
        expect([...lives.keys()].sort()).toEqual(
          expect.arrayContaining(['sms2fa:a', 'sms2fa:b', 'sms2fa:g']),
        );
        for (const [key, left] of lives) {
          expect([key, left > 0 && left <= MINUTE]).toEqual([key, true]);
        }
      });

      test.each(['x', '-5', '1e309', 'NaN', '', ' 1', '1.5', '0x10', 'Infinity', '9'.repeat(400)])(
        '[S135] %j in place of a count is spent',
        async (value) => {
          const counter = make();
          await client.set('sms2fa:a', value, { PX: MINUTE });
          expect((await counter.peek('a'))?.count).toBe(SPENT);
          expect((await counter.add('a', MINUTE)).count).toBe(SPENT);
          expect((await counter.add('a', MINUTE, -1)).count).toBe(SPENT);
          const { count, expiresAt } = await counter.add('a', MINUTE);
          expect(count).toBe(SPENT);
          expect(expiresAt).toBeGreaterThan(Date.now());
          await counter.clear('a');
          expect((await counter.add('a', MINUTE)).count).toBe(1);
        },
      );

      test('another kind of value is an error, not a count', async () => {
        await client.hSet('sms2fa:a', 'field', '1');
        await expect(make().add('a', MINUTE)).rejects.toThrow(/WRONGTYPE/);
        await expect(make().peek('a')).rejects.toThrow(/WRONGTYPE/);
      });

      test('works on after the server has forgotten the scripts', async () => {
        const counter = make();
        await counter.add('a', MINUTE);
        await client.scriptFlush();
        expect((await counter.add('a', MINUTE)).count).toBe(2);
        await client.scriptFlush();
        expect((await counter.peek('a'))?.count).toBe(2);
        await client.scriptFlush();
        const counts = await Promise.all(
          Array.from({ length: 50 }, async () => (await counter.add('b', MINUTE)).count),
        );
        expect(new Set(counts).size).toBe(50);
      });

      test('sends the source of a script only where it has to', async () => {
        await client.scriptFlush();
        const sent: string[] = [];
        const counter = redisCounter({
          sendCommand: (args) => {
            sent.push(args[0]!);
            return sendCommand(args);
          },
        });
        for (let each = 0; each < 3; each += 1) await counter.add('a', MINUTE);
        expect(sent).toEqual(['EVALSHA', 'EVAL', 'EVALSHA', 'EVALSHA']);
      });

      test('writes behind its prefix', async () => {
        const other = redisCounter({ sendCommand, prefix: 'acme:' });
        await other.add('a', MINUTE);
        await make().add('a', MINUTE, 5);
        expect((await client.keys('*')).sort()).toEqual(['acme:a', 'sms2fa:a']);
        expect((await other.peek('a'))?.count).toBe(1);
        await other.clear('a');
        expect(await client.keys('*')).toEqual(['sms2fa:a']);
      });

      test('tells ends of lives by the clock it is given', async () => {
        const counter = redisCounter({ sendCommand, clock: () => 5_000 });
        expect(await counter.add('a', MINUTE)).toEqual({ count: 1, expiresAt: 65_000 });
      });

      test('tells the key with each command, for clients of a cluster', async () => {
        const keys: string[] = [];
        const counter = redisCounter({
          sendCommand: (args, key) => {
            keys.push(key);
            return sendCommand(args);
          },
        });
        await counter.add('a', MINUTE);
        await counter.peek('b');
        await counter.clear('c');
        expect([...new Set(keys)]).toEqual(['sms2fa:a', 'sms2fa:b', 'sms2fa:c']);
      });
    });
  }

  test('counters of two clients count together', async () => {
    const [one, other] = kinds.map(([, sendCommand]) => redisCounter({ sendCommand }));
    const counts = await Promise.all(
      Array.from({ length: 500 }, async (_, index) => {
        const { count } = await (index % 2 === 0 ? one! : other!).add('a', MINUTE);
        return count;
      }),
    );
    expect(new Set(counts).size).toBe(500);
    expect(Math.max(...counts)).toBe(500);
  });

  test.each([
    [null],
    ['OK'],
    [7],
    [[1]],
    [['x', 1]],
    [[1.5, 2]],
    [{}],
    [[]],
    [[1, null]],
    [[null, null]],
    [['', '']],
  ])('an answer that is no count (%j) is an error', async (answer) => {
    const counter = redisCounter({ sendCommand: () => Promise.resolve(answer) });
    await expect(counter.add('a', MINUTE)).rejects.toThrow(/something else/);
  });
});
