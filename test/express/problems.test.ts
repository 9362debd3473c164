import { refuse, type Refusal } from '../../lib/core/outcomes';
import { headersOf, problemOf } from '../../lib/express/problems';
import { english } from '../helpers/core';
import { signIn, startApp, verified, type Agent, type TestApp } from '../helpers/app';
import type { TestAppOptions } from '../helpers/app';
import { FREE, ROUTER } from '../helpers/paths';
import { htmlAgent } from '../helpers/web';
import { gateWorld } from './gate-world';

const TWO = 'urn:passport-sms-2fa:acr:two-factors';
const INSUFFICIENT = 'insufficient_user_authentication';

interface Challenge {
  scheme: string;
  parameters: Record<string, string>;
}

const TOKEN = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
const QUOTED = /"((?:[\t \x21\x23-\x5b\x5d-\x7e]|\\[\t \x21-\x7e])*)"/y;

/** One challenge as RFC 9110 §11.3 writes it: a scheme, then parameters, each with a quoted-string here. */
function challengeIn(header: string): Challenge {
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray => {
    pattern.lastIndex = at;
    const found = pattern.exec(header);
    if (found === null) throw new Error(`${pattern} is not at ${at} of ${header}`);
    at = pattern.lastIndex;
    return found;
  };
  const [scheme] = take(TOKEN);
  const parameters: Record<string, string> = {};
  while (at < header.length) {
    take(Object.keys(parameters).length === 0 ? / +/y : /[\t ]*,[\t ]*/y);
    const [name] = take(TOKEN);
    take(/=/y);
    // No parameter twice (RFC 9110 §11.2).
    expect(parameters).not.toHaveProperty(name);
    parameters[name] = (take(QUOTED)[1] ?? '').replace(/\\(.)/g, '$1');
  }
  return { scheme, parameters };
}

interface Heard {
  status: number;
  headers: Record<string, string>;
  body: { code?: string };
}

/** What an answer says by its header. */
function heard({ headers }: Heard): Challenge | undefined {
  const said = headers['www-authenticate'];
  return said === undefined ? undefined : challengeIn(said);
}

/** What routes ask for, by name. */
const ASKED = {
  '/any': {},
  '/fresh': { maxAge: 300 },
  '/half': { maxAge: 0.5 },
  '/keyed': { methods: ['hwk', 'sms'], maxAge: 60, redirectTo: '/open' },
  '/whichever': { methods: ['otp', 'mfa'] },
};

/** The gates stand where `enforce()` lets everybody pass, so that each answers for itself. */
async function start(factor: TestAppOptions['factor'] = {}): Promise<TestApp> {
  return startApp({
    factor: { enrollmentNeedsFreshLogin: { seconds: 600, signedInAt: () => 0 }, ...factor },
    after: (app, secondFactor) => {
      const gates = Object.entries(ASKED).map(
        ([name, options]) => [name, secondFactor.require(options)] as const,
      );
      app.get(FREE.verify, (req, res, next) =>
        new Map(gates).get(req.query.ask as string)!(req, res, next),
      );
    },
  });
}

const at = (path: string): string => (path in ASKED ? `${FREE.verify}?ask=${path}` : path);

let app: TestApp;
beforeEach(async () => {
  app = await start();
});

const asked = async (agent: Agent, path: string): Promise<Heard> => await agent.get(at(path));

test('[S208] the gate’s 401 says by a header what is missing, how fresh, and what it would amount to', async () => {
  const agent = app.agent();
  await signIn(agent);
  const description = 'Enter a code first, then go on.';
  const said = { error: INSUFFICIENT, error_description: description, acr_values: TWO };
  for (const [path, parameters] of [
    ['/any', said],
    ['/enforced', said],
    ['/fresh', { ...said, max_age: '300' }],
    ['/half', { ...said, max_age: '0' }],
    ['/keyed', { ...said, max_age: '60' }],
    ['/whichever', said],
  ] as const) {
    const answer = await asked(agent, path);
    expect(answer).toMatchObject({ status: 401, body: { code: 'second_factor_required' } });
    expect([path, heard(answer)]).toEqual([path, { scheme: 'Session', parameters }]);
  }
});

