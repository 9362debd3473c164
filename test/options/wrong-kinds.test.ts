import {
  createSecondFactor,
  emailSender,
  failoverSender,
  FlowrouteClient,
  flowrouteSender,
  mapEnrollments,
  memoryCounter,
  redisCounter,
} from '../../lib';
import { DEFAULT_LIMITS } from '../../lib/core/limits';
import { inOption, refuseUnknown } from '../../lib/misuse';
import { OPTION_NAMES } from '../../lib/options/check-options';
import { createSimulator } from '../../lib/simulator';
import { fewestOptions, SECRET } from '../helpers/app';
import { KEYS } from '../senders/carrier-server';

class Some {
  readonly kind = 'some';
}
const circle: unknown[] = [];
circle.push(circle);

/** Everything that ends up in an option by mistake, and what a message calls it. */
const KINDS = {
  nothing: [undefined, 'undefined'],
  null: [null, 'null'],
  NaN: [NaN, 'NaN'],
  number: [-7, '-7'],
  bigint: [7n, '7'],
  true: [true, 'true'],
  symbol: [Symbol('x'), 'Symbol(x)'],
  digits: ['300', 'the string "300"'],
  empty: ['', '""'],
  text: ['höchst unpassend', '"höchst unpassend"'],
  long: ['ü'.repeat(100_000), `"${'ü'.repeat(80)}"…`],
  function: [() => undefined, 'a function'],
  class: [Some, 'a class'],
  promise: [Promise.resolve('x'), 'a Promise that nobody waited for'],
  map: [new Map([['days', 7]]), 'a Map'],
  set: [new Set(), 'a Set'],
  date: [new Date(0), 'a Date'],
  bytes: [Buffer.from('x'), 'a Uint8Array'],
  pattern: [/x/, 'a RegExp'],
  list: [[], '[]'],
  circle: [circle, '[a list of 1 entry]'],
  object: [{}, 'an object'],
} as const satisfies Record<string, readonly [unknown, string]>;

type Kind = keyof typeof KINDS;

interface Option {
  /** Kinds that are right. */
  takes?: Kind[];
  /** No message shows what was given. */
  secret?: boolean;
  make: (value: unknown) => unknown;
}

const FUNCTIONS: Kind[] = ['nothing', 'function', 'class'];

const option = (name: string, more: Omit<Option, 'make'> = {}, others: object = {}): Option => ({
  takes: ['nothing'],
  make: (value) => createSecondFactor({ ...fewestOptions(), ...others, [name]: value }),
  ...more,
});
const required = { takes: [] as Kind[] };
const hook = { takes: FUNCTIONS };
const optional = { takes: ['nothing'] as Kind[] };
const list = { takes: ['nothing', 'list'] as Kind[] };

const TOP: Record<string, Option> = {
  appName: option('appName', { takes: ['digits'] }),
  domain: option('domain'),
  secret: option('secret', { takes: [], secret: true }),
  sessionStore: option('sessionStore', required),
  sender: option('sender', required),
  enrollments: option('enrollments', required),
  userId: option('userId', hook),
  credentialsEpoch: option('credentialsEpoch', hook),
  counter: option('counter'),
  basePath: option('basePath'),
  mountPath: option('mountPath'),
  loginPath: option('loginPath'),
  logoutPath: option('logoutPath'),
  homePath: option('homePath'),
  enrollment: option('enrollment', hook),
  allowedCountries: option('allowedCountries'),
  defaultCountry: option('defaultCountry'),
  numberOverrides: option('numberOverrides', list),
  origins: option('origins', list),
  hasOwnFactor: option('hasOwnFactor', hook),
  firstFactor: option('firstFactor', hook),
  acr: option('acr', hook),
  trustedDevices: option('trustedDevices', {}, { credentialsEpoch: 'none' }),
  email: option('email'),
  testNumbers: option('testNumbers', { takes: ['object'], secret: true }, until()),
  testNumbersUntil: option('testNumbersUntil', required, { testNumbers: {} }),
  enrollmentNeedsFreshLogin: option('enrollmentNeedsFreshLogin'),
  beforeSend: option('beforeSend', hook),
  onRotate: option('onRotate', hook),
  onRefused: option('onRefused', hook),
  csp: option('csp', { takes: ['nothing', 'object'] }),
  theme: option('theme', { takes: ['nothing', 'object'] }),
  terms: option('terms'),
  privacy: option('privacy'),
  support: option('support'),
  logger: option('logger'),
  messages: option('messages', { takes: ['nothing', 'object'] }),
  locale: option('locale', hook),
  layout: option('layout', hook),
  views: option('views', { takes: ['nothing', 'object'] }),
  preset: option('preset'),
  limits: option('limits', { takes: ['nothing', 'object'] }),
  // A class does not start when it is called; what it would be told is not the time either.
  clock: option('clock', hook),
};

