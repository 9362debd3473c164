import {
  challengeKey,
  dropChallenge,
  keepChallenge,
  spendByReport,
} from '../../../lib/core/challenge/challenge';
import { createKeyring } from '../../../lib/core/keyring';
import { failureKeys } from '../../../lib/core/failures';
import { sendCode } from '../../../lib/core/send/send-code';
import { signOutPlace, sealOf, type Typed } from '../../../lib/core/sessions';
import {
  unspend,
  verifyAgain,
  verifyCode,
  type Verified,
} from '../../../lib/core/verify/verify-code';
import { heldOf } from '../../../lib/ports/counter';
import type { Successor } from '../../../lib/ports/session-store';
import {
  accountOf,
  challengeIn,
  codeOf,
  countNames,
  enrollmentOf,
  justBefore,
  makeWorld,
  PHONE,
  requester,
  send,
  START,
  take,
  verify,
  wrong,
  type World,
} from '../../helpers/core';
import { takenBy } from '../../helpers/counters';

const ENDED = { ok: false, code: 'not_authenticated' };
const EXPIRED = { ok: false, code: 'challenge_expired' };

let world: World;
let subject: string;
const begin = (limits: object = {}): void => {
  world = makeWorld({}, limits);
  subject = world.core.keyring.subjects.session('session of A');
};
beforeEach(() => begin());

/** Whether the session store has the challenge. */
const isKept = () => world.kept.has(challengeKey(world.core, requester(), 'sign-in'));
/** Where the guesses at a challenge are counted, and the end of its session, which spends it. */
const countsOf = (id: string) => ({
  guess: `${subject}#guess.${id.slice(0, 12)}`,
  ended: `${subject}#ended`,
});

/** Sends and guesses wrong until so many guesses were counted. */
async function fail(guesses: number): Promise<void> {
  for (let each = 0; each < guesses; each += 1) {
    if (!isKept()) {
      world.pass(300);
      await send(world);
    }
    expect((await verify(world, wrong(world))).ok).toBe(false);
  }
}

test('[S5] the right code works once, and its unanswered text takes nothing any longer', async () => {
  const challenge = challengeIn(await send(world));
  const code = codeOf(world);
  expect(challenge.held.length).toBeGreaterThan(0);
  await verify(world, wrong(world));
  const { guess, ended } = countsOf(challenge.id);
  const ends = START + 3_600_000;
  expect(await verify(world, code)).toEqual({
    ok: true,
    challenge: { ...challenge, held: challenge.held.map(({ key, ends }) => ({ key, ends })) },
    spent: [{ key: ended, ends, by: 1 }],
  });
  // Which texts went to a phone is remembered longer, for an answer of its owner.
  const left = Object.entries(await world.counts()).filter(
    ([key]) => !key.includes('#texted') && key !== guess,
  );
  // What was sent was sent, and the next text waits for a moment.
  const [user, phone] = [
    world.core.keyring.subjects.user('A'),
    world.core.keyring.subjects.phone(PHONE),
  ];
  const stays = [user, phone].flatMap((each) =>
    ['s3600', 's86400', 'wait'].map((n) => `${each}#${n}`),
  );
  stays.push(`${world.core.keyring.subjects.address('192.0.2.1')}#s3600`);
  const { wrong: wrongOnes } = failureKeys(world.core, 'A');
  const session = [ended, wrongOnes];
  expect(Object.keys(Object.fromEntries(left)).sort()).toEqual([...session, ...stays].sort());
  expect(new Set(left.map(([, count]) => count))).toEqual(new Set([1]));
  // The challenge goes when the session is kept; until then it is spent, and costs nobody a guess.
  expect(isKept()).toBe(true);
  const before = await world.counts();
  expect(await verify(world, code)).toEqual(ENDED);
  expect(await verify(world, wrong(world))).toEqual(ENDED);
  expect(await world.counts()).toEqual(before);
});

