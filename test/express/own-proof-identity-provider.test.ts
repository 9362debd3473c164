import {
  signIn,
  startApp,
  verified,
  type Agent,
  type TestApp,
  type TestAppOptions,
} from '../helpers/app';
import { cookieFrom, knock } from '../helpers/web';
import type { IdentityProviderTrust } from '../../lib';

// The way back from the provider must be reached before the second factor: it has the path that stays open.
const BACK = '/open';
const PHR = 'urn:acme:phishing-resistant';
const MULTIPLE = 'http://schemas.example/claims/multipleauthn';
const TRUST = { amr: ['otp', 'hwk', 'mfa', 'sms', MULTIPLE], acr: [PHR], maxAge: 300 };

/** An app that signs its users in with a provider, by the claims that the test posts. */
function start(trust: IdentityProviderTrust = TRUST, more: TestAppOptions = {}): Promise<TestApp> {
  return startApp({
    after: (app, secondFactor) => {
      const fromProvider = secondFactor.trustIdentityProvider(trust);
      app.post(BACK, (req, res, next) => {
        const { username, claims } = req.body as { username: string; claims: object };
        req.login({ id: `id-of-${username}`, username, passwordVersion: 1 }, (error) => {
          if (error !== undefined && error !== null) next(error);
          else fromProvider(req, claims).then((counted) => res.json({ counted }), next);
        });
      });
      app.get('/fresh', secondFactor.require({ maxAge: 60 }), (_req, res) => void res.send('1'));
      const provided = secondFactor.require({ methods: ['idp'], redirectTo: BACK });
      app.get('/provided', provided, (_req, res) => void res.send('1'));
    },
    ...more,
  });
}

const back = async (agent: Agent, claims: unknown, username = 'A'): Promise<boolean> =>
  (await agent.post(BACK).send({ username, claims }).expect(200)).body.counted as boolean;

const isOpen = async (app: TestApp, agent: Agent): Promise<boolean> =>
  (await knock(app, cookieFrom(agent))) === 200;

const amrOf = async (agent: Agent): Promise<unknown> => (await agent.get('/status')).body.amr;

const NOW = 'now';
type Claims = Record<string, unknown>;

const COUNTS: [string, Claims, string[]][] = [
  ['a listed method', { amr: ['otp'], auth_time: NOW }, ['otp']],
  [
    'one beside the password and mfa',
    { amr: ['pwd', 'otp', 'mfa'], auth_time: NOW },
    ['otp', 'idp'],
  ],
  ['mfa alone', { amr: ['mfa'], auth_time: NOW }, ['idp']],
  ['a text of the provider’s own', { amr: ['pwd', 'sms'], auth_time: NOW }, ['idp']],
  [
    'a URN beside others',
    { amr: ['http://schemas.example/pwd', MULTIPLE], auth_time: NOW },
    ['idp'],
  ],
  [
    'a listed method beside what nobody knows',
    { amr: [7, null, '', 'hwk'], auth_time: NOW },
    ['hwk'],
  ],
  ['a single method that is no list', { amr: 'hwk', auth_time: NOW }, ['hwk']],
  ['acr alone', { acr: PHR, auth_time: NOW }, ['idp']],
  ['acr beside a list that does not count', { amr: ['pwd'], acr: PHR, auth_time: NOW }, ['idp']],
  ['a method beside another acr', { amr: ['hwk'], acr: '0', auth_time: NOW }, ['hwk']],
  ['a sign-in of just before the limit', { amr: ['otp'], auth_time: -300 }, ['otp']],
  ['a clock that is ahead', { amr: ['otp'], auth_time: 120 }, ['otp']],
];

test.each(COUNTS)(
  '[S209] [S90] %s counts, and no more is claimed',
  async (_what, claims, methods) => {
    const app = await start();
    const agent = app.agent();
    expect(await back(agent, at(app, claims))).toBe(true);
    expect(await isOpen(app, agent)).toBe(true);
    expect(await amrOf(agent)).toEqual(['pwd', ...methods, 'mfa']);
    expect(app.outbox.messages).toHaveLength(0);
  },
);

