import { challengeKey, guessKey } from '../../../lib/core/challenge/challenge';
import { failureKeys } from '../../../lib/core/failures';
import {
  challengeIn,
  codeOf,
  countFailures,
  countNames,
  enrollmentOf,
  justBefore,
  makeWorld,
  PHONE,
  requester,
  send,
  standing,
  START,
  take,
  verify,
  wrong,
  type World,
} from '../../helpers/core';

const EXPIRED = { ok: false, code: 'challenge_expired' };
const LOCKED = { ok: false, code: 'too_many_attempts' };

let world: World;
beforeEach(() => {
  world = makeWorld();
});

/** Sends and guesses wrong until so many guesses were counted. */
async function fail(guesses: number): Promise<void> {
  for (let each = 0; each < guesses; each += 1) {
    if (!world.kept.has(challengeKey(world.core, requester(), 'sign-in'))) {
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
  const before = await world.counts();
  expect(await verify(world, codeOf(world))).toEqual({ ...LOCKED, retryAfter: 600 });
  expect(await verify(world, wrong(world))).toEqual({ ...LOCKED, retryAfter: 600 });
  expect(await world.counts()).toEqual(before);
  world.pass(599.5);
  await send(world);
  expect((await verify(world, codeOf(world))).ok).toBe(true);
  for (const name of ['fails', 'locks', 'lock'])
    expect(await countNames(world)).not.toContain(name);
});

test('[S31] the hard stop is written into the enrollment and told once', async () => {
  world = makeWorld({}, { lockAfter: 3, hardStop: 3 });
  await send(world);
  await fail(3);
  expect(world.users.get('A')).toEqual(enrollmentOf(PHONE, { disabledAt: START, version: 2 }));
  expect(world.told('locked')).toEqual([]);
  expect(world.told('disabled')).toEqual([expect.objectContaining({ purpose: 'sign-in' })]);
  const disabled = { ...LOCKED, detail: { say: 'detail.disabled' } };
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

test('[S138] a lock that was lost in a crash begins with the next guess, right or wrong', async () => {
  for (const right of [true, false]) {
    world = makeWorld();
    await send(world);
    await countFailures(world, 9);
    justBefore(world, 'take', 'lock', () => Promise.reject(new Error('killed')));
    await expect(verify(world, wrong(world))).rejects.toThrow('killed');
    world.pass(60);
    const code = right ? codeOf(world) : wrong(world);
    expect(await verify(world, code)).toEqual({ ...LOCKED, retryAfter: 900 });
    world.pass(60);
    expect(await verify(world, code)).toEqual({ ...LOCKED, retryAfter: 840 });
  }
});

test('[S28] a guess that was on its way when others filled the level meets the lock', async () => {
  await send(world);
  await countFailures(world, 9);
  justBefore(world, 'take', 'fails', () => countFailures(world, 1));
  expect(await verify(world, codeOf(world))).toEqual({ ...LOCKED, retryAfter: 900 });
  expect((await world.counts())[failureKeys(world.core, 'A').fails]).toBe(10);
});

test('a guess that finds its level full and the lock long over is one of the next level', async () => {
  await send(world);
  await countFailures(world, 9);
  justBefore(world, 'take', 'fails', async () => {
    await countFailures(world, 1);
    await world.core.counter.settle({ clear: [failureKeys(world.core, 'A').lock] });
  });
  expect(await verify(world, wrong(world))).toMatchObject({ attemptsLeft: 4 });
  expect(await standing(world)).toEqual({ state: 'open', failures: 11 });
});

test('[S21] a burst of guesses fills a level and jumps none', async () => {
  world = makeWorld({}, { guessesPerChallenge: 10, lockAfter: 7 });
  await send(world);
  const answers = await Promise.all(Array.from({ length: 40 }, () => verify(world, wrong(world))));
  const codes = answers.map((each) => (each.ok ? 'ok' : each.code));
  expect(codes.filter((code) => code === 'code_incorrect')).toHaveLength(7);
  expect(world.told('locked')).toHaveLength(1);
  expect(await standing(world)).toMatchObject({ state: 'locked', until: START + 900_000 });
});

test('[S26] of copies of the right code that fill the level one signs in, and no lock stays', async () => {
  await send(world);
  await countFailures(world, 9);
  const code = codeOf(world);
  const answers = await Promise.all(Array.from({ length: 5 }, () => verify(world, code)));
  expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
  expect(await standing(world)).toEqual({ state: 'open', failures: 0 });
  for (const name of ['fails', 'locks', 'lock'])
    expect(await countNames(world)).not.toContain(name);
});

test('a success between the last guess and its lock leaves no lock, and tells of none', async () => {
  await send(world);
  await countFailures(world, 9);
  const { all } = failureKeys(world.core, 'A');
  justBefore(world, 'take', 'lock', () => world.core.counter.settle({ clear: all }));
  expect(await verify(world, wrong(world))).toMatchObject({ code: 'code_incorrect' });
  expect(world.told('locked')).toEqual([]);
  expect(await standing(world)).toEqual({ state: 'open', failures: 0 });
});

test('[S20] a challenge whose record could not be dropped has no guess left all the same', async () => {
  const { id } = challengeIn(await send(world));
  await take(world, guessKey(world.core, 'session of A', id), { by: 5 });
  expect(await verify(world, codeOf(world))).toEqual(EXPIRED);
  expect(world.kept.has(challengeKey(world.core, requester(), 'sign-in'))).toBe(false);
  expect(await standing(world)).toEqual({ state: 'open', failures: 0 });
});
