import {
  changeEnrollment,
  confirmedEnrollment,
  readEnrollment,
  removeEnrollment,
} from '../../lib/core/enrollment';
import type { Enrollment, Enrollments, TrustedDevice } from '../../lib/ports/enrollments';
import { enrollmentOf, makeWorld, PHONE, START, type World } from '../helpers/core';
import { overtake } from './rivals';

const without = (value: object, key: string): object =>
  Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));

test.each([undefined, null])('%p is no enrollment', (value) => {
  expect(readEnrollment(value)).toBeUndefined();
});

test('an enrollment is read as it is', () => {
  const enrollment = enrollmentOf();
  expect(readEnrollment(enrollment)).toBe(enrollment);
});

test.each<[unknown]>([
  ['x'],
  [{}],
  [Promise.resolve()],
  ...['phone', 'epoch', 'version'].map((key): [unknown] => [without(enrollmentOf(), key)]),
  [enrollmentOf('12065550142')],
  [enrollmentOf('+1206555014x')],
  [enrollmentOf(PHONE, { version: 1.5 })],
  [{ ...enrollmentOf(), phone: 12_065_550_142 }],
  [{ ...enrollmentOf(), phone: [PHONE] }],
])('[S134] %j in place of an enrollment is a broken store', (value) => {
  expect(() => readEnrollment(value)).toThrow(
    expect.objectContaining({
      code: 'store_unavailable',
      message: expect.stringContaining('enrollments.get'),
    }),
  );
});

const CONFIRMED = {
  phone: PHONE,
  epoch: 'e',
  confirmedAt: 50,
  confirmedFrom: undefined,
  newRecoveryCodes: { id: 'i', keyId: 'k', madeAt: 50, session: 's' },
};

test('a first enrollment begins its versions at the time, a later one counts on', () => {
  const { confirmedFrom, ...plain } = CONFIRMED;
  expect(confirmedEnrollment(undefined, CONFIRMED)).toStrictEqual({ ...plain, version: 51 });
  const before = enrollmentOf(PHONE, {
    version: 7,
    disabledAt: 3,
    devices: [],
    confirmedFrom: 'x',
  });
  expect(confirmedEnrollment(before, CONFIRMED)).toStrictEqual({ ...plain, version: 8 });
});

test('[S178] older recovery codes stay beside those that come with another phone', () => {
  const { confirmedFrom, ...plain } = CONFIRMED;
  const recoveryCodes = { salt: 's', digests: ['d'] };
  const waiting = { ...CONFIRMED.newRecoveryCodes, id: 'never kept' };
  const before = enrollmentOf(PHONE, { recoveryCodes, newRecoveryCodes: waiting });
  expect(confirmedEnrollment(before, CONFIRMED)).toStrictEqual({
    ...plain,
    recoveryCodes,
    version: 2,
  });
});

test('the address that the code came back from is kept where it is known', () => {
  const given = { ...CONFIRMED, confirmedFrom: '192.0.2.9' };
  expect(confirmedEnrollment(undefined, given)).toStrictEqual({ ...given, version: 51 });
});

const DEVICE: TrustedDevice = {
  id: 'i',
  digest: 'd',
  epoch: 'e',
  name: 'Firefox on Linux',
  trustedAt: 1,
  lastUsedAt: 2,
  expiresAt: 3,
};

test('recovery codes and devices are read as they are', () => {
  for (const more of [
    { recoveryCodes: { salt: 's', digests: [] } },
    { recoveryCodes: { salt: 's', digests: ['a', 'b'] } },
    { newRecoveryCodes: CONFIRMED.newRecoveryCodes },
    { devices: [] },
    { devices: [DEVICE, { ...DEVICE, before: { digest: 'b', session: 's', until: 1 } }] },
  ]) {
    const enrollment = enrollmentOf(PHONE, more);
    expect(readEnrollment(enrollment)).toBe(enrollment);
  }
});

const broken = { code: 'store_unavailable' };
const read = (more: object) => () => readEnrollment({ ...enrollmentOf(), ...more });

test.each<[unknown]>([
  [null],
  ['codes'],
  [['d']],
  [{ digests: ['d'] }],
  [{ salt: 7, digests: ['d'] }],
  [{ salt: 's' }],
  [{ salt: 's', digests: 'd' }],
  [{ salt: 's', digests: ['d', 7] }],
])('[S134] recovery codes of %j are a broken store', (recoveryCodes) => {
  expect(read({ recoveryCodes })).toThrow(expect.objectContaining(broken));
});