const CHALLENGED: [string, unknown][] = [
  ['no claims', undefined],
  ['null', null],
  ['a text', 'otp'],
  ['a list', ['otp']],
  ['neither amr nor acr', { auth_time: NOW }],
  ['an empty amr', { amr: [], auth_time: NOW }],
  ['the password alone', { amr: ['pwd'], auth_time: NOW }],
  ['a method that is not listed', { amr: ['pwd', 'face'], auth_time: NOW }],
  ['another spelling', { amr: ['OTP', 'otp '], auth_time: NOW }],
  ['a list in the list', { amr: [['otp']], auth_time: NOW }],
  ['an object that looks like a list', { amr: { 0: 'otp', length: 1 }, auth_time: NOW }],
  ['an acr that is not listed', { acr: 'urn:acme:password', auth_time: NOW }],
  ['an acr that begins like a listed one', { acr: `${PHR}-not`, auth_time: NOW }],
  ['a list of acr', { acr: [PHR], auth_time: NOW }],
  ['a method of one list in the other claim', { acr: 'otp', amr: [PHR], auth_time: NOW }],
  ['no auth_time', { amr: ['otp'] }],
  ['auth_time as a text', { amr: ['otp'], auth_time: '1893456000' }],
  ['auth_time as a text of now', { amr: ['otp'], auth_time: 'text' }],
  ['auth_time null', { amr: ['otp'], auth_time: null }],
  ['auth_time in milliseconds', { amr: ['otp'], auth_time: 'ms' }],
  ['a stale sign-in', { amr: ['otp'], auth_time: -301 }],
  ['a sign-in to come', { amr: ['otp'], auth_time: 121 }],
  ['iat in its place', { amr: ['otp'], iat: NOW }],
];

test.each(CHALLENGED)('[S209] [S90] %s does not count: the gate asks', async (_what, claims) => {
  const app = await start();
  const agent = app.agent();
  expect(await back(agent, at(app, claims))).toBe(false);
  const refused = await agent.get('/secret').expect(401);
  expect(refused.body.code).toBe('second_factor_required');
  expect(await amrOf(agent)).toEqual(['pwd']);
});

/** With `auth_time` in seconds from now. */
function at(app: TestApp, claims: unknown): unknown {
  if (typeof claims !== 'object' || claims === null || !('auth_time' in claims)) return claims;
  const now = app.clock() / 1_000;
  const said = claims.auth_time;
  const time: unknown =
    said === NOW
      ? now
      : said === 'ms'
        ? now * 1_000
        : said === 'text'
          ? String(now)
          : typeof said === 'number'
            ? now + said
            : said;
  return { ...claims, auth_time: time };
}

test('[S209] it is as old as auth_time says, at each gate and for as long as a session lasts', async () => {
  const app = await start(
    { amr: ['otp'], maxAge: 7_200 },
    { factor: { limits: { verifiedSession: 3_600 } } },
  );
  const agent = app.agent();
  expect(await back(agent, at(app, { amr: ['otp'], auth_time: -50 }))).toBe(true);
  await agent.get('/fresh').expect(200);
  const { verifiedAt, authTime } = (await agent.get('/status')).body;
  expect([verifiedAt, authTime]).toEqual(
    Array(2).fill(new Date(app.clock() - 50_000).toISOString()),
  );
  await app.clock.advance(11);
  await agent.get('/fresh').expect(401);
  await app.clock.advance(3_600 - 62);
  expect(await isOpen(app, agent)).toBe(true);
  await app.clock.advance(1);
  expect(await isOpen(app, agent)).toBe(false);
  // Older than a session lasts, although the app would take it.
  expect(await back(app.agent(), at(app, { amr: ['otp'], auth_time: -3_600 }))).toBe(false);
});

test('[S209] an old sign-in elsewhere does not make a session idle', async () => {
  const app = await start(TRUST, { factor: { limits: { verifiedIdle: 120 } } });
  const agent = app.agent();
  expect(await back(agent, at(app, { amr: ['otp'], auth_time: -200 }))).toBe(true);
  await app.clock.advance(119);
  expect(await isOpen(app, agent)).toBe(true);
  await app.clock.advance(121);
  expect(await isOpen(app, agent)).toBe(false);
});

