import 'reflect-metadata';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { Logger } from '@nestjs/common';
import express from 'express';
import request from 'supertest';
import { newestCode, signIn, startApp, type Agent, type TestApp } from '../helpers/app';
import { LONG } from '../helpers/long';
import { ROUTER } from '../helpers/paths';
import { createApp } from './dist/main';
import { serveNext } from './dist/next-server';
import { runUse } from './page';
import { outlives } from './world';

Logger.overrideLogger(false);

/** At the recipe of Next.js, whose sign-in is a form. */
async function signInByForm(agent: Agent, username = 'A'): Promise<void> {
  const form = agent.post('/login').type('form').send({ username, password: 'right' });
  await form.expect(302).expect('Location', '/');
}

interface Site {
  app: TestApp;
  agent(): Agent;
}

const PAGE = { Accept: 'text/html', 'Sec-Fetch-Site': 'same-origin' };

/** Passes the second factor at this server. */
async function pass(app: TestApp, agent: Agent, body: object = {}): Promise<void> {
  await app.clock.advance(60);
  await agent.post(ROUTER.challenge).send(body).expect(202);
  await agent
    .post(ROUTER.verify)
    .send({ code: newestCode(app) })
    .expect(200);
}

async function startNest(t: TestContext): Promise<Site> {
  const app = await startApp();
  const { secondFactor, sessions, authenticator } = app;
  const nest = await createApp(secondFactor, [sessions[0]!, sessions[1]!]);
  // The app's own sign-in, which the recipe leaves to it.
  nest.use('/login', express.json(), authenticator.authenticate('local'), (_req: object, res: express.Response) => void res.json({})); // prettier-ignore
  nest.use('/logout', (req: express.Request, res: express.Response) => req.logout(() => res.json({}))); // prettier-ignore
  await nest.listen(0, '127.0.0.1');
  outlives(t);
  t.after(() => Promise.all([nest.close(), app.close()]));
  const url = await nest.getUrl();
  return { app, agent: () => request.agent(url).set('Accept', 'application/json') };
}

const refusal = (status: number, code: string) => ({ status, code, type: `urn:passport-sms-2fa:${code}` }); // prettier-ignore

/** Asks as a program does; answers what the problem document says. */
async function refused(agent: Agent, path: string, post = false) {
  const answer = await (post ? agent.post(path).send({}) : agent.get(path));
  assert.match(answer.headers['content-type'] ?? '', /^application\/problem\+json/);
  assert.match(answer.headers['cache-control'] ?? '', /no-store/);
  const { status, code, type } = answer.body as ReturnType<typeof refusal>;
  assert.equal(answer.status, status);
  return { status, code, type };
}

test('[S79] NestJS: guard and gate refuse before the second factor, and let pass after it', async (t) => {
  const { app, agent } = await startNest(t);
  const stranger = agent();
  await stranger.get('/news').expect(200);
  assert.deepEqual(await refused(stranger, '/account'), refusal(401, 'not_authenticated'));
  await stranger.get('/account').set(PAGE).expect(303).expect('Location', '/login');

  const half = agent();
  await signIn(half);
  for (const path of ['/news', '/account']) {
    assert.deepEqual(await refused(half, path), refusal(401, 'second_factor_required'));
    await half.get(path).set(PAGE).expect(302).expect('Location', '/second-factor/');
  }
  await pass(app, half);
  await half.get('/news').expect(200);
  await half.get('/account').expect(200, { balance: 100 }).expect('Cache-Control', 'no-store');
  await half.post('/account/transfer').send({}).expect(201, { transferred: true });
});

test('NestJS: a user without a factor passes the gate, and is sent to enroll by the guard', async (t) => {
  const { agent } = await startNest(t);
  const plain = agent();
  await signIn(plain, 'C');
  await plain.get('/news').expect(200);
  assert.deepEqual(await refused(plain, '/account'), refusal(403, 'enrollment_required'));
  await plain.get('/account').set(PAGE).expect(303).expect('Location', '/second-factor/');
});

test('NestJS: a handler’s own maxAge takes the place of its controller’s, and the user comes back', async (t) => {
  const { app, agent } = await startNest(t);
  const user = agent();
  await signIn(user);
  await pass(app, user);
  await app.clock.advance(400);
  await user.get('/account').expect(200);
  const late = await refused(user, '/account/transfer', true);
  assert.deepEqual(late, refusal(401, 'second_factor_required'));
  const Referer = `${(user.get('/') as unknown as { url: string }).url}account`;
  const form = user
    .post('/account/transfer')
    .set({ ...PAGE, Referer })
    .type('form')
    .send({});
  await form.expect(303).expect('Location', '/second-factor/');
  await user.post(ROUTER.challenge).send({}).expect(202);
  const verified = await user
    .post(ROUTER.verify)
    .send({ code: newestCode(app) })
    .expect(200);
  assert.equal((verified.body as { returnTo: string }).returnTo, '/account');
  await user.post('/account/transfer').send({}).expect(201);
});

const AWAY: [string, (app: TestApp) => unknown, number][] = [
  ['the session store says that it is away', ({ store }) => store.emit('disconnect'), 503],
  ['the session store fails', ({ store }) => (store.get = (_id, done) => done(Error('away'))), 500],
  [
    'enrollments fail',
    async ({ enrollments, clock }) => {
      await clock.advance(10);
      enrollments.get = () => {
        throw new Error('away');
      };
    },
    503,
  ],
];

