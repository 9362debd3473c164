import type { Clock } from '../ports/clock';
import {
  NO_COUNT,
  withoutHeld,
  type Count,
  type Counter,
  type Held,
  type Place,
  type SimpleCounter,
} from '../ports/counter';

/**
 * A counter of the app's own that adds to one key at a time, made to settle whole decisions: places
 * are taken one after the other, those that others need after the own, those that begin anew last, and
 * given back where a later one is full. Between two of its steps another request may see what is about to
 * be given back, or take of a count that was cleared and is about to begin anew.
 */
export function settlingCounter(counter: SimpleCounter, clock: Clock): Counter {
  const shown = ({ count, expiresAt }: { count: number; expiresAt: number }): Count => ({
    count: Number.isSafeInteger(count) && count >= 0 ? count : NO_COUNT,
    left: expiresAt - clock(),
    ends: expiresAt,
  });
  const peek = async (key: string): Promise<Count | undefined> => {
    const found = await counter.peek(key);
    // Some keep a zero until its window ends; nobody must take it for a count.
    return found === undefined || found.count === 0 ? undefined : shown(found);
  };
  const take = async ({ key, window, by = 1 }: Place): Promise<Count | undefined> =>
    by > 0 ? shown(await counter.add(key, window, by)) : peek(key);
  const giveBack = async ({ key, ends, by = 1 }: Held): Promise<void> => {
    const left = ends - clock();
    if (left > 0) await counter.add(key, left, -by);
  };

  return {
    settle: async (wish) => {
      const read = new Map<string, Count>();
      const reads = (wish.read ?? []).map(async (key) => [key, await peek(key)] as const);
      for (const [key, found] of await Promise.all(reads)) {
        if (found !== undefined) read.set(key, found);
      }
      const places = new Map<string, Count>();
      const taken: Held[] = [];
      const asked = wish.take ?? [];
      // More than there is when all is free is refused, and must not have cleared anything.
      const isAnew = ({ key, by = 1, limit }: Place): boolean =>
        wish.clear?.includes(key) === true && by <= limit;
      const others = asked.filter((each) => !isAnew(each));
      const inTurn = [
        ...others.filter(({ common }) => !common),
        ...others.filter(({ common }) => common),
        // What is cleared does not come back: by now nothing else can be full. The other way round than
        // others take them: whoever slips into the gap of one finds the next already begun.
        ...asked.filter(isAnew).reverse(),
      ];
      const undo = async (): Promise<void> => {
        await Promise.allSettled(taken.map(giveBack));
      };
      try {
        for (const place of inTurn) {
          const { key, limit, by = 1 } = place;
          const begins = isAnew(place);
          if (begins) await counter.clear(key);
          const found = begins && by === 0 ? undefined : await take(place);
          if (found === undefined) continue;
          if (by > 0) taken.push({ key, ends: found.ends, by });
          const count = begins ? withoutOthers(found, by) : found;
          places.set(key, count);
          if (count.count > limit || count.count === NO_COUNT) {
            await undo();
            return { ok: false, read, places: withoutHeld(places, taken), full: [place] };
          }
        }
        const forgotten = (wish.clear ?? []).filter(
          (key) => !inTurn.some((each) => each.key === key),
        );
        await Promise.all([
          ...(wish.give ?? []).map(giveBack),
          ...forgotten.map((key) => counter.clear(key)),
        ]);
      } catch (error) {
        await undo();
        throw error;
      }
      return { ok: true, read, places, full: [] };
    },
  };
}

/** Whoever took of a count between its clearing and this place is reckoned as cleared with it. */
function withoutOthers(found: Count, by: number): Count {
  return found.count === NO_COUNT ? found : { ...found, count: Math.min(found.count, by) };
}