test('guesses are counted for a quarter of an hour, and for an hour it is known that a code was used', async () => {
  const { guess, ended } = countsOf(challengeIn(await send(world)).id);
  await verify(world, codeOf(world));
  expect(world.added).toContainEqual({ key: guess, window: 900_000, limit: 5 });
  expect(world.added).toContainEqual({ key: ended, window: 3_600_000, limit: 1 });
});

/** Verifies with the right code. */
async function verified(): Promise<Verified> {
  const answer = await verify(world, codeOf(world));
  if (!answer.ok) throw new Error(`refused: ${answer.code}`);
  return answer;
}

test('a code that nothing came of may be tried again, and counts once', async () => {
  const { id } = challengeIn(await send(world));
  const first = await verified();
  await dropChallenge(world.core, requester(), 'sign-in');
  await unspend(world.core, requester(), first);
  expect(await world.counts()).not.toHaveProperty([countsOf(id).ended]);
  world.pass(1);
  expect((await verified()).challenge.id).toBe(id);
  // Nothing of the use that is over goes back to the later one.
  await unspend(world.core, requester(), first);
  expect(await verify(world, codeOf(world))).toEqual(ENDED);
});

test('what its text took goes back once, however often the code is tried again', async () => {
  await send(world);
  const code = codeOf(world);
  // Another user's text takes a place of the same address.
  world.users.set('B', enrollmentOf('+12065550143'));
  challengeIn(await send(world, requester('B')));
  for (let each = 0; each < 3; each += 1) {
    const answer = await verify(world, code);
    if (!answer.ok) throw new Error(`refused: ${answer.code}`);
    await unspend(world.core, requester(), answer);
  }
  const address = `${world.core.keyring.subjects.address('192.0.2.1')}#t600`;
  expect(await world.counts()).toHaveProperty([address], 1);
});

test('what its text took goes back once, also where the step that spends it is answered too late', async () => {
  await send(world);
  const code = codeOf(world);
  world.users.set('B', enrollmentOf('+12065550143'));
  challengeIn(await send(world, requester('B')));
  const { counter } = world.core;
  world.core.counter = {
    settle: async (wish) => {
      const settled = await counter.settle(wish);
      if (!takenBy(wish).some((key) => key.endsWith('#ended'))) return settled;
      // As the guard of every counter does it: nobody acted on what came too late.
      await counter.settle({ give: heldOf(wish.take ?? [], settled.places) });
      throw new Error('no answer within 1500 ms');
    },
  };
  await expect(verify(world, code)).rejects.toThrow('no answer');
  world.core.counter = counter;
  expect((await verify(world, code)).ok).toBe(true);
  const address = `${world.core.keyring.subjects.address('192.0.2.1')}#t600`;
  expect(await world.counts()).toHaveProperty([address], 1);
});

