import { Keyv } from 'keyv';
import { createSecondFactor, mapEnrollments, memoryCounter, redisCounter } from '../../lib';
import { checkOrigins } from '../../lib/options/check-origins';
import { fewestOptions, SECRET } from '../helpers/app';

const make = (change: object) => () => createSecondFactor({ ...fewestOptions(), ...change });

const verb = () => undefined;
const MAP_LIKE = { get: verb, set: verb, delete: verb, has: verb, clear: verb };

test('good options are taken', () => {
  expect(make({})).not.toThrow();
  // A class of the app's own, whose functions stand on its prototype.
  const own = {
    ...MAP_LIKE,
    set: (_userId: string, _enrollment: object, _version: number) => true,
  };
  expect(make({ enrollments: Object.create(own) })).not.toThrow();
  expect(
    make({ secret: [SECRET, `${SECRET} of before`], domain: 'www.acme.example' }),
  ).not.toThrow();
  // Digits alone, and hexadecimal, are as random as they are long.
  expect(make({ secret: '31415926535897932384626433832795' })).not.toThrow();
  expect(make({ secret: 'c01dc0ffee15bad7a57e5ca1ab1eb0de' })).not.toThrow();
  // The only country is the one of numbers without a code.
  expect(make({ allowedCountries: ['GB'] })).not.toThrow();
  expect(make({ allowedCountries: ['gb', 'ie'], defaultCountry: 'IE' })).not.toThrow();
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
  [{ secret: 'short' }, /secret is a string of 5 characters\. Give at least 32/],
  [{ secret: undefined }, /secret is undefined\. Give at least 32/],
  [{ secret: 31_415_926 }, /secret is a number\. Give at least 32/],
  [{ secret: [] }, /secret is/],
  [{ secret: [SECRET, 'short'] }, /secret\[1\] is a string of 5 characters\. Give at least 32/],
  [{ sessionStore: undefined }, /sessionStore is undefined\. Give the same store/],
  [{ sessionStore: {} }, /sessionStore is an object/],
  [{ sender: {} }, /sender is an object\. It has no send\(\)\. Give flowrouteSender/],
  [
    { enrollments: undefined },
    /enrollments is undefined\. Give \{ get\(userId\), set\(.*mapEnrollments\(new Map\(\)\)/,
  ],
  [{ enrollments: new Set() }, /enrollments is a Set\. It has no get\(\)\. Give \{ get/],
  [
    { enrollments: { get: verb, set: verb, del: verb } },
    /It has no delete\(\)\. Give .* docs\/enrollments\.md/,
  ],
  [
    { enrollments: new Map() },
    /A Map or a Keyv cannot keep a version: give mapEnrollments\(new Map\(\)\)/,
  ],
  [{ enrollments: new (class extends Map<string, string> {})() }, /give mapEnrollments\(/],
  [{ enrollments: new WeakMap() }, /give mapEnrollments\(/],
  [{ enrollments: new Keyv() }, /or mapEnrollments\(keyv\)/],
  [
    { enrollments: { ...MAP_LIKE, set: (_key: string, _value: object) => true } },
    /give mapEnrollments\(/,
  ],
  [
    { enrollments: Promise.resolve(mapEnrollments(new Map())) },
    /enrollments is a Promise.* Await it first/,
  ],
  [{ enrollments: mapEnrollments }, /enrollments is a function\. Call it and give what it makes/],
  [
    { enrollments: Object.assign(verb.bind(undefined), { findOne: verb }) },
    /enrollments is a function.*docs\/enrollments\.md/,
  ],
  [{ userId: 'id' }, /userId is "id"\. Give a function/],
  [{ counter: {} }, /counter is an object\. It has no add\(\)\. Give redisCounter/],
  [{ mountPath: 'second-factor' }, /mountPath is "second-factor"\. .* such as \/second-factor\.$/],
  [
    { loginPath: 'signin' },
    /loginPath is "signin"\. .* begins with one slash, such as \/signin\.$/,
  ],
  [{ loginPath: 7 }, /loginPath is 7\. .*, such as \/login\.$/],
  [{ logoutPath: 'https://acme.example/logout' }, /logoutPath is .*, such as \/logout\.$/],
  [{ homePath: '//acme.example' }, /homePath is .*, such as \/account\.$/],
  [{ basePath: { browser: '/', app: '' } }, /basePath\.app is "".*, such as \/shop\.$/],
  [{ secret: 'a'.repeat(40) }, /secret is a string of 40 characters\. It repeats itself.*openssl/],
  [{ secret: 'ab'.repeat(20) }, /It repeats itself/],
  [{ secret: 'abc12'.repeat(8) + 'a' }, /It repeats itself/],
  [{ secret: '0123456789'.repeat(4) }, /It repeats itself/],
  [{ secret: 'change-me-now-and-soon '.repeat(2) }, /It repeats itself/],
  [{ secret: [SECRET, 'x'.repeat(32)] }, /secret\[1\] is a string of 32 characters\. It repeats/],
  [
    { defaultCountry: 'FR' },
    /defaultCountry is "FR"\. .* those of FR, which is not in allowedCountries \(US, CA\)/,
  ],
  [
    { allowedCountries: ['GB', 'IE'] },
    /defaultCountry is undefined\. .* those of US, which is not in allowedCountries \(GB, IE\)/,
  ],
  [{ mountPath: '/t/:tenant/second-factor' }, /mountPath is .*\. Give one path, without query/],
  [{ mountPath: '/' }, /mountPath is .*\. Give a path of its own, such as \/second-factor: at \//],
  [{ mountPath: '' }, /mountPath is/],
  [{ mountPath: '/second-factor?from=app' }, /mountPath is .*\. Give one path, without query/],
  [{ mountPath: '/second-factor/*page' }, /mountPath is .*\. Give one path, without query/],
  [{ mountPath: '//evil.example' }, /mountPath is/],
  [{ basePath: 'shop' }, /basePath is "shop"\. Give a path/],
  [{ basePath: '//evil.example' }, /basePath is/],
  [{ basePath: '/shop?a' }, /basePath is .* without a query/],
  [{ basePath: { browser: '/shop' } }, /basePath\.app is undefined\. Give a path/],
  [{ basePath: { browser: '/', path: '/' } }, /basePath\.path is "\/"\. There is no such option/],
  [{ basePath: 7 }, /basePath is 7\. Give a path such as/],
  [{ enrollment: 'always' }, /enrollment is "always"\. Give 'optional', 'required' or a function/],
  [{ allowedCountries: ['US', 'XX'] }, /allowedCountries\[1\] is "XX"/],
  [{ allowedCountries: [] }, /allowedCountries is \[\]/],
  [{ defaultCountry: 'usa' }, /defaultCountry is "usa"/],
  [{ origins: ['acme.example'] }, /origins\[0\] is "acme\.example"\. Give scheme, host and port/],
  [{ clock: 5 }, /clock is 5\. Give a function/],
  [
    { secert: SECRET },
    /secert is a string of \d+ characters\. There is no such option\. Did you mean `secret`\?$/,
  ],
  [{ limits: { codeLength: 5 } }, /limits\.codeLength is 5\. Give a whole number from 6 to 10/],
  [{ limits: { codeLength: '6' } }, /limits\.codeLength is the string "6"/],
  [{ limits: { resendWait: [] } }, /limits\.resendWait is \[\]\. A limit cannot be switched off/],
  [{ limits: { resendWait: [5] } }, /limits\.resendWait\[0\] is 5\. Give a whole number from 15/],
  [
    { limits: { textsPerPhone: [{ count: 0, seconds: 60 }] } },
    /limits\.textsPerPhone\[0\]\.count is 0/,
  ],
  [{ limits: { textsPerPhone: 5 } }, /limits\.textsPerPhone is 5\. Give a list/],
  [{ limits: { hardStop: 5 } }, /limits\.hardStop is 5\. Make it at least limits\.lockAfter/],
  [{ limits: { hardStop: 101 } }, /limits\.hardStop is 101/],
  [{ limits: { ttl: 601 } }, /limits\.ttl is 601\. There is no such option\. docs\/options\.md/],
  [
    { limits: { textsPerUser: [{ count: 5, seconds: 60, minutes: 1 }] } },
    /limits\.textsPerUser\[0\]\.minutes is 1\. There is no such option\. There are count, seconds\./,
  ],
  [{ limits: { textsPerUser: [5] } }, /limits\.textsPerUser\[0\] is 5\. Give \{ count, seconds \}/],
  [
    { limits: { conversionPerBlock: { hour: 5, day: 9, week: 20 } } },
    /limits\.conversionPerBlock\.week is 20\. There is no such option\. There are hour, day\./,
  ],
  [{ limits: { conversionPerBlock: 5 } }, /limits\.conversionPerBlock is 5\. Give \{ hour, day \}/],
  [{ limits: [] }, /limits is \[\]\. Give an object such as \{ codeLength: 8 \}/],
  [{ limits: 5 }, /limits is 5/],
] as [object, RegExp][])(
  '%j is refused with a sentence that names it and the cure',
  (change, said) => {
    expect(make(change)).toThrow(TypeError);
    expect(make(change)).toThrow(said);
  },
);

test('a secret is never repeated in an error', () => {
  for (const change of [{ secret: 'hunter2' }, { secret: ['hunter2'] }, { secert: ['hunter2'] }]) {
    expect(make(change)).toThrow(TypeError);
    expect(make(change)).not.toThrow(/hunter2/);
  }
});

test('no options at all is a sentence, too', () => {
  expect(() => createSecondFactor(undefined as never)).toThrow(
    /the argument of createSecondFactor\(\) is undefined\. Give an object of options/,
  );
});

test('the gate checks its options when it is mounted', () => {
  const secondFactor = createSecondFactor(fewestOptions());
  expect(() => secondFactor.require({ maxAge: -1 })).toThrow(/require\(\{ maxAge \}\) is -1/);
  expect(() => secondFactor.require({ maxage: 300 } as never)).toThrow(
    /maxage.*There is no such option/,
  );
  expect(() => secondFactor.require({ redirectTo: 'https://evil.example' })).toThrow(/redirectTo/);
  expect(() => secondFactor.enforce({ allow: ['logout'] })).toThrow(/enforce\(\{ allow \}\)/);
});

test.each([
  [{ refusal: 'throw' }, /challenge\(\{ refusal \}\) is "throw"\. Give 'respond' or 'next'/],
  [
    { refusals: 'next' },
    /challenge\(\{ refusals \}\) is "next"\. There is no such option\. Did you mean `refusal`\? There is only refusal/,
  ],
  [null, /the argument of challenge\(\) is null/],
])('challenge(%j) is refused when it is mounted', (options, said) => {
  const secondFactor = createSecondFactor(fewestOptions());
  expect(() => secondFactor.challenge(options as never)).toThrow(TypeError);
  expect(() => secondFactor.challenge(options as never)).toThrow(said);
  expect(() => secondFactor.challenge({ refusal: 'next' })).not.toThrow();
});

test.each<[unknown, unknown, RegExp]>([
  [
    'verifed',
    () => undefined,
    /first argument of on\(\) is "verifed"\. There is no such event\. There are sent/,
  ],
  ['toString', () => undefined, /on\(\) is "toString"/],
  [undefined, () => undefined, /on\(\) is undefined/],
  ['verified', undefined, /the second argument of on\(\) is undefined\. Give a function/],
])('on(%p, %p) would never tell anybody anything, and is refused', (name, listener, said) => {
  const secondFactor = createSecondFactor(fewestOptions());
  expect(() => secondFactor.on(name as never, listener as never)).toThrow(TypeError);
  expect(() => secondFactor.on(name as never, listener as never)).toThrow(said);
});

const sendCommand = () => Promise.resolve();
const swallowing = Object.assign(new Map(), { throwOnErrors: false });

test.each<[string, () => unknown, RegExp]>([
  [
    'redisCounter({})',
    () => redisCounter({} as never),
    /sendCommand \}\) is undefined\. Give a function/,
  ],
  [
    'a prefix',
    () => redisCounter({ sendCommand, prefix: 7 as never }),
    /redisCounter\(\{ prefix \}\) is 7\. Give a text/,
  ],
  [
    'a clock',
    () => memoryCounter({ clock: 7 as never }),
    /memoryCounter\(\{ clock \}\) is 7\. Give a function/,
  ],
  ['null', () => memoryCounter(null as never), /the argument of memoryCounter\(\) is null/],
  [
    'no map',
    () => mapEnrollments(undefined as never),
    /the argument of mapEnrollments\(\) is undefined\. Give a Map or a Keyv/,
  ],
  [
    'a Set',
    () => mapEnrollments(new Set() as never),
    /mapEnrollments\(\) is a Set\. Give a Map or a Keyv/,
  ],
  [
    'such a Keyv',
    () => mapEnrollments(swallowing),
    /throwOnErrors of the argument of mapEnrollments\(\) is false/,
  ],
])('a counter or a map made of %s says what it needs', (_what, made, said) => {
  expect(made).toThrow(TypeError);
  expect(made).toThrow(said);
});

test.each(['unlock', 'reset', 'revoke'] as const)(
  'admin.%s changes nothing for a wrong user id or without an operator',
  async (verb) => {
    const { admin } = createSecondFactor(fewestOptions());
    const by = { operator: 'Jo' };
    const call = `admin.${verb}('42', { operator: 'Jo' })`;
    for (const id of [undefined, 42, '']) {
      const done = admin[verb](id as never, by);
      await expect(done).rejects.toThrow(TypeError);
      await expect(done).rejects.toThrow(
        `the user id of admin.${verb}() is ${JSON.stringify(id)}. Give a text: ${call}.`,
      );
    }
    for (const action of [undefined, {}, 'Jo', { operator: '' }, { operator: 7 }]) {
      const done = admin[verb]('42', action as never);
      await expect(done).rejects.toThrow(TypeError);
      await expect(done).rejects.toThrow(`Say who does it: ${call}.`);
    }
    await expect(admin[verb]('42', by)).resolves.toBeUndefined();
  },
);

test('admin.status takes a user id', async () => {
  const { admin } = createSecondFactor(fewestOptions());
  const said = "the user id of admin.status() is 42. Give a text: admin.status('42').";
  await expect(admin.status(42 as never)).rejects.toThrow(said);
  expect(await admin.status('42')).toMatchObject({ enrolled: false });
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

describe('origins', () => {
  const origins = checkOrigins([
    'https://www.acme.example',
    'https://acme.example:8443',
    'capacitor://localhost',
    'ionic://localhost',
    'app://acme',
    'chrome-extension://abcdefghijklmnopabcdefghijklmnop',
    'moz-extension://0b1d2c3e-1234-4321-aaaa-0123456789ab',
    'tauri://localhost:1420',
    'https://*.acme.example',
    'http://*.dev.acme.example:3000',
    'http://[::1]:3000',
  ]);

  test.each([
    ['https://www.acme.example', true],
    ['https://acme.example:8443', true],
    ['https://acme.example', false],
    ['capacitor://localhost', true],
    ['capacitor://localhost:80', false],
    ['capacitor://localhost.evil.example', false],
    ['ionic://localhost', true],
    ['app://acme', true],
    ['app://other', false],
    ['chrome-extension://abcdefghijklmnopabcdefghijklmnop', true],
    ['moz-extension://0b1d2c3e-1234-4321-aaaa-0123456789ab', true],
    ['tauri://localhost:1420', true],
    ['http://[::1]:3000', true],
    ['https://a.acme.example', true],
    ['https://a-1.acme.example', true],
    ['https://xn--e1afmkfd.acme.example', true],
    ['https://a.b.acme.example', false],
    ['https://.acme.example', false],
    ['https://-.acme.example', false],
    ['https://a.acme.example:444', false],
    ['http://a.acme.example', false],
    ['https://a.acmexexample', false],
    ['https://evil-acme.example', false],
    ['https://evil.example/.acme.example', false],
    ['https://evil.example#.acme.example', false],
    ['https://evil.example\\n.acme.example', false],
    ['https://a.acme.example.evil.example', false],
    ['https://*.acme.example', false],
    ['http://a.dev.acme.example:3000', true],
    ['http://a.dev.acme.example', false],
    ['null', false],
    ['', false],
  ])('%p matches: %p', (origin, is) => {
    expect(origins.has(origin)).toBe(is);
  });

  test.each([
    '*',
    'null',
    '',
    'https://*',
    'https://*.com',
    'https://*.localhost',
    'https://*.127.0.0.1',
    'https://*.*.example',
    'https://a.*.example',
    'https://a*.acme.example',
    'https://*acme.example',
    'https://*.acme.example/',
    'https://*.Acme.example',
    'https://*.acme.example:443',
    '*://acme.example',
    'chrome-extension://*',
    'capacitor://*.acme.example',
    'capacitor://',
    'capacitor://localhost/',
    'capacitor://Localhost',
    'Capacitor://localhost',
    'capacitor:localhost',
    'capacitor://user@localhost',
    'https://acme.example/',
    'https://acme.example/path',
    'https://user@acme.example',
    'https://ACME.example',
    'acme.example',
    'file://',
    'file://localhost',
    'data:text/html,x',
    'ws://acme.example',
    'https://acme.example, https://b.example',
  ])('%p is refused with the cure', (origin) => {
    expect(() => checkOrigins(['https://b.example', origin])).toThrow(TypeError);
    expect(() => checkOrigins(['https://b.example', origin])).toThrow(
      /^passport-sms-2fa: origins\[1\] is .*(?:Give|give|A star stands)/,
    );
  });
});
