import { confirmEnrollment, startEnrollment } from '../../../lib/core/enroll/enroll';
import type { FactorAccess } from '../../../lib/core/account';
import { keptDigest, readRecoveryCode } from '../../../lib/core/enroll/recovery-codes';
import { recoveryCounter } from '../../../lib/core/recovery/recovery-failures';
import { standingOf } from '../../../lib/core/failures';
import { takeGuess } from '../../../lib/core/verify/failures';
import {
  accountOf,
  challengeIn,
  codeOf,
  enrollmentOf,
  makeWorld,
  PHONE,
  requester,
  START,
  wrong,
  type World,
} from '../../helpers/core';
import { overtake } from './rivals';

const NEW = '+12065550199';
const CALLER = requester();
const access = (world: World): FactorAccess => ({ ...accountOf(world), fresh: true });
const start = (world: World, phone: string) =>
  startEnrollment(world.core, CALLER, access(world), { phone, country: undefined });
const confirm = (world: World, code: string) =>
  confirmEnrollment(world.core, CALLER, access(world), code);
/** Where the user stands with recovery codes. */
const standing = () => standingOf(recoveryCounter(world.core), world.core.limits, 'A', START);

let world: World;
beforeEach(() => {
  world = makeWorld();
});

test('[S99] a factor that was replaced or revoked meanwhile is not replaced', async () => {
  world.users.set('A', enrollmentOf());
  await start(world, NEW);
  overtake(world, enrollmentOf(PHONE, { version: 2, epoch: 'second' }));
  expect(await confirm(world, codeOf(world))).toEqual({ ok: false, code: 'challenge_expired' });
  expect(world.users.get('A')).toEqual(enrollmentOf(PHONE, { version: 2, epoch: 'second' }));
  expect(world.told('replaced')).toEqual([]);
});

test('[S99] whatever else was written meanwhile, the factor is replaced', async () => {
  world.users.set('A', enrollmentOf());
  await start(world, NEW);
  overtake(world, enrollmentOf(PHONE, { version: 2, disabledAt: START }));
  expect(await confirm(world, codeOf(world))).toMatchObject({
    ok: true,
    enrollment: { version: 3 },
  });
  expect(world.users.get('A')).toMatchObject({ phone: NEW, version: 3 });
  expect(world.users.get('A')).not.toHaveProperty('disabledAt');
  expect(world.told('replaced')).toHaveLength(1);
});

test('[S104] a confirmed phone comes with recovery codes, of which only digests are kept', async () => {
  world.users.set('A', enrollmentOf(PHONE, { recoveryCodes: { salt: 'old', digests: ['old'] } }));
  await start(world, NEW);
  const confirmed = await confirm(world, codeOf(world));
  const codes = confirmed.ok ? confirmed.recoveryCodes : [];
  const kept = world.users.get('A')!.recoveryCodes;
  expect(new Set(codes).size).toBe(10);
  for (const code of codes) expect(keptDigest(kept, readRecoveryCode(code)!)).toBeDefined();
  expect(kept!.digests).toHaveLength(10);
});

test('[S104] wrong recovery codes were counted against a set that is gone', async () => {
  world.users.set('A', enrollmentOf());
  const { limits } = world.core;
  for (let each = 0; each < 11; each += 1) {
    await takeGuess(recoveryCounter(world.core), limits, 'A', START);
  }
  await start(world, NEW);
  expect(await confirm(world, wrong(world))).toMatchObject({ ok: false });
  expect(await standing()).toMatchObject({ state: 'locked' });
  expect((await confirm(world, codeOf(world))).ok).toBe(true);
  expect(await standing()).toEqual({ state: 'open', level: 0 });
  expect(Object.keys(await world.counts()).filter((key) => key.startsWith('recovery:'))).toEqual(
    [],
  );
});

test('an address that nobody vouches for is not kept', async () => {
  const who = requester('A', { address: undefined });
  await startEnrollment(world.core, who, access(world), { phone: PHONE, country: undefined });
  await confirmEnrollment(world.core, who, access(world), codeOf(world));
  expect(world.users.get('A')).not.toHaveProperty('confirmedFrom');
});

test('[S31] a phone that the hard stop disabled can be enrolled anew', async () => {
  world.users.set('A', enrollmentOf(PHONE, { disabledAt: START }));
  expect(challengeIn(await start(world, PHONE)).purpose).toBe('replace');
  expect((await confirm(world, codeOf(world))).ok).toBe(true);
  expect(world.users.get('A')).not.toHaveProperty('disabledAt');
});
