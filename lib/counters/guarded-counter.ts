import type { Count, Counter } from '../ports/counter';
import { storeCall } from '../store-call';

/** A count that can be relied on: anything else counts as spent, so whoever compares refuses. */
function sound({ count, expiresAt }: Count): Count {
  const whole = Number.isSafeInteger(count) && count >= 0 && Number.isFinite(expiresAt);
  return whole ? { count, expiresAt } : { count: Number.MAX_SAFE_INTEGER, expiresAt: Date.now() };
}

/** Puts a time limit on a counter, and one error, `store_unavailable`, for all that breaks. */
export function guardedCounter(counter: Counter): Counter {
  return {
    add: (key, lifetimeMs, by) =>
      storeCall('counter.add', async () => sound(await counter.add(key, lifetimeMs, by))),
    peek: (key) =>
      storeCall('counter.peek', async () => {
        const found = await counter.peek(key);
        return found === undefined ? undefined : sound(found);
      }),
    clear: (key) => storeCall('counter.clear', () => counter.clear(key)),
  };
}
