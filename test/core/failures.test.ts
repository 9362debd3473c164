import {
  beginLock,
  failureKeys,
  guessesLeft,
  guessPlaces,
  lockedRefusal,
  openPlaces,
  standingOf,
  type Standing,
} from '../../lib/core/failures';
import type { Limits } from '../../lib/core/limits';
import { heldOf } from '../../lib/ports/counter';
import {
  countFailures,
  justBefore,
  makeWorld,
  standing as standingIn,
  START,
  take,
  type World,
} from '../helpers/core';

const MINUTE = 60_000;
const YEAR = 365 * 86_400_000;
const CORRUPT = Number.MAX_SAFE_INTEGER;
/** The locks, in minutes, as the table of the design has them. */
const LOCKS = [15, 30, 60, 120, 240, 480, 960, ...Array<number>(11).fill(1_440)];

let world: World;
const begin = (limits: Partial<Limits> = {}): void => {
  world = makeWorld({}, limits);
};
beforeEach(() => begin());

const keys = () => failureKeys(world.core, 'A');
const standing = () => standingIn(world);
const locked = (minutes: number, due = false) => ({
  state: 'locked',
  until: world.core.clock() + minutes * MINUTE,
  due,
});

type Guess = { allowed: false } | { allowed: true; failures: number; left: number };

/** One guess that is wrong, as the flows take it: read, counted, and a lock where a level is full. */
async function guess(): Promise<Guess> {
  const { core } = world;
  const before = await standing();
  if (before.state !== 'open') return { allowed: false };
  const { ok, places } = await core.counter.settle({
    take: guessPlaces(core, keys(), before.failures),
  });
  if (!ok) return { allowed: false };
  const failures = places.get(keys().fails)!.count;
  const left = guessesLeft(core, failures);
  if (left === 0) await beginLock(core, keys(), failures);
  return { allowed: true, failures, left };
}

/** Guesses so often, waiting out every lock; the locks in minutes. */
async function guessOn(times: number): Promise<number[]> {
  const locks: number[] = [];
  for (let each = 0; each < times; each += 1) {
    const taken = await guess();
    if (!taken.allowed) throw new Error(`guess ${each + 1} was not allowed`);
    const after = await standing();
    if (after.state !== 'locked') continue;
    locks.push((after.until - world.core.clock()) / MINUTE);
    world.pass((after.until - world.core.clock()) / 1_000);
  }
  return locks;
}
const burst = (size: number) => Promise.all(Array.from({ length: size }, () => guess()));

test('who never failed stands open, and looking counts nothing', async () => {
  expect(await standing()).toEqual({ state: 'open', failures: 0 });
  await standing();
  expect(await guess()).toEqual({ allowed: true, failures: 1, left: 9 });
});

test('[S23] a level counts down, its last guess begins the lock, and the next is refused', async () => {
  for (let left = 9; left >= 0; left -= 1) {
    expect(await guess()).toEqual({ allowed: true, failures: 10 - left, left });
  }
  expect(await standing()).toEqual(locked(15));
  expect(await guess()).toEqual({ allowed: false });
  const { fails, locks, lock } = keys();
  expect(world.added).toEqual([
    ...Array<object>(10).fill({ key: fails, window: YEAR, limit: 10 }),
    { key: lock, window: 15 * MINUTE, limit: 1 },
    { key: locks, window: YEAR, limit: 1 },
  ]);
});

test('[S29] during a lock nothing is counted and nothing extended, and it runs to its very end', async () => {
  await countFailures(world, 10);
  const before = await standing();
  const counted = await world.counts();
  world.pass(420);
  // Those that were on their way when it began are not counted, either.
  const late = await world.core.counter.settle({ take: guessPlaces(world.core, keys(), 10) });
  expect(late.full.map(({ key }) => key)).toEqual([keys().lock]);
  for (const taken of await burst(50)) expect(taken.allowed).toBe(false);
  expect([await standing(), await world.counts()]).toEqual([before, counted]);
  world.pass(479.999);
  expect((await standing()).state).toBe('locked');
  world.pass(0.001);
  expect(await standing()).toEqual({ state: 'open', failures: 10 });
  expect(await guess()).toEqual({ allowed: true, failures: 11, left: 4 });
});

