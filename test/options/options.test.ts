import session from 'express-session';
import { createSecondFactor, mapEnrollments, outboxSender, redisCounter } from '../../lib';
import { SECRET } from '../helpers/app';

const good = () => ({
  appName: 'Acme',
  secret: SECRET,
  sessionStore: new session.MemoryStore(),
  sender: outboxSender(),
  enrollments: mapEnrollments(new Map()),
});
const make = (change: object) => () => createSecondFactor({ ...good(), ...change });

test('good options are taken', () => {
  expect(make({})).not.toThrow();
  expect(
    make({ secret: [SECRET, `${SECRET} of before`], domain: 'www.acme.example' }),
  ).not.toThrow();
});

test.each([
  [{ appName: undefined }, /appName is undefined\. Give a name/],
  [{ appName: 'Café' }, /appName is "Café"\. .*ASCII/],
  [{ appName: 'A\n\n@evil.example #000000' }, /appName is/],
  [{ appName: 'A'.repeat(120) }, /appName is .* shorten it by \d+/],
  [
    { domain: 'https://acme.example' },
    /domain is "https:\/\/acme\.example"\. Give the bare host name/,
  ],
  [{ domain: 'acme.example:8080' }, /domain is/],
  [{ domain: 'acme' }, /domain is/],
  [{ domain: 'ACME.example' }, /lower case/],
  [{ secret: 'short' }, /secret is "\(hidden, 5 characters\)"\. Give at least 32/],
  [{ secret: undefined }, /secret is undefined\. Give at least 32/],
  [{ secret: [] }, /secret is/],
  [{ sessionStore: undefined }, /sessionStore is undefined\. Give the same store/],
  [{ sessionStore: {} }, /sessionStore is an object/],
  [{ sender: {} }, /sender is an object\. Give flowrouteSender/],
  [{ enrollments: new Set() }, /enrollments is an object\. Give \{ get, set, delete \}/],
  [{ userId: 'id' }, /userId is "id"\. Give a function/],
  [{ counter: {} }, /counter is an object\. Give redisCounter/],
  [{ mountPath: 'second-factor' }, /mountPath is "second-factor"\. Give a path/],
  [{ mountPath: '//evil.example' }, /mountPath is/],
  [{ loginPath: 'https://evil.example/login' }, /loginPath is/],
  [{ enrollment: 'always' }, /enrollment is "always"\. Give 'optional' or 'required'/],
  [{ allowedCountries: ['US', 'XX'] }, /allowedCountries\[1\] is "XX"/],
  [{ allowedCountries: [] }, /allowedCountries is \[\]/],
  [{ defaultCountry: 'usa' }, /defaultCountry is "usa"/],
  [{ origins: ['acme.example'] }, /origins\[0\] is "acme\.example"\. Give scheme, host and port/],
  [{ clock: 5 }, /clock is 5\. Give a function/],
  [{ sesionStore: 1 }, /sesionStore is 1\. There is no such option\. There are appName/],
  [{ limits: { codeLength: 5 } }, /limits\.codeLength is 5\. Give a whole number from 6 to 10/],
  [{ limits: { codeLength: '6' } }, /limits\.codeLength is "6"/],
  [{ limits: { resendWait: [] } }, /limits\.resendWait is \[\]\. A limit cannot be switched off/],
  [{ limits: { resendWait: [5] } }, /limits\.resendWait\[0\] is 5\. Give a whole number from 15/],
  [
    { limits: { textsPerPhone: [{ count: 0, seconds: 60 }] } },
    /limits\.textsPerPhone\[0\]\.count is 0/,
  ],
  [{ limits: { textsPerPhone: 5 } }, /limits\.textsPerPhone is 5\. Give a list/],
  [{ limits: { hardStop: 5 } }, /limits\.hardStop is 5\. Make it at least limits\.lockAfter/],
  [{ limits: { hardStop: 101 } }, /limits\.hardStop is 101/],
  [{ limits: { ttl: 601 } }, /limits\.ttl is 601\. There is no such limit/],
  [{ limits: 5 }, /limits is 5/],
] as [object, RegExp][])(
  '%j is refused with a sentence that names it and the cure',
  (change, said) => {
    expect(make(change)).toThrow(TypeError);
    expect(make(change)).toThrow(said);
  },
);

test('a secret is never repeated in an error', () => {
  expect(make({ secret: 'hunter2' })).not.toThrow(/hunter2/);
});

test('no options at all is a sentence, too', () => {
  expect(() => createSecondFactor(undefined as never)).toThrow(
    /the argument of createSecondFactor is undefined/,
  );
});

test('the gate checks its options when it is mounted', () => {
  const secondFactor = createSecondFactor(good());
  expect(() => secondFactor.require({ maxAge: -1 })).toThrow(/require\(\{ maxAge \}\) is -1/);
  expect(() => secondFactor.require({ maxage: 300 } as never)).toThrow(
    /maxage.*There is no such option/,
  );
  expect(() => secondFactor.require({ redirectTo: 'https://evil.example' })).toThrow(/redirectTo/);
  expect(() => secondFactor.enforce({ allow: ['logout'] })).toThrow(/enforce\(\{ allow \}\)/);
});

test('redisCounter says what it needs', () => {
  expect(() => redisCounter({} as never)).toThrow(
    /sendCommand \}\) is undefined\. Give a function/,
  );
});

test('options on Object.prototype are not options', () => {
  Object.assign(Object.prototype, {
    enrollment: 'nonsense',
    domain: 'evil.example',
    limits: { codeLength: 1 },
  });
  try {
    expect(make({})).not.toThrow();
  } finally {
    for (const name of ['enrollment', 'domain', 'limits'])
      Reflect.deleteProperty(Object.prototype, name);
  }
});
