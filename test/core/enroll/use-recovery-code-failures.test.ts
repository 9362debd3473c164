import { useRecoveryCode } from '../../../lib/core/enroll/use-recovery-code';
import { failureKeys } from '../../../lib/core/failures';
import {
  countFailures,
  countNames,
  giveRecoveryCodes,
  justBefore,
  makeWorld,
  requester,
  standing,
  START,
  type World,
} from '../../helpers/core';

const LOCKED = { ok: false, code: 'too_many_attempts' };
const use = (code: string) => useRecoveryCode(world.core, requester(), world.users.get('A'), code);

let world: World;
let codes: string[];
const begin = (...limits: [object?]): void => {
  world = makeWorld({}, limits[0] ?? {});
  codes = giveRecoveryCodes(world);
};
beforeEach(() => begin());

async function fail(guesses: number): Promise<void> {
  for (let each = 0; each < guesses; each += 1) await use('ZZZZZZZZZZZZZZZZ');
}

test('[S104] ten wrong recovery codes lock them, right ones too, and texted codes go on', async () => {
  await fail(9);
  expect(world.told('locked')).toEqual([]);
  await fail(1);
  const facts = { at: START, userId: 'A', ip: '192.0.2.1', phone: '••• ••• ••42' };
  const until = START + 900_000;
  expect(world.told('locked')).toEqual([{ ...facts, method: 'recovery', until }]);
  expect(world.told('failed').map(({ attemptsLeft }) => attemptsLeft)).toEqual([
    9, 8, 7, 6, 5, 4, 3, 2, 1, 0,
  ]);
  const counted = world.added.length;
  expect(await use(codes[0]!)).toEqual({ ...LOCKED, retryAfter: 900 });
  expect(world.added).toHaveLength(counted);
  expect((await standing(world)).state).toBe('open');
  world.pass(900);
  expect((await use(codes[0]!)).ok).toBe(true);
});

test('[S32] a recovery code works while wrong texted codes have locked the user, and ends that', async () => {
  await countFailures(world, 10);
  world.pass(900);
  await countFailures(world, 5);
  expect((await standing(world)).state).toBe('locked');
  await fail(3);
  expect(await use(codes[0]!)).toEqual({ ok: true, recoveryCodesLeft: 9 });
  expect(await standing(world)).toEqual({ state: 'open', failures: 0 });
  expect(await countNames(world)).toEqual([expect.stringMatching(/^rspent\./)]);
});

test('[S26] a wrong recovery code clears nothing', async () => {
  await countFailures(world, 10);
  await fail(1);
  expect((await standing(world)).state).toBe('locked');
});

test('[S31] the hard stop of recovery codes disables them, and not the phone', async () => {
  begin({ lockAfter: 3, hardStop: 3 });
  await fail(3);
  expect(world.told('locked')).toEqual([]);
  expect(world.told('disabled')).toEqual([
    { at: START, userId: 'A', ip: '192.0.2.1', phone: '••• ••• ••42', method: 'recovery' },
  ]);
  expect(await use(codes[0]!)).toEqual({
    ...LOCKED,
    detail: 'The second factor is disabled. Ask for help.',
  });
  expect(world.users.get('A')).not.toHaveProperty('disabledAt');
  expect((await standing(world)).state).toBe('open');
});

test('[S31] a recovery code lets in where the phone is disabled, and leaves it disabled', async () => {
  codes = giveRecoveryCodes(world, { disabledAt: START });
  expect((await use(codes[0]!)).ok).toBe(true);
  expect(world.users.get('A')).toHaveProperty('disabledAt', START);
});

test('[S104] a burst of recovery codes fills a level and jumps none', async () => {
  const answers = await Promise.all(Array.from({ length: 60 }, () => use('ZZZZZZZZZZZZZZZZ')));
  const codesOf = answers.map((each) => (each.ok ? 'ok' : each.code));
  expect(codesOf.filter((code) => code === 'code_incorrect')).toHaveLength(10);
  expect(codesOf.filter((code) => code === 'too_many_attempts')).toHaveLength(50);
  expect(world.told('locked')).toHaveLength(1);
});

test('[S104] a use that was on its way when others filled the level meets the lock', async () => {
  await fail(9);
  justBefore(world, 'take', 'rfails', () => countFailures(world, 1, 'recovery'));
  expect(await use(codes[0]!)).toEqual({ ...LOCKED, retryAfter: 900 });
  expect(world.users.get('A')!.recoveryCodes!.digests).toHaveLength(10);
});

test('a use that finds its level full and the lock long over is answered as a wrong code', async () => {
  await fail(9);
  justBefore(world, 'take', 'rfails', async () => {
    await countFailures(world, 1, 'recovery');
    await world.core.counter.settle({ clear: [failureKeys(world.core, 'A', 'recovery').lock] });
  });
  expect(await use(codes[0]!)).toEqual({
    ok: false,
    code: 'code_incorrect',
    detail: expect.stringContaining('recovery codes'),
  });
});

test('[S138] a lock that was lost in a crash begins with the next use, right or wrong', async () => {
  for (const right of [true, false]) {
    begin();
    await fail(9);
    justBefore(world, 'take', 'rlock', () => Promise.reject(new Error('killed')));
    await expect(fail(1)).rejects.toThrow('killed');
    const code = right ? codes[0]! : 'ZZZZZZZZZZZZZZZZ';
    expect(await use(code)).toEqual({ ...LOCKED, retryAfter: 900 });
    world.pass(60);
    expect(await use(code)).toEqual({ ...LOCKED, retryAfter: 840 });
  }
});

test('[S104] every count of recovery codes stands under a name of its own', async () => {
  await fail(10);
  expect(await countNames(world)).toEqual(['rfails', 'rlock', 'rlocks']);
});
