import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import session from 'express-session';
import type { Counter } from '../../lib';
import { createEventHub } from '../../lib/core/emit';
import type { SecondFactorEvents } from '../../lib/core/events';
import { memoryCounter } from '../../lib/counters/memory-counter';
import { SecondFactorError } from '../../lib/errors';
import {
  findingsOf,
  logEvents,
  operatorLog,
  tellOperator,
  wordsOf,
} from '../../lib/express/operator';
import {
  pending,
  PHONES,
  signIn,
  startApp,
  verified,
  type Agent,
  type TestApp,
  type TestAppOptions,
} from '../helpers/app';
import { isSession } from '../helpers/stores';
import { gateWorld } from './gate-world';

let lines: string[];
let app: TestApp | undefined;
const logger = {
  warn: (line: string) => void lines.push(`warn ${line}`),
  error: (line: string) => void lines.push(`error ${line}`),
};
beforeEach(() => {
  lines = [];
});
afterEach(async () => {
  jest.restoreAllMocks();
  await app?.close();
  app = undefined;
});

async function start(options: TestAppOptions = {}): Promise<TestApp> {
  app = await startApp({ ...options, factor: { logger, ...options.factor } });
  return app;
}
/** Lines are said beside the answer. */
const said = async (): Promise<string[]> => {
  await new Promise((resolve) => setImmediate(resolve));
  return lines;
};
const challenge = '/second-factor/challenge';

/** What is said of one event. */
async function lineOf<Name extends keyof SecondFactorEvents>(
  name: Name,
  facts: Partial<SecondFactorEvents[Name]>,
): Promise<string[]> {
  return linesOf([name, facts]);
}

/** What is said of these events, all in the same minute. */
async function linesOf<Name extends keyof SecondFactorEvents>(
  ...each: [name: Name, facts: Partial<SecondFactorEvents[Name]>][]
): Promise<string[]> {
  const events = createEventHub((name, error) => void lines.push(`${name}: ${String(error)}`));
  logEvents(
    events,
    operatorLog(logger, () => 0),
  );
  for (const [name, facts] of each) {
    events.emit(name, { at: 1, userId: 'A', ...facts } as SecondFactorEvents[Name]);
  }
  return said();
}

const refused = { code: 'delivery_failed', phone: '••• ••• ••42' } as const;
const cure = 'Register the number under 10DLC.';
const low = { budget: 'conversion-country', country: 'US', limit: 100 };

