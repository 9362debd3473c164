import { newRecoveryCodes, recoveryDigest } from '../../../lib/core/enroll/recovery-codes';
import { useRecoveryCode } from '../../../lib/core/enroll/use-recovery-code';
import type { Enrollment } from '../../../lib/ports/enrollments';
import {
  bareCodesOf,
  countNames,
  enrollmentOf,
  giveRecoveryCodes,
  justBefore,
  makeWorld,
  PHONE,
  requester,
  START,
  take,
  type World,
} from '../../helpers/core';
import { overtake } from '../rivals';

const FACTS = { at: START, userId: 'A', ip: '192.0.2.1', phone: '••• ••• ••42' };
const WRONG = 'ZZZZZZZZZZZZZZZZ';
const INCORRECT = {
  ok: false,
  code: 'code_incorrect',
  detail: { say: 'detail.recoveryWrong' },
};
/** Uses a code; the request has read the enrollment as it is, unless a test says otherwise. */
const use = (code: string, ...seen: [Enrollment?]) =>
  useRecoveryCode(
    world.core,
    requester(),
    seen.length === 0 ? world.users.get('A') : seen[0],
    code,
  );
/** What is left of counted guesses and locks. */
const failures = async () =>
  (await countNames(world)).filter((name) => !name.startsWith('rspent.'));
/** Where it is counted that a code was spent. */
const spentKey = (code: string) => {
  const { salt } = world.users.get('A')!.recoveryCodes!;
  const user = world.core.keyring.subjects.user('A');
  return `${user}#rspent.${recoveryDigest(salt, code).slice(0, 22)}`;
};

let world: World;
let codes: string[];
beforeEach(() => {
  world = makeWorld();
  codes = giveRecoveryCodes(world);
});

test('[S104] a recovery code works once, ever', async () => {
  const before = world.users.get('A')!.recoveryCodes!;
  expect(await use(codes[3]!)).toEqual({ ok: true, recoveryCodesLeft: 9 });
  const after = world.users.get('A')!;
  expect(after).toEqual({
    ...enrollmentOf(PHONE, { version: 2 }),
    recoveryCodes: { ...before, digests: before.digests.filter((_, index) => index !== 3) },
  });
  expect(world.events).toEqual([
    { name: 'recovery_used', facts: { ...FACTS, recoveryCodesLeft: 9 } },
  ]);
  // A double click is no failure; later on the code is one like any wrong one.
  expect(await use(codes[3]!)).toEqual(INCORRECT);
  expect(await failures()).toEqual([]);
  world.pass(900);
  expect(await use(codes[3]!)).toEqual({ ...INCORRECT, attemptsLeft: 9 });
  expect(world.users.get('A')).toBe(after);
});

test('without a factor there is nothing to recover, and nothing is counted', async () => {
  expect(await use(codes[0]!, undefined)).toEqual({ ok: false, code: 'enrollment_required' });
  expect(world.added).toEqual([]);
});

test('a user without recovery codes has none that is right', async () => {
  world.users.set('A', enrollmentOf());
  expect(await use(codes[0]!)).toEqual({ ...INCORRECT, attemptsLeft: 9 });
});

test('[S102] a wrong recovery code is told, with what it was', async () => {
  expect(await use(WRONG)).toEqual({ ...INCORRECT, attemptsLeft: 9 });
  const facts = { ...FACTS, method: 'recovery', attemptsLeft: 9 };
  expect(world.events).toEqual([{ name: 'failed', facts }]);
});

test('[S104] of parallel uses of one code one passes', async () => {
  const answers = await Promise.all(Array.from({ length: 8 }, () => use(codes[0]!)));
  expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
  expect(answers.filter(({ ok }) => !ok)).toEqual(Array(7).fill(INCORRECT));
  expect(world.told('recovery_used')).toHaveLength(1);
});

test('[S104] the counter decides where the app’s database writes whatever it is told', async () => {
  world.core.enrollments = {
    ...world.core.enrollments,
    set: async () => true,
    get: async () => enrollmentOf(PHONE, { recoveryCodes: seen.recoveryCodes! }),
  };
  const seen = world.users.get('A')!;
  const answers = await Promise.all([use(codes[0]!, seen), use(codes[0]!, seen)]);
  expect(answers).toEqual([{ ok: true, recoveryCodesLeft: 9 }, INCORRECT]);
});

test('[S104] the list decides where the counter has forgotten', async () => {
  const seen = world.users.get('A')!;
  await use(codes[0]!);
  await world.core.counter.settle({ clear: [spentKey(codes[0]!)] });
  expect(await use(codes[0]!, seen)).toEqual(INCORRECT);
  world.users.set('A', enrollmentOf(PHONE, { epoch: 'second', version: 9 }));
  expect(await use(codes[1]!, seen)).toEqual(INCORRECT);
  world.users.delete('A');
  expect(await use(codes[2]!, seen)).toEqual(INCORRECT);
  expect(world.told('recovery_used')).toHaveLength(1);
});

test('a spent code is remembered for a quarter of an hour, longer than two uses can cross', async () => {
  await use(codes[0]!);
  const spent = { key: spentKey(codes[0]!), window: 900_000, limit: 1 };
  expect(world.added).toContainEqual(spent);
});

