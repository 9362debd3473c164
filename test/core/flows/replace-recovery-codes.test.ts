import { keptDigest, readRecoveryCode } from '../../../lib/core/enroll/recovery-codes';
import { recoveryCounter } from '../../../lib/core/recovery/recovery-failures';
import { replaceRecoveryCodes } from '../../../lib/core/enroll/recovery-codes';
import { takeGuess } from '../../../lib/core/verify/failures';
import {
  accountOf,
  enrollmentOf,
  giveRecoveryCodes,
  makeWorld,
  PHONE,
  requester,
  START,
  type World,
} from '../../helpers/core';
import { overtake } from './rivals';

const STALE = { ok: false, code: 'fresh_second_factor_required' };
const access = (fresh = true) => ({ ...accountOf(world), fresh });
const replace = (given = access()) => replaceRecoveryCodes(world.core, requester(), given);
const fail = async () => {
  const { limits } = world.core;
  await takeGuess(recoveryCounter(world.core), limits, 'A', START);
};

let world: World;
let before: string[];
beforeEach(() => {
  world = makeWorld();
  before = giveRecoveryCodes(world);
});

test('[S104] new recovery codes take the place of all older ones', async () => {
  const made = await replace();
  const codes = made.ok ? made.recoveryCodes : [];
  const after = world.users.get('A')!;
  expect(made).toEqual({ ok: true, recoveryCodes: codes });
  expect(codes).toHaveLength(10);
  for (const code of codes) {
    expect(keptDigest(after.recoveryCodes, readRecoveryCode(code)!)).toBeDefined();
  }
  for (const code of before) expect(keptDigest(after.recoveryCodes, code)).toBeUndefined();
  expect({ ...after, recoveryCodes: undefined }).toEqual(enrollmentOf(PHONE, { version: 2 }));
  const facts = { at: START, userId: 'A', ip: '192.0.2.1', phone: '••• ••• ••42' };
  expect(world.events).toEqual([{ name: 'recovery_codes_replaced', facts }]);
});

test('[S104] they need a factor, and it passed not long ago', async () => {
  const kept = world.users.get('A');
  expect(await replace(access(false))).toEqual(STALE);
  expect(world.users.get('A')).toBe(kept);
  world.users.clear();
  expect(await replace()).toEqual({ ok: false, code: 'enrollment_required' });
  expect(world.events).toEqual([]);
});

test('wrong codes of the older set are forgotten with it, wrong texted codes are not', async () => {
  await fail();
  await takeGuess(world.core.counter, world.core.limits, 'A', START);
  await replace();
  const left = Object.keys(await world.counts());
  expect(left).toEqual([expect.stringMatching(/^guesses:/)]);
});

test('[S76] where the factor was changed meanwhile, its codes are left alone', async () => {
  await fail();
  overtake(world, { ...world.users.get('A')!, epoch: 'second', version: 2 });
  expect(await replace()).toEqual(STALE);
  expect(world.users.get('A')).toMatchObject({ epoch: 'second', version: 2 });
  expect(keptDigest(world.users.get('A')!.recoveryCodes, before[0]!)).toBeDefined();
  expect(Object.keys(await world.counts())).toHaveLength(1);
  expect(world.events).toEqual([]);
});

test('whatever else was written meanwhile stays', async () => {
  overtake(world, { ...world.users.get('A')!, disabledAt: START, version: 2 });
  expect((await replace()).ok).toBe(true);
  expect(world.users.get('A')).toMatchObject({ disabledAt: START, version: 3 });
  expect(keptDigest(world.users.get('A')!.recoveryCodes, before[0]!)).toBeUndefined();
});
