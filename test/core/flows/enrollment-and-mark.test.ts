import { CLOCK_SKEW } from '../../../lib/core/challenge/challenge';
import { confirmedEnrollment, readEnrollment } from '../../../lib/core/enrollment/enrollment';
import { accountEpoch, markHolds, readMark, type Mark } from '../../../lib/core/mark';
import { enrollmentOf, makeWorld, PHONE, START } from '../../helpers/core';

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

test('a first enrollment begins its versions at the time, a later one counts on', () => {
  expect(confirmedEnrollment(undefined, PHONE, 'e', 50)).toEqual({
    phone: PHONE,
    confirmedAt: 50,
    epoch: 'e',
    version: 51,
  });
  const before = enrollmentOf(PHONE, { version: 7, disabledAt: 3 });
  expect(confirmedEnrollment(before, PHONE, 'e', 50)).toEqual({
    phone: PHONE,
    confirmedAt: 50,
    epoch: 'e',
    version: 8,
  });
});

const MARK: Mark = {
  id: 'm',
  userId: 'A',
  phone: 'fingerprint',
  epoch: 'e',
  verifiedAt: START,
  amr: ['sms'],
};

test('[S60] only a whole mark is a mark', () => {
  expect(readMark(MARK)).toBe(MARK);
  for (const value of [undefined, null, true, 'totp', {}, []]) {
    expect(readMark(value)).toBeUndefined();
  }
  for (const key of Object.keys(MARK)) expect(readMark(without(MARK, key))).toBeUndefined();
  for (const key of ['id', 'userId', 'phone', 'epoch']) {
    expect(readMark({ ...MARK, [key]: '' })).toBeUndefined();
    expect(readMark({ ...MARK, [key]: 7 })).toBeUndefined();
  }
});

const EXPECTED = { userId: 'A', phone: 'fingerprint', epoch: 'e', lifetimeMs: 1_000 };

test.each([
  [0, true],
  [999, true],
  [1_000, false],
  [-CLOCK_SKEW + 1, true],
  [-CLOCK_SKEW, false],
])('[S70] at an age of %i ms a mark of one second holds: %p', (age, holds) => {
  expect(markHolds(MARK, EXPECTED, START + age)).toBe(holds);
});

test.each([{ userId: 'B' }, { phone: 'other' }, { epoch: 'other' }])(
  '[S59] a mark does not hold for %j',
  (other) => {
    expect(markHolds(MARK, { ...EXPECTED, ...other }, START)).toBe(false);
  },
);

test('the state of an account changes with its epoch, its password and its removal', () => {
  const { keyring } = makeWorld().core;
  const states = [
    accountEpoch(keyring, undefined, ''),
    accountEpoch(keyring, undefined, '2'),
    accountEpoch(keyring, enrollmentOf(), ''),
    accountEpoch(keyring, enrollmentOf(), '2'),
    accountEpoch(keyring, enrollmentOf(PHONE, { epoch: 'second' }), ''),
    accountEpoch(keyring, enrollmentOf(PHONE, { epoch: 'first2' }), ''),
  ];
  expect(new Set(states).size).toBe(6);
  expect(states[0]).toBe(keyring.fingerprint('epoch', 'none\0'));
});
