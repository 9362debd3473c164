import { confirmedEnrollment, readEnrollment } from '../../../lib/core/enrollment';
import type { TrustedDevice } from '../../../lib/ports/enrollments';
import { enrollmentOf, PHONE } from '../../helpers/core';

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
  recoveryCodes: { salt: 's', digests: ['d'] },
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
