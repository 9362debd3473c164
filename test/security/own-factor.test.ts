import type { Express, Request } from 'express';
import session from 'express-session';
import {
  newestCode,
  pending,
  signIn,
  startApp,
  verified,
  type Agent,
  type TestApp,
  type TestAppOptions,
} from '../helpers/app';
import { faultsOf } from '../helpers/faults';
import { atOnce, jsonPost } from '../helpers/parallel';
import { onEachStore } from '../helpers/stores';
import { cookieFrom, cookieSetBy, htmlAgent, knock } from '../helpers/web';
import { SecondFactorError, type SecondFactor } from '../../lib';
import { slowPost } from './slow-post';

// The app's own page must be reached before the second factor, so it has the path that stays open.
const OWN = '/open';
const VAULT = '/vault';

/** An app with a factor of its own, a route that asks for it, and two more ways to sign in. */
function ownFactor(app: Express, secondFactor: SecondFactor): void {
  app.post(OWN, async (req, res) => {
    const { code, methods = ['otp', 'mfa'] } = req.body as { code?: string; methods?: string[] };
    if (code !== '424242') return void res.status(401).json({});
    try {
      await secondFactor.satisfy(req, methods);
    } catch (error) {
      const { name, code: thrown } = error as Partial<SecondFactorError>;
      return void res.status(500).json({ name, code: thrown });
    }
    const { returnTo } = req.session as unknown as { returnTo?: string };
    res.json({ returnTo });
  });
  app.get(VAULT, secondFactor.require({ methods: ['otp'], redirectTo: OWN }), (_req, res) => {
    res.send('the vault');
  });
  app.get('/texted', secondFactor.require({ methods: ['sms'] }), (_req, res) => {
    res.send('texted');
  });
  const freshText = secondFactor.require({ methods: ['sms'], maxAge: 300 });
  app.get('/fresh-text', freshText, (_req, res) => void res.send('fresh'));
  app.get('/any', secondFactor.require({ methods: ['mfa'] }), (_req, res) => void res.send('any'));
  app.get('/fresh', secondFactor.require({ maxAge: 300 }), (_req, res) => void res.send('fresh'));
}

function start(options: TestAppOptions = {}): Promise<TestApp> {
  return startApp({ after: ownFactor, ...options });
}

/** Passes the app's own factor. */
async function satisfy(agent: Agent, methods?: unknown): Promise<void> {
  await agent.post(OWN).send({ code: '424242', methods }).expect(200);
}

async function satisfied(app: TestApp, username = 'A'): Promise<Agent> {
  const agent = app.agent();
  await signIn(agent, username);
  await satisfy(agent);
  await agent.get(VAULT).expect(200);
  return agent;
}

async function expectShut(agent: Agent): Promise<void> {
  for (const path of [VAULT, '/secret', '/any']) {
    const answer = await agent.get(path);
    expect([path, [401, 403].includes(answer.status)]).toEqual([path, true]);
  }
  expect((await agent.get('/status')).body).toMatchObject({ verified: false });
}

/** Removes the phone and enrolls one, which gives the account recovery codes. */
async function recoveryCodesOf(app: TestApp, agent: Agent, username: string): Promise<string[]> {
  await signIn(agent, username);
  await agent.post('/second-factor/enrollment').send({ phone: '+12065550199' }).expect(202);
  const code = newestCode(app);
  const answer = await agent.post('/second-factor/enrollment/verify').send({ code }).expect(200);
  return answer.body.recoveryCodes as string[];
}

const amrOf = async (agent: Agent): Promise<unknown> => (await agent.get('/status')).body.amr;

/** The device cookie of an answer; browsers would keep it for https only. */
function deviceCookie(answer: { headers: Record<string, unknown> }): string {
  const lines = answer.headers['set-cookie'] as string[];
  return lines.find((line) => line.startsWith('__Host-'))!.split(';')[0]!;
}