test.each([
  [
    'send_refused',
    {
      ...refused,
      reason: 'from_rejected',
      carrier: { status: 422, says: 'not registered', supportId: '8f20a349-ebc0', cure },
    },
    /^error passport-sms-2fa: send_refused: a text did not go out \(from_rejected, HTTP 422, the carrier says "not registered", support id 8f20a349-ebc0\)\. Register the number under 10DLC\.$/,
  ],
  [
    'send_refused',
    { ...refused, reason: 'credentials_rejected' },
    /^error .*\(credentials_rejected\)\. Check the keys/,
  ],
  [
    'send_refused',
    { ...refused, reason: 'unknown_outcome' },
    /^error .*nobody knows of a text .*look it up/,
  ],
  [
    'send_refused',
    { ...refused, error: new Error('captcha is down') },
    /^error .*beforeSend failed: captcha is down\. No text goes out/,
  ],
  ['send_refused', refused, /^error .*\(no reason was given\)\. The event/],
  [
    'send_refused',
    { ...refused, code: 'phone_invalid', reason: 'to_rejected' },
    /^error .*\(to_rejected\)\. The number cannot be texted/,
  ],
  [
    'budget_alert',
    { budget: 'overall', count: 80, limit: 100 },
    /^warn .*80 of 100 texts .*Raise limits\.overall/,
  ],
  [
    'budget_alert',
    { budget: 'overall', count: 100, limit: 100 },
    /^error .*100 of 100 .*Nobody gets a text/,
  ],
  ['conversion_low', { ...low, step: 'near' }, /^warn .*US.*not entered; 100 .*Soon .*beforeSend/],
  [
    'conversion_low',
    { ...low, step: 'first' },
    /may be\. Clients with an unanswered text are refused there\. Somebody/,
  ],
  ['conversion_low', { ...low, step: 'second' }, /^warn .*Everybody is refused/],
  ['conversion_low', { ...low, step: 'over' }, /^warn .*go out again\.$/],
  [
    'store_failed',
    {
      error: new SecondFactorError('store_unavailable', 'The session store failed', {
        cause: new Error('connect ECONNREFUSED'),
      }),
    },
    /^error .*store_failed: a store failed, and the gate stayed shut: The session store failed\. connect ECONNREFUSED\. See that/,
  ],
  [
    'store_failed',
    {
      error: new SecondFactorError('store_unavailable', 'counter.settle failed: no connection', {
        cause: new Error('no connection'),
      }),
    },
    /the gate stayed shut: counter\.settle failed: no connection\. See that/,
  ],
  [
    'store_failed',
    {
      error: new SecondFactorError('store_unavailable', 'get answered: phone is missing.', {
        cause: new Error('phone is missing. Return what set was given (docs/enrollments.md).'),
      }),
    },
    /the gate stayed shut: get answered: phone is missing\. Return what set was given \(docs\/enrollments\.md\)\.$/,
  ],
  [
    'store_failed',
    {
      error: new SecondFactorError('store_unavailable', 'counter.settle failed', {
        cause: new Error("OOM command not allowed when used memory > 'maxmemory'."),
      }),
    },
    /^error .*store_failed: a store is out of memory .*OOM command not allowed .*raise maxmemory.*so that nobody signs in/,
  ],
  ...(
    [
      [
        { code: '53300', message: 'sorry, too many clients already' },
        /no connection left.*pools smaller/,
      ],
      [
        { code: 'ER_CON_COUNT_ERROR', message: 'Too many connections' },
        /no connection left.*max_connections/,
      ],
      [{ message: 'ERR max number of clients reached' }, /no connection left.*maxclients/],
      [{ message: 'LOADING Redis is loading the dataset in memory' }, /is not ready yet.*Nothing/],
      [
        { code: '57P03', message: 'the database system is starting up' },
        /is not ready yet.*Nothing/,
      ],
      [
        { code: 'ENOTFOUND', message: 'getaddrinfo ENOTFOUND db' },
        /cannot be looked up.*Check the host/,
      ],
      [
        { code: 'DEPTH_ZERO_SELF_SIGNED_CERT', message: 'self-signed certificate' },
        /TLS.*NODE_EXTRA_CA_CERTS/,
      ],
      [{ message: 'The server does not support SSL connections' }, /TLS.*at both or at neither/],
      [
        { code: '28P01', message: 'password authentication failed for user "app"' },
        /this user or password.*Check user/,
      ],
      [
        { message: 'WRONGPASS invalid username-password pair' },
        /this user or password.*Check user/,
      ],
      [{ message: 'NOAUTH Authentication required.' }, /this user or password.*Check user/],
      [
        { code: 'ER_ACCESS_DENIED_ERROR', message: 'Access denied for user' },
        /this user or password/,
      ],
      [
        { errorCode: 'P1000', message: 'Authentication failed against database server' },
        /this user or password/,
      ],
      [
        { code: '3D000', message: 'database "acme" does not exist' },
        /no such database.*Make the database/,
      ],
      [{ message: 'ERR DB index is out of range' }, /no such database/],
      [
        { code: '57014', message: 'canceling statement due to statement timeout' },
        /gave up at a time limit of its own.*statement_timeout/,
      ],
      [
        { code: '55P03', message: 'canceling statement due to lock timeout' },
        /while it waited for a lock.*Find what holds it up/,
      ],
      [
        { code: 'ER_LOCK_WAIT_TIMEOUT', message: 'Lock wait timeout exceeded' },
        /while it waited for a lock/,
      ],
      [{ code: 'SQLITE_BUSY', message: 'database is locked' }, /waited for a lock.*busy_timeout/],
      [{ message: 'BUSY Redis is busy running a script.' }, /Find what holds it up.*slow script/],
      [
        { message: 'MISCONF Redis is configured to save RDB snapshots' },
        /out of memory or disk.*free some/,
      ],
      [
        { code: '42501', message: 'permission denied for table second_factor_counts' },
        /for table second_factor_counts\. Make what is missing, or grant the right: docs\/counters\.md/,
      ],
      [
        { code: '42P01', message: 'relation "second_factor_counts" does not exist' },
        /relation "second_factor_counts" does not exist\. Make what/,
      ],
      [
        { code: '42P01', message: 'relation "acme_user_second_factors" does not exist' },
        /relation "acme_user_second_factors" does not exist/,
      ],
      [
        { message: "Table 'shop.user_second_factors_of_ours' doesn't exist" },
        /shop\.user_second_factors_of_ours/,
      ],
    ] as const
  ).map(
    ([cause, line]) =>
      [
        'store_failed',
        {
          error: new SecondFactorError('store_unavailable', 'A call failed', {
            cause: Object.assign(new Error(), cause),
          }),
        },
        line,
      ] as const,
  ),
  [
    'store_failed',
    {
      error: new SecondFactorError('store_unavailable', 'sessionStore.set failed', {
        cause: new Error("READONLY You can't write against a read only replica."),
      }),
    },
    /^error .*store_failed: a store takes no writes.*READONLY.* Connect to the primary/,
  ],
] as const)('[S199] %s with %j is one line with its cure', async (name, facts, line) => {
  const told = await lineOf(name, facts as never);
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(line);
  expect(told[0]).not.toContain('\n');
});

