import { checkFreshLogin, checkTrustedDevices } from '../../lib/options/check-trust';
import { createSecondFactor, mapEnrollments, outboxSender } from '../../lib';
import { SECRET } from '../helpers/app';
import session from 'express-session';

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
  [{}, 'an object'],
  [{ days: 0.9 }, 'an object'],
  [{ days: 30.1 }, 'an object'],
  [{ days: '7' }, 'an object'],
  [{ days: NaN }, 'an object'],
  [{ days: 7, name: 'x' }, 'an object'],
  [Object.create({ days: 7 }) as object, 'an object'],
])('[S83] trustedDevices of %j are refused', (given, shown) => {
  expect(() => checkTrustedDevices(given)).toThrow(TypeError);
  expect(() => checkTrustedDevices(given)).toThrow(
    `passport-sms-2fa: trustedDevices is ${shown}. Give whole days, { days: 1 } to { days: 30 }, or leave it out.`,
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
  [{ seconds: 600 }, 'an object'],
  [{ signedInAt }, 'an object'],
  [{ seconds: 0, signedInAt }, 'an object'],
  [{ seconds: '600', signedInAt }, 'an object'],
  [{ seconds: 600, signedInAt: 1 }, 'an object'],
  [{ seconds: 600, signedInAt, days: 1 }, 'an object'],
])('enrollmentNeedsFreshLogin of %p is refused', (given, shown) => {
  expect(() => checkFreshLogin(given)).toThrow(TypeError);
  expect(() => checkFreshLogin(given)).toThrow(
    `passport-sms-2fa: enrollmentNeedsFreshLogin is ${shown}. Give { seconds, signedInAt: (req) => req.session.signedInAt }, or leave it out.`,
  );
});

test('the door of the package checks both', () => {
  const make = (change: object) => () =>
    createSecondFactor({
      appName: 'Acme',
      secret: SECRET,
      sessionStore: new session.MemoryStore(),
      sender: outboxSender(),
      enrollments: mapEnrollments(new Map()),
      ...change,
    });
  expect(make({ trustedDevices: { days: 31 } })).toThrow(/trustedDevices is an object/);
  expect(make({ enrollmentNeedsFreshLogin: 5 })).toThrow(/enrollmentNeedsFreshLogin is 5/);
  const good = {
    trustedDevices: { days: 30 },
    enrollmentNeedsFreshLogin: { seconds: 1, signedInAt },
  };
  expect(make(good)).not.toThrow();
});
