import { rateLimiterCounter, type RateLimiterLike } from '../../lib/counters/rate-limiter-counter';
import { settlingCounter } from '../../lib/counters/simple-counter';
import { agingCounter } from './redis-server';
import { testClock } from './clock';

/**
 * A counter over a limiter that knows the time of the machine only: `age` makes what it keeps so many
 * milliseconds older.
 */
export function agingLimiter(limiter: RateLimiterLike, age: (milliseconds: number) => unknown) {
  const clock = testClock();
  const inner = settlingCounter(rateLimiterCounter(limiter), Date.now);
  return {
    counter: agingCounter(inner, clock),
    pass: async (milliseconds: number) => {
      await clock.advance(milliseconds / 1_000);
      await age(milliseconds);
    },
  };
}