test('[S30] the locks are those of the table, and the hard stop comes with the hundredth failure', async () => {
  expect(await guessOn(100)).toEqual(LOCKS);
  expect(await standing()).toEqual({ state: 'disabled' });
  world.pass(300 * 86_400);
  expect(await guess()).toEqual({ allowed: false });
  expect(await standing()).toEqual({ state: 'disabled' });
});

test.each([
  [{ lockAfter: 3, lockEvery: 1, hardStop: 6 }, [15, 30, 60]],
  [{ lockAfter: 3, lockEvery: 4, hardStop: 9 }, [15, 30]],
  [{ lockAfter: 10, lockEvery: 100, hardStop: 100 }, [15]],
  [{ lockAfter: 100, lockEvery: 5, hardStop: 100 }, []],
  [{ lockAfter: 3, lockEvery: 5, hardStop: 3 }, []],
  [{ lockAfter: 10, lockEvery: 5, hardStop: 3 }, []],
])('[S31] with %j the locks are %j, then comes the hard stop', async (limits, locks) => {
  begin(limits);
  expect(await guessOn(limits.hardStop)).toEqual(locks);
  expect((await standing()).state).toBe('disabled');
  expect((await guess()).allowed).toBe(false);
});

test('the failures of one user are nobody else’s', async () => {
  await countFailures(world, 10);
  const { core } = world;
  const other = failureKeys(core, 'B');
  const { read } = await core.counter.settle({ read: other.all });
  expect(standingOf(core, other, read)).toEqual({ state: 'open', failures: 0 });
  expect(new Set([...keys().all, ...other.all]).size).toBe(6);
});

test('the counts lie together with their user, whose id is in none', () => {
  const user = world.core.keyring.subjects.user('the id of A');
  expect(failureKeys(world.core, 'the id of A').all).toEqual([
    `${user}#fails`,
    `${user}#locks`,
    `${user}#lock`,
  ]);
  expect(user).not.toContain('the id of A');
});

test.each([9, 10, 22])(
  '[S26] success after %i failures leaves nothing behind',
  async (failures) => {
    await guessOn(failures);
    await world.core.counter.settle({ clear: keys().all });
    expect(await world.counts()).toEqual({});
    expect(await standing()).toEqual({ state: 'open', failures: 0 });
    expect(await guessOn(15)).toEqual([15, 30]);
  },
);

test('[S138] a process that dies before it counted has compared nothing and counted nothing', async () => {
  justBefore(world, 'take', 'fails', () => Promise.reject(new Error('killed')));
  await expect(guess()).rejects.toThrow('killed');
  expect(await guess()).toEqual({ allowed: true, failures: 1, left: 9 });
});

test.each([
  [10, 1],
  [15, 2],
  [30, 5],
])(
  '[S138] a lock that was lost in a crash at failure %i is due, and begins at the next guess',
  async (failures, level) => {
    await guessOn(failures - 1);
    justBefore(world, 'take', 'lock', () => Promise.reject(new Error('killed')));
    await expect(guess()).rejects.toThrow('killed');
    world.pass(180);
    // The level is full: no guess passes, whether or not somebody begins the lock.
    const minutes = LOCKS[level - 1]!;
    expect(await standing()).toEqual(locked(minutes, true));
    expect(await guess()).toEqual({ allowed: false });
    expect(await beginLock(world.core, keys(), failures)).toEqual(locked(minutes));
    const begun = await standing();
    expect(begun).toEqual(locked(minutes));
    world.pass(60);
    await beginLock(world.core, keys(), failures);
    expect(await standing()).toEqual(begun);
    world.pass(minutes * 60 - 60);
    expect(await guess()).toEqual({ allowed: true, failures: failures + 1, left: 4 });
  },
);

test('[S138] a hard stop needs no lock: no crash can lose it', async () => {
  begin({ lockAfter: 3, hardStop: 3 });
  await countFailures(world, 2);
  await world.core.counter.settle({ take: guessPlaces(world.core, keys(), 2) });
  expect(await standing()).toEqual({ state: 'disabled' });
  expect(await beginLock(world.core, keys(), 3)).toEqual({ state: 'disabled' });
  expect(Object.keys(await world.counts())).toEqual([keys().fails]);
});

test('[S21] a burst fills a level and jumps none', async () => {
  for (const [index, size] of [10, 5, 5].entries()) {
    const taken = await burst(200);
    expect(taken.filter(({ allowed }) => allowed)).toHaveLength(size);
    expect(taken.filter((each) => each.allowed && each.left === 0)).toHaveLength(1);
    const minutes = LOCKS[index]!;
    expect(await standing()).toEqual(locked(minutes));
    world.pass(minutes * 60);
  }
  expect(await standing()).toEqual({ state: 'open', failures: 20 });
});