test.each([
  ['send_refused', { ...refused, code: 'resend_too_soon' }],
  ['send_refused', { ...refused, code: 'sending_suspended', budget: 'conversion-country' }],
  ['send_refused', { ...refused, code: 'phone_opted_out', reason: 'opted_out' }],
  ['verified', {}],
  ['failed', { attemptsLeft: 4 }],
] as const)('%s with %j breaks nothing, and nothing is said', async (name, facts) => {
  expect(await lineOf(name, facts as never)).toEqual([]);
});

test.each<[string, Partial<SecondFactorEvents['send_refused']>]>([
  ['a limit', { code: 'send_limit_reached', budget: 'phone' }],
  ['a number that is none', { code: 'phone_invalid' }],
  ['STOP', { ...refused, reason: 'opted_out' }],
  ['STOP, by its own code', { code: 'phone_opted_out', reason: 'opted_out' }],
])(
  '[S199] of a text that did not go out for %s nothing is said: nothing broke',
  async (_, facts) => {
    expect(await lineOf('send_refused', facts)).toEqual([]);
  },
);

test('[S199] what breaks beside something else is said in the same minute, and once', async () => {
  const because = (message: string): Partial<SecondFactorEvents['store_failed']> => ({
    error: new Error(message),
  });
  const all: [keyof SecondFactorEvents, object][] = [
    ['store_failed', because('connect ECONNREFUSED')],
    ['store_failed', because('OOM command not allowed')],
    ['store_failed', because('LOADING Redis is loading the dataset in memory')],
    ['send_refused', refused],
    ['send_refused', { ...refused, reason: 'credentials_rejected' }],
    ['send_refused', { ...refused, reason: 'rate_limited' }],
    ['send_refused', { ...refused, error: new Error('captcha is down') }],
    ['budget_alert', { budget: 'overall', count: 80, limit: 100 }],
    ['budget_alert', { budget: 'overall', count: 100, limit: 100 }],
    ['budget_alert', { budget: 'overall', count: 100, limit: 120 }],
    ['conversion_low', { ...low, step: 'near' }],
    ['conversion_low', { ...low, step: 'first' }],
    ['conversion_low', { ...low, step: 'near', country: 'CA' }],
    ['conversion_low', { ...low, step: 'near', budget: 'conversion-block' }],
  ];
  expect(await linesOf(...all, ...all)).toHaveLength(all.length);
});

test('[S199] what is said of each kind is not kept for ever: with a thousand of them all begin anew', async () => {
  const tell = operatorLog(logger, () => 0);
  const kinds = Array.from({ length: 1_000 }, (_, kind) => String(kind));
  for (const kind of [...kinds, ...kinds, 'one more', '999', '999']) tell('warn', kind, kind);
  expect((await said()).slice(1_000)).toEqual([
    'warn passport-sms-2fa: one more',
    'warn passport-sms-2fa: 999',
  ]);
});

test.each<[unknown, string]>([
  [new Error('get failed'), 'get failed.'],
  [new Error('get failed!'), 'get failed!'],
  [new Error('get failed', { cause: new Error('no route') }), 'get failed. no route.'],
  [new Error('get failed: no route', { cause: new Error('no route.') }), 'get failed: no route.'],
  [
    new Error('get failed: v1.2 is old', { cause: new Error('v1.2 is old. Take 2.0! Now?') }),
    'get failed: v1.2 is old. Take 2.0! Now?',
  ],
  [new Error('', { cause: new Error('no route') }), 'no route.'],
  [new Error('get failed', { cause: 'a text' }), 'get failed.'],
  [new Error(''), 'no error was given.'],
  ['a text', 'no error was given.'],
  [undefined, 'no error was given.'],
])('[S199] %p is said with what caused it, each sentence once: %s', (error, words) => {
  expect(wordsOf(error)).toBe(words);
});

