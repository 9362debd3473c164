import { enrolled, signIn, startApp, verified, type Agent, type TestApp } from '../helpers/app';
import type { TestAppOptions } from '../helpers/app';
import { FREE, ROUTER } from '../helpers/paths';
import { htmlAgent } from '../helpers/web';

const ONE = 'urn:passport-sms-2fa:acr:one-factor';
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

test('[S156] the status says when each factor was passed, and what both amount to', async () => {
  const signedIn = app.clock();
  const timed = await start({
    clock: app.clock,
    enrollmentNeedsFreshLogin: { seconds: 600, signedInAt: () => signedIn },
  });
  const agent = timed.agent();
  expect((await agent.get('/status')).body).toEqual({ enrolled: false, verified: false, amr: [] });
  await signIn(agent);
  const signedInAt = new Date(signedIn).toISOString();
  expect((await agent.get('/status')).body).toMatchObject({
    amr: ['pwd'],
    acr: ONE,
    signedInAt,
    authTime: signedInAt,
  });
  await app.clock.advance(60);
  await verified(timed, agent);
  const { verifiedAt } = (await agent.get('/status')).body;
  expect(new Date(verifiedAt).getTime()).toBeGreaterThan(signedIn);
  const said = { amr: ['pwd', 'sms', 'mfa'], acr: TWO, signedInAt, authTime: verifiedAt };
  expect((await agent.get('/status')).body).toMatchObject(said);
  expect((await agent.get(ROUTER.home)).body).toMatchObject({ ...said, verified: true });
});

test.each<[string, unknown, object]>([
  ['a list', ['hwk', 'user'], { amr: ['hwk', 'user'], acr: ONE }],
  ['nothing known', 'unknown', { amr: [] }],
  ['a function', () => ['fpt'], { amr: ['fpt'], acr: ONE }],
  [
    'a function with a time',
    () => ({ amr: 'password', at: 1_000 }),
    { amr: ['pwd'], acr: ONE, signedInAt: '1970-01-01T00:00:01.000Z' },
  ],
  ['a promise', () => Promise.resolve({ amr: ['hwk'] }), { amr: ['hwk'], acr: ONE }],
  ['a function that knows nothing', () => undefined, { amr: [] }],
  ['a function that claims what is no first factor', () => ['mfa'], { amr: [] }],
  [
    'a function that fails',
    () => {
      throw new Error('away');
    },
    { amr: [] },
  ],
  [
    'a function with a time to come',
    () => ({ amr: ['pwd'], at: 9e15 }),
    { amr: ['pwd'], acr: ONE },
  ],
])('[S156] of a first factor that is %s no more is claimed', async (_what, firstFactor, said) => {
  const own = await start({
    firstFactor: firstFactor as never,
    enrollmentNeedsFreshLogin: undefined,
  });
  const agent = own.agent();
  await signIn(agent);
  const { amr, acr, signedInAt } = (await agent.get('/status')).body;
  expect(JSON.parse(JSON.stringify({ amr, acr, signedInAt }))).toEqual(said);
  await verified(own, agent);
  const both = (await agent.get('/status')).body as { amr: string[]; acr: string };
  expect(both.amr.includes('pwd')).toBe(amr.includes('pwd'));
  expect(both.amr.includes('mfa')).toBe(amr.length > 0);
  expect(both.acr).toBe(amr.length > 0 ? TWO : ONE);
});

test('[S156] the function is asked with the user and the request', async () => {
  const own = await start({
    firstFactor: ({ username }, req) =>
      req.session.cart === undefined ? [username.toLowerCase()] : ['kba'],
  });
  const agent = own.agent();
  await signIn(agent, 'B');
  expect((await agent.get('/status')).body.amr).toEqual(['b']);
  await agent.post('/cart').send({}).expect(200);
  expect((await agent.get('/status')).body.amr).toEqual(['kba']);
});

test.each<[string, unknown, boolean]>([
  ['by password', 'password', true],
  ['by a key', ['hwk'], false],
  ['each in their own way', () => ['pwd'], false],
])('no page speaks of a password where users sign in %s', async (_how, firstFactor, spoken) => {
  const own = await start({
    firstFactor: firstFactor as never,
    enrollmentNeedsFreshLogin: undefined,
    trustedDevices: { days: 30 },
  });
  const browser = htmlAgent(own);
  await signIn(browser, 'C');
  const pages = [(await browser.get(ROUTER.home)).text];
  own.enrollments.set('id-of-C', enrolled('+12065550144'));
  pages.push((await browser.get(ROUTER.home)).text);
  const owner = own.agent();
  await verified(own, owner);
  pages.push((await owner.get(ROUTER.home).set('Accept', 'text/html')).text);
  expect(pages[0]).toContain('a code we text to your phone');
  expect(pages[2]).toContain('Turn it off');
  expect(pages.map((page) => /password/i.test(page))).toEqual([spoken, false, spoken]);
});
