import { challengeKey } from '../../../lib/core/challenge/challenge';
import { createKeyring } from '../../../lib/core/keyring';
import {
  accountOf,
  challengeIn,
  codeOf,
  makeWorld,
  requester,
  send,
  START,
  verify,
  wrong,
  type World,
} from '../../helpers/core';

const KEY = challengeKey('session of A', 'sign-in');
const EXPIRED = { ok: false, code: 'challenge_expired' };

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

test('[S5] the right code works once, and everything its text took comes back', async () => {
  const challenge = challengeIn(await send(world));
  const code = codeOf(world);
  expect(await verify(world, code)).toEqual({ ok: true, challenge });
  expect(world.kept.has(KEY)).toBe(false);
  // Which texts went to a phone is remembered longer, for an answer of its owner.
  const counts = Object.entries(await world.counts()).filter(([key]) => !key.startsWith('texted:'));
  expect(Object.fromEntries(counts)).toEqual({
    [`guess:${challenge.id}`]: 1,
    [`spent:${challenge.id}`]: 1,
  });
  world.kept.set(KEY, { record: challenge, expiresAt: challenge.expiresAt });
  expect(await verify(world, code)).toEqual(EXPIRED);
});

test('guesses are counted for a quarter of an hour, and for an hour it is known that a code was used', async () => {
  const { id } = challengeIn(await send(world));
  await verify(world, codeOf(world));
  expect(world.added).toContainEqual({ key: `guess:${id}`, lifetimeMs: 900_000 });
  expect(world.added).toContainEqual({ key: `spent:${id}`, lifetimeMs: 3_600_000 });
});

test('[S6] of many parallel right answers exactly one counts', async () => {
  world = makeWorld({}, { guessesPerChallenge: 10, lockAfter: 100 });
  await send(world);
  const code = codeOf(world);
  const answers = await Promise.all(Array.from({ length: 10 }, () => verify(world, code)));
  expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
  expect(answers.filter(({ ok }) => !ok)).toEqual(Array(9).fill(EXPIRED));
});

test('[S20] wrong codes count down, and the fifth one kills the challenge', async () => {
  await send(world);
  for (const attemptsLeft of [4, 3, 2, 1, 0]) {
    expect(await verify(world, wrong(world))).toEqual({
      ok: false,
      code: 'code_incorrect',
      attemptsLeft,
    });
    expect(world.kept.has(KEY)).toBe(attemptsLeft > 0);
  }
  expect(await verify(world, codeOf(world))).toEqual(EXPIRED);
  expect(world.told('failed').map(({ attemptsLeft }) => attemptsLeft)).toEqual([4, 3, 2, 1, 0]);
  expect(world.told('failed')[0]).toEqual({
    at: START,
    userId: 'A',
    ip: '192.0.2.1',
    phone: '••• ••• ••42',
    purpose: 'sign-in',
    attemptsLeft: 4,
  });
});

test('[S21] parallel guesses beyond the budget are not compared and cost the user nothing', async () => {
  const challenge = challengeIn(await send(world));
  const answers = await Promise.all(Array.from({ length: 50 }, () => verify(world, wrong(world))));
  expect(answers.filter((each) => !each.ok && each.code === 'code_incorrect')).toHaveLength(5);
  expect(answers.filter((each) => !each.ok && each.code === 'challenge_expired')).toHaveLength(45);
  const counts = Object.entries(await world.counts());
  expect(counts.filter(([key]) => key.startsWith('guesses:')).map(([, count]) => count)).toEqual([
    5,
  ]);
  expect(challenge.sends).toBe(1);
});

test('what is left is never more than the user has left', async () => {
  world = makeWorld({}, { lockAfter: 3 });
  await send(world);
  await fail(2);
  expect(world.told('failed').map(({ attemptsLeft }) => attemptsLeft)).toEqual([2, 1]);
});

test('[S9][S12][S13] a challenge of another user, phone or state is none, and costs no guess', async () => {
  const challenge = challengeIn(await send(world));
  const code = codeOf(world);
  const before = await world.counts();
  for (const change of [{ userId: 'B' }, { epoch: 'x' }, { phone: '+12065550143' }]) {
    const record = { ...challenge, ...change };
    world.kept.set(KEY, { record, expiresAt: challenge.expiresAt });
    expect(await verify(world, code)).toEqual(EXPIRED);
  }
  const { epoch } = accountOf(world);
  world.kept.set(KEY, { record: { ...challenge, epoch }, expiresAt: challenge.expiresAt });
  world.users.delete('A');
  expect(await verify(world, code)).toEqual(EXPIRED);
  expect(await world.counts()).toEqual(before);
});

test('[S14] another secret makes a code a dead one, without a guess', async () => {
  await send(world);
  const code = codeOf(world);
  world.core.keyring = createKeyring(['another secret that is long enough, too']);
  expect(await verify(world, code)).toEqual(EXPIRED);
  expect(world.told('failed')).toEqual([]);
});

test('[S10] a code works in no other session', async () => {
  await send(world);
  const elsewhere = requester('A', { sessionId: 'another session' });
  expect(await verify(world, codeOf(world), elsewhere)).toEqual(EXPIRED);
});
