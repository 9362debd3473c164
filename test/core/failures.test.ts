import { memoryCounter, type Counter } from '../../lib';
import {
  clearFailures,
  standingAfter,
  takeGuess,
  type Guess,
} from '../../lib/core/verify/failures';
import { standingOf, type Standing } from '../../lib/core/failures';
import { DEFAULT_LIMITS } from '../../lib/core/limits';

const LIMITS = { lockAfter: 10, lockEvery: 5, hardStop: 100 };
const MINUTE = 60_000;
const USER = 'id-of-A';

/** The locks, in minutes, as the table of the design has them. */
const LOCKS = [15, 30, 60, 120, 240, 480, 960, ...Array<number>(11).fill(1_440)];

let now: number;
let counter: Counter;
beforeEach(() => {
  now = 1_000_000;
  counter = memoryCounter({ clock: () => now });
});

const guess = (limits = LIMITS, user = USER): Promise<Guess> =>
  takeGuess(counter, limits, user, now);
const standing = (limits = LIMITS, user = USER): Promise<Standing> =>
  standingOf(counter, limits, user, now);

async function guesses(amount: number, limits = LIMITS): Promise<Guess[]> {
  const taken: Guess[] = [];
  for (let each = 0; each < amount; each += 1) taken.push(await guess(limits));
  return taken;
}

/** Guesses until something stops it, waiting out every lock; returns the locks in minutes. */
async function guessOn(failures: number, limits = LIMITS): Promise<number[]> {
  const locks: number[] = [];
  for (let count = 0; count < failures; count += 1) {
    const taken = await guess(limits);
    if (!taken.allowed) throw new Error(`guess ${count + 1} was not allowed`);
    if (!taken.last) continue;
    const after = await standing(limits);
    expect(after).toEqual(standingAfter(limits, taken.level, now));
    if (after.state !== 'locked') break;
    locks.push((after.until - now) / MINUTE);
    now = after.until;
  }
  return locks;
}

test('who never failed stands open at level 0, and looking counts nothing', async () => {
  expect(await standing()).toEqual({ state: 'open', level: 0 });
  await standing();
  expect(await guess()).toEqual({ allowed: true, level: 0, left: 9, last: false });
});

