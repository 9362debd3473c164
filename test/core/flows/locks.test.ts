import { challengeKey } from '../../../lib/core/challenge/challenge';
import {
  codeOf,
  enrollmentOf,
  makeWorld,
  PHONE,
  send,
  START,
  verify,
  wrong,
  type World,
} from '../../helpers/core';

const KEY = challengeKey('session of A', 'sign-in');
const EXPIRED = { ok: false, code: 'challenge_expired' };
const LOCKED = { ok: false, code: 'too_many_attempts' };

let world: World;
beforeEach(() => {
  world = makeWorld();
});

/** Sends and guesses wrong until so many guesses were counted. */
async function fail(guesses: number): Promise<void> {
  for (let each = 0; each < guesses; each += 1) {
    if (!world.kept.has(KEY)) {
      world.pass(300);
      await send(world);
    }
    expect((await verify(world, wrong(world))).ok).toBe(false);
  }
}

test('[S28][S29] the last failure of a level locks: no code, right or wrong, is looked at', async () => {
  await send(world);
  await fail(10);
  const until = world.core.clock() + 900_000;
  expect(world.told('locked')).toEqual([expect.objectContaining({ userId: 'A', until })]);
  world.pass(300.5);
  expect(await send(world)).toEqual({ ...LOCKED, retryAfter: 600 });
  const get = jest.spyOn(world.core.counter, 'add');
  expect(await verify(world, codeOf(world))).toEqual({ ...LOCKED, retryAfter: 600 });
  expect(get).not.toHaveBeenCalled();
  world.pass(599.5);
  await send(world);
  expect((await verify(world, codeOf(world))).ok).toBe(true);
  expect(Object.keys(await world.counts()).some((key) => key.startsWith('lock'))).toBe(false);
});

test('[S31] the hard stop is written into the enrollment and told once', async () => {
  world = makeWorld({}, { lockAfter: 3, hardStop: 3 });
  await send(world);
  await fail(3);
  expect(world.users.get('A')).toEqual(enrollmentOf(PHONE, { disabledAt: START, version: 2 }));
  expect(world.told('locked')).toEqual([]);
  expect(world.told('disabled')).toEqual([expect.objectContaining({ purpose: 'sign-in' })]);
  const disabled = { ...LOCKED, detail: 'The second factor is disabled. Ask for help.' };
  expect(await verify(world, codeOf(world))).toEqual(disabled);
  expect(world.told('disabled')).toHaveLength(1);
  // The enrollment alone says so, too, whatever became of the counts.
  const bare = makeWorld();
  bare.users.set('A', world.users.get('A')!);
  expect(await verify(bare, '000000')).toEqual(disabled);
  expect(bare.added).toEqual([]);
});

test('[S31] a hard stop whose write failed is made good at the next try', async () => {
  world = makeWorld({}, { lockAfter: 3, hardStop: 3 });
  await send(world);
  await fail(2);
  jest.spyOn(world.core.enrollments, 'set').mockRejectedValueOnce(new Error('away'));
  await expect(verify(world, wrong(world))).rejects.toThrow('away');
  expect(world.users.get('A')).not.toHaveProperty('disabledAt');
  expect(await verify(world, codeOf(world))).toMatchObject(LOCKED);
  expect(world.users.get('A')).toHaveProperty('disabledAt', START);
  expect(world.told('disabled')).toHaveLength(1);
  expect(world.told('disabled')[0]).not.toHaveProperty('purpose');
});

test('without an enrollment a hard stop has nothing to be written into', async () => {
  world = makeWorld({}, { lockAfter: 3, hardStop: 3 });
  await send(world);
  await fail(3);
  world.users.delete('A');
  expect(await verify(world, codeOf(world))).toMatchObject(LOCKED);
  expect(world.told('disabled')).toHaveLength(1);
});

test('a mere lock writes nothing into the enrollment', async () => {
  await send(world);
  await fail(10);
  await verify(world, wrong(world));
  expect(world.users.get('A')).toEqual(enrollmentOf());
});

test('a guess that crosses the end of a level is refused by the lock it meets', async () => {
  await send(world);
  const { counter } = world.core;
  const answered: string[] = [];
  world.core.counter = {
    ...counter,
    // The other guesses are counted between this one's look and its own count.
    add: async (key, lifetimeMs, by) =>
      counter.add(key, lifetimeMs, key.startsWith('guesses:') ? 11 : by),
    peek: async (key) => {
      answered.push(key);
      return counter.peek(key);
    },
  };
  expect(await verify(world, codeOf(world))).toEqual({ ...LOCKED, retryAfter: 900 });
  expect(answered.length).toBeGreaterThan(0);
});

test('a guess that finds its level full and the lock long over is answered as expired', async () => {
  await send(world);
  const { counter } = world.core;
  world.core.counter = {
    ...counter,
    add: async (key, lifetimeMs, by) => {
      if (key.startsWith('guesses:')) return { count: 99, expiresAt: 0 };
      if (key.startsWith('lock:')) return { count: 2, expiresAt: START + 364 * 86_400_000 };
      return counter.add(key, lifetimeMs, by);
    },
  };
  expect(await verify(world, codeOf(world))).toEqual(EXPIRED);
});