function until(): object {
  return { testNumbersUntil: new Date(Date.now() + 86_400_000).toISOString() };
}

/** Options of an option, and of everything that is called. */
const OTHERS: Record<string, Option> = {
  ...Object.fromEntries(
    Object.keys(DEFAULT_LIMITS).map((name) => [
      `limits.${name}`,
      {
        takes: name === 'overall' ? ['nothing', 'list'] : ['nothing'],
        make: (value: unknown) =>
          createSecondFactor({ ...fewestOptions(), limits: { [name]: value } }),
      } satisfies Option,
    ]),
  ),
  ...within('trustedDevices', { credentialsEpoch: 'none' }, { days: {} }),
  ...within('enrollmentNeedsFreshLogin', {}, { signedInAt: hook }, { seconds: 60 }),
  ...within('enrollmentNeedsFreshLogin', {}, { seconds: {} }, { signedInAt: () => 0 }),
  ...within(
    'csp',
    {},
    { styleSrc: list, imgSrc: list, fontSrc: list, connectSrc: list, frameAncestors: list },
  ),
  ...within(
    'theme',
    {},
    {
      name: { takes: ['nothing', 'digits', 'text'] },
      logo: optional,
      radius: optional,
      font: optional,
      stylesheet: optional,
    },
  ),
  ...within('theme', {}, { colors: { takes: ['nothing', 'object'] } }),
  ...within('email', {}, { sender: {} }, { address: () => undefined }),
  ...within('email', {}, { address: hook }, { sender: { send: () => undefined } }),
  ...within(
    'email',
    {},
    { stepUp: { takes: ['nothing', 'true'] } },
    { sender: { send: () => undefined }, address: () => undefined },
  ),
  ...called(
    'require',
    {
      maxAge: {},
      methods: {},
      redirectTo: {},
      resume: { takes: ['nothing', 'true'] },
      transaction: hook,
    },
    (given) => createSecondFactor(fewestOptions()).require(given),
  ),
  ...called('enforce', { allow: list, redirectTo: {} }, (given) =>
    createSecondFactor(fewestOptions()).enforce(given),
  ),
  ...called('challenge', { refusal: {} }, (given) =>
    createSecondFactor(fewestOptions()).challenge(given),
  ),
  ...called(
    'webhooks',
    {
      onInbound: hook,
      help: { takes: ['nothing', 'digits'] },
      stopWords: list,
      startWords: list,
      helpWords: list,
      reportWords: list,
      addresses: list,
    },
    (given) => createSecondFactor(fewestOptions()).webhooks(given),
  ),
  ...called(
    'flowrouteSender',
    {
      accessKey: { takes: ['digits'], secret: true },
      secretKey: { takes: ['digits'], secret: true },
      apiVersion: {},
      baseUrl: {},
      timeoutMs: {},
      from: required,
      counter: {},
      lookUpDelivery: { takes: ['nothing', 'true'] },
    },
    (given) => flowrouteSender({ ...KEYS, from: '12065550100', ...given }),
  ),
  ...called(
    'FlowrouteClient',
    { retries: {}, counter: {}, clock: hook, baseUrl: {} },
    (given) => new FlowrouteClient({ ...KEYS, ...given }),
  ),
  ...called(
    'createSimulator',
    {
      accessKey: { takes: ['nothing', 'digits', 'text', 'long'], secret: true },
      secretKey: { takes: ['nothing', 'digits', 'text', 'long'], secret: true },
      from: {},
      unregistered: list,
      recordDelayMs: {},
      callbackShape: {},
      statusCode: {},
      timeScale: {},
      clock: hook,
      schedule: hook,
    },
    (given) => createSimulator(given),
  ),
  ...called('redisCounter', { sendCommand: { takes: ['function', 'class'] } }, (given) =>
    redisCounter(given as never),
  ),
  ...called(
    'redisCounter',
    { prefix: { takes: ['nothing', 'digits', 'empty', 'text', 'long'] } },
    (given) => redisCounter({ sendCommand: () => Promise.resolve(), ...given }),
  ),
  ...called('memoryCounter', { clock: hook }, (given) => memoryCounter(given)),
  ...called('emailSender', { transport: required }, (given) =>
    emailSender({ from: 'a@acme.example', ...given } as never),
  ),
  ...called('emailSender', { from: required }, (given) =>
    emailSender({ transport: { sendMail: () => Promise.resolve() }, ...given } as never),
  ),
};