test('[S21] a guess that was on its way when its level became full takes no place of the next', async () => {
  await countFailures(world, 8);
  const places = guessPlaces(world.core, keys(), 8);
  await countFailures(world, 2);
  world.pass(900);
  const late = await world.core.counter.settle({ take: places });
  expect([late.ok, late.full.map(({ key }) => key)]).toEqual([false, [keys().fails]]);
  expect(await standing()).toEqual({ state: 'open', failures: 10 });
});

test('[S29] of many that begin a lock one does, and no other moves its end', async () => {
  await take(world, keys().fails, { by: 10, seconds: 3_600 });
  const first = await beginLock(world.core, keys(), 10);
  world.pass(60);
  const others = await Promise.all(
    Array.from({ length: 20 }, () => beginLock(world.core, keys(), 10)),
  );
  expect(others).toEqual(Array(20).fill(first));
  expect(first).toEqual({ state: 'locked', until: START + 15 * MINUTE, due: false });
  expect((await world.counts())[keys().locks]).toBe(1);
});

test('[S26] a success between the last guess and its lock leaves no lock behind', async () => {
  await take(world, keys().fails, { by: 10, seconds: 3_600 });
  justBefore(world, 'take', 'lock', () => world.core.counter.settle({ clear: keys().all }));
  expect(await beginLock(world.core, keys(), 10)).toEqual({ state: 'open', failures: 0 });
  expect(await world.counts()).toEqual({});
});

test('[S26] where a guess was given back in between, there is no lock, and earlier ones stay known', async () => {
  await guessOn(14);
  const { core } = world;
  const places = guessPlaces(core, keys(), 14);
  const last = await core.counter.settle({ take: places });
  justBefore(world, 'take', 'lock', () =>
    core.counter.settle({ give: heldOf(places, last.places) }),
  );
  await beginLock(core, keys(), 15);
  expect(await standing()).toEqual({ state: 'open', failures: 14 });
  expect(await world.counts()).toEqual({ [keys().fails]: 14, [keys().locks]: 1 });
  expect(await guess()).toEqual({ allowed: true, failures: 15, left: 0 });
  expect(await standing()).toEqual(locked(30));
});

test.each(['fails', 'locks', 'lock'] as const)(
  '[S135] %s that cannot be read lock without end but disable nobody',
  async (name) => {
    const { counter } = world.core;
    world.core.counter = {
      settle: async (wish) => {
        const settled = await counter.settle(wish);
        const corrupt = [keys()[name], { count: CORRUPT, left: 0, ends: 0 }] as const;
        return { ...settled, read: new Map([...settled.read, corrupt]) };
      },
    };
    expect(await standing()).toEqual({ state: 'locked', until: START + YEAR, due: false });
    expect((await guess()).allowed).toBe(false);
  },
);

test('[S29] what a lock forbids asks for places that it takes none of', async () => {
  const ask = () => world.core.counter.settle({ take: openPlaces(world.core, keys()) });
  await countFailures(world, 9);
  const before = await world.counts();
  expect((await ask()).ok).toBe(true);
  expect(await world.counts()).toEqual(before);
  await countFailures(world, 1);
  expect((await ask()).full.map(({ key }) => key)).toEqual([keys().lock]);
  begin({ lockAfter: 3, hardStop: 3 });
  await countFailures(world, 3);
  expect((await ask()).full.map(({ key }) => key)).toEqual([keys().fails]);
});

test('[S29] a lock is told in whole seconds, the hard stop in words', () => {
  const lock: Standing = { state: 'locked', until: START + 1_500, due: false };
  const refusal = { ok: false, code: 'too_many_attempts' };
  expect(lockedRefusal(lock, START)).toEqual({ ...refusal, retryAfter: 2 });
  expect(lockedRefusal({ state: 'disabled' }, START)).toEqual({
    ...refusal,
    detail: { say: 'detail.disabled' },
  });
});

test('nothing that is counted of a user is counted of another one, or under the name of something else', () => {
  const { core } = makeWorld();
  const names = ['A', 'B'].flatMap((userId) => {
    const { all, wrong, told } = failureKeys(core, userId);
    return [...all, wrong, told];
  });
  expect(new Set(names).size).toBe(10);
});
