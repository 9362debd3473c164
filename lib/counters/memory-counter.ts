import type { Clock } from '../ports/clock';
import type { Count, Counter } from '../ports/counter';
import { checkClock } from './check-clock';

/** How many additions lie between two sweeps of what is over. */
const SWEEP_EVERY = 1_000;

/**
 * Counts in this process's memory. For development, tests and apps that are one process: two
 * processes would each count for themselves, and a restart forgets.
 */
export function memoryCounter(options: { clock?: Clock } = {}): Counter {
  const clock = checkClock('memoryCounter', options);
  const counts = new Map<string, Count>();
  let untilSweep = SWEEP_EVERY;

  const live = (key: string, now: number): Count | undefined => {
    const found = counts.get(key);
    if (found === undefined || now < found.expiresAt) return found;
    counts.delete(key);
    return undefined;
  };
  const sweep = (now: number): void => {
    untilSweep = SWEEP_EVERY;
    for (const [key, { expiresAt }] of counts) if (expiresAt <= now) counts.delete(key);
  };

  // Nothing in here awaits, so each call is one step for every other request of the process.
  return {
    add: (key, lifetimeMs, by = 1) => {
      const now = clock();
      if ((untilSweep -= 1) === 0) sweep(now);
      const found = live(key, now);
      if (found === undefined && by < 0) return Promise.resolve({ count: 0, expiresAt: now });
      const expiresAt = found?.expiresAt ?? now + lifetimeMs;
      const count = Math.max(0, (found?.count ?? 0) + by);
      counts.set(key, { count, expiresAt });
      return Promise.resolve({ count, expiresAt });
    },
    peek: (key) => {
      const found = live(key, clock());
      return Promise.resolve(found === undefined ? undefined : { ...found });
    },
    clear: (key) => {
      counts.delete(key);
      return Promise.resolve();
    },
  };
}