test('[S208] to who is not signed in it says that there is a session to have, and nothing of factors', async () => {
  for (const path of ['/any', '/fresh', ROUTER.home, ROUTER.devices]) {
    const answer = await asked(app.agent(), path);
    expect(answer).toMatchObject({ status: 401, body: { code: 'not_authenticated' } });
    expect(heard(answer)).toEqual({ scheme: 'Session', parameters: {} });
  }
});

test('[S208] the router says the same of a factor that it asks for, and of a sign-in that is too old', async () => {
  const agent = app.agent();
  await signIn(agent);
  expect(heard(await asked(agent, ROUTER.devices))?.parameters).toMatchObject({
    error: INSUFFICIENT,
    acr_values: TWO,
  });
  await verified(app, agent);
  await app.clock.advance(601);
  const stale = (await agent.post(ROUTER.recoveryCodes).expect(403)) as unknown as Heard;
  expect(stale.body.code).toBe('fresh_second_factor_required');
  expect(heard(stale)?.parameters).toMatchObject({ error: INSUFFICIENT, max_age: '600' });
  const unenrolled = app.agent();
  await signIn(unenrolled, 'C');
  const old = await unenrolled.post(ROUTER.enrollment).send({ phone: '+12065550142' });
  expect(old.body).toMatchObject({ code: 'fresh_login_required' });
  const { parameters } = heard(old)!;
  expect(parameters).toMatchObject({ error: INSUFFICIENT, max_age: '600' });
  expect(parameters).not.toHaveProperty('acr_values');
});

test('[S208] no other refusal speaks of it, and what a browser is shown opens no dialog', async () => {
  const agent = app.agent();
  await signIn(agent);
  await agent.post(ROUTER.challenge).send({}).expect(202);
  const wrong = (await agent.post(ROUTER.verify).send({ code: '000000' })) as unknown as Heard;
  expect(heard(wrong)).toEqual({ scheme: 'Session', parameters: {} });
  const malformed = (await agent.post(ROUTER.verify).send({ code: '1' })) as unknown as Heard;
  expect([malformed.status, heard(malformed)]).toEqual([400, undefined]);
  const page = await start({ loginPath: undefined });
  const shown = (await htmlAgent(page).get(at('/any')).expect(401)) as unknown as Heard;
  expect(shown.headers['content-type']).toContain('text/html');
  // Basic, Digest, NTLM and Negotiate are what browsers ask for by themselves.
  expect(heard(shown)?.scheme).toBe('Session');
});

test('[S208] what the app says of itself is quoted, or left out', async () => {
  const told: string[] = [];
  const logger = { warn: () => undefined, error: (line: string) => void told.push(line) };
  const acr = (amr: readonly string[]): string | undefined => {
    if (amr.includes('hwk')) return 'https://acme.example/phishing-resistant?a,b=(1)';
    if (amr.includes('otp')) throw new Error('no such level');
    return amr.includes('mfa') ? 'two "words"' : undefined;
  };
  const named = await start({ acr, logger });
  const agent = named.agent();
  await signIn(agent);
  expect(heard(await asked(agent, '/keyed'))?.parameters.acr_values).toBe(
    'https://acme.example/phishing-resistant?a,b=(1)',
  );
  expect(heard(await asked(agent, '/any'))?.parameters).not.toHaveProperty('acr_values');
  expect(told.join()).toContain('acr gave something that is no value of acr.');
  expect((await agent.get('/status')).body).not.toHaveProperty('acr');
});

test('[S208] onRefused finds the header set, and may send another', async () => {
  const own = await start({
    onRefused: (req, res, problem) => {
      if (req.query.ask === '/fresh') res.setHeader('WWW-Authenticate', 'Bearer');
      res.json({ mine: problem.code });
    },
  });
  const agent = own.agent();
  await signIn(agent);
  expect(heard(await asked(agent, '/any'))?.parameters).toMatchObject({ error: INSUFFICIENT });
  expect(heard(await asked(agent, '/fresh'))?.scheme).toBe('Bearer');
});

