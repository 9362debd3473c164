import { createAdmin } from '../../../lib/core/admin/admin';
import { failureKeys } from '../../../lib/core/failures';
import { wasRevoked } from '../../../lib/core/sessions';
import type { TrustedDevice } from '../../../lib/ports/enrollments';
import {
  countFailures,
  enrollmentOf,
  makeWorld,
  PHONE,
  START,
  take,
  type World,
} from '../../helpers/core';

let world: World;
beforeEach(() => {
  world = makeWorld();
});
/** What is said of a user whom nothing stands against and who has nothing. */
const PLAIN = { disabled: false, recoveryCodesLeft: 0, devices: [] };
const by = { operator: 'Ann' };
const told = (name: string) => [{ name, facts: { at: START, userId: 'A', operator: 'Ann' } }];

test('the support desk sees a masked phone and when it was confirmed', async () => {
  const admin = createAdmin(world.core);
  expect(await admin.status('A')).toEqual({ enrolled: false, ...PLAIN });
  world.users.set('A', enrollmentOf());
  expect(await admin.status('A')).toStrictEqual({
    enrolled: true,
    phone: '••• ••• ••42',
    confirmedAt: new Date(START - 1_000).toISOString(),
    ...PLAIN,
  });
});

test('the support desk sees a lock with its end, and the hard stop from either side', async () => {
  const admin = createAdmin(world.core);
  await countFailures(world, 10);
  expect(await admin.status('A')).toEqual({
    enrolled: false,
    lockedUntil: new Date(START + 900_000).toISOString(),
    ...PLAIN,
  });
  world.users.set('A', enrollmentOf(PHONE, { disabledAt: START }));
  expect((await admin.status('A')).disabled).toBe(true);
  world = makeWorld({}, { lockAfter: 3, hardStop: 3 });
  await countFailures(world, 3);
  expect(await createAdmin(world.core).status('A')).toEqual({
    enrolled: false,
    ...PLAIN,
    disabled: true,
  });
});

test('unlocking ends every failure and the hard stop; the phone stays', async () => {
  await countFailures(world, 10);
  world.pass(900);
  await countFailures(world, 5);
  world.pass(-900);
  world.users.set('A', enrollmentOf(PHONE, { disabledAt: START }));
  await createAdmin(world.core).unlock('A', by);
  expect(await world.counts()).toEqual({});
  expect(world.users.get('A')).toEqual(enrollmentOf(PHONE, { version: 2 }));
  expect(world.events).toEqual(told('unlocked'));
});

test('[S62] a reset ends what verified a session without a phone, before the phone is gone', async () => {
  world.users.set('A', enrollmentOf());
  const { enrollments } = world.core;
  let revokedBefore = false;
  const remove: typeof enrollments.delete = async (...given) => {
    revokedBefore = await wasRevoked(world.core, 'A', START);
    return enrollments.delete(...given);
  };
  world.core.enrollments = { ...enrollments, delete: remove };
  await createAdmin(world.core).reset('A', by);
  expect(revokedBefore).toBe(true);
  expect(world.users.size).toBe(0);
});

test('a reset removes the factor and every failure', async () => {
  await countFailures(world, 10);
  world.users.set('A', enrollmentOf());
  await createAdmin(world.core).reset('A', by);
  expect(await world.counts()).toEqual({});
  expect(world.users.size).toBe(0);
  expect(world.events).toEqual(told('reset'));
});

test.each(['unlock', 'reset'] as const)(
  '[S173] %s begins the month of wrong codes anew',
  async (verb) => {
    const { wrong, told: mark } = failureKeys(world.core, 'A');
    for (const key of [wrong, mark]) await take(world, key);
    await createAdmin(world.core)[verb]('A', by);
    expect(await world.counts()).toEqual({});
  },
);

test('a revocation changes the epoch and nothing else', async () => {
  world.users.set('A', enrollmentOf());
  await createAdmin(world.core).revoke('A', by);
  const { epoch, ...rest } = world.users.get('A')!;
  expect(epoch).toMatch(/^[\w-]{16}$/);
  expect({ ...rest, epoch: 'first' }).toEqual(enrollmentOf(PHONE, { version: 2 }));
  expect(world.events).toEqual(told('revoked'));
});

test('the support desk sees that a lock is due, and looking begins none', async () => {
  await countFailures(world, 9);
  await take(world, failureKeys(world.core, 'A').fails);
  const before = await world.counts();
  const status = await createAdmin(world.core).status('A');
  expect(status.lockedUntil).toBe(new Date(START + 900_000).toISOString());
  expect(await world.counts()).toEqual(before);
});

