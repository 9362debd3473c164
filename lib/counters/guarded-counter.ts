import { MINUTE_MS } from '../durations';
import type { Clock } from '../ports/clock';
import {
  heldOf,
  NO_COUNT,
  NO_LIMIT,
  ownParts,
  type Count,
  type Counter,
  type Settlement,
  type SimpleCounter,
  type Wish,
} from '../ports/counter';
import { OPEN_TELEMETRY, stopwatch } from '../telemetry';
import { brokenStore, STORE_TIME_LIMIT, storeCall, timeLimit } from '../time-limit';
import { settlingCounter } from './simple-counter';

/**
 * Puts a time limit on a counter, and one error, `store_unavailable`, for all that breaks. A decision
 * that was given up but carried out all the same is undone when that is known, unless it is a lasting
 * one: nobody acted on it, and what it took must not keep anybody waiting. `noCount` is told the key of
 * each count that is none.
 */
export function guardedCounter(
  counter: Counter | SimpleCounter,
  clock: Clock,
  noCount: (key: string) => void = () => undefined,
): Required<Counter> {
  const inner: Counter = 'settle' in counter ? counter : settlingCounter(counter, clock);
  const settle: Counter['settle'] = async (given) => {
    const wish = ownParts(given);
    const ended = OPEN_TELEMETRY in globalThis ? stopwatch('sms2fa.store.duration') : undefined;
    let settling: Promise<Settlement> | undefined;
    try {
      // Of its own: an answer that is carried out when somebody waits for it must not be so once more.
      settling = Promise.resolve(inner.settle(wish));
      const settled = sound(await timeLimit(settling, STORE_TIME_LIMIT), wish, noCount);
      ended?.({ operation: SETTLE });
      return asked(settled, given);
    } catch (cause) {
      if (settling !== undefined && !wish.lasting) void undo(settling, wish);
      const error = brokenStore(SETTLE, cause);
      ended?.({ operation: SETTLE, 'error.type': error.code });
      throw error;
    }
  };
  const undo = async (settling: Promise<Settlement>, wish: Required<Wish>) => {
    try {
      const { ok, places } = sound(await settling, wish, noCount);
      if (ok) await inner.settle(ownParts({ give: heldOf(wish.take, places) }));
    } catch {
      // It took nothing that is known of.
    }
  };
  return {
    settle,
    check: async (subject) => {
      const warnings = await storeCall('counter.check', () => inner.check?.(subject));
      await tried(settle, subject);
      return warnings;
    },
  };
}

const SETTLE = 'counter.settle';

/** A place is taken, seen and given back, as for a text. */
async function tried(settle: Counter['settle'], subject: string): Promise<void> {
  const key = `${subject}#check`;
  const take = [{ key, window: MINUTE_MS, limit: NO_LIMIT }];
  const { places } = await settle({ take });
  const { read } = await settle({ read: [key] });
  await settle({ give: heldOf(take, places) });
  if (!read.has(key)) {
    throw brokenStore('counter.check', new Error('what was counted is not there a moment later'));
  }
}

/** The settlement with the caller's own places in it. */
function asked(settled: Settlement, { take = [] }: Wish): Settlement {
  if (settled.ok) return settled;
  const keys = new Set(settled.full.map(({ key }) => key));
  return { ...settled, full: take.filter(({ key }) => keys.has(key)) };
}

const NO_SETTLEMENT =
  'the counter answered with something else than a settlement (docs/counters.md)';
const TOOK_MORE =
  'the counter took a place that there is not: it must look and count in one step (docs/counters.md)';

/** Counts that can be relied on: anything else counts as full, so that whoever asks is refused. */
function sound(
  settled: Settlement,
  { take }: Required<Wish>,
  noCount: (key: string) => void,
): Settlement {
  const { ok, full } = settled;
  const read = soundCounts(settled.read, noCount);
  const places = soundCounts(settled.places, noCount);
  if (!Array.isArray(full) || ok !== (full.length === 0)) throw new Error(NO_SETTLEMENT);
  const overfull = take.filter(({ key, limit, by = 1 }) => {
    const count = places.get(key)?.count ?? 0;
    return count < by || count > limit || count === NO_COUNT;
  });
  if (ok && overfull.length > 0) throw new Error(TOOK_MORE);
  return { ok, read, places, full };
}

function soundCounts(
  counts: ReadonlyMap<string, Count>,
  noCount: (key: string) => void,
): ReadonlyMap<string, Count> {
  const isMap: boolean = counts instanceof Map;
  if (!isMap) throw new Error(NO_SETTLEMENT);
  const spent = { count: NO_COUNT, left: 0, ends: 0 };
  let told = counts;
  for (const [key, each] of counts) {
    const whole = isSound(each);
    if (!whole) told = new Map(told).set(key, spent);
    if (!whole || each.count === NO_COUNT) noCount(key);
  }
  return told;
}

function isSound({ count, left, ends }: Count): boolean {
  return (
    Number.isSafeInteger(count) && count >= 0 && Number.isFinite(left) && Number.isFinite(ends)
  );
}