const WRONG = "That isn't the code we sent you. Check it and try again.";
const DEAD = "That isn't the code we sent you, and this code can't be used anymore.";

test.each<[Refusal, object]>([
  [refuse('code_incorrect'), { detail: WRONG }],
  [refuse('code_incorrect', { attemptsLeft: 1 }), { detail: WRONG, attemptsLeft: 1 }],
  [refuse('code_incorrect', { attemptsLeft: 0 }), { detail: DEAD, attemptsLeft: 0 }],
  [
    refuse('code_incorrect', { attemptsLeft: 0, detail: { say: 'detail.unsure' } }),
    { detail: "We can't tell whether your code was sent.", attemptsLeft: 0 },
  ],
])('of a wrong code a problem says what can still be done: %j', (refusal, more) => {
  expect(problemOf(refusal, english)).toStrictEqual({
    type: 'urn:passport-sms-2fa:code_incorrect',
    title: 'Wrong code',
    status: 401,
    code: 'code_incorrect',
    ...more,
  });
});

test('what is no wrong code keeps its own words at the last attempt, and says how long to wait', () => {
  const refusal = refuse('challenge_expired', { attemptsLeft: 0, retryAfter: 30 });
  expect(problemOf(refusal, english)).toStrictEqual({
    type: 'urn:passport-sms-2fa:challenge_expired',
    title: 'Code expired',
    status: 401,
    code: 'challenge_expired',
    detail: "That code can't be used anymore. Get a new one.",
    attemptsLeft: 0,
    retryAfter: 30,
  });
});

const SAYS = (detail: string): string =>
  `Session error="${INSUFFICIENT}", error_description="${detail}"`;
const FACTOR = SAYS('Enter a code first, then go on.');
const CONFIRM = SAYS("To change your security settings, confirm it's you once more.");

test.each<[string, Refusal, Record<string, string>]>([
  ['a store is away', refuse('store_unavailable'), { 'Retry-After': '5' }],
  [
    'a store is away for long',
    refuse('store_unavailable', { retryAfter: 60 }),
    { 'Retry-After': '60' },
  ],
  ['it is too soon', refuse('resend_too_soon', { retryAfter: 30 }), { 'Retry-After': '30' }],
  ['texts are off', refuse('sending_suspended'), {}],
  ['nothing is there', refuse('not_found'), {}],
  [
    'a method is wrong',
    refuse('method_not_allowed', { allow: 'GET, HEAD' }),
    { Allow: 'GET, HEAD' },
  ],
  ['nobody is signed in', refuse('not_authenticated'), { 'WWW-Authenticate': 'Session' }],
  ['a code is wrong', refuse('code_incorrect'), { 'WWW-Authenticate': 'Session' }],
  [
    'a factor is missing',
    refuse('second_factor_required'),
    { 'WWW-Authenticate': `${FACTOR}, acr_values="pwd+sms+mfa"` },
  ],
  [
    'one of two factors is missing',
    refuse('second_factor_required', { wanted: { methods: ['hwk', 'otp', 'hwk'], maxAge: 90.9 } }),
    { 'WWW-Authenticate': `${FACTOR}, max_age="90", acr_values="pwd+hwk+mfa pwd+otp+mfa"` },
  ],
  [
    'a factor is old',
    refuse('fresh_second_factor_required'),
    { 'WWW-Authenticate': `${CONFIRM}, max_age="600", acr_values="pwd+sms+mfa"` },
  ],
])(
  '[S143] [S208] the headers of a refusal say what to do: where %s',
  async (_what, refusal, headers) => {
    const { edge, request } = gateWorld({ acr: (amr: string[]) => amr.join('+') });
    expect(await headersOf(edge, request(), refusal)).toEqual(headers);
  },
);

test('[S208] words of a catalog with quotes, backslashes and letters of no header are said as headers take them', async () => {
  const locales = { best: () => ({ say: () => 'A "code\\" f\u00fcr\ndich' }) };
  const { edge, request } = gateWorld({ acr: () => undefined, locales });
  expect(await headersOf(edge, request(), refuse('second_factor_required'))).toEqual({
    'WWW-Authenticate': SAYS('A \\"code\\\\\\" frdich'),
  });
});
