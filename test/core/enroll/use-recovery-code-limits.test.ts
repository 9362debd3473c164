import { useRecoveryCode } from '../../../lib/core/enroll/use-recovery-code';
import {
  countFailures,
  countNames,
  giveRecoveryCodes,
  makeWorld,
  requester,
  standing,
  START,
  type World,
} from '../../helpers/core';

const WRONG = 'ZZZZZZZZZZZZZZZZ';
const WAIT = {
  ok: false,
  code: 'too_many_attempts',
  retryAfter: 60,
  detail: { say: 'detail.recoveryTooMany' },
};
const HOME = { sessionId: 'session of A', address: '192.0.2.1' };
const use = (code: string, from: { sessionId: string; address?: string } = HOME) =>
  useRecoveryCode(world.core, requester('A', from), world.users.get('A'), code);

let world: World;
let codes: string[];
const begin = (...limits: [object?]): void => {
  world = makeWorld({}, limits[0] ?? {});
  codes = giveRecoveryCodes(world);
};
beforeEach(() => begin());

async function fail(guesses: number, from = HOME): Promise<void> {
  for (let each = 0; each < guesses; each += 1) await use(WRONG, from);
}

test('[S170] the eleventh wrong recovery code of a session within a minute waits, right or wrong', async () => {
  await fail(10);
  expect(world.told('failed').map(({ attemptsLeft }) => attemptsLeft)).toEqual([
    9, 8, 7, 6, 5, 4, 3, 2, 1, 0,
  ]);
  const counted = world.added.length;
  expect(await use(WRONG)).toEqual(WAIT);
  world.pass(25);
  expect(await use(codes[0]!)).toEqual({ ...WAIT, retryAfter: 35 });
  expect(world.added).toHaveLength(counted);
  expect(world.told('failed')).toHaveLength(10);
  // From elsewhere the code is good at once, and here after the minute.
  expect((await use(codes[1]!, { ...HOME, sessionId: 'another' })).ok).toBe(true);
  world.pass(35);
  expect((await use(codes[0]!)).ok).toBe(true);
  expect([world.told('locked'), world.told('disabled')]).toEqual([[], []]);
});

test('[S170] an address has sixty a minute, over all its sessions and users', async () => {
  for (let each = 0; each < 60; each += 1) {
    const who = requester(`user ${each}`, { sessionId: `session ${Math.floor(each / 10)}` });
    const answer = await useRecoveryCode(world.core, who, world.users.get('A'), WRONG);
    expect(answer).toMatchObject({ code: 'code_incorrect', attemptsLeft: 9 - (each % 10) });
  }
  expect(await use(codes[0]!)).toEqual(WAIT);
  expect((await use(codes[0]!, { ...HOME, address: '192.0.2.2' })).ok).toBe(true);
  world.pass(60);
  expect((await use(codes[1]!)).ok).toBe(true);
});

test('[S170] a session that has to wait takes nothing of its address', async () => {
  begin({ recoveryPerAddress: [{ count: 11, seconds: 60 }] });
  await fail(10);
  for (let each = 0; each < 20; each += 1) expect(await use(codes[0]!)).toEqual(WAIT);
  expect((await use(codes[0]!, { ...HOME, sessionId: 'another' })).ok).toBe(true);
});

test('[S170] the right recovery code works after a thousand wrong ones from elsewhere', async () => {
  for (let each = 0; each < 1_000; each += 1) {
    const block = Math.floor(each / 10);
    const from = { sessionId: `thief ${block}`, address: `203.0.113.${block}` };
    expect(await use(WRONG, from)).toMatchObject({ code: 'code_incorrect' });
  }
  expect(await use(codes[0]!)).toEqual({ ok: true, recoveryCodesLeft: 9 });
});

test('[S170] each limit may have several windows, and the longest that is full is waited for', async () => {
  begin({
    recoveryPerSession: [
      { count: 2, seconds: 10 },
      { count: 3, seconds: 600 },
    ],
  });
  await fail(2);
  expect(await use(codes[0]!)).toEqual({ ...WAIT, retryAfter: 10 });
  world.pass(10);
  await fail(1);
  expect(await use(codes[0]!)).toEqual({ ...WAIT, retryAfter: 590 });
  expect(world.told('failed').map(({ attemptsLeft }) => attemptsLeft)).toEqual([1, 0, 0]);
});

test('a right code gives its place back, for the session and for the address', async () => {
  for (const code of codes) expect((await use(code)).ok).toBe(true);
  expect((await countNames(world)).filter((name) => !name.startsWith('rspent.'))).toEqual([]);
});

test('[S32] a recovery code works while wrong texted codes have locked the user, and ends that', async () => {
  await countFailures(world, 10);
  world.pass(900);
  await countFailures(world, 5);
  expect((await standing(world)).state).toBe('locked');
  await fail(3);
  expect(await use(codes[0]!)).toEqual({ ok: true, recoveryCodesLeft: 9 });
  expect(await standing(world)).toEqual({ state: 'open', failures: 0 });
  expect((await countNames(world)).map((name) => name.replace(/^rspent\..*/, 'rspent'))).toEqual([
    'recovery.60',
    'rspent',
  ]);
});

test('[S26] [S170] wrong recovery codes lock nothing, and clear nothing', async () => {
  await fail(10);
  expect(await standing(world)).toEqual({ state: 'open', failures: 0 });
  await countFailures(world, 10);
  world.pass(60);
  await fail(10);
  expect((await standing(world)).state).toBe('locked');
});

test('[S31] a recovery code lets in where the phone is disabled, and leaves it disabled', async () => {
  codes = giveRecoveryCodes(world, { disabledAt: START });
  await fail(9);
  expect((await use(codes[0]!)).ok).toBe(true);
  expect(world.users.get('A')).toHaveProperty('disabledAt', START);
});

test('[S170] [S21] of a burst of wrong codes ten are compared', async () => {
  const answers = await Promise.all(Array.from({ length: 60 }, () => use(WRONG)));
  const codesOf = answers.map((each) => (each.ok ? 'ok' : each.code));
  expect(codesOf.filter((code) => code === 'code_incorrect')).toHaveLength(10);
  expect(codesOf.filter((code) => code === 'too_many_attempts')).toHaveLength(50);
  expect(world.told('failed')).toHaveLength(10);
});

test('[S170] what is counted of a try is counted of its session and address, and not of the user', async () => {
  await fail(1);
  const { subjects } = world.core.keyring;
  // The place of all who share the address is taken last, where one step cannot reach both.
  expect(world.added.map(({ common }) => common)).toEqual([false, true]);
  expect(await world.counts()).toEqual({
    [`${subjects.session(HOME.sessionId)}#recovery.60`]: 1,
    [`${subjects.address(HOME.address)}#recovery.60`]: 1,
  });
});

test('[S170] of several windows that are full at once the longest is waited for', async () => {
  for (const seconds of [
    [10, 600],
    [600, 10],
  ]) {
    begin({ recoveryPerSession: seconds.map((each) => ({ count: 2, seconds: each })) });
    await fail(2);
    expect(await use(codes[0]!)).toEqual({ ...WAIT, retryAfter: 600 });
  }
});
