import { mapEnrollments, type Enrollment } from '../../lib';

const at = (version: number): Enrollment => ({
  phone: '+12065550142',
  confirmedAt: 1,
  epoch: 'first',
  version,
});

test('what somebody else has written meanwhile is neither overwritten nor deleted', async () => {
  const map = new Map([['A', at(2)]]);
  const enrollments = mapEnrollments(map);
  expect(await enrollments.set('A', at(2), 1)).toBe(false);
  expect(await enrollments.set('A', at(1), 0)).toBe(false);
  expect(await enrollments.delete('A', 1)).toBe(false);
  expect(map.get('A')).toEqual(at(2));
  expect(await enrollments.set('A', at(3), 2)).toBe(true);
  expect(await enrollments.delete('A', 3)).toBe(true);
  expect(map.size).toBe(0);
  expect(await enrollments.delete('A', 3)).toBe(true);
});

test('of two who write at once over a slow map one loses', async () => {
  const map = new Map<string, Enrollment>();
  const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const enrollments = mapEnrollments({
    get: (key) => soon().then(() => map.get(key)),
    set: (key, value) => soon().then(() => map.set(key, value)),
    delete: (key) => map.delete(key),
  });
  const write = async (): Promise<boolean> => enrollments.set('A', at(1), 0);
  expect(await Promise.all([write(), write()])).toEqual([true, false]);
});

test('a Keyv that did not write, and one that hides that its database is away, are told', async () => {
  const silent = mapEnrollments({ get: () => undefined, set: () => false, delete: () => true });
  await expect(silent.set('A', at(1), 0)).rejects.toThrow('not written');
  const hiding = Object.assign(new Map(), { throwOnErrors: false });
  expect(() => mapEnrollments(hiding)).toThrow(/throwOnErrors/);
});
