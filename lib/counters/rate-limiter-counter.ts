import { createHash } from 'node:crypto';
import { DAY_MS } from '../durations';
import { misuse } from '../misuse';
import type { Clock } from '../ports/clock';
import type { SimpleCounter } from '../ports/counter';

/** What is needed of a limiter of the `rate-limiter-flexible` package. */
export interface RateLimiterLike {
  penalty(key: string, points: number, options: { customDuration: number }): Promise<LimiterState>;
  reward(key: string, points: number, options: { customDuration: number }): Promise<LimiterState>;
  get(key: string): Promise<LimiterState | null>;
  delete(key: string): Promise<unknown>;
}

interface LimiterState {
  consumedPoints: number;
  /** Milliseconds until the count ends. */
  msBeforeNext: number;
}

/** Limiters that would count wrong, by the name of their class, and why. */
const REFUSED: [name: RegExp, why: string][] = [
  [/NonAtomic/, 'reads and then writes: most of many parallel guesses would not be counted'],
  [/^RateLimiterEtcd/, 'makes a window longer with each guess, and never lets it end'],
];

/** What a store cannot do: it would forget a longer window at once, or it only adds. */
const LESSER: { name: RegExp; longest: number; addsOnly?: boolean }[] = [
  { name: /^RateLimiterMemcache/, longest: 30 * DAY_MS, addsOnly: true },
  { name: /^RateLimiter(?:Memory|Cluster)/, longest: 24 * DAY_MS },
];

/** Nothing goes back this close to the end of its window: it is over soon, and never hits the next. */
const NEAR_END = 3_000;
/** How far two tellings of one end may be apart: stores round it, and the way there takes time. */
const SAME_END = 1_500;

/**
 * Counts with a limiter of the `rate-limiter-flexible` package, for any number of processes: MySQL,
 * MongoDB, SQLite, Prisma, Drizzle, DynamoDB and what else it reaches. Of the limiter only its store
 * is used; its `points`, `duration` and `blockDuration` mean nothing here. Less is behind it than
 * behind a `Counter`: see docs/counters.md.
 *
 * `clock` is for tests and must be the one of the app; the default is `Date.now`. Throws a `TypeError`
 * for a limiter that would count wrong.
 */
export function rateLimiterCounter(
  limiter: RateLimiterLike,
  options: { clock?: Clock } = {},
): SimpleCounter {
  const names = checkLimiter(limiter);
  const clock = checkClock(options);
  const lesser = LESSER.find(({ name }) => names.some((each) => name.test(each)));
  const longest = lesser?.longest ?? Infinity;
  // Some stores take short keys only, or make no difference between a and A.
  const named = (key: string): string =>
    createHash('sha256').update(key).digest('hex').slice(0, 40);
  const lasting = (lifetimeMs: number) => ({
    customDuration: Math.ceil(Math.min(lifetimeMs, longest) / 1_000),
  });
  const shown = ({ consumedPoints, msBeforeNext }: LimiterState) => ({
    count: Math.max(0, consumedPoints),
    expiresAt: Math.round(clock() + msBeforeNext),
  });
  const peek = async (key: string) => {
    const found = await limiter.get(named(key));
    // Some still tell what is over, or keep a zero.
    return found === null || found.msBeforeNext <= 0 || found.consumedPoints <= 0
      ? undefined
      : shown(found);
  };
  /** Goes back only into the window that it was taken in, and never below zero. */
  const giveBack = async (key: string, left: number, by: number) => {
    const found = await peek(key);
    if (found === undefined || lesser?.addsOnly === true || left < NEAR_END) return found;
    const ends = clock() + left;
    if (Math.abs(found.expiresAt - ends) > SAME_END) return found;
    const after = await limiter.reward(named(key), Math.min(by, found.count), lasting(left));
    if (after.consumedPoints >= 0) return shown(after);
    // It was forgotten in between: nobody may be owed a place.
    return shown(await limiter.penalty(named(key), -after.consumedPoints, lasting(left)));
  };
  return {
    add: async (key, lifetimeMs, by = 1) =>
      by > 0
        ? shown(await limiter.penalty(named(key), by, lasting(lifetimeMs)))
        : ((await giveBack(key, lifetimeMs, -by)) ?? { count: 0, expiresAt: clock() }),
    peek,
    clear: async (key) => {
      await limiter.delete(named(key));
    },
  };
}

const VERBS = ['penalty', 'reward', 'get', 'delete'] as const;

/** The names of the classes of the limiter, and of one that it wraps. */
function checkLimiter(limiter: unknown): string[] {
  const wrong = (cure: string): TypeError => misuse('rateLimiterCounter(limiter)', limiter, cure);
  const names: string[] = [];
  let each: unknown = limiter;
  do {
    if (!isObject(each) || !hasVerbs(each)) {
      throw wrong('Give a limiter of rate-limiter-flexible, such as new RateLimiterMySQL({ … }).');
    }
    if (isObject(each.insuranceLimiter)) {
      throw wrong('Leave out its insuranceLimiter: while the store is away it counts for itself.');
    }
    names.push(...classesOf(each));
    each = each.limiter;
  } while (isObject(each));
  for (const [name, why] of REFUSED) {
    const found = names.find((each) => name.test(each));
    if (found !== undefined) throw wrong(`A ${found} ${why}. Give another limiter.`);
  }
  return names;
}

function hasVerbs(limiter: Record<string, unknown>): boolean {
  return VERBS.every((verb) => typeof limiter[verb] === 'function');
}

function classesOf(value: object): string[] {
  const above = Object.getPrototypeOf(value) as object | null;
  return above === null ? [] : [above.constructor.name, ...classesOf(above)];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function checkClock({ clock = Date.now }: { clock?: unknown }): Clock {
  if (typeof clock === 'function') return clock as Clock;
  throw misuse(
    'rateLimiterCounter(limiter, { clock })',
    clock,
    'Give a function such as Date.now, or leave it out.',
  );
}
