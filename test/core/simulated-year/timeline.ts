/** Virtual time: whoever sleeps is woken in order, and nothing waits for a real clock. */
export interface Timeline {
  /** Milliseconds since the epoch. */
  now: () => number;
  sleep: (seconds: number) => Promise<void>;
  /** Begins something after so many seconds; what it throws ends `run`. */
  begin: (after: number, does: () => Promise<unknown>) => void;
  /** Lets everything happen that was begun. */
  run: () => Promise<void>;
}

interface Sleeper {
  at: number;
  turn: number;
  wake: () => void;
}

export function timeline(start: number): Timeline {
  let now = start;
  let turn = 0;
  /** How many are awake: time stands still until all sleep. */
  let awake = 0;
  let failed: { error: unknown } | undefined;
  const sleepers: Sleeper[] = [];

  const sleep = (seconds: number): Promise<void> => {
    awake -= 1;
    return new Promise((resolve) => {
      turn += 1;
      const wake = (): void => {
        awake += 1;
        resolve();
      };
      push(sleepers, { at: now + seconds * 1_000, turn, wake });
    });
  };
  const begin = (after: number, does: () => Promise<unknown>): void => {
    awake += 1;
    const story = async (): Promise<void> => {
      await sleep(after);
      await does();
    };
    void story()
      .catch((error: unknown) => {
        failed ??= { error };
      })
      .finally(() => {
        awake -= 1;
      });
  };
  const run = async (): Promise<void> => {
    for (;;) {
      while (awake > 0) await new Promise(setImmediate);
      if (failed !== undefined) throw failed.error;
      const next = pop(sleepers);
      if (next === undefined) return;
      now = next.at;
      next.wake();
    }
  };
  return { now: () => now, sleep, begin, run };
}

/** A binary heap: a year has many sleepers. */
const before = (one: Sleeper, other: Sleeper): boolean =>
  one.at < other.at || (one.at === other.at && one.turn < other.turn);

function push(heap: Sleeper[], added: Sleeper): void {
  let index = heap.push(added) - 1;
  while (index > 0) {
    const above = (index - 1) >> 1;
    if (!before(added, heap[above]!)) break;
    heap[index] = heap[above]!;
    index = above;
  }
  heap[index] = added;
}

function pop(heap: Sleeper[]): Sleeper | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (last === undefined || first === last) return first;
  let index = 0;
  for (;;) {
    let below = 2 * index + 1;
    if (below >= heap.length) break;
    if (below + 1 < heap.length && before(heap[below + 1]!, heap[below]!)) below += 1;
    if (!before(heap[below]!, last)) break;
    heap[index] = heap[below]!;
    index = below;
  }
  heap[index] = last;
  return first;
}