test("[S157] [S103] a texted code does not stand for the app's own factor, nor the other way", async () => {
  const app = await start();
  const agent = app.agent();
  await verified(app, agent);
  expect((await agent.get(VAULT).expect(401)).body.code).toBe('second_factor_required');
  await agent.get('/texted').expect(200);
  await satisfy(agent);
  for (const path of [VAULT, '/secret', '/any', '/texted']) await agent.get(path).expect(200);
  const other = await satisfied(app, 'B');
  await other.get('/texted').expect(401);
});

test('[S157] two routes that want different factors are both open once both were passed, in either order', async () => {
  const app = await start();
  for (const order of ['sms first', 'otp first']) {
    const agent = app.agent();
    if (order === 'otp first') {
      await signIn(agent);
      await satisfy(agent);
      await agent.post('/second-factor/challenge').send({}).expect(202);
      await agent
        .post('/second-factor/verify')
        .send({ code: newestCode(app) })
        .expect(200);
    } else {
      await verified(app, agent);
      await satisfy(agent);
    }
    await agent.get(VAULT).expect(200);
    await agent.get('/texted').expect(200);
    await app.clock.advance(600);
  }
});

test('[S157] each factor is as fresh as it is itself: a later one of another kind renews none', async () => {
  const app = await start();
  const agent = app.agent();
  await verified(app, agent);
  await app.clock.advance(301);
  await satisfy(agent);
  await agent.get('/fresh-text').expect(401);
  await agent.get('/fresh').expect(200);
  await agent.get('/texted').expect(200);
  expect(await amrOf(agent)).toEqual(['pwd', 'sms', 'otp', 'mfa']);
  // A day after the text it is over, and what came later is not.
  await app.clock.advance(86_400 - 301);
  await agent.get('/texted').expect(401);
  await agent.get(VAULT).expect(200);
  expect(await amrOf(agent)).toEqual(['pwd', 'otp', 'mfa']);
});

