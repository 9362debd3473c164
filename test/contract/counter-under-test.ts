import {
  heldOf,
  type Count,
  type Counter,
  type Held,
  type Place,
  type Settlement,
  type Wish,
} from '../../lib/ports/counter';

/** A counter under test, with everything the suite has to do to it. */
export interface CounterUnderTest {
  counter: Counter;
  /** Lets so much time pass for it. */
  pass(milliseconds: number): Promise<void>;
}

/**
 * How much of a decision is one step: all of it; what is counted of one subject, as on a cluster; or
 * one count, as in an app's own `SimpleCounter`. What a lesser one cannot promise, the suite says.
 */
type Reach = 'decision' | 'subject' | 'count';

export interface CounterKind {
  reach: Reach;
  /** Makes one anew for each test. */
  make: () => CounterUnderTest;
  /** The longest window that it keeps, in milliseconds; default: any. */
  longest?: number;
  /**
   * How many ask at once, a multiple of six; default 300. Where each count of a decision is a step of
   * its own in a database of somebody else's code, 60 cross in every way that 300 do.
   */
  crowd?: number;
  /** How coarse the ends are that it tells, in milliseconds; default 0: exact. */
  grain?: number;
  /** Whether a window is told from the one before it that was cleared; default: unless `count`. */
  tellsWindows?: boolean;
  /** Whether a count that fell to zero keeps its window for the next place; default: no. */
  keepsZeros?: boolean;
  /** Puts this in place of a count, where others than the counter can write. */
  spoil?: (key: string, value: string) => Promise<unknown>;
}

export const MINUTE = 60_000;
/**
 * How far the clock of a server may be from the one of the test, in milliseconds: it goes on while a
 * busy machine does something else. Whatever is told apart is further from each other.
 */
const TOLERANCE = 5_000;

let subjects = 0;
/** A subject that no other test counts. */
export const newSubject = (): string => `subject-${(subjects += 1)}`;

export function place(key: string, limit = 10, more: Partial<Place> = {}): Place {
  return { key, window: MINUTE, limit, ...more };
}

export function expectAbout(time: number | undefined, expected: number): void {
  expect(Math.abs((time ?? Number.NaN) - expected)).toBeLessThan(TOLERANCE);
}

/** What the tests do with a counter that is made anew for each of them. */
export function useCounter(make: CounterKind['make']) {
  let it: CounterUnderTest;
  let keys: [a: string, b: string, c: string];
  beforeEach(() => {
    it = make();
    const subject = newSubject();
    keys = [`${subject}#a`, `${subject}#b`, `${newSubject()}#c`];
  });

  const settle = (wish: Wish): Promise<Settlement> => it.counter.settle(wish);
  const look = async (key: string): Promise<Count | undefined> =>
    (await settle({ read: [key] })).read.get(key);
  return {
    settle,
    look,
    countOf: async (key: string): Promise<number | undefined> => (await look(key))?.count,
    /** Takes so many and returns what is to be given back. */
    take: async (key: string, by = 1, window = MINUTE): Promise<Held[]> => {
      const wanted = [place(key, Number.MAX_SAFE_INTEGER, { window, by })];
      const { ok, places } = await settle({ take: wanted });
      expect(ok).toBe(true);
      return heldOf(wanted, places);
    },
    pass: (milliseconds: number): Promise<void> => it.pass(milliseconds),
    /** Two counts of one subject, and one of another. */
    keys: () => keys,
  };
}
