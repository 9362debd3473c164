import { memoryCounter } from '../../lib/counters/memory-counter';
import { redisCounter } from '../../lib/counters/redis-counter';
import { RateLimiter } from '../../lib/flowroute/rate-limiter';
import type { Counter } from '../../lib/ports/counter';
import { connect, hasRedis, lifetimes, startRedis } from '../helpers/redis-server';
import { seeded } from '../helpers/web';
import { VirtualTime } from './virtual-time';

const never = new AbortController().signal;

/** The most attempts that any 1000 ms saw. */
function mostInASecond(arrivals: readonly number[]): number {
  const sorted = [...arrivals].sort((one, other) => one - other);
  const counts = sorted.map(
    (start) => sorted.filter((at) => at >= start && at < start + 1_000).length,
  );
  return Math.max(...counts);
}

/** Many attempts over a network whose way there and back takes any time; when they arrived. */
async function attempts(time: VirtualTime, limiters: RateLimiter[], count: number, seed: number) {
  const random = seeded(seed);
  const arrivals: number[] = [];
  const one = async (limiter: RateLimiter) => {
    const turn = await limiter.turn('/v2.2/messages', never);
    await time.wait(random() ** 4 * 3_000);
    arrivals.push(time.now);
    await time.wait(random() ** 4 * 3_000);
    turn.giveBack(true);
  };
  const all = Array.from({ length: count }, (_, at) => one(limiters[at % limiters.length]!));
  await time.run(Promise.all(all));
  return arrivals;
}

test.each([1, 2, 3, 4, 5])(
  'no second sees more than five attempts, however long the way takes (seed %i)',
  async (seed) => {
    const time = new VirtualTime();
    const arrivals = await attempts(time, [new RateLimiter('a', time.timing())], 60, seed);
    expect(arrivals).toHaveLength(60);
    expect(mostInASecond(arrivals)).toBeLessThanOrEqual(5);
  },
);

test('where answers come at once, nearly five a second get through', async () => {
  const time = new VirtualTime();
  const limiter = new RateLimiter('a', time.timing());
  const began = time.now;
  const one = async () => (await limiter.turn('x', never)).giveBack(true);
  await time.run(Promise.all(Array.from({ length: 50 }, one)));
  expect(time.now - began).toBe(9 * 1_010);
});

test('clients of one process that share an account share its line; others do not', async () => {
  const time = new VirtualTime();
  const timing = time.timing();
  const [one, other, stranger] = ['a', 'a', 'b'].map((name) => new RateLimiter(name, timing));
  for (let turn = 0; turn < 5; turn += 1) await one!.turn('x', never);
  const waiting = [one!.turn('x', never), other!.turn('x', never)];
  const free = [stranger!.turn('x', never), one!.turn('y', never)];
  await Promise.all(free);
  await time.settle();
  expect(await Promise.race([...waiting, Promise.resolve('still waiting')])).toBe('still waiting');
});

test('who waits is served in order, and who gives up leaves the line to the others', async () => {
  const time = new VirtualTime();
  const limiter = new RateLimiter('a', time.timing());
  const held = await Promise.all(Array.from({ length: 5 }, () => limiter.turn('x', never)));
  const served: number[] = [];
  const callers = [1, 2, 3, 4].map(() => new AbortController());
  const turns = callers.map(async ({ signal }, at) => {
    const turn = await limiter.turn('x', signal);
    served.push(at + 1);
    return turn;
  });
  callers[1]!.abort();
  await expect(turns[1]).rejects.toThrow('No place came free in time.');
  for (const turn of held.slice(0, 3)) turn.giveBack(false);
  await time.settle();
  expect(served).toEqual([1, 3, 4]);
});

test('a turn that was not used is free again at once', async () => {
  const time = new VirtualTime();
  const limiter = new RateLimiter('a', time.timing());
  for (let turn = 0; turn < 20; turn += 1) (await limiter.turn('x', never)).giveBack(false);
  expect(time.asked).toEqual([]);
});

describe('over several processes', () => {
  /** Each with a way to wait of its own, so that they share nothing but the counter. */
  const processes = (time: VirtualTime, counter: Counter, count = 3) =>
    Array.from({ length: count }, (_, at) => new RateLimiter('a', time.timing(at), counter));

  test.each([1, 2, 3])(
    'no second sees more than five attempts of all processes (seed %i)',
    async (seed) => {
      const time = new VirtualTime();
      const limiters = processes(time, memoryCounter({ clock: time.clock }));
      const arrivals = await attempts(time, limiters, 45, seed);
      expect(arrivals).toHaveLength(45);
      expect(mostInASecond(arrivals)).toBeLessThanOrEqual(5);
    },
  );

  test('without the counter they would exceed it together', async () => {
    const time = new VirtualTime();
    const limiters = [1, 2, 3].map((seed) => new RateLimiter('a', time.timing(seed)));
    expect(mostInASecond(await attempts(time, limiters, 45, 1))).toBeGreaterThan(5);
  });

  test('a process that dies gives its places back after a while', async () => {
    const time = new VirtualTime();
    const [dead, alive] = processes(time, memoryCounter({ clock: time.clock }), 2);
    for (let turn = 0; turn < 5; turn += 1) await dead!.turn('x', never);
    const began = time.now;
    await time.run(alive!.turn('x', never));
    expect(time.now - began).toBeGreaterThan(30_000);
    expect(time.now - began).toBeLessThan(34_000);
  });

  test('a place that was held past its lease is not taken from its next holder', async () => {
    const time = new VirtualTime();
    const counter = memoryCounter({ clock: time.clock });
    const settle = jest.spyOn(counter, 'settle');
    const [limiter] = processes(time, counter, 1);
    const turn = await limiter!.turn('x', never);
    await time.advance(33_000);
    settle.mockClear();
    turn.giveBack(false);
    expect(settle).not.toHaveBeenCalled();
  });

  test('who gives up while others hold all places is told so', async () => {
    const time = new VirtualTime();
    const [one, other] = processes(time, memoryCounter({ clock: time.clock }), 2);
    for (let turn = 0; turn < 5; turn += 1) await one!.turn('x', never);
    const caller = new AbortController();
    const turn = other!.turn('x', caller.signal);
    const refused = expect(turn).rejects.toThrow();
    await time.settle();
    caller.abort();
    await refused;
  });

  test('a counter that fails leaves each process its own limit', async () => {
    const broken = () => Promise.reject(new Error('down'));
    const time = new VirtualTime();
    const [limiter] = processes(time, { settle: broken }, 1);
    const arrivals = await attempts(time, [limiter!], 20, 1);
    expect(mostInASecond(arrivals)).toBeLessThanOrEqual(5);
  });

  (hasRedis() ? test : test.skip)('it holds with Redis, and leaves nothing behind', async () => {
    const server = await startRedis();
    const client = await connect(server);
    try {
      const time = new VirtualTime();
      const counter = redisCounter({ sendCommand: (args) => client.sendCommand(args) });
      const arrivals = await attempts(time, processes(time, counter), 30, 1);
      expect(mostInASecond(arrivals)).toBeLessThanOrEqual(5);
      await time.advance(2_000);
      while ((await lifetimes(client)).size > 0) await time.settle();
    } finally {
      client.destroy();
      await server.stop();
    }
  });
});
