import { changeEnrollment, confirmedEnrollment, removeEnrollment } from '../../lib/core/enrollment';
import { SecondFactorError } from '../../lib/errors';
import type { Enrollment, Enrollments } from '../../lib/ports/enrollments';
import { enrollmentOf, makeWorld, PHONE, START, type World } from '../helpers/core';
import { overtake } from './rivals';

const CONFIRMED = {
  phone: PHONE,
  epoch: 'e',
  confirmedAt: 50,
  confirmedFrom: undefined,
  newRecoveryCodes: { id: 'i', keyId: 'k', madeAt: 50, session: 's' },
};

test('a version fits an int4, is taken from the time, and one that does not fit becomes one that does', () => {
  const NOW = 1_790_000_000_123;
  const first = (confirmedAt: number) =>
    confirmedEnrollment(undefined, { ...CONFIRMED, confirmedAt });
  const later = (version: number) =>
    confirmedEnrollment(enrollmentOf(PHONE, { version }), CONFIRMED);
  for (const { version } of [
    first(NOW),
    first(NOW + 1),
    first(0),
    first(2 ** 30 - 1),
    later(NOW),
  ]) {
    expect(version).toBeGreaterThan(0);
    expect(version).toBeLessThanOrEqual(2 ** 30);
  }
  expect(first(NOW + 1).version).toBe(first(NOW).version + 1);
  expect(later(1).version).toBe(2);
  expect(later(2 ** 30).version).toBe(2 ** 30 + 1);
  // The largest int4 is nobody's version.
  expect(later(2 ** 31 - 3).version).toBe(2 ** 31 - 2);
  expect(later(2 ** 31 - 2).version).toBeLessThan(2 ** 30 + 1);
});

test('a version that was the time is counted on as one that fits, and the one before is expected', async () => {
  const set = jest.spyOn(world.core.enrollments, 'set');
  world.users.set('A', enrollmentOf(PHONE, { version: 1_728_000_000_001 }));
  const written = await changeEnrollment(world.core, 'A', disable);
  expect(written?.version).toBeLessThan(2 ** 31);
  expect(set).toHaveBeenCalledWith('A', written, 1_728_000_000_001);
  expect((await changeEnrollment(world.core, 'A', disable))?.version).toBe(written!.version + 1);
});

test('what is handed over to be kept is plain JSON', async () => {
  const set = jest.spyOn(world.core.enrollments, 'set');
  const change = (found: Enrollment) =>
    ({ ...found, confirmedFrom: undefined, devices: [] }) as never;
  await changeEnrollment(world.core, 'A', change);
  const [[, kept]] = set.mock.calls as unknown as [[string, Enrollment]];
  expect(kept).toStrictEqual(JSON.parse(JSON.stringify(kept)));
  expect(Object.keys(kept)).not.toContain('confirmedFrom');
});

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

test('what a newer version wrote beside it outlives a change, and not another phone', async () => {
  const newer = { ...enrollmentOf(), ofALaterVersion: { list: [1] } };
  world.users.set('A', newer);
  const written = await changeEnrollment(world.core, 'A', disable);
  expect(written).toEqual({ ...newer, disabledAt: START, version: 2 });
  expect(world.users.get('A')).toEqual(written);
  expect(confirmedEnrollment(newer, CONFIRMED)).not.toHaveProperty('ofALaterVersion');
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

test.each([
  ['misconfigured', false],
  ['store_unavailable', true],
] as const)(
  '[S178] of a write that was done and told as %s it counts that it was done: %s',
  async (code, counts) => {
    const { enrollments } = world.core;
    const error = new SecondFactorError(code, 'No.');
    const set: Enrollments['set'] = async (...given) => {
      await enrollments.set(...given);
      throw error;
    };
    world.core.enrollments = { ...enrollments, set };
    const written = changeEnrollment(world.core, 'A', disable);
    if (counts) expect(await written).toMatchObject({ disabledAt: START });
    else await expect(written).rejects.toBe(error);
  },
);
