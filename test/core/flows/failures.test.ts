import {
  clearAllFailures,
  clearFailures,
  standingAfter,
  takeGuess,
} from '../../../lib/core/verify/failures';
import { lockedRefusal, standingOf } from '../../../lib/core/failures';
import { digest } from '../../../lib/core/keyring';
import { makeWorld, START, type World } from '../../helpers/core';

const MINUTE = 60_000;
const YEAR = 365 * 86_400_000;
const USER = digest('user', 'A');

let world: World;
beforeEach(() => {
  world = makeWorld();
});
const guess = () => takeGuess(world.core.counter, world.core.limits, 'A', world.core.clock());
const standing = () => standingOf(world.core.counter, world.core.limits, 'A', world.core.clock());

/** Guesses so often, waiting out every lock; the locks in minutes. */
async function guessOn(times: number): Promise<number[]> {
  const locks: number[] = [];
  for (let each = 0; each < times; each += 1) {
    const taken = await guess();
    if (!taken.allowed) throw new Error(`guess ${each + 1} was not allowed`);
    if (!taken.last) continue;
    const after = await standing();
    expect(after).toEqual(standingAfter(world.core.limits, taken.level, world.core.clock()));
    if (after.state !== 'locked') break;
    const minutes = (after.until - world.core.clock()) / MINUTE;
    locks.push(minutes);
    world.pass(minutes * 60);
  }
  return locks;
}

test('[S23] a level counts down, its last guess begins the lock, and the next is refused', async () => {
  expect(await standing()).toEqual({ state: 'open', level: 0 });
  for (let left = 9; left >= 0; left -= 1) {
    expect(await guess()).toEqual({ allowed: true, level: 0, left, last: left === 0 });
  }
  const locked = { state: 'locked', level: 1, until: START + 15 * MINUTE };
  expect(await standing()).toEqual(locked);
  expect(await guess()).toEqual({ allowed: false, standing: locked });
  expect(world.added).toEqual([
    ...Array<object>(10).fill({ key: `guesses:${USER}:0`, lifetimeMs: YEAR }),
    { key: `lock:${USER}:1`, lifetimeMs: YEAR },
  ]);
});

test('[S29] a lock runs to its very end', async () => {
  for (let each = 0; each < 10; each += 1) await guess();
  world.pass(899.999);
  expect((await standing()).state).toBe('locked');
  world.pass(0.001);
  expect(await standing()).toEqual({ state: 'open', level: 1 });
  expect(await guess()).toEqual({ allowed: true, level: 1, left: 4, last: false });
});

test('[S30] the locks are those of the table, up to the hard stop', async () => {
  const day = Array<number>(11).fill(1_440);
  expect(await guessOn(100)).toEqual([15, 30, 60, 120, 240, 480, 960, ...day]);
  expect(await standing()).toEqual({ state: 'disabled', level: 19 });
  expect(await guess()).toEqual({ allowed: false, standing: { state: 'disabled', level: 19 } });
});

test.each([
  [{ lockAfter: 3, lockEvery: 4, hardStop: 9 }, [15, 30]],
  [{ lockAfter: 3, lockEvery: 1, hardStop: 6 }, [15, 30, 60]],
  [{ lockAfter: 10, lockEvery: 5, hardStop: 3 }, []],
])('[S31] with %j the locks are %j, then comes the hard stop', async (limits, locks) => {
  world = makeWorld({}, limits);
  expect(await guessOn(limits.hardStop)).toEqual(locks);
  expect((await standing()).state).toBe('disabled');
  expect((await guess()).allowed).toBe(false);
});

test('[S138] a lock that was lost in a crash is begun by the next guess', async () => {
  await world.core.counter.add(`guesses:${USER}:0`, YEAR, 10);
  expect(await standing()).toEqual({ state: 'open', level: 0 });
  const until = START + 15 * MINUTE;
  const locked = { state: 'locked', level: 1, until };
  expect(await guess()).toEqual({ allowed: false, standing: locked });
  expect(await standing()).toEqual(locked);
});

test('[S26] success clears the levels up to its own, a support desk clears all', async () => {
  const { counter, limits } = world.core;
  await guessOn(12);
  await clearFailures(counter, 'A', 1);
  expect(await world.counts()).toEqual({});
  await guessOn(22);
  await clearFailures(counter, 'A', 1);
  expect(Object.keys(await world.counts()).sort()).toEqual([
    `guesses:${USER}:2`,
    `guesses:${USER}:3`,
    `lock:${USER}:3`,
  ]);
  await clearAllFailures(counter, limits, 'A');
  expect(await world.counts()).toEqual({});
});

test('a support desk clears the last level, too', async () => {
  world = makeWorld({}, { lockAfter: 3, lockEvery: 1, hardStop: 5 });
  await guessOn(5);
  const clear = jest.spyOn(world.core.counter, 'clear');
  await clearAllFailures(world.core.counter, world.core.limits, 'A');
  expect(await world.counts()).toEqual({});
  // Levels 0, 1 and 2, and the one behind them; each with its guesses and its lock.
  expect(clear).toHaveBeenCalledTimes(8);
});

test('[S29] a lock is told in whole seconds, the hard stop in words', () => {
  const locked = { state: 'locked', level: 1, until: START + 1_500 } as const;
  expect(lockedRefusal(locked, START)).toEqual({
    ok: false,
    code: 'too_many_attempts',
    retryAfter: 2,
  });
  expect(lockedRefusal({ state: 'disabled', level: 0 }, START)).toEqual({
    ok: false,
    code: 'too_many_attempts',
    detail: 'The second factor is disabled. Ask for help.',
  });
});
