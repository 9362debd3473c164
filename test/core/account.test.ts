import { CLOCK_SKEW } from '../../lib/core/limits';
import {
  accountEpoch,
  acrOf,
  addedUp,
  amrOf,
  confirmedDestination,
  factorFingerprint,
  holding,
  isGuarded,
  passedWithin,
  readMark,
  transactionSeal,
  writtenMark,
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
  for (const passedAt of [7, [], [START, START], ['x'], [NaN]]) {
    expect(readMark({ ...MARK, passedAt })).toBeUndefined();
  }
  expect(readMark({ ...MARK, amr: ['sms', 'otp'], passedAt: [START, 'x'] })).toBeUndefined();
  const timed = { ...MARK, passedAt: [START] };
  expect(readMark(timed)).toBe(timed);
});

test('[S60] a mark lies in a session as a list, and is read whole or not at all', () => {
  const approved = { id: 'c', seal: 'x', at: START };
  const marks: Mark[] = [
    MARK,
    { ...MARK, amr: [], deviceId: 'd' },
    { ...MARK, passedAt: [START], trusts: true, approved },
  ];
  for (const mark of marks) {
    const written = JSON.parse(JSON.stringify(writtenMark(mark))) as unknown[];
    expect(readMark(written)).toEqual(mark);
    // What few marks have cannot stand for what each of them has.
    for (const place of [0, 1, 2, 3, 4, 5]) {
      const spoilt = written.map((part, index) => (index === place ? undefined : part));
      expect(readMark([...spoilt.slice(0, 6), mark])).toBeUndefined();
    }
    expect(readMark([...written.slice(0, 6), { approved: {} }])).toBeUndefined();
  }
  expect(writtenMark(MARK)).toEqual(['m', 'A', 'fingerprint', 'e', START, ['sms']]);
  for (const value of [[], [MARK], ['m', 'A', 'fingerprint', 'e', START], [null, null]]) {
    expect(readMark(value)).toBeUndefined();
  }
});

