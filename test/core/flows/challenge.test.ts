import { challengeKey, isLive, type Challenge } from '../../../lib/core/challenge/challenge';
import { CLOCK_SKEW } from '../../../lib/core/limits';
import { readChallenge } from '../../../lib/core/challenge/challenge';
import { attemptsLeft, pendingChallenge } from '../../../lib/core/challenge/challenge';
import { makeWorld, PHONE, START } from '../../helpers/core';

const CHALLENGE: Challenge = {
  id: 'id',
  userId: 'A',
  purpose: 'sign-in',
  phone: PHONE,
  epoch: 'e',
  keyId: 'k',
  createdAt: START,
  expiresAt: START + 300_000,
  sentAt: START,
  resendAt: START,
  sends: 1,
  sendsLeft: 1,
  delivery: 'accepted',
  charges: [],
};
const without = (value: object, key: string): object =>
  Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));

test('a challenge lies under a digest of its session, apart for each purpose', () => {
  const key = challengeKey('s', 'enroll');
  expect(key).toMatch(/^sms2fa-enroll-[0-9a-f]{40}$/);
  expect(challengeKey('s', 'replace')).not.toBe(key);
  expect(challengeKey('t', 'enroll')).not.toBe(key);
});

test.each([
  [0, 300_000, 299_999, true],
  [0, 300_000, 300_000, false],
  [CLOCK_SKEW, 300_000, 0, true],
  [CLOCK_SKEW + 1, 300_000, 0, false],
  [0, 600_000, 1, true],
  [0, 600_001, 1, false],
])('[S4][S19] opened at %i, over at %i: at %i it is live: %p', (from, to, now, live) => {
  expect(isLive({ ...CHALLENGE, createdAt: from, expiresAt: to }, now)).toBe(live);
});

test('the clocks of two servers may differ by two minutes', () => {
  expect(CLOCK_SKEW).toBe(120_000);
});

test('a whole challenge of the purpose is read', () => {
  expect(readChallenge(CHALLENGE, 'sign-in')).toBe(CHALLENGE);
  expect(readChallenge({ ...CHALLENGE, receipt: 'r' }, 'sign-in')).toBeDefined();
});

test.each(Object.keys(CHALLENGE))('without %s it is no challenge', (key) => {
  expect(readChallenge(without(CHALLENGE, key), 'sign-in')).toBeUndefined();
  expect(readChallenge({ ...CHALLENGE, [key]: null }, 'sign-in')).toBeUndefined();
});

test.each([undefined, null, 'x', 7, [], { ...CHALLENGE, purpose: 'enroll' }])(
  '%j is no challenge for signing in',
  (record) => {
    expect(readChallenge(record, 'sign-in')).toBeUndefined();
  },
);

test('[S134] something else in its place is a broken store, not a missing challenge', async () => {
  const world = makeWorld();
  expect(await pendingChallenge(world.core, 's', 'sign-in')).toBeUndefined();
  world.kept.set(challengeKey('s', 'sign-in'), { record: { id: 'x' }, expiresAt: START + 1 });
  await expect(pendingChallenge(world.core, 's', 'sign-in')).rejects.toMatchObject({
    code: 'store_unavailable',
    message: expect.stringContaining('is not the challenge'),
  });
});

test('a challenge that a store keeps past its end is none', async () => {
  const world = makeWorld();
  world.kept.set(challengeKey('s', 'sign-in'), { record: CHALLENGE, expiresAt: START * 2 });
  expect(await pendingChallenge(world.core, 's', 'sign-in')).toEqual(CHALLENGE);
  world.pass(300);
  expect(await pendingChallenge(world.core, 's', 'sign-in')).toBeUndefined();
});

test('guesses left are never less than none', async () => {
  const world = makeWorld();
  expect(await attemptsLeft(world.core, CHALLENGE)).toBe(5);
  await world.core.counter.add('guess:id', 60_000, 7);
  expect(await attemptsLeft(world.core, CHALLENGE)).toBe(0);
});
