import { inCall, misuse, refuseUnknown } from '../misuse';
import type { Clock } from '../ports/clock';
import type { Count, Counter, Place, Settlement } from '../ports/counter';
import { steadyClock } from '../time-limit';

/** How many entries each call looks at for those that are over. */
const SWEPT_EACH_CALL = 8;

/**
 * Counts in this process's memory. For development, tests and apps that are one process: two
 * processes would each count for themselves, and a restart forgets.
 *
 * `clock` is for tests; the default measures the time that has passed, whatever becomes of the clock
 * of the machine.
 */
export function memoryCounter(options: { clock?: Clock } = {}): Counter {
  const clock = checkClock(options);
  const counts = new Map<string, { count: number; ends: number }>();
  let sweep = counts.entries();

  const live = (key: string, now: number) => {
    const found = counts.get(key);
    if (found === undefined || now < found.ends) return found;
    counts.delete(key);
    return undefined;
  };
  const shown = (found: { count: number; ends: number }, now: number): Count => ({
    count: found.count,
    left: found.ends - now,
    ends: found.ends,
  });
  // A little at each call: all at once would stop the process where there are millions.
  const sweepSome = (now: number): void => {
    for (let looked = 0; looked < SWEPT_EACH_CALL; looked += 1) {
      const next = sweep.next();
      if (next.done === true) {
        sweep = counts.entries();
        return;
      }
      const [key, { ends }] = next.value;
      if (ends <= now) counts.delete(key);
    }
  };

  return {
    // Nothing in here awaits, so each call is one step for every other request of the process.
    settle: ({ read = [], take = [], give = [], clear = [] }) => {
      const now = clock();
      sweepSome(now);
      const seen = new Map<string, Count>();
      for (const key of read) {
        const found = live(key, now);
        if (found !== undefined) seen.set(key, shown(found, now));
      }
      const used = ({ key }: Place): number =>
        clear.includes(key) ? 0 : (live(key, now)?.count ?? 0);
      const full = take.filter((place) => used(place) + (place.by ?? 1) > place.limit);
      const ok = full.length === 0;
      if (ok) for (const key of clear) counts.delete(key);
      const places = new Map<string, Count>();
      for (const { key, window, by = 1 } of take) {
        const found = live(key, now);
        if (ok && by > 0) {
          // A whole number, as a shared store would tell: what names a window must survive arithmetic.
          const ends = found?.ends ?? Math.ceil(now + window);
          counts.set(key, { count: (found?.count ?? 0) + by, ends });
        }
        const after = counts.get(key);
        if (after !== undefined) places.set(key, shown(after, now));
      }
      for (const { key, ends, by = 1 } of ok ? give : []) {
        const found = live(key, now);
        if (found?.ends !== ends) continue;
        if (found.count > by) counts.set(key, { count: found.count - by, ends });
        else counts.delete(key);
      }
      return Promise.resolve({ ok, read: seen, places, full } satisfies Settlement);
    },
  };
}

function checkClock(options: unknown): Clock {
  refuseUnknown(inCall('memoryCounter'), options, ['clock']);
  const { clock = steadyClock } = options as { clock?: unknown };
  if (typeof clock === 'function') return clock as Clock;
  throw misuse(
    'memoryCounter({ clock })',
    clock,
    'Give a function such as Date.now, or leave it out.',
  );
}