test('[S60] a mark is none with an approval that is not whole', () => {
  const approved = { id: 'c', seal: 'x', at: START };
  const given = { ...MARK, approved };
  expect(readMark(given)).toBe(given);
  for (const key of Object.keys(approved)) {
    for (const wrong of [undefined, null, true, {}]) {
      expect(readMark({ ...MARK, approved: { ...approved, [key]: wrong } })).toBeUndefined();
    }
  }
  for (const wrong of [null, '', 'c', true]) {
    expect(readMark({ ...MARK, approved: wrong })).toBeUndefined();
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
  expect(holding(MARK, enrollmentOf(), EXPECTED, START + age)).toBe(holds ? MARK : undefined);
});

test.each([{ userId: 'B' }, { phone: 'other' }, { epoch: 'other' }])(
  '[S59] a mark does not hold for %j',
  (other) => {
    expect(holding(MARK, enrollmentOf(), { ...EXPECTED, ...other }, START)).toBeUndefined();
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
  expect(amrOf(['pwd'], undefined)).toEqual(['pwd']);
  expect(amrOf(['pwd'], STANDING_IN)).toEqual(['pwd']);
  expect(amrOf(['pwd'], MARK)).toEqual(['pwd', 'sms', 'mfa']);
  expect(amrOf(['pwd'], { ...MARK, amr: ['otp', 'hwk'] })).toEqual(['pwd', 'otp', 'hwk', 'mfa']);
});

test.each([
  [['pwd'], 'one-factor'],
  [['hwk', 'user'], 'one-factor'],
  [['sms'], 'one-factor'],
  [['pwd', 'sms', 'mfa'], 'two-factors'],
  [['hwk', 'user', 'mfa'], 'two-factors'],
  [[], undefined],
])('[S156] the acr of %j claims %s', (amr, acr) => {
  expect(acrOf(amr)).toBe(acr && `urn:passport-sms-2fa:acr:${acr}`);
});

test('users without a phone have a fingerprint of their factor, too', () => {
  const { keyring } = makeWorld().core;
  expect(factorFingerprint(keyring, enrollmentOf())).toBe(keyring.fingerprint('phone', PHONE));
  expect(factorFingerprint(keyring, undefined)).toBe(keyring.fingerprint('phone', 'none'));
});

test('[S83] a device stands in while it is on the list, not expired and the phone is not disabled', () => {
  const allows = (more: object, now = START) =>
    holding(STANDING_IN, enrollmentOf(PHONE, more), EXPECTED, now) === STANDING_IN;
  expect(allows({ devices: [{ ...DEVICE, id: 'other' }, DEVICE] })).toBe(true);
  expect(allows({ devices: [DEVICE] }, START + 1)).toBe(false);
  expect(allows({ devices: [{ ...DEVICE, id: 'other' }] })).toBe(false);
  expect(allows({ devices: [] })).toBe(false);
  expect(allows({})).toBe(false);
  expect(allows({ devices: [DEVICE], disabledAt: START })).toBe(false);
  expect(allows({ devices: [{ ...DEVICE, expiresAt: START + 9_999 }] }, START + 999)).toBe(true);
  expect(allows({ devices: [{ ...DEVICE, expiresAt: START + 9_999 }] }, START + 1_000)).toBe(false);
  expect(holding(STANDING_IN, undefined, EXPECTED, START)).toBeUndefined();
});

test.each([
  [['sms'], undefined],
  [['recovery'], undefined],
  [['otp', 'sms'], ['otp']],
  [['otp', 'recovery'], ['otp']],
  [['otp'], ['otp']],
])('without an enrollment of a mark by %j there holds %j', (amr, left) => {
  expect(holding({ ...MARK, amr }, undefined, EXPECTED, START)?.amr).toEqual(left);
});

test.each([
  [['sms'], START, undefined],
  [['otp', 'sms'], START, ['otp']],
  [['recovery'], START, ['recovery']],
  [['recovery'], START + 1, undefined],
  [['otp'], START - 1, ['otp']],
])('[S31] of a mark by %j there holds, where the phone was disabled at %i, %j', (amr, at, left) => {
  const holds = (enrollment = enrollmentOf()) =>
    holding({ ...MARK, amr }, enrollment, EXPECTED, START)?.amr;
  expect(holds(enrollmentOf(PHONE, { disabledAt: at }))).toEqual(left);
  expect(holds()).toEqual(amr);
});

describe('[S157] what was passed in a session adds up', () => {
  const both: Mark = { ...MARK, ...addedUp(MARK, ['otp'], START + 600, 'fingerprint') };

  test('each method with its own time', () => {
    expect(addedUp(undefined, ['sms'], START, 'fingerprint')).toEqual({
      verifiedAt: START,
      amr: ['sms'],
    });
    expect(both).toMatchObject({ amr: ['sms', 'otp'], passedAt: [START, START + 600] });
    const again = addedUp(both, ['sms', 'x'], START + 700, 'fingerprint');
    const [otp, later] = [START + 600, START + 700];
    expect(again).toEqual({
      verifiedAt: later,
      amr: ['otp', 'sms', 'x'],
      passedAt: [otp, later, later],
    });
    const earlier = addedUp(both, ['idp'], START + 500, 'fingerprint');
    expect(earlier).toMatchObject({ verifiedAt: otp, passedAt: [START, otp, START + 500] });
    expect(readMark(both)).toBe(both);
  });

  test('with another phone only what has nothing to do with one', () => {
    const mixed: Mark = { ...both, amr: ['sms', 'otp', 'recovery', 'email'] };
    delete mixed.passedAt;
    const after = addedUp(mixed, ['sms'], START + 700, 'another');
    expect(after).toMatchObject({ amr: ['otp', 'sms'], passedAt: [START + 600, START + 700] });
  });

  test.each([
    [0, ['sms', 'otp']],
    [999, ['sms', 'otp']],
    [1_000, ['otp']],
    [1_599, ['otp']],
    [1_600, undefined],
  ])('after %i ms there holds %j', (age, left) => {
    const held = holding(both, enrollmentOf(), EXPECTED, START + age);
    expect(held?.amr).toEqual(left);
    if (left !== undefined) expect(held?.verifiedAt).toBe(START + 600);
  });

  test.each([
    [['sms'], 600, true],
    [['sms'], 599, false],
    [['otp'], 0, true],
    [['sms', 'otp'], 0, true],
    [['mfa'], 0, true],
    [undefined, 0, true],
    [['hwk'], 600, false],
    [[], 600, false],
  ])('%j was passed within %i ms: %p', (methods, ageMs, passed) => {
    expect(passedWithin(both, START + 600, { methods, ageMs })).toBe(passed);
    expect(passedWithin({ ...both, amr: [] }, START + 600, { methods })).toBe(false);
  });
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
  expect(accountEpoch(keyring, kept, 'password')).toBe(before[1]);
  kept.epoch = 'second';
  expect(accountEpoch(keyring, kept, 'password')).not.toBe(before[1]);
  expect(factorFingerprint(createKeyring(['another secret']), kept)).not.toBe(
    factorFingerprint(keyring, kept),
  );
});

test('what an enrollment is known by is made once, not on each request that it is good for', () => {
  const own = createKeyring(SECRETS);
  const made = jest.fn((kind: string, value: string) => own.fingerprint(kind, value));
  const keyring = { ...own, fingerprint: made };
  const kept = enrollmentOf();
  for (let request = 0; request < 3; request += 1) {
    factorFingerprint(keyring, kept);
    for (const password of ['one', 'two']) accountEpoch(keyring, kept, password);
  }
  const epoch = (password: string) => ['epoch', `first\0${password}`];
  expect(made.mock.calls).toEqual([['phone', PHONE], epoch('one'), epoch('two')]);
});

test('[S157] a method that does not count is not passed, whatever else is wanted', () => {
  const within = (except: string, amr = ['sms']) =>
    passedWithin({ ...MARK, amr }, START, { except });
  expect(within('sms')).toBe(false);
  expect(within('otp')).toBe(true);
  expect(within('sms', ['sms', 'otp'])).toBe(true);
});

test('the seal of a transaction is one for each user, route and words, however they are divided', () => {
  const keyring = createKeyring(SECRETS);
  const seals = [
    ['A', '/pay', '100'],
    ['B', '/pay', '100'],
    ['A', '/payment', '100'],
    ['A', '/pay', '1000'],
    ['A/', 'pay', '100'],
    ['A', '/pay1', '00'],
  ].map(([userId = '', route = '', words = '']) => transactionSeal(keyring, userId, route, words));
  expect(new Set(seals).size).toBe(seals.length);
  // Nor is it what anything else of this user is sealed to.
  expect(seals).not.toContain(keyring.seal(['', 'A', '/pay', '100'].join('\0')));
});

test.each<[object, boolean]>([
  [{ fresh: false, enrollment: enrollmentOf() }, true],
  [{ fresh: false, enrollment: undefined, ownFactor: true }, true],
  [{ fresh: false, enrollment: undefined, ownFactor: false }, false],
  [{ fresh: false, enrollment: undefined }, false],
  [{ fresh: true, enrollment: enrollmentOf(), ownFactor: true }, false],
])('the factor of %j is guarded: %p', (access, guarded) => {
  expect(isGuarded({ epoch: 'e', enrollment: undefined, fresh: false, ...access })).toBe(guarded);
});

test('[S134] the operator reads that it was the address that could not be asked for', async () => {
  const away = Promise.reject(new Error('away'));
  await expect(mailTo(away)).rejects.toThrow(/email\.address/);
});
