import { RedisStore } from 'connect-redis';
import session from 'express-session';
import { memoryCounter, redisCounter, type Counter } from '../../lib';
import { testClock, type TestClock } from '../helpers/clock';
import { age, agingCounter, lifetimes, ownRedis } from '../helpers/redis-server';
import type { Invariants } from './invariants';

/** The stores of a run. */
export interface Stores {
  store: session.Store;
  clock: TestClock;
  counter: Counter;
  /** Every key of the library in the session store with what is left of its life (-1: no end). */
  lifetimes(): Promise<Map<string, number>>;
}

/**
 * I6 for the counts: each place must name the end of its window. Calls are carried out some turns
 * later, some sooner than others, as over a network: else hardly two requests of one process race.
 */
export function overNetwork(counter: Counter, invariants: Invariants): Counter {
  let calls = 0;
  return {
    settle: async (wish) => {
      for (const { key, window } of wish.take ?? []) {
        const ends = window > 0 && window < 366 * 86_400_000;
        invariants.hold('I6', ends, `the count ${key} lives ${window} ms`);
      }
      calls += 1;
      for (let left = (calls * 7) % 11; left > 0; left -= 2) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      return counter.settle(wish);
    },
  };
}

/** The default stores of a run: everything in this process. */
export function memoryStores(clock: TestClock): Stores {
  const store = new session.MemoryStore();
  const { sessions } = store as unknown as { sessions: Record<string, string> };
  const lifetimes = (): Promise<Map<string, number>> => {
    const left = new Map<string, number>();
    for (const [key, text] of Object.entries(sessions)) {
      if (!key.startsWith('sms2fa')) continue;
      const { cookie } = JSON.parse(text) as { cookie: { expires?: string } };
      // One that ended and that nobody asked for since is swept by the store when it likes.
      const ends = Date.parse(cookie.expires ?? '');
      left.set(key, Number.isNaN(ends) ? -1 : Math.max(1, ends - clock()));
    }
    return Promise.resolve(left);
  };
  return { store, clock, counter: memoryCounter({ clock }), lifetimes };
}

/**
 * Everything in one Redis, empty for each run. The server is there from the first test to the last of the
 * `describe` that this is called in.
 */
export function redisStores(): () => Promise<Stores> {
  const redis = ownRedis();
  return async () => {
    await redis.client.flushAll();
    const clock = testClock();
    clock.onAdvance((milliseconds) => age(redis.client, milliseconds));
    const inRedis = redisCounter({ sendCommand: (args) => redis.client.sendCommand(args) });
    return {
      store: new RedisStore({ client: redis.client }),
      clock,
      counter: agingCounter(inRedis, clock),
      lifetimes: async () =>
        new Map([...(await lifetimes(redis.client))].filter(([key]) => key.includes('sms2fa'))),
    };
  };
}
