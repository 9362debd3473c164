import { recoveryCounter } from '../../../lib/core/recovery/recovery-failures';
import { useRecoveryCode } from '../../../lib/core/enroll/use-recovery-code';
import { standingOf } from '../../../lib/core/failures';
import { takeGuess } from '../../../lib/core/verify/failures';
import { giveRecoveryCodes, makeWorld, requester, START, type World } from '../../helpers/core';

const LOCKED = { ok: false, code: 'too_many_attempts' };
const use = (code: string) => useRecoveryCode(world.core, requester(), world.users.get('A'), code);
const standing = (counter = world.core.counter) =>
  standingOf(counter, world.core.limits, 'A', world.core.clock());

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
async function failTexted(guesses: number): Promise<void> {
  const { counter, limits, clock } = world.core;
  for (let each = 0; each < guesses; each += 1) await takeGuess(counter, limits, 'A', clock());
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
  expect((await standing()).state).toBe('open');
  world.pass(900);
  expect((await use(codes[0]!)).ok).toBe(true);
});

test('[S32] a recovery code works while wrong texted codes have locked the user, and ends that', async () => {
  await failTexted(10);
  world.pass(900);
  await failTexted(5);
  expect((await standing()).state).toBe('locked');
  await fail(3);
  expect(await use(codes[0]!)).toEqual({ ok: true, recoveryCodesLeft: 9 });
  expect(await standing()).toEqual({ state: 'open', level: 0 });
  const left = Object.keys(await world.counts()).filter((key) => !key.includes('spent:'));
  expect(left).toEqual([]);
});

test('[S26] a wrong recovery code clears nothing', async () => {
  await failTexted(10);
  await fail(1);
  expect((await standing()).state).toBe('locked');
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
  expect((await standing()).state).toBe('open');
});

test('[S31] a recovery code lets in where the phone is disabled, and leaves it disabled', async () => {
  codes = giveRecoveryCodes(world, { disabledAt: START });
  expect((await use(codes[0]!)).ok).toBe(true);
  expect(world.users.get('A')).toHaveProperty('disabledAt', START);
});

test('a use that finds its level full and the lock long over is answered as a wrong code', async () => {
  const { counter } = world.core;
  world.core.counter = {
    ...counter,
    add: async (key, lifetimeMs, by) => {
      if (key.includes('guesses:')) return { count: 99, expiresAt: 0 };
      if (key.includes('lock:')) return { count: 2, expiresAt: START + 364 * 86_400_000 };
      return counter.add(key, lifetimeMs, by);
    },
  };
  expect(await use(codes[0]!)).toEqual({
    ok: false,
    code: 'code_incorrect',
    detail: expect.stringContaining('recovery codes'),
  });
});

test('every count of recovery codes stands under a name of its own', async () => {
  const { counter } = world.core;
  const own = recoveryCounter(world.core);
  await own.add('x', 5_000, 3);
  expect(world.added).toEqual([{ key: 'recovery:x', lifetimeMs: 5_000, by: 3 }]);
  expect(await own.peek('x')).toEqual({ count: 3, expiresAt: START + 5_000 });
  expect(await counter.peek('x')).toBeUndefined();
  await counter.add('x', 5_000);
  await own.clear('x');
  expect(await own.peek('x')).toBeUndefined();
  expect(await counter.peek('x')).toBeDefined();
});