test('what is set up wrong is told once for each code, and check() finds it with its cure', () => {
  const warn = jest.fn();
  const { edge } = gateWorld({ warn });
  expect([...findingsOf(edge)]).toEqual([]);
  for (const says of ['First.', 'Again.']) tellOperator(edge, 'SMS2FA_BODY', says, 'Mend it.');
  tellOperator(edge, 'SMS2FA_ADDRESS', 'Other.', 'Mend that.');
  expect(warn.mock.calls).toEqual([
    ['SMS2FA_BODY', 'First. Mend it.'],
    ['SMS2FA_ADDRESS', 'Other. Mend that.'],
  ]);
  expect([...findingsOf(edge)]).toEqual([
    ['SMS2FA_BODY', { says: 'First.', cure: 'Mend it.' }],
    ['SMS2FA_ADDRESS', { says: 'Other.', cure: 'Mend that.' }],
  ]);
  // Of one app nothing is said in another.
  expect([...findingsOf(gateWorld().edge)]).toEqual([]);
});

test('[S199] a kind is said once a minute, each kind by itself, and the next line says how many were not', async () => {
  let now = 0;
  const tell = operatorLog(logger, () => now);
  for (const at of [0, 1, 59_999, 60_000, 119_999]) {
    now = at;
    tell('error', 'a', `a at ${at}`);
    tell('warn', 'b', `b at ${at}`);
  }
  const told = (await said()).map((line) => line.replace(' passport-sms-2fa:', ''));
  const more = '(and 2 more since the line before)';
  expect(told).toEqual([
    ...['error a at 0', 'warn b at 0'],
    ...[`error a at 60000 ${more}`, `warn b at 60000 ${more}`],
  ]);
});

test('[S199] where the counter hangs a session is saved all the same, and what is named is the counter', async () => {
  const counter = memoryCounter();
  let hangs = false;
  const settle: Counter['settle'] = (wish) =>
    hangs ? new Promise(() => undefined) : counter.settle(wish);
  const browser = (await start({ factor: { counter: { settle } } })).agent();
  await signIn(browser);
  hangs = true;
  const page = browser.get('/secret').set('Accept', 'text/html');
  // Where they were going is remembered in the session.
  await page.set('Sec-Fetch-Site', 'same-origin').expect(302);
  expect(await said()).toEqual([]);
  await browser.post(challenge).expect(503);
  expect(await said()).toEqual([
    expect.stringMatching(/stayed shut: counter\.settle failed: no answer within 1\.5 s\. See/),
  ]);
});

describe('what the app asks its session store for', () => {
  type Done = (error?: unknown, found?: unknown) => void;
  /** A store of which a verb fails when the test says so. */
  async function failing(verb: 'get' | 'set' | 'destroy' | 'touch') {
    const inner = new session.MemoryStore();
    const own = (inner as unknown as Record<string, (...given: unknown[]) => unknown>)[verb]!;
    const failure = { on: false };
    const store = Object.assign(inner, {
      [verb]: (...given: unknown[]) =>
        failure.on && isSession(String(given[0]))
          ? (given.at(-1) as Done)(new Error('the disk is gone'))
          : own.apply(inner, given),
    });
    const made = await start({ store });
    const events: unknown[] = [];
    made.secondFactor.on('store_failed', ({ error }) => void events.push(error));
    const browser = made.agent();
    await pending(made, browser);
    await made.clock.advance(61);
    failure.on = true;
    return { browser, events };
  }

  test.each([
    ['get', ', and the gate stayed shut', (browser: Agent) => browser.get('/open').expect(503)],
    // express-session has sent the answer by then.
    ['set', '', (browser: Agent) => browser.post('/cart').expect(200)],
    ['destroy', '', (browser: Agent) => browser.post('/logout').expect(503)],
  ] as const)(
    '[S199] is told where it fails to %s, though no guard of the library sees that',
    async (verb, then, ask) => {
      const { browser, events } = await failing(verb);
      await ask(browser);
      expect(await said()).toEqual([
        expect.stringMatching(
          `store failed${then}: sessionStore\\.${verb} failed: the disk is gone\\. See that`,
        ),
      ]);
      expect(events).toEqual([expect.objectContaining({ status: 503 })]);
    },
  );

  test('[S199] and told once where a guard is handed the same error', async () => {
    const { browser, events } = await failing('set');
    // Where they were going is saved in the session.
    const page = browser.get('/secret').set('Accept', 'text/html');
    await page.set('Sec-Fetch-Site', 'same-origin').expect(503);
    expect(await said()).toEqual([expect.stringContaining('sessionStore.set failed')]);
    expect(events).toHaveLength(1);
  });

  test('[S199] a sign-out that the counter keeps from ending is no gate that stayed shut', async () => {
    const counter = memoryCounter();
    const made = await start({ factor: { counter } });
    const browser = made.agent();
    await verified(made, browser);
    counter.settle = () => Promise.reject(new Error('the disk is gone'));
    await browser.post('/logout').expect(503);
    expect(await said()).toEqual([
      expect.stringContaining(
        'store_failed: a store failed: counter.settle failed: the disk is gone',
      ),
    ]);
  });

  test('a session that is gone when it is touched is no failure of the store', async () => {
    const { browser, events } = await failing('touch');
    await browser.get('/open');
    expect([await said(), events]).toEqual([[], []]);
  });

  test('[S199] a store that says that it is disconnected is told by requireStore()', async () => {
    const store = new session.MemoryStore();
    const made = await start({ store });
    const told: unknown[] = [];
    made.secondFactor.on('store_failed', ({ error }) => void told.push(error));
    store.emit('disconnect');
    await made.agent().get('/open').expect(503);
    expect(await said()).toEqual([
      expect.stringMatching(/store_failed: .* has said that it is disconnected.* See that/),
    ]);
    expect(told).toHaveLength(1);
  });
});