test.each([
  ['A', 'a phone'],
  ['C', 'none'],
])(
  '[S209] [S105] what %s, with %s, passed before a support desk ended the sessions is no way back in',
  async (name) => {
    const app = await start();
    const claims = at(app, { amr: ['otp'], auth_time: NOW });
    await app.clock.advance(10);
    await app.secondFactor.admin.revoke(`id-of-${name}`, { operator: 'op' });
    await app.clock.advance(10);
    const agent = app.agent();
    expect(await back(agent, claims, name)).toBe(false);
    await agent.get('/secret').expect(name === 'A' ? 401 : 403);
    const anew = at(app, { amr: ['otp'], auth_time: NOW });
    expect(await back(app.agent(), anew, name)).toBe(true);
  },
);

test('[S209] [S31] nor what was passed before the phone was disabled', async () => {
  const app = await start();
  const before = app.enrollments.get('id-of-A')!;
  app.enrollments.set('id-of-A', { ...before, disabledAt: app.clock() });
  expect(await back(app.agent(), at(app, { amr: ['otp'], auth_time: -1 }))).toBe(false);
  expect(await back(app.agent(), at(app, { amr: ['otp'], auth_time: NOW }))).toBe(true);
});

test('[S157] a code adds to it, and a route may ask for what the provider asked for', async () => {
  const app = await start();
  const agent = app.agent();
  await verified(app, agent);
  await agent.get('/provided').expect(401);
  const fresh = app.agent();
  await back(fresh, at(app, { amr: ['mfa'], auth_time: -299 }));
  await fresh.get('/provided').expect(200);
  await fresh.get('/fresh').expect(401);
  await fresh.post('/second-factor/challenge').send({}).expect(202);
  const code = /^\d+/.exec(app.outbox.last()!.body)![0];
  await fresh.post('/second-factor/verify').send({ code }).expect(200);
  expect(await amrOf(fresh)).toEqual(['pwd', 'idp', 'sms', 'mfa']);
  await fresh.get('/fresh').expect(200);
});

test('[S85] claims that count are an error where nobody is signed in, and open nothing', async () => {
  const app = await start();
  const agent = app.agent();
  await signIn(agent);
  const fromProvider = app.secondFactor.trustIdentityProvider(TRUST);
  const claims = at(app, { amr: ['otp'], auth_time: NOW }) as object;
  const nobody = { headers: {}, session: undefined } as never;
  await expect(fromProvider(nobody, claims)).rejects.toMatchObject({ code: 'misconfigured' });
  expect(await isOpen(app, agent)).toBe(false);
});

test.each<[string, unknown, RegExp]>([
  ['nothing', undefined, /the argument of trustIdentityProvider\(\)/],
  ['neither list', { maxAge: 300 }, /trustIdentityProvider\(\{ amr \}\)/],
  ['two empty lists', { amr: [], acr: [], maxAge: 300 }, /trustIdentityProvider\(\{ amr \}\)/],
  ['no age', { amr: ['otp'] }, /\(\{ maxAge \}\) is undefined/],
  ['milliseconds', { amr: ['otp'], maxAge: 300_000 }, /\(\{ maxAge \}\) is 300000/],
  ['the password', { amr: ['otp', 'pwd'], maxAge: 300 }, /without 'pwd'/],
  ['a text', { acr: PHR, maxAge: 300 }, /\(\{ acr \}\) is/],
  ['a pattern', { amr: [/.*/], maxAge: 300 }, /\(\{ amr \}\) is/],
  ['what there is not', { amr: ['otp'], maxAge: 300, skew: 5 }, /\(\{ skew \}\) is 5/],
])('[S209] trusting by %s is a TypeError at start', async (_what, trust, says) => {
  const { secondFactor } = await startApp();
  const make = () => secondFactor.trustIdentityProvider(trust as IdentityProviderTrust);
  expect(make).toThrow(TypeError);
  expect(make).toThrow(says);
});