describe('[S177] a code that is typed again where it was right a moment ago', () => {
  let successor: Successor;
  let code: string;
  const typed = (digits: string): Typed => ({ kind: 'factor', code: digits });
  const again = (digits: string, who = requester()) =>
    verifyAgain(world.core, who, accountOf(world), successor, typed(digits));
  beforeEach(async () => {
    await send(world);
    code = codeOf(world);
    const { challenge } = await verified();
    const ids = { userId: 'A', before: 'session of A', after: 'next' };
    const seal = sealOf(world.core, ids, typed(code));
    successor = { id: 'next', until: START + 10_000, seal, challengeId: challenge.id };
  });

  test('is right, as often as anybody clicks, and no failure', async () => {
    for (let click = 0; click < 5; click += 1) expect(await again(code)).toEqual({ ok: true });
    expect(await world.counts()).not.toHaveProperty([failureKeys(world.core, 'A').fails]);
    expect(world.told('failed')).toEqual([]);
  });

  test('[S22] is counted before it is compared, and a wrong one is a failure', async () => {
    await expect(again(wrong(world))).resolves.toEqual({
      ok: false,
      code: 'code_incorrect',
      attemptsLeft: 4,
    });
    expect(await world.counts()).toHaveProperty([failureKeys(world.core, 'A').fails], 1);
    for (let guess = 0; guess < 4; guess += 1) await again(wrong(world));
    expect(await again(code)).toEqual(EXPIRED);
    expect(world.told('failed')).toHaveLength(5);
  });

  test('[S29] is not compared while the user is locked', async () => {
    const keys = failureKeys(world.core, 'A');
    await take(world, keys.lock);
    expect(await again(code)).toMatchObject({ code: 'too_many_attempts' });
    expect(await again(wrong(world))).toEqual(await again(code));
  });

  test('is refused after NO', async () => {
    await spendByReport(world.core, 'session of A', successor.challengeId!);
    expect(await again(code)).toEqual(EXPIRED);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['another user', () => again(code, requester('B', { sessionId: 'session of A' }))],
    ['another session', () => again(code, requester('A', { sessionId: 'another' }))],
    ['a session that went on elsewhere', () => ((successor.id = 'elsewhere'), again(code))],
    ['no seal', () => (delete successor.seal, again(code))],
  ])('is wrong for %s', async (_, asked) => {
    expect(await asked()).toMatchObject({ code: 'code_incorrect' });
  });

  test('is wrong as an answer to another question', async () => {
    const other: Typed = { kind: 'phone', code };
    const answer = verifyAgain(world.core, requester(), accountOf(world), successor, other);
    expect(await answer).toMatchObject({ code: 'code_incorrect' });
  });
});

test('[S20] a code that may be tried again has the guesses that were left, and no more', async () => {
  await send(world);
  for (let each = 0; each < 2; each += 1) await verify(world, wrong(world));
  await unspend(world.core, requester(), await verified());
  for (const attemptsLeft of [2, 1, 0]) {
    expect(await verify(world, wrong(world))).toMatchObject({ attemptsLeft });
  }
  expect(await verify(world, codeOf(world))).toEqual(EXPIRED);
});

test('a code that was reported meanwhile stays dead, whatever is given back', async () => {
  const { id } = challengeIn(await send(world));
  const before = await verified();
  expect(await spendByReport(world.core, 'session of A', id)).toEqual({ codeUsed: true });
  await unspend(world.core, requester(), before);
  expect(await verify(world, codeOf(world))).toEqual(EXPIRED);
});

test('where a store is away a code stays spent, and the first error is the one that is told', async () => {
  await send(world);
  const before = await verified();
  const { counter } = world.core;
  world.core.counter = { settle: () => Promise.reject(new Error('away')) };
  jest.spyOn(world.core.records, 'set').mockRejectedValueOnce(new Error('away, too'));
  await unspend(world.core, requester(), before);
  world.core.counter = counter;
  expect(await verify(world, codeOf(world))).toEqual(ENDED);
});

test('[S6] of many parallel right answers exactly one counts', async () => {
  begin({ guessesPerChallenge: 10, lockAfter: 100 });
  await send(world);
  const code = codeOf(world);
  const answers = await Promise.all(Array.from({ length: 10 }, () => verify(world, code)));
  expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
  expect(answers.filter(({ ok }) => !ok)).toEqual(Array(9).fill(ENDED));
});

