import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { symmetricDecrypt, verifyPassword } from 'better-auth/crypto';
import { twoFactor } from 'better-auth/plugins';

const require = createRequire(import.meta.url);
const express = require('express');
const session = require('express-session');
const passport = require('passport');
const { Strategy: LocalStrategy } = require('passport-local');
const { Strategy: TotpStrategy } = require('passport-totp');
const { totp } = require('notp');
const request = require('supertest');
const library = require('../../lib');

/** docs/migrating.md as a reader meets it: an app as it was before, and the same with what the page shows. */
const page = readFileSync(new URL('../../docs/migrating.md', import.meta.url), 'utf8');
const [ofTotp, ofOwn] = [...page.matchAll(/^```js\n(.*?)^```/gms)].map(([, block]) => block);

const PASSWORD = 'right';
const KEY = Buffer.from('a key of a user, 20 b');
const PHONE = '+12065550142';
const enrolled = { phone: PHONE, confirmedAt: 1, epoch: 'first', version: 1 };

/** Passwords and sessions, which stay what they were; `add` is the rest, before or after. */
async function start(t, users, add, check = (user, password) => password === PASSWORD) {
  const authenticator = new passport.Passport();
  authenticator.use(
    new LocalStrategy((name, password, done) => {
      const user = users[name];
      Promise.resolve(user !== undefined && check(user, password)).then(
        (right) => done(null, right ? user : false),
        done,
      );
    }),
  );
  authenticator.serializeUser((user, done) => done(null, user.id));
  authenticator.deserializeUser((id, done) => done(null, users[id]));
  const sessionStore = new session.MemoryStore();
  const app = express();
  app.use(express.json());
  app.use(session({ store: sessionStore, secret: 'x', resave: false, saveUninitialized: false }));
  app.use(authenticator.session());
  app.post('/login', authenticator.authenticate('local'), (req, res) => res.json({ in: true }));
  app.get('/login-otp', (req, res) => res.send('the code, please'));
  const outbox = library.outboxSender();
  const enrollments = new Map();
  const options = {
    appName: 'Acme',
    secret: randomBytes(32).toString('hex'),
    sessionStore,
    sender: outbox,
    enrollments: library.mapEnrollments(enrollments),
    counter: library.memoryCounter(),
    logger: false,
  };
  add({ app, passport: authenticator, options });
  app.get('/', (req, res) => res.send('home'));
  app.get('/account', (req, res) => res.send(`the account of ${req.user?.id}`));
  const server = createServer(app);
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => new Promise((done) => server.close(done)));
  const signIn = async (username, password = PASSWORD) => {
    const browser = request.agent(server).set('Accept', 'text/html');
    await browser.post('/login').send({ username, password }).expect(200);
    return browser;
  };
  return { signIn, outbox, enrollments };
}

/** What a block of the page does to the app, with the factor that it makes or is given. */
const run = (block, given) => new Function(...Object.keys(given), block)(...Object.values(given));

const withTotp = (authenticator) =>
  authenticator.use(new TotpStrategy((user, done) => done(null, user.totpKey, 30)));
const totpUsers = () => ({
  ann: { id: 'ann', totpKey: KEY },
  bob: { id: 'bob', totpKey: null },
});

test('passport-totp, before: the code opens what the app guards by its own flag', async (t) => {
  const { signIn } = await start(t, totpUsers(), ({ app, passport: authenticator }) => {
    withTotp(authenticator);
    app.post('/login-otp', authenticator.authenticate('totp'), (req, res) => {
      req.session.secondFactor = 'totp';
      res.redirect('/');
    });
    app.use((req, res, next) => (req.session.secondFactor ? next() : res.redirect('/login-otp')));
  });
  const ann = await signIn('ann');
  await ann.get('/account').expect(302);
  await ann.post('/login-otp').send({ code: totp.gen(KEY) });
  await ann.get('/account').expect(200);
});

test('passport-totp, after: the same app and code open the gate, a wrong one does not, and a phone is another way', async (t) => {
  const users = totpUsers();
  const { signIn, outbox, enrollments } = await start(t, users, (given) => {
    withTotp(given.passport);
    run(ofTotp, { ...given, createSecondFactor: library.createSecondFactor });
  });
  const ann = await signIn('ann');
  const held = await ann.get('/account').expect(302);
  assert.equal(held.headers.location, '/login-otp');
  const right = totp.gen(KEY);
  const wrong = right.replace(/^./, (digit) => (Number(digit) + 5) % 10);
  await ann.post('/login-otp').send({ code: wrong }).expect(302).expect('location', '/login-otp');
  await ann.get('/account').expect(302);
  await ann.post('/login-otp').send({ code: right }).expect(302).expect('location', '/');
  await ann.get('/account').expect(200, 'the account of ann');

  // Who has a phone only takes the link to the library's pages.
  enrollments.set('bob', enrolled);
  const bob = await signIn('bob');
  await bob.get('/account').expect(302);
  await bob.post('/second-factor/challenge').set('Accept', 'application/json').send({}).expect(202);
  const code = /\d{6}/.exec(outbox.last().body)[0];
  await bob
    .post('/second-factor/verify')
    .set('Accept', 'application/json')
    .send({ code })
    .expect(200);
  await bob.get('/account').expect(200, 'the account of bob');
});