/** Whole arguments. */
const ARGUMENTS: Record<string, Option> = {
  'the argument of createSecondFactor()': whole(['object'], createSecondFactor),
  'the argument of require()': whole(['nothing', 'object'], (given: never) =>
    createSecondFactor(fewestOptions()).require(given),
  ),
  'the argument of enforce()': whole(['nothing', 'object'], (given: never) =>
    createSecondFactor(fewestOptions()).enforce(given),
  ),
  'the argument of challenge()': whole(['nothing', 'object'], (given: never) =>
    createSecondFactor(fewestOptions()).challenge(given),
  ),
  'the argument of webhooks()': whole(['nothing', 'object'], (given: never) =>
    createSecondFactor(fewestOptions()).webhooks(given),
  ),
  'the argument of flowrouteSender()': whole(['object'], flowrouteSender),
  'the argument of FlowrouteClient()': whole(
    ['object'],
    (given: never) => new FlowrouteClient(given),
  ),
  'the argument of createSimulator()': whole(['nothing', 'object'], createSimulator),
  'the argument of redisCounter()': whole(['object'], redisCounter),
  'the argument of memoryCounter()': whole(['nothing', 'object'], memoryCounter),
  'the argument of emailSender()': whole(['object'], emailSender),
  'the argument of failoverSender()': whole([], failoverSender),
  'the argument of mapEnrollments()': whole(['map'], mapEnrollments),
};

function within(
  outer: string,
  others: object,
  inner: Record<string, Omit<Option, 'make'>>,
  beside: object = {},
): Record<string, Option> {
  return Object.fromEntries(
    Object.entries(inner).map(([name, more]) => [
      `${outer}.${name}`,
      {
        takes: [],
        ...more,
        ...(more === hook ? { takes: ['function', 'class'] as Kind[] } : {}),
        make: (value: unknown) =>
          createSecondFactor({
            ...fewestOptions(),
            ...others,
            [outer]: { ...beside, [name]: value },
          }),
      },
    ]),
  );
}

function called(
  verb: string,
  options: Record<string, Omit<Option, 'make'>>,
  call: (given: object) => unknown,
): Record<string, Option> {
  return Object.fromEntries(
    Object.entries(options).map(([name, more]) => [
      `${verb}({ ${name} })`,
      { takes: ['nothing'] as Kind[], ...more, make: (value: unknown) => call({ [name]: value }) },
    ]),
  );
}

function whole(takes: Kind[], call: (given: never) => unknown): Option {
  return { takes, make: (value) => call(value as never) };
}

function failure(make: () => unknown): unknown {
  try {
    make();
    return undefined;
  } catch (error) {
    return error;
  }
}

const ALL = Object.entries({ ...TOP, ...OTHERS, ...ARGUMENTS });

test.each(ALL)(
  '%s of a wrong kind is refused by its name, with what it is and the cure',
  (name, each) => {
    for (const [kind, [value, shown]] of Object.entries(KINDS)) {
      const error = failure(() => each.make(value));
      if (each.takes?.includes(kind as Kind)) {
        // An empty object may lack what it needs; then that is told.
        if (kind !== 'object') expect([kind, error]).toEqual([kind, undefined]);
        continue;
      }
      const message = error instanceof TypeError ? error.message : `no TypeError: ${String(error)}`;
      expect([kind, message.split(' is ')[0]]).toEqual([
        kind,
        expect.stringMatching(new RegExp(`^passport-sms-2fa: ${escaped(name)}`)),
      ]);
      // What lies within is told by a longer name, with its own value.
      if (message.startsWith(`passport-sms-2fa: ${name} is `) && each.secret !== true) {
        expect([kind, message]).toEqual([kind, expect.stringContaining(` is ${shown}. `)]);
      }
      if (each.secret === true && typeof value === 'string' && value.length > 0) {
        expect(message).not.toContain(value.slice(0, 3));
        expect(message).toContain(`is a string of ${value.length} characters. `);
      }
      expect([kind, message]).toEqual([
        kind,
        expect.stringMatching(/\. .*\b(?:Give|give|Make|Say|cannot be switched off)\b.*[.)]$/),
      ]);
      expect(message.length).toBeLessThan(500);
    }
  },
);