test('ten guesses are allowed, the tenth begins the lock, the next is refused by it', async () => {
  const taken = await guesses(10);
  expect(taken.map((each) => each.allowed && each.left)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
  expect(taken.map((each) => each.allowed && each.last)).toEqual([
    ...Array<boolean>(9).fill(false),
    true,
  ]);
  const locked = { state: 'locked', level: 1, until: now + 15 * MINUTE };
  expect(await standing()).toEqual(locked);
  expect(await guess()).toEqual({ allowed: false, standing: locked });
});

test('[S29] during a lock nothing is counted and nothing extended', async () => {
  await guesses(10);
  const before = await standing();
  now += 7 * MINUTE;
  const add = jest.spyOn(counter, 'add');
  await guesses(50);
  expect(add).not.toHaveBeenCalled();
  expect(await standing()).toEqual(before);
  now += 8 * MINUTE - 1;
  expect((await standing()).state).toBe('locked');
  now += 1;
  expect(await standing()).toEqual({ state: 'open', level: 1 });
  expect(await guess()).toEqual({ allowed: true, level: 1, left: 4, last: false });
});

test('[S30] the locks are those of the table, and the hard stop comes with the hundredth failure', async () => {
  expect(await guessOn(100)).toEqual(LOCKS);
  expect(await standing()).toEqual({ state: 'disabled', level: 19 });
  now += 300 * 86_400_000;
  expect(await guess()).toEqual({ allowed: false, standing: { state: 'disabled', level: 19 } });
});

test.each([
  [{ lockAfter: 3, lockEvery: 1, hardStop: 6 }, [15, 30, 60], 6],
  [{ lockAfter: 3, lockEvery: 4, hardStop: 9 }, [15, 30], 9],
  [{ lockAfter: 10, lockEvery: 100, hardStop: 100 }, [15], 100],
  [{ lockAfter: 100, lockEvery: 5, hardStop: 100 }, [], 100],
  [{ lockAfter: 3, lockEvery: 5, hardStop: 3 }, [], 3],
])('[S31] with %j the locks are %j and the end comes after %i', async (limits, locks, end) => {
  expect(await guessOn(end, limits)).toEqual(locks);
  expect((await standing(limits)).state).toBe('disabled');
  expect((await guess(limits)).allowed).toBe(false);
});

test('the failures of one user are nobody else’s', async () => {
  await guesses(10);
  expect((await standing(LIMITS, 'id-of-B')).state).toBe('open');
  expect(await guess(LIMITS, 'id-of-B')).toMatchObject({ allowed: true, left: 9 });
});

test.each([0, 1, 2, 3])('[S26] success at level %i clears everything', async (level) => {
  await guessOn(level === 0 ? 9 : 10 + (level - 1) * 5);
  const taken = await guess();
  expect(taken).toMatchObject({ allowed: true, level });
  await clearFailures(counter, USER, level);
  expect(await standing()).toEqual({ state: 'open', level: 0 });
  expect(await guessOn(15)).toEqual([15, 30]);
});

test('[S26] the last guess of a level, if it was right, leaves no lock', async () => {
  await guessOn(14);
  expect(await guess()).toMatchObject({ allowed: true, level: 1, last: true });
  await clearFailures(counter, USER, 1);
  expect(await standing()).toEqual({ state: 'open', level: 0 });
});

test('[S26] success leaves no key behind', async () => {
  const alive = new Set<string>();
  const inner = memoryCounter({ clock: () => now });
  counter = {
    ...inner,
    add: (key, lifetimeMs, by) => {
      alive.add(key);
      return inner.add(key, lifetimeMs, by);
    },
    clear: (key) => {
      alive.delete(key);
      return inner.clear(key);
    },
  };
  await guessOn(22);
  expect(alive.size).toBeGreaterThan(0);
  await clearFailures(counter, USER, 3);
  expect([...alive]).toEqual([]);
});

test('no key carries the id of the user', async () => {
  const add = jest.spyOn(counter, 'add');
  await guesses(10);
  for (const [key] of add.mock.calls) expect(key).not.toContain(USER);
});

/** A counter that dies, once, before it adds to a key of this kind. */
function dyingBefore(kind: string): Counter {
  const inner = counter;
  let alive = true;
  return {
    ...inner,
    add: (key, lifetimeMs, by) => {
      if (alive && key.startsWith(kind)) {
        alive = false;
        return Promise.reject(new Error('killed'));
      }
      return inner.add(key, lifetimeMs, by);
    },
  };
}

test('[S138] a process that dies before it counted has compared nothing and counted nothing', async () => {
  counter = dyingBefore('guesses:');
  await expect(guess()).rejects.toThrow('killed');
  expect(await guess()).toMatchObject({ allowed: true, left: 9 });
});

test.each([0, 1, 4])(
  '[S138] a lock that was lost in a crash at level %i is begun by the next guess',
  async (level) => {
    const before = level === 0 ? 9 : 9 + level * 5;
    await guessOn(before);
    counter = dyingBefore('lock:');
    await expect(guess()).rejects.toThrow('killed');
    // The level is full, but no lock says so.
    expect(await standing()).toEqual({ state: 'open', level });
    now += 3 * MINUTE;
    const until = now + LOCKS[level]! * MINUTE;
    const locked = { state: 'locked', level: level + 1, until };
    expect(await guess()).toEqual({ allowed: false, standing: locked });
    expect(await standing()).toEqual(locked);
    now = until;
    expect(await guess()).toEqual({ allowed: true, level: level + 1, left: 4, last: false });
  },
);

test('[S138] a hard stop that was lost in a crash is found by the next guess', async () => {
  const limits = { lockAfter: 3, lockEvery: 5, hardStop: 3 };
  await guesses(2, limits);
  counter = dyingBefore('lock:');
  await expect(guess(limits)).rejects.toThrow('killed');
  expect(await guess(limits)).toEqual({
    allowed: false,
    standing: { state: 'disabled', level: 1 },
  });
});

test('[S21] a burst fills a level and jumps none', async () => {
  for (const size of [10, 5, 5]) {
    const burst = await Promise.all(Array.from({ length: 200 }, () => guess()));
    expect(burst.filter(({ allowed }) => allowed)).toHaveLength(size);
    expect(burst.filter((each) => each.allowed && each.last)).toHaveLength(1);
    const refused = burst.flatMap((each) => (each.allowed ? [] : [each.standing]));
    expect(new Set(refused.map(({ state }) => state))).toEqual(new Set(['locked']));
    const after = await standing();
    if (after.state !== 'locked') throw new Error('not locked');
    expect(after.until - now).toBe(LOCKS[after.level - 1]! * MINUTE);
    now = after.until;
  }
  expect(await standing()).toEqual({ state: 'open', level: 3 });
});

test('[S21] what a burst counted beyond a level does not shorten the next one', async () => {
  await Promise.all(Array.from({ length: 200 }, () => guess()));
  now += 15 * MINUTE;
  const next = await guesses(5);
  expect(next.map((each) => each.allowed && each.left)).toEqual([4, 3, 2, 1, 0]);
});

test('[S29] a burst that meets the lock does not move its end', async () => {
  await guesses(9);
  const from = now;
  const slow = memorySlow(counter, () => (now += 1_000));
  await Promise.all(Array.from({ length: 20 }, () => takeGuess(slow, LIMITS, USER, from)));
  const after = await standing();
  if (after.state !== 'locked') throw new Error('not locked');
  // The lock runs from its first key, however late the others of the burst came to it.
  expect(after.until).toBeLessThanOrEqual(from + 1_000 + 15 * MINUTE);
});

/** A counter on which time passes with every lock that is begun. */
function memorySlow(inner: Counter, tick: () => void): Counter {
  return {
    ...inner,
    add: async (key, lifetimeMs, by) => {
      if (key.startsWith('lock:')) tick();
      return inner.add(key, lifetimeMs, by);
    },
  };
}

/** The same rules, told the plain way: a number of failures, and the end of the last lock. */
class Model {
  failures = 0;
  until = 0;
  constructor(private readonly limits: typeof LIMITS) {}

  state(at: number): Standing['state'] {
    if (this.failures >= this.limits.hardStop) return 'disabled';
    return at < this.until ? 'locked' : 'open';
  }

  fail(at: number): void {
    this.failures += 1;
    const { lockAfter, lockEvery } = this.limits;
    const past = this.failures - lockAfter;
    if (past < 0 || past % lockEvery !== 0) return;
    this.until = at + Math.min(15 * 2 ** (past / lockEvery), 1_440) * MINUTE;
  }

  succeed(): void {
    this.failures = 0;
    this.until = 0;
  }
}

/** A small generator of numbers, so that a failing run can be run again (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

test.each(Array.from({ length: 60 }, (_, seed) => seed))(
  'any order of guesses, successes and waits keeps to the rules (seed %i)',
  async (seed) => {
    const next = random(seed);
    const pick = (least: number, most: number): number =>
      least + Math.floor(next() * (most - least + 1));
    const lockAfter = pick(3, 12);
    const limits = { lockAfter, lockEvery: pick(1, 7), hardStop: pick(lockAfter, 100) };
    const model = new Model(limits);
    for (let step = 0; step < 400; step += 1) {
      const dice = next();
      if (dice < 0.12) now += pick(0, 1_500) * MINUTE;
      else {
        const expected = model.state(now);
        const taken = await guess(limits);
        expect([step, taken.allowed]).toEqual([step, expected === 'open']);
        if (taken.allowed) {
          const right = dice > 0.99;
          if (right) {
            await clearFailures(counter, USER, taken.level);
            model.succeed();
          } else {
            model.fail(now);
            if (taken.last) expect(model.state(now)).not.toBe('open');
          }
        }
      }
      const stands = await standing(limits);
      expect([step, stands.state]).toEqual([step, model.state(now)]);
      if (stands.state === 'locked') expect(stands.until).toBe(model.until);
    }
  },
);

test('[S26] a success is not followed by a lock that a copy of the same code began', async () => {
  const real = memoryCounter();
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  const slow: Counter = {
    ...real,
    add: async (key, lifetimeMs, by) => {
      if (key.startsWith('lock:')) await held;
      return real.add(key, lifetimeMs, by);
    },
  };
  const now = Date.now();
  for (let wrong = 0; wrong < 8; wrong += 1) await takeGuess(slow, DEFAULT_LIMITS, 'u', now);
  const first = await takeGuess(slow, DEFAULT_LIMITS, 'u', now);
  const copy = takeGuess(slow, DEFAULT_LIMITS, 'u', now);
  await new Promise((resolve) => setImmediate(resolve));
  await clearFailures(slow, 'u', first.allowed ? first.level : 0);
  letGo();
  await copy;
  expect(await standingOf(slow, DEFAULT_LIMITS, 'u', now)).toEqual({ state: 'open', level: 0 });
});