test('[S134] a set of recovery codes that is none, or half of one, is a broken store', () => {
  const set = CONFIRMED.newRecoveryCodes;
  for (const newRecoveryCodes of [null, 'set', [set], {}, { ...set, madeAt: '50' }]) {
    expect(read({ newRecoveryCodes })).toThrow(expect.objectContaining(broken));
  }
  for (const key of Object.keys(set)) {
    expect(read({ newRecoveryCodes: without(set, key) })).toThrow();
  }
});

test('[S134] [S181] tokens and marks of devices that are none are a broken store, too', () => {
  for (const next of [null, 'x', {}, ['d'], [{ digest: 7 }], [null]]) {
    expect(read({ devices: [{ ...DEVICE, next }] })).toThrow(expect.objectContaining(broken));
  }
  for (const lost of [null, 'x', {}, [7], [null]]) {
    expect(read({ devices: [{ ...DEVICE, lost }] })).toThrow(expect.objectContaining(broken));
  }
  for (const endedDevices of [null, 'x', [null], [{}]]) {
    expect(read({ endedDevices })).toThrow(expect.objectContaining(broken));
  }
  const whole = { ...DEVICE, next: [{ digest: 'n', until: 1 }], lost: ['l'] };
  expect(read({ devices: [whole], endedDevices: [{ ...whole, endedAt: 1 }] })).not.toThrow();
});

test('[S134] a list of devices that is none, or has half a device, is a broken store', () => {
  for (const devices of [null, 'x', { 0: DEVICE }, [null], [DEVICE, 'x'], [DEVICE, {}]]) {
    expect(read({ devices })).toThrow(expect.objectContaining(broken));
  }
  for (const key of Object.keys(DEVICE)) {
    expect(read({ devices: [DEVICE, without(DEVICE, key)] })).toThrow();
    // What is text becomes a number, and what is a time becomes text.
    const other = typeof DEVICE[key as keyof TrustedDevice] === 'string' ? 7 : '7';
    expect(read({ devices: [{ ...DEVICE, [key]: other }] })).toThrow();
  }
});

let world: World;
beforeEach(() => {
  world = makeWorld();
  world.users.set('A', enrollmentOf());
});
const disable = jest.fn((enrollment: Enrollment) => ({ ...enrollment, disabledAt: START }));
beforeEach(() => disable.mockClear());

test('a change is written as the next version, and answered', async () => {
  const written = await changeEnrollment(world.core, 'A', disable);
  expect(written).toEqual(enrollmentOf(PHONE, { disabledAt: START, version: 2 }));
  expect(world.users.get('A')).toEqual(written);
});

test('[S99] a lost race is tried again on what the winner wrote', async () => {
  const winner = enrollmentOf(PHONE, { epoch: 'second', version: 2 });
  const expected = overtake(world, winner);
  const written = await changeEnrollment(world.core, 'A', disable);
  expect(written).toEqual({ ...winner, disabledAt: START, version: 3 });
  expect(disable.mock.calls).toEqual([[enrollmentOf()], [winner]]);
  expect(expected).toEqual([1, 2]);
});

test('a change that finds nothing to do writes nothing, in the first try as in a later one', async () => {
  const set = jest.spyOn(world.core.enrollments, 'set');
  expect(await changeEnrollment(world.core, 'A', () => undefined)).toBeUndefined();
  expect(set).not.toHaveBeenCalled();
  const winner = enrollmentOf(PHONE, { version: 2 });
  overtake(world, winner);
  const once = jest.fn().mockReturnValue(undefined).mockReturnValueOnce(enrollmentOf());
  expect(await changeEnrollment(world.core, 'A', once)).toBeUndefined();
  expect(world.users.get('A')).toBe(winner);
});

test('without an enrollment, or where it goes meanwhile, nothing is changed', async () => {
  expect(await changeEnrollment(world.core, 'B', disable)).toBeUndefined();
  expect(disable).not.toHaveBeenCalled();
  overtake(world, undefined);
  expect(await changeEnrollment(world.core, 'A', disable)).toBeUndefined();
  expect(world.users.size).toBe(0);
});

