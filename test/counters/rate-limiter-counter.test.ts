import { RateLimiterMemory } from 'rate-limiter-flexible';
import { rateLimiterCounter, type RateLimiterLike } from '../../lib';

const DAY = 86_400_000;
const OPTIONS = { points: 1, duration: 1 };

/** A limiter that says yes, and what it was asked. */
class RecordingLimiter implements RateLimiterLike {
  calls: unknown[][] = [];
  state = { consumedPoints: 2, msBeforeNext: 60_000 };
  penalty = (...given: unknown[]) => this.told('penalty', given);
  reward = (...given: unknown[]) => this.told('reward', given);
  get = (...given: unknown[]) => this.told('get', given);
  delete = (...given: unknown[]) => this.told('delete', given);
  private told(name: string, given: unknown[]) {
    this.calls.push([name, ...given]);
    return Promise.resolve({ ...this.state });
  }
}
class RateLimiterMemcache extends RecordingLimiter {}
class RateLimiterDrizzleNonAtomic extends RecordingLimiter {}
class RateLimiterEtcd extends RecordingLimiter {}
const insured = Object.assign(new RecordingLimiter(), { insuranceLimiter: new RecordingLimiter() });
const wrapping = (limiter: object) => Object.assign(new RecordingLimiter(), { limiter });
const verbs = (limiter: RecordingLimiter) => limiter.calls.map(([name]) => name);

test.each<[string, unknown, RegExp]>([
  ['nothing', undefined, /rateLimiterCounter\(limiter\) is undefined\. Give a limiter/],
  ['null', null, /rateLimiterCounter\(limiter\) is null\. Give a limiter/],
  ['a class', RateLimiterMemory, /is a class\. Give a limiter/],
  ['an object', { penalty: () => 1 }, /Give a limiter/],
  ['one with an insurance', insured, /Leave out its insuranceLimiter/],
  [
    'one that reads and then writes',
    new RateLimiterDrizzleNonAtomic(),
    /DrizzleNonAtomic reads and/,
  ],
  ['one whose windows never end', new RateLimiterEtcd(), /RateLimiterEtcd makes a window longer/],
  ['a wrapper of such a one', wrapping(new RateLimiterEtcd()), /RateLimiterEtcd/],
  ['a wrapper of an insured one', wrapping(insured), /insuranceLimiter/],
])('%s is refused with the reason', (_name, limiter, message) => {
  expect(() => rateLimiterCounter(limiter as never)).toThrow(TypeError);
  expect(() => rateLimiterCounter(limiter as never)).toThrow(message);
});

test('a clock that is none is a mistake', () => {
  const make = () => rateLimiterCounter(new RecordingLimiter(), { clock: 7 as never });
  expect(make).toThrow(
    /rateLimiterCounter\(limiter, \{ clock \}\) is 7\. Give a function such as Date/,
  );
});

test('keys are digests, and windows whole seconds', async () => {
  const limiter = new RecordingLimiter();
  await rateLimiterCounter(limiter).add('a#x', 1_234.5, 3);
  const key = expect.stringMatching(/^[0-9a-f]{40}$/) as unknown;
  expect(limiter.calls).toEqual([['penalty', key, 3, { customDuration: 2 }]]);
});

test.each([
  ['into its own window', 60_000, 1, ['get', 'reward']],
  ['no more than there is', 60_000, 5, ['get', 'reward']],
  ['into a window that is told a little otherwise', 58_500, 1, ['get', 'reward']],
  ['not into another window', 58_499, 1, ['get']],
  ['not into a later window', 61_501, 1, ['get']],
])('a place goes back %s', async (_name, left, by, asked) => {
  const limiter = new RecordingLimiter();
  await rateLimiterCounter(limiter, { clock: () => 0 }).add('a', left, -by);
  expect(verbs(limiter)).toEqual(asked);
  if (asked.length > 1) expect(limiter.calls[1]?.[2]).toBe(Math.min(by, 2));
});

test.each([
  [3_000, ['get', 'reward']],
  [2_999, ['get']],
])('of a window that ends in %d ms is asked %j', async (left, asked) => {
  const limiter = new RecordingLimiter();
  limiter.state.msBeforeNext = left;
  await rateLimiterCounter(limiter, { clock: () => 0 }).add('a', left, -1);
  expect(verbs(limiter)).toEqual(asked);
});

test('what goes back is answered with the count that is left, down to none', async () => {
  for (const left of [1, 0]) {
    const limiter = new RecordingLimiter();
    limiter.reward = async (...given) => {
      limiter.calls.push(['reward', ...given]);
      return { consumedPoints: left, msBeforeNext: 60_000 };
    };
    const counter = rateLimiterCounter(limiter, { clock: () => 5 });
    expect(await counter.add('a', 60_000, -1)).toEqual({ count: left, expiresAt: 60_005 });
    expect(verbs(limiter)).toEqual(['get', 'reward']);
  }
  const empty = rateLimiterCounter(new RateLimiterMemory(OPTIONS), { clock: () => 5 });
  expect(await empty.add('a', 60_000, -1)).toEqual({ count: 0, expiresAt: 5 });
});

test('nobody is owed a place where the count was forgotten in between', async () => {
  const limiter = new RecordingLimiter();
  limiter.reward = async (...given) => {
    limiter.calls.push(['reward', ...given]);
    return { consumedPoints: -1, msBeforeNext: 60_000 };
  };
  await rateLimiterCounter(limiter, { clock: () => 0 }).add('a', 60_000, -1);
  expect(verbs(limiter)).toEqual(['get', 'reward', 'penalty']);
  expect(limiter.calls[2]?.[2]).toBe(1);
});

test.each([
  [new RateLimiterMemcache(), 30],
  [new (class RateLimiterClusterMaster extends RecordingLimiter {})(), 24],
  [new RecordingLimiter(), 365],
])('a window of a year is cut to what the store keeps', async (limiter, days) => {
  await rateLimiterCounter(limiter).add('a', 365 * DAY);
  expect(limiter.calls[0]?.[3]).toEqual({ customDuration: days * 86_400 });
});

test('nothing goes back to a store that only adds', async () => {
  const limiter = new RateLimiterMemcache();
  await rateLimiterCounter(limiter, { clock: () => 0 }).add('a', 60_000, -1);
  expect(verbs(limiter)).toEqual(['get']);
});

test('what is over, and a zero, is no count', async () => {
  for (const state of [
    { consumedPoints: 2, msBeforeNext: 0 },
    { consumedPoints: 0, msBeforeNext: 9 },
  ]) {
    const limiter = Object.assign(new RecordingLimiter(), { state });
    expect(await rateLimiterCounter(limiter).peek('a')).toBeUndefined();
  }
  expect(await rateLimiterCounter(new RateLimiterMemory(OPTIONS)).peek('a')).toBeUndefined();
});