test('a flow of your own, before: a code in the session and a flag', async (t) => {
  const texts = [];
  const { signIn } = await start(t, { ann: { id: 'ann' } }, ({ app }) => {
    app.post('/code/send', (req, res) => {
      req.session.code = '123456';
      texts.push(req.session.code);
      res.redirect('/code');
    });
    app.post('/code', (req, res) => {
      req.session.verified = req.body.code === req.session.code;
      res.redirect(req.session.verified ? '/' : '/code');
    });
    app.use((req, res, next) => (req.session.verified ? next() : res.redirect('/code')));
  });
  const ann = await signIn('ann');
  await ann.get('/account').expect(302);
  await ann.post('/code/send');
  await ann.post('/code').send({ code: texts[0] });
  await ann.get('/account').expect(200);
});

test('a flow of your own, after: the same page and routes, and codes are the library’s', async (t) => {
  const { signIn, outbox, enrollments } = await start(t, { ann: { id: 'ann' } }, (given) => {
    const { app, options, passport: authenticator } = given;
    const secondFactor = library.createSecondFactor(options);
    authenticator.use(secondFactor.strategy());
    app.use((req, res, next) => {
      res.render = (view, { problem }) => res.send(`${view} ${problem ?? ''}`);
      next();
    });
    run(ofOwn, { app, passport: authenticator, secondFactor });
  });
  enrollments.set('ann', enrolled);
  const ann = await signIn('ann');
  await ann.get('/account').expect(302).expect('location', '/code');
  await ann.get('/code').expect(200);
  await ann.post('/code/send').send({}).expect(302).expect('location', '/code');
  const code = /\d{6}/.exec(outbox.last().body)[0];
  const wrong = code.replace(/^./, (digit) => (Number(digit) + 5) % 10);
  await ann.post('/code').send({ code: wrong }).expect(302).expect('location', '/code');
  await ann.get('/account').expect(302);
  await ann.post('/code').send({ code }).expect(302);
  await ann.get('/account').expect(200, 'the account of ann');
});

test('better-auth: its passwords sign in, its TOTP secrets are read, and a confirmed phone is the factor', async (t) => {
  const secret = 'a secret of better-auth, 32 characters or more';
  const tables = { user: [], session: [], account: [], verification: [], twoFactor: [] };
  const auth = betterAuth({
    secret,
    baseURL: 'http://127.0.0.1',
    database: memoryAdapter(tables),
    emailAndPassword: { enabled: true },
    telemetry: { enabled: false },
    logger: { disabled: true },
    plugins: [twoFactor()],
  });
  const password = 'correct horse battery staple';
  const signedUp = await auth.api.signUpEmail({
    body: { email: 'ann@acme.example', name: 'Ann', password },
    returnHeaders: true,
  });
  const cookie = signedUp.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  const headers = new Headers({ cookie });
  const { totpURI } = await auth.api.enableTwoFactor({ body: { password }, headers });
  const kept = await symmetricDecrypt({ key: secret, data: tables.twoFactor[0].secret });
  const shown = new URL(totpURI).searchParams.get('secret');
  const { createOTP } = await import('@better-auth/utils/otp');
  const { base32 } = await import('@better-auth/utils/base32');
  assert.equal(base32.encode(kept, { padding: false }), shown);
  assert.match(await createOTP(kept).totp(), /^\d{6}$/);

  const [account] = tables.account;
  const users = { ann: { id: 'ann', hash: account.password } };
  const { signIn, outbox, enrollments } = await start(
    t,
    users,
    ({ app, options }) => {
      const secondFactor = library.createSecondFactor(options);
      app.use('/second-factor', secondFactor.router());
      app.use(secondFactor.enforce());
    },
    (user, given) => verifyPassword({ hash: user.hash, password: given }),
  );
  enrollments.set('ann', enrolled);
  await assert.rejects(signIn('ann', 'wrong'));
  const ann = await signIn('ann', password);
  await ann.get('/account').expect(302);
  await ann.post('/second-factor/challenge').set('Accept', 'application/json').send({}).expect(202);
  const code = /\d{6}/.exec(outbox.last().body)[0];
  await ann
    .post('/second-factor/verify')
    .set('Accept', 'application/json')
    .send({ code })
    .expect(200);
  await ann.get('/account').expect(200, 'the account of ann');
});
