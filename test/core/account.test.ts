import { CLOCK_SKEW } from '../../lib/core/limits';
import {
  accountEpoch,
  amrOf,
  confirmedDestination,
  enrollmentAllows,
  factorFingerprint,
  markHolds,
  readMark,
  type Mark,
} from '../../lib/core/account';
import type { TrustedDevice } from '../../lib/ports/enrollments';
import { createKeyring } from '../../lib/core/keyring';
import { enrollmentOf, makeWorld, PHONE, requester, SECRETS, START } from '../helpers/core';

const without = (value: object, key: string): object =>
  Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));

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

/** A mark that a trusted device made, and the device. */
const STANDING_IN: Mark = { ...MARK, amr: [], deviceId: 'd' };
const DEVICE: TrustedDevice = {
  id: 'd',
  digest: 'x',
  epoch: 'e',
  name: 'Firefox on Linux',
  trustedAt: START,
  lastUsedAt: START,
  expiresAt: START + 1,
};

test('[S83] a mark that nothing was passed for is one only where a device is named', () => {
  expect(readMark(STANDING_IN)).toBe(STANDING_IN);
  expect(readMark(without(STANDING_IN, 'deviceId'))).toBeUndefined();
  expect(readMark({ ...STANDING_IN, deviceId: 7 })).toBeUndefined();
  expect(readMark({ ...MARK, deviceId: 'd' })).toBeDefined();
  expect(readMark({ ...MARK, amr: 'sms' })).toBeUndefined();
  expect(readMark({ ...MARK, verifiedAt: Infinity })).toBeUndefined();
});

test('[S156] the AMR values say what was done in this session, and no more', () => {
  expect(amrOf(undefined)).toEqual(['pwd']);
  expect(amrOf(STANDING_IN)).toEqual(['pwd']);
  expect(amrOf(MARK)).toEqual(['pwd', 'sms', 'mfa']);
  expect(amrOf({ ...MARK, amr: ['otp', 'hwk'] })).toEqual(['pwd', 'otp', 'hwk', 'mfa']);
});

test('users without a phone have a fingerprint of their factor, too', () => {
  const { keyring } = makeWorld().core;
  expect(factorFingerprint(keyring, enrollmentOf())).toBe(keyring.fingerprint('phone', PHONE));
  expect(factorFingerprint(keyring, undefined)).toBe(keyring.fingerprint('phone', 'none'));
});

test('[S83] a device stands in while it is on the list, not expired and the phone is not disabled', () => {
  const allows = (more: object, now = START) =>
    enrollmentAllows(STANDING_IN, enrollmentOf(PHONE, more), now);
  expect(allows({ devices: [{ ...DEVICE, id: 'other' }, DEVICE] })).toBe(true);
  expect(allows({ devices: [DEVICE] }, START + 1)).toBe(false);
  expect(allows({ devices: [{ ...DEVICE, id: 'other' }] })).toBe(false);
  expect(allows({ devices: [] })).toBe(false);
  expect(allows({})).toBe(false);
  expect(allows({ devices: [DEVICE], disabledAt: START })).toBe(false);
  expect(enrollmentAllows(STANDING_IN, undefined, START)).toBe(false);
});

test.each([
  [['sms'], false],
  [['recovery'], false],
  [['otp', 'sms'], false],
  [['otp', 'recovery'], false],
  [['otp'], true],
])('without an enrollment a mark by %j holds: %p', (amr, holds) => {
  expect(enrollmentAllows({ ...MARK, amr }, undefined, START)).toBe(holds);
});

test.each([
  [['sms'], START, false],
  [['otp', 'sms'], START, false],
  [['recovery'], START, true],
  [['recovery'], START + 1, false],
  [['otp'], START - 1, true],
])('[S31] a mark by %j holds where the phone was disabled at %i: %p', (amr, disabledAt, holds) => {
  const enrollment = enrollmentOf(PHONE, { disabledAt });
  expect(enrollmentAllows({ ...MARK, amr }, enrollment, START)).toBe(holds);
  expect(enrollmentAllows({ ...MARK, amr }, enrollmentOf(), START)).toBe(true);
});

/** Where codes by mail go, for a user whom the app gives this address. */
function mailTo(address: unknown) {
  const sender = { send: () => Promise.resolve() };
  const { core } = makeWorld({ email: { sender, address: () => address } });
  return confirmedDestination(core, requester(), enrollmentOf(), 'email');
}

test('a text goes to the confirmed phone, and to nowhere without one', async () => {
  const { core } = makeWorld();
  expect(await confirmedDestination(core, requester(), enrollmentOf(), undefined)).toBe(PHONE);
  expect(await confirmedDestination(core, requester(), undefined, undefined)).toBeUndefined();
  // An app that offers no mail sends none.
  expect(await confirmedDestination(core, requester(), enrollmentOf(), 'email')).toBeUndefined();
});

test('a mail goes to the address that the app has of its user, now', async () => {
  const asked: unknown[] = [];
  const sender = { send: () => Promise.resolve() };
  const address = (user: unknown) => {
    asked.push(user);
    return Promise.resolve('ann@acme.example');
  };
  const { core } = makeWorld({ email: { sender, address } });
  const destination = confirmedDestination(core, requester(), enrollmentOf(), 'email');
  expect(await destination).toBe('ann@acme.example');
  expect(asked).toEqual([{ id: 'A' }]);
});

test.each([
  [undefined],
  [null],
  [7],
  [''],
  ['ann'],
  ['@acme.example'],
  ['ann@'],
  ['ann@bob@acme.example'],
  ['ann@acme.example, bob@evil.example'],
  ['ann@acme.example\nBcc: bob@evil.example'],
  ['Ann <ann@acme.example>'],
  [['ann@acme.example']],
  [`${'x'.repeat(65)}@acme.example`],
  [`ann@${'x'.repeat(256)}`],
])('[S114] no mail goes to %j', async (address) => {
  expect(await mailTo(address)).toBeUndefined();
});

test('[S134] an app that cannot say the address now is a broken store', async () => {
  const away = Promise.reject(new Error('away'));
  await expect(mailTo(away)).rejects.toMatchObject({ code: 'store_unavailable' });
});

test('[S12] [S74] an enrollment that an app writes into is another one, also where it is the same object', () => {
  const keyring = createKeyring(SECRETS);
  const kept = enrollmentOf();
  const before = [factorFingerprint(keyring, kept), accountEpoch(keyring, kept, 'password')];
  expect([factorFingerprint(keyring, kept), accountEpoch(keyring, kept, 'password')]).toEqual(
    before,
  );
  expect(accountEpoch(keyring, kept, 'another password')).not.toBe(before[1]);
  kept.phone = '+12065550199';
  expect(factorFingerprint(keyring, kept)).not.toBe(before[0]);
  kept.epoch = 'second';
  expect(accountEpoch(keyring, kept, 'password')).not.toBe(before[1]);
  expect(factorFingerprint(createKeyring(['another secret']), kept)).not.toBe(
    factorFingerprint(keyring, kept),
  );
});