test('[S20] wrong codes count down, and the fifth one kills the challenge', async () => {
  await send(world);
  for (const attemptsLeft of [4, 3, 2, 1, 0]) {
    expect(await verify(world, wrong(world))).toEqual({
      ok: false,
      code: 'code_incorrect',
      attemptsLeft,
    });
    expect(isKept()).toBe(attemptsLeft > 0);
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
  const { fails } = failureKeys(world.core, 'A');
  expect((await world.counts())[fails]).toBe(5);
  expect(challenge.sends).toBe(1);
});

test('what is left is never more than the user has left', async () => {
  begin({ lockAfter: 3 });
  await send(world);
  await fail(2);
  expect(world.told('failed').map(({ attemptsLeft }) => attemptsLeft)).toEqual([2, 1]);
});

test('[S9][S12][S13] a challenge of another user, phone or state is none, and costs no guess', async () => {
  const challenge = challengeIn(await send(world));
  const code = codeOf(world);
  const before = await world.counts();
  const change = (more: object) =>
    keepChallenge(world.core, requester(), { ...challenge, ...more });
  for (const more of [{ epoch: 'x' }, { phone: '+12065550143' }]) {
    await change(more);
    expect(await verify(world, code)).toEqual(EXPIRED);
  }
  // The challenge of A in this session, and a request of B.
  await change({});
  world.users.set('B', enrollmentOf());
  const other = requester('B', { sessionId: 'session of A' });
  expect(await verify(world, code, other)).toEqual(EXPIRED);
  await change({ epoch: accountOf(makeWorld()).epoch });
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

test('[S62] a session that has ended verifies nothing, at whichever step its end comes', async () => {
  const end = async () => {
    await world.core.counter.settle({ take: [signOutPlace(world.core, 'session of A')] });
  };
  await send(world);
  await end();
  const before = await world.counts();
  expect(await verify(world, codeOf(world))).toEqual(ENDED);
  expect(await world.counts()).toEqual(before);
  for (const step of ['fails', 'ended']) {
    begin();
    await send(world);
    justBefore(world, 'take', step, end);
    expect(await verify(world, codeOf(world))).toEqual(ENDED);
    expect(await world.counts()).toHaveProperty([`${subject}#ended`], 1_000_000);
  }
});

test('a copy of the right code that comes too late leaves no failure behind', async () => {
  await send(world);
  const code = codeOf(world);
  justBefore(world, 'take', 'ended', async () => {
    expect((await verify(world, code)).ok).toBe(true);
  });
  expect(await verify(world, code)).toEqual(ENDED);
  expect(await countNames(world)).not.toContain('fails');
});

test('a code to a new phone earns its place more room, one to a confirmed phone does not', async () => {
  await send(world);
  await verify(world, codeOf(world));
  expect(world.added.filter(({ key }) => key.includes('#verified.'))).toEqual([]);
  const target = { purpose: 'enroll', phone: PHONE, confirmed: false, epoch: '' } as const;
  const who = requester('C');
  await sendCode(world.core, who, target);
  const account = { enrollment: undefined, epoch: '' };
  const answer = await verifyCode(world.core, who, 'enroll', codeOf(world), account);
  if (!answer.ok) throw new Error(`refused: ${answer.code}`);
  const earned = world.added.filter(({ key }) => key.includes('#verified.'));
  expect(earned).toHaveLength(4);
  // Nothing came of it: it may earn the same once more, and no more than that.
  await unspend(world.core, who, answer);
  expect((await countNames(world)).filter((name) => name.startsWith('verified.'))).toEqual([]);
});

test('[S62] a session that has ended is told that, and not that its code is over', async () => {
  await world.core.counter.settle({ take: [signOutPlace(world.core, 'session of A')] });
  expect(await verify(world, '123456')).toEqual({ ok: false, code: 'not_authenticated' });
});

test('[S168] a number that has earned its place today is confirmed by another user as well', async () => {
  const phone = '+12065550199';
  const confirm = async (userId: string) => {
    const who = requester(userId);
    const { epoch, enrollment } = accountOf(world, userId);
    await sendCode(world.core, who, { purpose: 'enroll', phone, confirmed: false, epoch });
    return verifyCode(world.core, who, 'enroll', codeOf(world), { enrollment, epoch });
  };
  expect((await confirm('B')).ok).toBe(true);
  world.pass(60);
  expect((await confirm('C')).ok).toBe(true);
});