test('[S199] a logger that throws, rejects or is none changes nothing', async () => {
  const broken = {
    warn: () => Promise.reject(new Error('no disk')),
    error: () => {
      throw new Error('no disk');
    },
  };
  for (const each of [broken, undefined]) {
    const tell = operatorLog(each, () => 0);
    tell('warn', 'a', 'a');
    tell('error', 'b', 'b');
  }
  expect(await said()).toEqual([]);
});

test('[S199] what an error says of a number, a code, a key or an address is not said', async () => {
  const secret = 'c2VjcmV0IG9mIHRoZSBhcHAgdGhhdCBpcyBsb25n';
  const message = `SET sms2fa:${secret} failed for +1 (206) 555-0142, code 482913,\nat https://u:p@redis.example`;
  const [line = ''] = await lineOf('store_failed', { error: new Error(message) });
  for (const each of [secret, '555', '0142', '482913', 'redis.example', '\n']) {
    expect(line).not.toContain(each);
  }
  expect(line).toContain('failed for');
});

test('[S199] names of our own are readable, however long: options, tables, settings and pages', async () => {
  const docs = join(__dirname, '..', '..', 'docs');
  const pages = readdirSync(docs, { recursive: true }).map((page) => `docs/${String(page)}`);
  const text = [
    'options',
    'limits',
    'events',
    'json-api',
    'command-line',
    'counters',
    'enrollments',
  ]
    .map((page) => readFileSync(join(docs, `${page}.md`), 'utf8'))
    .join('\n');
  const named = [...text.matchAll(/^\| `([\w.]+)`/gm)].map(([, name = '']) => name);
  const names = [...pages.filter((page) => page.endsWith('.md')), ...named].filter(
    (name) => name.length >= 20,
  );
  expect(names.length).toBeGreaterThan(20);
  const hidden = [];
  for (const name of [...names, 'second_factor_counts', 'second_factor_enrollments']) {
    const [line = ''] = await lineOf('store_failed', { error: new Error(`see ${name}`) });
    if (!line.includes(`see ${name}`)) hidden.push(name);
    lines = [];
  }
  expect(hidden).toEqual([]);
});

test.each([
  'abcdefghijklmnopqrstuvwxyz',
  'correct_horse_battery_staple',
  'SECOND_FACTOR_SECRET=c2VjcmV0',
  'second_factor_counts/c2VjcmV0',
  'docs/c2VjcmV0IG9mIHRoZSBhcHA',
  'table c2VjcmV0IG9mIHRoZSBhcHA',
  'table correct_horse_battery_stapleX9',
])('[S199] %s is none of them', async (key) => {
  const [line = ''] = await lineOf('store_failed', { error: new Error(`see ${key}`) });
  expect(line).toMatch(/see (?:table )?\(hidden\)/);
});