test('[S177] a form of the app’s own factor that is sent twice verifies one session', async () => {
  const app = await start();
  const agent = app.agent();
  await signIn(agent);
  const post = jsonPost(OWN, cookieFrom(agent), { code: '424242' });
  const answers = await atOnce(app.url, [post, post, post]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  const cookies = new Set(answers.map(cookieSetBy));
  expect(cookies.size).toBe(1);
  expect(await knock(app, [...cookies][0]!, VAULT)).toBe(200);
});

test('[S177] [S157] the app’s own factor that is passed in the same moment as a code is not lost', async () => {
  const app = await start();
  const agent = app.agent();
  const code = await pending(app, agent);
  const cookie = cookieFrom(agent);
  const [, own] = await atOnce(app.url, [
    jsonPost('/second-factor/verify', cookie, { code }),
    jsonPost(OWN, cookie, { code: '424242' }),
  ]);
  expect(own!.status).toBe(200);
  expect(await knock(app, cookieSetBy(own!)!, VAULT)).toBe(200);
});

test('[S177] [S157] nor is what a second form of it proves beside that', async () => {
  const app = await start();
  const agent = app.agent();
  await signIn(agent);
  const before = cookieFrom(agent);
  await satisfy(agent, ['otp']);
  // With the cookie that it had before the first one was answered.
  const methods = ['otp', 'hwk'];
  const [late] = await atOnce(app.url, [jsonPost(OWN, before, { code: '424242', methods })]);
  expect(late!.status).toBe(200);
  const cookie = cookieSetBy(late!)!;
  const { body } = await app.agent().get('/status').set('Cookie', cookie);
  expect(body.amr).toEqual(['pwd', 'otp', 'hwk', 'mfa']);
});

test('[S157] [S104] a recovery code does not stand for it either, nor for a texted one', async () => {
  const app = await start();
  const [code] = await recoveryCodesOf(app, app.agent(), 'C');
  const agent = app.agent();
  await signIn(agent, 'C');
  await agent.post('/second-factor/recovery').send({ recoveryCode: code }).expect(200);
  expect(await amrOf(agent)).toEqual(['pwd', 'recovery', 'mfa']);
  await agent.get(VAULT).expect(401);
  await agent.get('/texted').expect(401);
  await agent.get('/any').expect(200);
});

test('[S157] [S83] a trusted device stands for no method, and for nothing fresh', async () => {
  const app = await start({ factor: { trustedDevices: { days: 30 } } });
  const first = app.agent();
  const code = await pending(app, first);
  const trusted = await first
    .post('/second-factor/verify')
    .send({ code, trustDevice: true })
    .expect(200);
  const device = deviceCookie(trusted);
  const agent = app.agent();
  await signIn(agent);
  const get = (path: string) => agent.get(path).set('Cookie', `${cookieFrom(agent)}; ${device}`);
  await get('/secret').expect(200);
  for (const path of [VAULT, '/texted', '/any', '/fresh']) {
    expect((await get(path)).body).toMatchObject({ code: 'second_factor_required' });
  }
  const status = (await get('/status')).body;
  expect(status).toMatchObject({ verified: true, amr: ['pwd'] });
  expect(status).not.toHaveProperty('verifiedAt');
});

test('[S156] the status names exactly what was passed in this session', async () => {
  const app = await start();
  const agent = app.agent();
  expect(await amrOf(agent)).toEqual([]);
  await signIn(agent);
  expect((await agent.get('/status')).body).toEqual({
    enrolled: true,
    verified: false,
    amr: ['pwd'],
    acr: 'urn:passport-sms-2fa:acr:one-factor',
    phone: expect.stringMatching(/42$/),
  });
  await verified(app, agent);
  expect(await amrOf(agent)).toEqual(['pwd', 'sms', 'mfa']);
  await app.clock.advance(60);
  await satisfy(agent);
  const status = (await agent.get('/status')).body;
  expect(status.amr).toEqual(['pwd', 'sms', 'otp', 'mfa']);
  expect(status.verifiedAt).toBe(new Date(app.clock()).toISOString());
  await satisfy(agent, ['hwk', 'user']);
  expect(await amrOf(agent)).toEqual(['pwd', 'sms', 'otp', 'hwk', 'user', 'mfa']);
});

test("[S103] a user without a phone passes by the app's own factor, and comes back", async () => {
  const app = await start();
  const browser = htmlAgent(app);
  await signIn(browser, 'C');
  await browser.get('/secret').expect(302).expect('Location', '/second-factor/');
  await browser.get(`${VAULT}?box=7`).expect(302).expect('Location', OWN);
  await browser.post(OWN).send({ code: 'wrong' }).expect(401);
  await browser.get(`${VAULT}?box=7`).expect(302);
  const passed = await browser.post(OWN).send({ code: '424242' }).expect(200);
  expect(passed.body.returnTo).toBe(`${VAULT}?box=7`);
  await browser.get(VAULT).expect(200);
  await browser.get('/secret').expect(200);
  expect((await browser.get('/status')).body).toMatchObject({ enrolled: false, verified: true });
  expect(app.outbox.messages).toHaveLength(0);
});

test('[S103] where enrolling is required the own factor counts as one', async () => {
  const app = await start({ factor: { enrollment: 'required' } });
  const agent = app.agent();
  await signIn(agent, 'C');
  await agent.get('/enforced').expect(403);
  await satisfy(agent);
  await agent.get('/enforced').expect(200);
});

test('[S157] the own factor grows stale like any other', async () => {
  const app = await start();
  const agent = await satisfied(app);
  await app.clock.advance(300);
  await agent.get('/fresh').expect(200);
  await app.clock.advance(1);
  expect((await agent.get('/fresh').expect(401)).body.code).toBe('second_factor_required');
  await satisfy(agent);
  await agent.get('/fresh').expect(200);
});

test('[S58] [S72] the session gets a new id, the old one is dead, the data of the app stays', async () => {
  const app = await start();
  const agent = app.agent();
  await signIn(agent);
  await agent.post('/cart').send({}).expect(200);
  const before = cookieFrom(agent);
  await satisfy(agent);
  expect(cookieFrom(agent)).not.toBe(before);
  expect(await knock(app, before)).toBe(401);
  expect(await knock(app, cookieFrom(agent))).toBe(200);
  expect((await agent.get('/cart')).body).toEqual({ cart: ['tea'] });
});

test('[S59] the next user of the browser does not inherit it', async () => {
  const app = await start();
  for (const login of ['/login', '/login-keeping']) {
    for (const [one, next] of [
      ['A', 'B'],
      ['C', 'A'],
      ['A', 'C'],
    ] as const) {
      const agent = await satisfied(app, one);
      await signIn(agent, next, login);
      await expectShut(agent);
    }
  }
});

test('[S59] an app that changes the user and keeps the session does not hand it on', async () => {
  const app = await start();
  app.users.set('D', { id: 'id-of-D', username: 'D', passwordVersion: 1 });
  const agent = await satisfied(app, 'C');
  await agent.post('/plant').send({ passport: { user: 'D' } });
  await expectShut(agent);
});

test('[S61] it ends at logout, whatever the app keeps of the session', async () => {
  const app = await start();
  for (const username of ['A', 'C']) {
    for (const keep of [false, true]) {
      const agent = await satisfied(app, username);
      const before = cookieFrom(agent);
      await agent.post('/logout').send({ keep }).expect(200);
      expect(await knock(app, before)).toBe(401);
      await signIn(agent, username, keep ? '/login-keeping' : '/login');
      await expectShut(agent);
    }
  }
});

test('[S70] it ends with the verified session', async () => {
  const app = await start({ factor: { limits: { verifiedSession: 3_600 } } });
  for (const username of ['A', 'C']) {
    const agent = await satisfied(app, username);
    await app.clock.advance(3_599);
    await agent.get(VAULT).expect(200);
    await app.clock.advance(1);
    await expectShut(agent);
  }
});

test('[S105] a support desk ends it', async () => {
  const app = await start();
  const agent = await satisfied(app);
  await app.secondFactor.admin.revoke('id-of-A', { operator: 'op' });
  await expectShut(agent);
});

test('[S105] a support desk ends it for a user without a phone, too', async () => {
  const app = await start();
  const agent = await satisfied(app, 'C');
  await app.secondFactor.admin.revoke('id-of-C', { operator: 'op' });
  await expectShut(agent);
});

test('[S13] it ends when the credentials change', async () => {
  const app = await start();
  for (const username of ['A', 'C']) {
    const agent = await satisfied(app, username);
    app.users.get(username)!.passwordVersion += 1;
    await expectShut(agent);
  }
});

test('[S74] a phone enrolled elsewhere ends it, and so does a phone removed', async () => {
  const app = await start();
  const agent = await satisfied(app, 'C');
  await recoveryCodesOf(app, app.agent(), 'C');
  await app.clock.advance(11);
  await expectShut(agent);
  const other = await satisfied(app, 'B');
  await app.secondFactor.admin.reset('id-of-B', { operator: 'op' });
  await expectShut(other);
});

test.each<[string, (app: TestApp, owner: Agent) => Promise<unknown>]>([
  ['removed by its owner', (_app, owner) => owner.delete('/second-factor/enrollment').expect(204)],
  ['reset by a support desk', (app) => app.secondFactor.admin.reset('id-of-C', { operator: 'op' })],
])(
  '[S74] [S62] a session of before the phone was enrolled does not come back when it is %s',
  async (_how, takeAway) => {
    const app = await start();
    const stolen = await satisfied(app, 'C');
    await app.clock.advance(60);
    const owner = app.agent();
    await recoveryCodesOf(app, owner, 'C');
    await app.clock.advance(11);
    await expectShut(stolen);
    await takeAway(app, owner);
    await expectShut(stolen);
    await app.clock.advance(11);
    await expectShut(stolen);
    // Whoever passes it now is in.
    await satisfied(app, 'C');
  },
);

test('[S31] where the phone is disabled the own factor opens the gate, if passed after it', async () => {
  const app = await start();
  const agent = await satisfied(app);
  await app.clock.advance(20);
  const before = app.enrollments.get('id-of-A')!;
  app.enrollments.set('id-of-A', { ...before, disabledAt: app.clock() });
  await expectShut(agent);
  await satisfy(agent);
  await agent.get('/secret').expect(200);
});

test.each<[string, unknown]>([
  ['a texted code', ['sms']],
  ['a texted code among others', ['otp', 'sms', 'mfa']],
  ['the password', ['pwd']],
  ['a recovery code', ['recovery', 'mfa']],
  ['nothing', []],
  ['mfa without a method', ['mfa']],
  ['a text', 'otp'],
  ['an empty method', ['']],
  ['a number', [1]],
  ['a list in the list', [['otp']]],
  ['capital letters', ['OTP']],
  ['a space', ['otp ']],
  ['a line break', ['otp\nsms']],
  ['a long name', ['o'.repeat(33)]],
  ['null', null],
  ['an object', { 0: 'otp', length: 1 }],
])('[S156] satisfy refuses %s by a TypeError, and the gate stays shut', async (_what, methods) => {
  const app = await start();
  const agent = app.agent();
  await signIn(agent);
  const answer = await agent.post(OWN).send({ code: '424242', methods }).expect(500);
  expect(answer.body).toEqual({ name: 'TypeError' });
  await expectShut(agent);
  const said = app.secondFactor.satisfy({} as Request, methods as string[]);
  await expect(said).rejects.toThrow(/AMR values.*\['otp', 'mfa'\]/);
});

test('[S85] nobody signed in is an error, and opens nothing', async () => {
  const app = await start();
  const stranger = app.agent();
  const answer = await stranger.post(OWN).send({ code: '424242' }).expect(500);
  expect(answer.body).toEqual({ name: 'SecondFactorError', code: 'misconfigured' });
  expect(answer.headers).not.toHaveProperty('set-cookie');
  await expectShut(stranger);
  const without = app.secondFactor.satisfy({} as Request, ['otp']);
  await expect(without).rejects.toThrow(SecondFactorError);
});

test('[S73] where the store fails satisfy is an error, and the gate stays shut', async () => {
  for (const operation of ['set', 'destroy'] as const) {
    for (const k of [1, 2, 3]) {
      for (const mode of ['error', 'late'] as const) {
        const store = new session.MemoryStore();
        const faults = faultsOf(store);
        const app = await start({ store });
        const agent = app.agent();
        await signIn(agent);
        faults.fail(operation, k, mode);
        const { status, body } = await agent.post(OWN).send({ code: '424242' });
        const passed = status === 200;
        if (!passed) expect(body.code).toBe('store_unavailable');
        if (!faults.fired()) expect(passed).toBe(true);
        faults.heal();
        const open = (await knock(app, cookieFrom(agent))) === 200;
        expect([operation, k, mode, open]).toEqual([operation, k, mode, passed]);
      }
    }
  }
});

test('[S132] it is told like any second factor that was passed', async () => {
  const app = await start();
  const told: unknown[] = [];
  app.secondFactor.on('verified', ({ userId, purpose }) => told.push({ userId, purpose }));
  const agent = await satisfied(app, 'C');
  await satisfy(agent);
  expect(told).toEqual([
    { userId: 'id-of-C', purpose: 'sign-in' },
    { userId: 'id-of-C', purpose: 'step-up' },
  ]);
});

const CLAIMS = { amr: ['pwd', 'otp', 'mfa'], acr: 'urn:mfa', mfa: true, verified: true };

/** A sign-in elsewhere, which says of itself that it had two factors. */
function federated(trusts: boolean) {
  return (app: Express, secondFactor: SecondFactor): void => {
    ownFactor(app, secondFactor);
    app.post('/sso', (req, res, next) => {
      const user = { id: 'id-of-A', username: 'A', passwordVersion: 1, ...CLAIMS };
      const answer = async (): Promise<void> => {
        Object.assign(req.session, CLAIMS);
        if (trusts) await secondFactor.satisfy(req, ['otp', 'mfa']);
        res.json({});
      };
      req.login(user, (error?: unknown) => {
        if (error === undefined || error === null) answer().catch(next);
        else next(error);
      });
    });
  };
}

test('[S90] [S80] a sign-in elsewhere that claims two factors ends before the gate', async () => {
  const app = await start({ after: federated(false) });
  const agent = app.agent();
  await agent.post('/sso').send(CLAIMS).expect(200);
  await expectShut(agent);
  await agent.get('/enforced').expect(401);
  await verified(app, agent);
  await agent.get('/secret').expect(200);
});

test('[S90] an app that trusts it says so with satisfy, in the same request', async () => {
  const app = await start({ after: federated(true) });
  const agent = app.agent();
  await agent.post('/sso').send({}).expect(200);
  await agent.get(VAULT).expect(200);
  expect(await amrOf(agent)).toEqual(['pwd', 'otp', 'mfa']);
});

test('[S82] a remember-me cookie restores the half of the password only', async () => {
  const app = await start({
    after: (each, secondFactor) => {
      each.use((req, _res, next) => {
        const remembered = req.headers.cookie?.includes('remember=A') === true;
        if (!remembered || req.isAuthenticated()) next();
        else req.login({ id: 'id-of-A', username: 'A', passwordVersion: 1 }, next);
      });
      each.use(secondFactor.enforce());
      each.get('/files', (_req, res) => void res.send('the files'));
      each.get('/vault', secondFactor.require(), (_req, res) => void res.send('the vault'));
    },
  });
  const agent = app.agent();
  await verified(app, agent);
  await agent.get('/files').expect(200);
  // The browser was closed: the session cookie is gone, the other is there.
  const reopened = app.agent();
  reopened.jar.setCookie('remember=A', '127.0.0.1', '/');
  for (const path of ['/files', '/vault', '/files']) {
    const answer = await reopened.get(path).expect(401);
    expect(answer.body.code).toBe('second_factor_required');
  }
  expect((await reopened.get('/status')).body).toMatchObject({ verified: false, amr: ['pwd'] });
  await app.clock.advance(60);
  await reopened.post('/second-factor/challenge').send({}).expect(202);
  await reopened
    .post('/second-factor/verify')
    .send({ code: newestCode(app) })
    .expect(200);
  await reopened.get('/files').expect(200);
});

onEachStore('a satisfied session', (kind) => {
  test.each(['A', 'C'])(
    '[S62] of %s does not come back by a slow request that ends after logout',
    async (username) => {
      const app = await start(await kind.make().then((made) => ({ ...made, after: ownFactor })));
      const agent = await satisfied(app, username);
      const old = cookieFrom(agent);
      const finish = await slowPost(app, '/plant', old, { flag: 1 });
      await agent.post('/logout').send({}).expect(200);
      const cookie = cookieSetBy(await finish()) ?? old;
      for (const each of [old, cookie]) {
        for (const path of ['/secret', VAULT]) expect(await knock(app, each, path)).toBe(401);
      }
    },
  );

  test.each(['A', 'C'])(
    '[S62] of %s does not begin by a factor whose last byte comes after logout',
    async (username) => {
      const app = await start(await kind.make().then((made) => ({ ...made, after: ownFactor })));
      const agent = app.agent();
      await signIn(agent, username);
      const old = cookieFrom(agent);
      const finish = await slowPost(app, OWN, old, { code: '424242' });
      await agent.post('/logout').send({}).expect(200);
      const answer = await finish();
      const cookie = cookieSetBy(answer) ?? old;
      expect(answer.status).toBe(500);
      for (const each of [old, cookie]) {
        for (const path of ['/secret', VAULT]) expect(await knock(app, each, path)).toBe(401);
      }
    },
  );
});
