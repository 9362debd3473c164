import { checkFreshLogin, checkTrustedDevices } from '../../lib/options/check-features';
import { createSecondFactor } from '../../lib';
import { fewestOptions } from '../helpers/app';

const signedInAt = (): number => 1;

test.each([
  [undefined, undefined],
  [{ days: 1 }, 86_400_000],
  [{ days: 30 }, 30 * 86_400_000],
])('trustedDevices of %j are trusted for %p ms', (given, lifetime) => {
  expect(checkTrustedDevices(given)).toBe(lifetime);
});

test.each([
  [true, 'true'],
  [30, '30'],
  [null, 'null'],
  [[7], '[7]'],
])('[S83] trustedDevices of %j are refused', (given, shown) => {
  expect(() => checkTrustedDevices(given)).toThrow(TypeError);
  expect(() => checkTrustedDevices(given)).toThrow(
    `passport-sms-2fa: trustedDevices is ${shown}. Give whole days, { days: 1 } to { days: 30 }, or leave it out.`,
  );
});

test.each([
  [{}, 'undefined'],
  [{ days: 0 }, '0'],
  [{ days: 0.9 }, '0.9'],
  [{ days: 30.1 }, '30.1'],
  [{ days: '7' }, 'the string "7"'],
  [{ days: NaN }, 'NaN'],
  [Object.create({ days: 7 }) as object, 'undefined'],
])('[S83] trustedDevices of %j are refused by their days', (given, shown) => {
  expect(() => checkTrustedDevices(given)).toThrow(TypeError);
  expect(() => checkTrustedDevices(given)).toThrow(
    `passport-sms-2fa: trustedDevices.days is ${shown}. Give a whole number from 1 to 30.`,
  );
});

test('[S83] trustedDevices have nothing but days', () => {
  expect(() => checkTrustedDevices({ days: 7, name: 'x' })).toThrow(
    'passport-sms-2fa: trustedDevices.name is "x". There is no such option. There is only days.',
  );
});

test('enrollmentNeedsFreshLogin is taken as it is', () => {
  const given = { seconds: 0.5, signedInAt };
  expect(checkFreshLogin(given)).toBe(given);
  expect(checkFreshLogin(undefined)).toBeUndefined();
});

test.each([
  [true, 'true'],
  [600, '600'],
  [null, 'null'],
  [signedInAt, 'a function'],
])('enrollmentNeedsFreshLogin of %p is refused', (given, shown) => {
  expect(() => checkFreshLogin(given)).toThrow(TypeError);
  expect(() => checkFreshLogin(given)).toThrow(
    `passport-sms-2fa: enrollmentNeedsFreshLogin is ${shown}. Give { seconds, signedInAt: (req) => req.session.signedInAt }, or leave it out.`,
  );
});

const number = 'Give a number above 0, such as 600.';
const asked = 'Give a function, such as (req) => req.session.signedInAt.';

test.each([
  [{ seconds: 600 }, `signedInAt is undefined. ${asked}`],
  [{ signedInAt }, `seconds is undefined. ${number}`],
  [{ seconds: 0, signedInAt }, `seconds is 0. ${number}`],
  [{ seconds: NaN, signedInAt }, `seconds is NaN. ${number}`],
  [{ seconds: '600', signedInAt }, `seconds is the string "600". ${number}`],
  [{ seconds: 600, signedInAt: 1 }, `signedInAt is 1. ${asked}`],
  [
    { seconds: 600, signedInAt, days: 1 },
    'days is 1. There is no such option. There are seconds, signedInAt.',
  ],
])('enrollmentNeedsFreshLogin of %p is refused by its field', (given, said) => {
  expect(() => checkFreshLogin(given)).toThrow(TypeError);
  expect(() => checkFreshLogin(given)).toThrow(
    `passport-sms-2fa: enrollmentNeedsFreshLogin.${said}`,
  );
});

test('the door of the package checks both', () => {
  const make = (change: object) => () =>
    createSecondFactor({
      ...fewestOptions(),
      ...change,
    });
  expect(make({ trustedDevices: { days: 31 } })).toThrow(/trustedDevices\.days is 31/);
  expect(make({ enrollmentNeedsFreshLogin: 5 })).toThrow(/enrollmentNeedsFreshLogin is 5/);
  const good = {
    trustedDevices: { days: 30 },
    enrollmentNeedsFreshLogin: { seconds: 1, signedInAt },
  };
  expect(make(good)).toThrow(
    /credentialsEpoch is undefined\. With trustedDevices .* or 'none' to say on purpose/,
  );
  for (const credentialsEpoch of ['none', () => 1]) {
    expect(make({ ...good, credentialsEpoch })).not.toThrow();
  }
  expect(make({ credentialsEpoch: 'nothing' })).toThrow(/credentialsEpoch is "nothing"/);
});