test.each(['-', ' ', '/', '.', ' · ', '\u2011', '\u2013', ', ', '_', '\u200b', ' | '])(
  '[S199] nor is it where its digits are written apart (%j)',
  async (gap) => {
    const [phone, code] = [['+1', '206', '555', '0142'].join(gap), ['482', '913'].join(gap)];
    const error = new Error(`no text to ${phone} with the code ${code}, or ²⁰⁶⁵⁵⁵`);
    const [line = ''] = await lineOf('store_failed', { error });
    expect(line).toContain('no text to +(digits) with the code (digits), or (digits).');
  },
);

test('[S199] a sender, a store, a hook and a listener that fail are each said once, however often', async () => {
  let hook: 'fails' | 'passes' = 'fails';
  const beforeSend = (): boolean => {
    if (hook === 'fails') throw new Error('captcha is down');
    return true;
  };
  // eslint-disable-next-line @typescript-eslint/unbound-method -- they need no this
  const { agent, outbox, secondFactor, clock, enrollments } = await start({
    factor: { beforeSend },
  });
  secondFactor.on('send_refused', () => {
    throw new Error('the log is full');
  });
  const browser = agent();
  await signIn(browser);
  for (let again = 0; again < 2; again += 1) {
    await browser.post(challenge).send({}).expect(503);
    await clock.advance(31);
  }
  hook = 'passes';
  const send = outbox.send.bind(outbox);
  outbox.send = () =>
    Promise.reject(
      new SecondFactorError('delivery_failed', 'no', {
        refused: true,
        reason: 'credentials_rejected',
      }),
    );
  await browser.post(challenge).send({}).expect(502);
  outbox.send = send;
  enrollments.get = () => {
    throw new Error('the database is away');
  };
  await browser.post(challenge).send({}).expect(503);
  const told = await said();
  expect(told.filter((line) => line.includes('beforeSend failed: captcha is down'))).toHaveLength(
    1,
  );
  expect(
    told.filter((line) =>
      line.includes('a listener of the event send_refused failed: the log is full'),
    ),
  ).toHaveLength(2);
  expect(told.filter((line) => line.includes('credentials_rejected'))).toHaveLength(1);
  expect(told.filter((line) => line.includes('store_failed'))).toHaveLength(1);
  expect(told.join('\n')).not.toContain(PHONES.A.slice(-4));
});

test('[S199] what is misconfigured is said, and thrown to the app as before', async () => {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- they need no this
  const { agent } = await start({ factor: { userId: () => ({}) as never } });
  const browser = agent();
  await signIn(browser);
  await browser.post(challenge).send({}).expect(500);
  expect(await said()).toMatchObject([expect.stringMatching(/^error .*misconfigured: .*userId/)]);
});

test('[S199] what is set up wrong goes where the lines go: to the logger, with its code, or nowhere', async () => {
  const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const until = new Date(Date.now() + 86_400_000).toISOString();
  const testNumbers = { testNumbers: { [PHONES.A]: '424242' }, testNumbersUntil: until };
  for (const given of [logger, false, undefined] as const) {
    // eslint-disable-next-line @typescript-eslint/unbound-method -- they need no this
    const { agent, close } = await startApp({ factor: { ...testNumbers, logger: given } });
    await agent().get('/second-factor').set('X-Forwarded-For', '192.0.2.7');
    await said();
    await close();
    expect(warnings.mock.calls.length).toBe(given === undefined ? 2 : 0);
    expect(lines).toEqual([
      expect.stringMatching(/^warn passport-sms-2fa: SMS2FA_TEST_NUMBERS: 1 test number/),
      expect.stringMatching(/^warn passport-sms-2fa: SMS2FA_TRUST_PROXY: A request/),
    ]);
  }
});

test('a logger that fails fails no start', async () => {
  const fail = () => {
    throw new Error('no disk');
  };
  // eslint-disable-next-line @typescript-eslint/unbound-method -- they need no this
  const { agent } = await start({ factor: { logger: { warn: fail, error: fail } } });
  await agent().get('/second-factor').set('X-Forwarded-For', '192.0.2.7').expect(401);
});

test('[S199] the default is the console, and false is silence', async () => {
  const errors = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  for (const [given, count] of [
    [undefined, 1],
    [false, 1],
  ] as const) {
    // eslint-disable-next-line @typescript-eslint/unbound-method -- they need no this
    const { agent, outbox, close } = await startApp({ factor: { logger: given } });
    outbox.send = () => Promise.reject(new Error('no line'));
    await pending({ outbox } as never, agent()).catch(() => undefined);
    await said();
    expect(errors).toHaveBeenCalledTimes(count);
    await close();
  }
  expect(String(errors.mock.calls[0])).toMatch(/^passport-sms-2fa: send_refused: nobody knows/);
});