test('a removal answers whether the enrollment is gone', async () => {
  expect(await removeEnrollment(world.core, 'A')).toBe(true);
  expect(world.users.size).toBe(0);
  const remove = jest.spyOn(world.core.enrollments, 'delete');
  expect(await removeEnrollment(world.core, 'A', () => false)).toBe(true);
  expect(remove).not.toHaveBeenCalled();
});

test('[S95] an enrollment that is not meant stays', async () => {
  const isMeant = jest.fn(({ epoch }: { epoch: string }) => epoch === 'first');
  const other = enrollmentOf(PHONE, { epoch: 'second', version: 2 });
  const expected = overtake(world, other);
  expect(await removeEnrollment(world.core, 'A', isMeant)).toBe(false);
  expect(expected).toEqual([1]);
  expect(isMeant.mock.calls).toEqual([[enrollmentOf()], [other]]);
  expect(world.users.get('A')).toBe(other);
});

test('[S95] a removal that lost a race to a write of the same factor is tried again', async () => {
  const same = enrollmentOf(PHONE, { disabledAt: START, version: 2 });
  const expected = overtake(world, same);
  expect(await removeEnrollment(world.core, 'A', ({ epoch }) => epoch === 'first')).toBe(true);
  expect(expected).toEqual([1, 2]);
  expect(world.users.size).toBe(0);
});

test('whoever removes at the same time has removed it for both', async () => {
  overtake(world, enrollmentOf(PHONE, { version: 2 }), undefined);
  expect(await removeEnrollment(world.core, 'A')).toBe(true);
});

test('[S134] an enrollment that keeps changing is given up by name', async () => {
  const lost = { code: 'store_unavailable' };
  for (const verb of ['set', 'delete'] as const) {
    world.core.enrollments = { ...world.core.enrollments, [verb]: async () => false };
  }
  await expect(changeEnrollment(world.core, 'A', disable)).rejects.toMatchObject({
    ...lost,
    message: 'The enrollment kept changing while it was being written.',
  });
  await expect(removeEnrollment(world.core, 'A')).rejects.toMatchObject({
    ...lost,
    message: 'The enrollment kept changing while it was being removed.',
  });
  expect(disable).toHaveBeenCalledTimes(10);
});

/** What the app's storage does with the next write or removal, and then says that it failed. */
const LATE: [string, 'done' | 'not done' | 'overtaken' | 'unreadable'][] = [
  ['was done', 'done'],
  ['was not done', 'not done'],
  ['was overtaken by somebody else’s', 'overtaken'],
  ['cannot be looked at', 'unreadable'],
];
const away = new Error('no answer within 1500 ms');

function answerLate(how: (typeof LATE)[number][1]): void {
  const { enrollments } = world.core;
  const lost =
    <Given extends unknown[]>(does: (...given: Given) => unknown) =>
    async (...given: Given) => {
      if (how !== 'not done') await does(...given);
      if (how === 'overtaken') world.users.set('A', enrollmentOf(PHONE, { version: 9 }));
      if (how === 'unreadable') world.core.enrollments.get = () => Promise.reject(new Error('x'));
      throw away;
    };
  world.core.enrollments = {
    ...enrollments,
    set: lost((...write: Parameters<Enrollments['set']>) => enrollments.set(...write)),
    delete: lost((...gone: Parameters<Enrollments['delete']>) => enrollments.delete(...gone)),
  };
}

test.each(LATE)('[S178] a write whose answer was lost and that %s', async (_what, how) => {
  answerLate(how);
  const written = changeEnrollment(world.core, 'A', disable);
  if (how === 'done') expect(await written).toMatchObject({ disabledAt: START, version: 2 });
  else await expect(written).rejects.toBe(away);
});

test('[S178] what a database gives back in another order is what was written', async () => {
  answerLate('done');
  const { enrollments } = world.core;
  const get = async (userId: string) =>
    Object.fromEntries(
      Object.entries((await enrollments.get(userId))!).reverse(),
    ) as unknown as Enrollment;
  world.core.enrollments = { ...enrollments, get };
  expect(await changeEnrollment(world.core, 'A', disable)).toMatchObject({ version: 2 });
});

test.each(LATE)('a removal whose answer was lost and that %s', async (_what, how) => {
  answerLate(how);
  const removed = removeEnrollment(world.core, 'A');
  if (how === 'done') expect(await removed).toBe(true);
  else await expect(removed).rejects.toBe(away);
});