test('a second copy of the right code is no guess: it leaves nothing behind, and clears nothing', async () => {
  for (let each = 0; each < 9; each += 1) await use(WRONG);
  await take(world, spentKey(codes[0]!));
  const before = await world.counts();
  for (let each = 0; each < 3; each += 1) expect(await use(codes[0]!)).toEqual(INCORRECT);
  expect(await world.counts()).toEqual(before);
  expect(await use(WRONG)).toMatchObject({ attemptsLeft: 0 });
  // Which codes are spent is told to nobody who has to wait.
  expect(await use(codes[0]!)).toMatchObject({ code: 'too_many_attempts', retryAfter: 60 });
  expect(world.users.get('A')!.recoveryCodes!.digests).toHaveLength(10);
});

test.each([0, 9])(
  'a copy that crosses the use of its code, after %i failures, gives its guess back, and no other',
  async (before) => {
    for (let each = 0; each < before; each += 1) await use(WRONG);
    const counts = await world.counts();
    const spent = spentKey(codes[0]!);
    // Not yet spent when it is looked at, and spent when it is its turn.
    justBefore(world, 'take', 'rspent', () => take(world, spent));
    expect(await use(codes[0]!)).toEqual(INCORRECT);
    await world.core.counter.settle({ clear: [spent] });
    expect(await world.counts()).toEqual(counts);
  },
);

test('[S104] a code whose use could not be written works at the next try', async () => {
  const { enrollments } = world.core;
  const away = new Error('away');
  world.core.enrollments = { ...enrollments, set: () => Promise.reject(away) };
  for (let each = 0; each < 2; each += 1) await expect(use(codes[0]!)).rejects.toBe(away);
  expect(world.events).toEqual([]);
  world.core.enrollments = enrollments;
  expect(await use(codes[0]!)).toEqual({ ok: true, recoveryCodesLeft: 9 });
  expect(await failures()).toEqual([]);
  expect(await use(codes[0]!)).toEqual(INCORRECT);
});

test('[S178] a code whose use was written and answered late has been used, and lets in', async () => {
  const { enrollments } = world.core;
  world.core.enrollments = {
    ...enrollments,
    set: async (...write) => {
      await enrollments.set(...write);
      throw new Error('no answer within 1500 ms');
    },
  };
  expect(await use(codes[0]!)).toEqual({ ok: true, recoveryCodesLeft: 9 });
  expect(await use(codes[0]!)).toEqual(INCORRECT);
});

test('where the counter is away as well, the first error is the one that is told', async () => {
  const away = new Error('away');
  world.core.enrollments = { ...world.core.enrollments, set: () => Promise.reject(away) };
  justBefore(world, 'give', 'recovery', () => Promise.reject(new Error('away, too')));
  await expect(use(codes[0]!)).rejects.toBe(away);
});

/** Puts a set into the enrollment that waits to be kept, and answers its codes. */
function waitFor(older: Enrollment['recoveryCodes']): string[] {
  const set = newRecoveryCodes(world.core, requester());
  const kept = older === undefined ? {} : { recoveryCodes: older };
  world.users.set('A', enrollmentOf(PHONE, { ...kept, newRecoveryCodes: set }));
  return bareCodesOf(world.core, set);
}

test.each([
  ['none', undefined],
  ['none that is left', { salt: 'older', digests: [] }],
])(
  '[S178] who brings a code of the first set has kept it, where there is %s before',
  async (_what, older) => {
    const fresh = waitFor(older);
    const { id } = world.users.get('A')!.newRecoveryCodes!;
    expect(await use(WRONG)).toEqual({ ...INCORRECT, attemptsLeft: 9 });
    expect(await use(fresh[2]!)).toEqual({ ok: true, recoveryCodesLeft: 9 });
    const digests = fresh.filter((_, index) => index !== 2).map((each) => recoveryDigest(id, each));
    expect(world.users.get('A')).toEqual(
      enrollmentOf(PHONE, { version: 2, recoveryCodes: { salt: id, digests } }),
    );
    expect(await use(fresh[2]!)).toEqual(INCORRECT);
    expect(await use(fresh[3]!)).toEqual({ ok: true, recoveryCodesLeft: 8 });
  },
);

test('[S178] while older codes are left a code that nobody said to be kept is told as that', async () => {
  const fresh = waitFor(world.users.get('A')!.recoveryCodes);
  const detail = { say: 'detail.recoveryNotYet' };
  expect(await use(fresh[0]!)).toEqual({ ...INCORRECT, attemptsLeft: 9, detail });
  expect(await use(WRONG)).toEqual({ ...INCORRECT, attemptsLeft: 8 });
  expect(await use(codes[0]!)).toEqual({ ok: true, recoveryCodesLeft: 9 });
  expect(world.users.get('A')!.newRecoveryCodes).toBeDefined();
});

test('[S178] a code of the first set that crosses the word that it is kept is used once', async () => {
  const fresh = waitFor(undefined);
  const { id } = world.users.get('A')!.newRecoveryCodes!;
  const digests = fresh.map((each) => recoveryDigest(id, each));
  overtake(world, enrollmentOf(PHONE, { version: 2, recoveryCodes: { salt: id, digests } }));
  expect(await use(fresh[0]!)).toEqual({ ok: true, recoveryCodesLeft: 9 });
  expect(await use(fresh[0]!)).toEqual(INCORRECT);
});
