import { changeEnrollment, removeEnrollment } from '../../../lib/core/enrollment';
import { enrollmentOf, makeWorld, PHONE, START, type World } from '../../helpers/core';
import { overtake } from './rivals';

let world: World;
beforeEach(() => {
  world = makeWorld();
  world.users.set('A', enrollmentOf());
});
const disable = jest.fn((enrollment: ReturnType<typeof enrollmentOf>) => ({
  ...enrollment,
  disabledAt: START,
}));
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