function escaped(text: string): string {
  return text.replace(/[()[\]{}.]/g, '\\$&');
}

test('every option there is stands in the table above', () => {
  expect(Object.keys(TOP).sort()).toEqual([...OPTION_NAMES].sort());
});

test.each<[string, string | undefined]>([
  ['secert', 'secret'],
  ['mountpath', 'mountPath'],
  ['MountPath', 'mountPath'],
  ['mount_path', 'mountPath'],
  ['enrolment', 'enrollment'],
  ['enrollements', 'enrollments'],
  ['allowedCountrys', 'allowedCountries'],
  ['store', 'sessionStore'],
  ['countries', 'allowedCountries'],
  ['credentialEpoch', 'credentialsEpoch'],
  ['ttl', undefined],
  ['path', undefined],
  ['x', undefined],
  ['y'.repeat(1_000), undefined],
])(
  'a wrong name is answered with the nearest one, or with where all are (case %#)',
  (name, meant) => {
    const { message } = failure(() =>
      createSecondFactor({ ...fewestOptions(), [name]: 7 }),
    ) as Error;
    const hint =
      meant === undefined
        ? 'docs/options.md of passport-sms-2fa lists those that there are.'
        : `Did you mean \`${meant}\`?`;
    expect(message.slice(message.indexOf('There is no such option'))).toBe(
      `There is no such option. ${hint}`,
    );
  },
);

test.each([
  [['alpha', 'alphb'], 'alphc', '`alpha` or `alphb`'],
  [['aaab', 'aaac', 'aaad', 'aaae'], 'aaax', '`aaab` or `aaac` or `aaad`'],
  [['onRefused', 'onRotate', 'path'], 'path', undefined],
])('names that are as near are all told, three at most: %j', (names, name, hint) => {
  const refused = () => refuseUnknown(inOption('given'), { [name]: 7 }, names);
  if (hint === undefined) expect(refused).not.toThrow();
  else
    expect(refused).toThrow(
      `There is no such option. Did you mean ${hint}? There are ${names.join(', ')}.`,
    );
});

test('a value under a wrong name is shown where it is plainly no secret, and else never', () => {
  const said = (name: string, value: unknown): string =>
    (failure(() => createSecondFactor({ ...fewestOptions(), [name]: value })) as Error).message;
  expect(said('mountpath', '/2fa')).toContain('mountpath is "/2fa". ');
  expect(said('ttl', 300)).toContain('ttl is 300. ');
  expect(said('ttl', '5m')).toContain('ttl is "5m". ');
  for (const name of ['secert', 'apiKey', 'password', 'SECRET', 'authToken', 'salt']) {
    expect(said(name, 'hunter2')).toContain(`${name} is a string of 7 characters. `);
    expect(said(name, ['hunter2'])).toContain(`${name} is a list of 1 entry. `);
  }
  expect(said('hmac', 'hunter2'.repeat(5))).toContain('hmac is a string of 35 characters. ');
});

test('a setting that the environment lacks is told as such', () => {
  const unset = 'If it comes from the environment, its variable is not set.';
  for (const value of [undefined, '', 'undefined']) {
    const changes: object[] = [{ secret: value }, { secret: [SECRET, value] }];
    if (value !== 'undefined') changes.push({ appName: value });
    for (const change of changes) {
      expect(() => createSecondFactor({ ...fewestOptions(), ...change })).toThrow(unset);
    }
    for (const change of [
      { from: value },
      ...(value === 'undefined' ? [] : [{ secretKey: value }]),
    ]) {
      const make = () => flowrouteSender({ ...KEYS, from: '12065550100', ...change } as never);
      expect(make).toThrow(unset);
    }
  }
  expect(() => createSecondFactor({ ...fewestOptions(), secret: 'short' })).not.toThrow(unset);
});
