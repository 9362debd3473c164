import type { Counter } from '../../lib';
import type { SecondFactorEvents } from '../../lib/core/events';
import { memoryCounter } from '../../lib/counters/memory-counter';
import { SecondFactorError } from '../../lib/errors';
import { emitWithLog, operatorLog } from '../../lib/express/operator';
import {
  pending,
  PHONES,
  signIn,
  startApp,
  type TestApp,
  type TestAppOptions,
} from '../helpers/app';

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
  const emit = emitWithLog(
    () => undefined,
    operatorLog(logger, () => 0),
  );
  emit(name, { at: 1, userId: 'A', ...facts } as SecondFactorEvents[Name]);
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
  ['conversion_low', { ...low, step: 'second' }, /^warn .*Everybody is refused/],
  ['conversion_low', { ...low, step: 'over' }, /^warn .*go out again\.$/],
  [
    'store_failed',
    {
      error: new SecondFactorError('store_unavailable', 'The session store failed', {
        cause: new Error('connect ECONNREFUSED'),
      }),
    },
    /^error .*store_failed: .*The session store failed\. connect ECONNREFUSED\. See that/,
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
    /^error .*store_failed: a store is out of memory .*OOM command not allowed .*raise maxmemory/,
  ],
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

test('[S199] a kind is said once a minute, each kind by itself', async () => {
  let now = 0;
  const tell = operatorLog(logger, () => now);
  for (const at of [0, 1, 59_999, 60_000, 119_999]) {
    now = at;
    tell('error', 'a', `a at ${at}`);
    tell('warn', 'b', `b at ${at}`);
  }
  const told = (await said()).map((line) => line.replace(' passport-sms-2fa:', ''));
  expect(told).toEqual(['error a at 0', 'warn b at 0', 'error a at 60000', 'warn b at 60000']);
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