for (const [name, start, enter, secret] of [
  ['NestJS', startNest, signIn, '/account'],
  ['Next.js', (t: TestContext) => startNext(t, standIn), signInByForm, '/secret'],
] as const) {
  for (const [what, fail, status] of AWAY) {
    test(`[S134] ${name}: shut while ${what}`, async (t) => {
      const { app, agent } = await start(t);
      const user = agent();
      await enter(user);
      await pass(app, user);
      await user.get(secret).expect(200);
      await fail(app);
      await user.get(secret).expect(status);
    });
  }

  test(`${name}: shut after a revocation and a sign-out`, async (t) => {
    const { app, agent } = await start(t);
    const user = agent();
    await enter(user);
    await pass(app, user);
    await user.get(secret).expect(200);
    await app.secondFactor.admin.revoke('id-of-A', { operator: 'desk' });
    await user.get(secret).expect(401);
    await pass(app, user);
    await user.get(secret).expect(200);
    await user.post('/logout').send({});
    const after = await user.get(secret);
    // Strangers are let pass by enforce(): the page is for nobody.
    assert.ok(after.status === 401 || after.text === 'page of nobody');
  });
}

type Next = (options: { dev: boolean }) => Parameters<typeof serveNext>[2];

/** Serves what it is asked for, where Next.js is not installed. */
const standIn: Next = () => ({
  prepare: () => Promise.resolve(),
  getRequestHandler: () => async (req, res) => {
    const { user } = req as { user?: { id: string } };
    res.end(`page of ${user?.id ?? 'nobody'}`);
  },
});

async function startNext(t: TestContext, next: Next): Promise<Site> {
  const app = await startApp();
  const { secondFactor, sessions, authenticator } = app;
  let server: Server | undefined;
  const made = (): express.Express => {
    const site = express();
    site.post('/logout', ...sessions, (req, res) => req.logout(() => res.json({})));
    site.listen = () => (server = createServer(site).listen(0, '127.0.0.1'));
    return site;
  };
  const given = {
    express: Object.assign(made, { urlencoded: express.urlencoded }),
    passport: authenticator,
    process: { env: { NODE_ENV: 'production' } },
  };
  await runUse('Next.js', { ...given, sessions: sessions[0], secondFactor, serveNext, next });
  await once(server!, 'listening');
  outlives(t);
  t.after(() => {
    server!.closeAllConnections();
    server!.close();
    return app.close();
  });
  const { port } = server!.address() as { port: number };
  const url = `http://127.0.0.1:${port}`;
  return { app, agent: () => request.agent(url).set('Accept', 'application/json') };
}

/** What is behind the gate, and how it is asked for. */
async function gated(agent: Agent, paths: string[], status: number): Promise<void> {
  for (const path of paths) {
    assert.deepEqual([path, (await agent.get(path)).status], [path, status]);
  }
}

async function walk({ app, agent }: Site, paths: string[], open: string): Promise<void> {
  const user = agent();
  await signInByForm(user);
  await gated(user, paths, 401);
  await user.get('/').set(PAGE).expect(302).expect('Location', '/second-factor/');
  const action = user
    .post('/')
    .type('text/plain')
    .set({ 'Next-Action': '0'.repeat(42), ...PAGE });
  await action.send('[]').expect(303).expect('Location', '/second-factor/');
  await user.get(open).expect(200);
  await pass(app, user);
  await gated(user, paths, 200);
  const plain = agent();
  await signInByForm(plain, 'C');
  await gated(plain, paths, 200);
}

test('[S79] Next.js: everything but its static files is shut before the second factor', async (t) => {
  const data = ['/_next/data/build/index.json', '/_next/image?url=%2Fsecret.png&w=64&q=75'];
  const site = await startNext(t, standIn);
  await walk(site, ['/', '/account', '/api/me', ...data], '/_next/static/chunks/main.js');
});

test(
  '[S79] Next.js itself: the same, with a site that is built for it',
  { skip: !LONG, timeout: 600_000 },
  async (t) => {
    const dir = join(__dirname, 'next');
    const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' };
    const install = ['ci', '--include=prod', '--ignore-scripts', '--no-audit', '--no-fund'];
    execFileSync('npm', install, { cwd: dir, env, stdio: 'inherit' });
    const bin = join(dir, 'node_modules', '.bin', 'next');
    execFileSync(bin, ['build'], { cwd: dir, env, stdio: 'inherit' });
    const next = require(join(dir, 'node_modules', 'next')) as (
      options: object,
    ) => ReturnType<Next>;
    const site = await startNext(t, (options) => next({ ...options, dir }));
    const home = await site.agent().get('/').set(PAGE).expect(200);
    assert.match(home.text, /page of nobody/);
    const build = /"buildId":"([^"]+)"/.exec(home.text)?.[1];
    const script = /"(\/_next\/static\/[^"]+\.js)"/.exec(home.text)?.[1];
    await walk(site, ['/', '/account', '/api/me', `/_next/data/${build}/index.json`], script ?? '');
  },
);