test('a user without a factor can be unlocked, reset and revoked; nothing is written', async () => {
  const admin = createAdmin(world.core);
  for (const verb of ['unlock', 'reset', 'revoke'] as const) await admin[verb]('A', by);
  expect(world.users.size).toBe(0);
  expect(world.events.map(({ name }) => name)).toEqual(['unlocked', 'reset', 'revoked']);
});

test.each(['set', 'delete'] as const)(
  'a lost race at %s is tried again, ten times',
  async (verb) => {
    const admin = createAdmin(world.core);
    const act = () => (verb === 'set' ? admin.revoke('A', by) : admin.reset('A', by));
    world.users.set('A', enrollmentOf());
    const call = jest.fn().mockResolvedValue(false);
    world.core.enrollments = { ...world.core.enrollments, [verb]: call };
    await expect(act()).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining('kept changing'),
    });
    expect(call).toHaveBeenCalledTimes(10);
    expect(world.events).toEqual([]);
    call.mockClear();
    for (let lost = 0; lost < 9; lost += 1) call.mockResolvedValueOnce(false);
    call.mockResolvedValue(true);
    await act();
    expect(call).toHaveBeenCalledTimes(10);
  },
);

test('an app whose delete answers nothing has deleted', async () => {
  world.users.set('A', enrollmentOf());
  const call = jest.fn().mockResolvedValue(undefined);
  world.core.enrollments = { ...world.core.enrollments, delete: call };
  await createAdmin(world.core).reset('A', by);
  expect(call.mock.calls).toEqual([['A', 1]]);
});

const DEVICE: TrustedDevice = {
  id: 'd',
  digest: 'digest of the token',
  epoch: 'e',
  name: 'Firefox on Linux',
  trustedAt: START - 3,
  lastUsedAt: START - 2,
  expiresAt: START + 1,
};
const recoveryCodes = { salt: 's', digests: ['one', 'two'] };
const iso = (at: number): string => new Date(at).toISOString();

test('the support desk sees what is left of recovery codes and which browsers are trusted', async () => {
  const devices = [DEVICE, { ...DEVICE, id: 'old', expiresAt: START }];
  const confirmedFrom = '192.0.2.7';
  world.users.set('A', enrollmentOf(PHONE, { confirmedFrom, recoveryCodes, devices }));
  // Neither a digest nor the id that a token begins with.
  expect(await createAdmin(world.core).status('A')).toEqual({
    enrolled: true,
    phone: '••• ••• ••42',
    confirmedAt: iso(START - 1_000),
    confirmedFrom,
    disabled: false,
    recoveryCodesLeft: 2,
    devices: [
      {
        name: 'Firefox on Linux',
        trustedAt: iso(START - 3),
        lastUsedAt: iso(START - 2),
        expiresAt: iso(START + 1),
      },
    ],
  });
});

test('[S83] a revocation ends trusted devices and keeps the recovery codes', async () => {
  world.users.set('A', enrollmentOf(PHONE, { recoveryCodes, devices: [DEVICE] }));
  await createAdmin(world.core).revoke('A', by);
  const { epoch, ...rest } = world.users.get('A')!;
  expect(epoch).not.toBe('first');
  expect({ ...rest, epoch: 'first' }).toStrictEqual(
    enrollmentOf(PHONE, { recoveryCodes, version: 2 }),
  );
});

test.each(['status', 'unlock', 'reset', 'revoke'] as const)(
  'admin.%s refuses a user id that names nobody, before anything is done',
  async (verb) => {
    const admin = createAdmin(world.core);
    for (const userId of [42, '', undefined, null]) {
      const call = admin[verb](userId as string, by);
      await expect(call).rejects.toThrow(`the user id of admin.${verb}()`);
      // It says how it is called.
      const call42 = verb === 'status' ? "('42')" : "('42', { operator: 'Jo' })";
      await expect(call).rejects.toThrow(`Give a text: admin.${verb}${call42}.`);
    }
    expect(world.events).toEqual([]);
  },
);

test.each(['unlock', 'reset', 'revoke'] as const)(
  'admin.%s needs to know who does it, and does nothing without',
  async (verb) => {
    world.users.set('A', enrollmentOf());
    const admin = createAdmin(world.core);
    for (const action of [undefined, null, {}, { operator: '' }, { operator: 7 }, 'Ann']) {
      const call = admin[verb]('A', action as typeof by);
      await expect(call).rejects.toThrow(`the operator of admin.${verb}()`);
      const how = `Say who does it: admin.${verb}('42', { operator: 'Jo' }).`;
      await expect(call).rejects.toThrow(how);
    }
    expect(world.users.get('A')).toEqual(enrollmentOf());
    expect(world.events).toEqual([]);
  },
);
