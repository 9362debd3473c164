import assert from 'node:assert/strict';
import { createHash, createSign, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { generate } from 'otplib';
import { Provider } from 'oidc-provider';
import { allowInsecureRequests } from 'openid-client';

const require = createRequire(import.meta.url);
const express = require('express');
const session = require('express-session');
const passport = require('passport');
const request = require('supertest');
const { createSecondFactor, mapEnrollments, memoryCounter, outboxSender } = require('../../lib');

/** A block of a page, as a reader copies it, as a module beside the packages that it imports. */
async function blockWith(page, name) {
  const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
  const found = [...text.matchAll(/^```js\n(.*?)^```/gms)].filter(([, block]) =>
    block.includes(`function ${name}(`),
  );
  assert.equal(found.length, 1, `${page} shows ${name} once`);
  const folder = new URL('./dist/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  const file = new URL(`${name}.mjs`, folder);
  writeFileSync(file, found[0][1]);
  return (await import(file))[name];
}

const totpRoutes = await blockWith('other-factors.md', 'totpRoutes');
const passkeyRoutes = await blockWith('other-factors.md', 'passkeyRoutes');
const providerRoutes = await blockWith('identity-providers.md', 'providerRoutes');

const ORIGIN = 'https://acme.example';

function storage() {
  const kept = new Map();
  const of = (id) => {
    if (!kept.has(id)) kept.set(id, { id, name: id, passkeys: [] });
    return kept.get(id);
  };
  return {
    of,
    hasOwnFactor: async (id) => of(id).totp !== undefined || of(id).passkeys.length > 0,
    totpOf: async (id) => of(id).totp,
    setTotp: async (id, secret) => void (of(id).totp = secret),
    passkeysOf: async (id) => of(id).passkeys,
    addPasskey: async (id, credential) => void of(id).passkeys.push(credential),
    setPasskeyCounter: async (id, credentialId, counter) => {
      of(id).passkeys.find((each) => each.id === credentialId).counter = counter;
    },
  };
}

/** An app with the recipes; it ends with its test. */
async function start(t, routes) {
  const users = storage();
  const store = new session.MemoryStore();
  const counter = memoryCounter();
  const outbox = outboxSender();
  const enrollments = new Map();
  const secondFactor = createSecondFactor({
    appName: 'Acme',
    secret: randomBytes(32).toString('hex'),
    sessionStore: store,
    sender: outbox,
    enrollments: mapEnrollments(enrollments),
    counter,
    hasOwnFactor: (user) => users.hasOwnFactor(user.id),
    logger: false,
  });
  const authenticator = new passport.Passport();
  authenticator.serializeUser((user, done) => done(null, user.id));
  authenticator.deserializeUser((id, done) => done(null, users.of(id)));
  const app = express();
  const server = createServer(app);
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => new Promise((done) => server.close(done)));
  const url = `http://127.0.0.1:${server.address().port}`;
  app.use(
    session({ store, secret: 'x', resave: false, saveUninitialized: false }),
    authenticator.session(),
  );
  app.use('/second-factor', secondFactor.router());
  app.use(express.json());
  app.post('/login', (req, res, next) =>
    req.login(users.of(req.body.name), (error) => (error ? next(error) : res.end())),
  );
  await routes(app, { secondFactor, users, counter, appName: 'Acme', origin: ORIGIN, url });
  app.use(secondFactor.enforce({ redirectTo: '/confirm' }));
  app.get('/account', async (req, res) => res.json(await secondFactor.status(req)));
  const only = secondFactor.require({ methods: ['hwk', 'swk'], redirectTo: '/confirm' });
  app.get('/by-passkey', only, (_req, res) => res.end());
  // eslint-disable-next-line no-unused-vars -- Express knows it by its four parameters
  app.use((error, _req, res, _next) => res.status(500).end());
  const agent = async (name = 'ann') => {
    const browser = request.agent(url).set('Accept', 'application/json');
    await browser.post('/login').send({ name }).expect(200);
    return browser;
  };
  return { url, users, enrollments, outbox, agent };
}

const opened = async (browser, methods) => {
  const { body } = await browser.get('/account').expect(200);
  assert.equal(body.verified, true);
  assert.deepEqual(body.amr, methods);
};

const codeOf = (secret, ago = 0) =>
  generate({ secret, epoch: Math.floor(Date.now() / 1_000) - ago });

async function withTotp(t) {
  const app = await start(t, totpRoutes);
  const browser = await app.agent();
  const { body } = await browser.post('/totp/setup').expect(200);
  const secret = new URL(body.uri).searchParams.get('secret');
  await browser.post('/totp/setup/confirm').send({ code: '000' }).expect(401);
  await browser
    .post('/totp/setup/confirm')
    .send({ code: await codeOf(secret, 30) })
    .expect(204);
  await opened(browser, ['pwd', 'otp', 'mfa']);
  return { ...app, secret };
}

test('TOTP: a code of the app opens the gate, once, and nothing else does', async (t) => {
  const { agent, secret } = await withTotp(t);
  const browser = await agent();
  await browser.get('/account').expect(401);
  const code = await codeOf(secret);
  await browser.post('/totp/verify').send({ code }).expect(204);
  await opened(browser, ['pwd', 'otp', 'mfa']);
  const thief = await agent();
  await thief.post('/totp/verify').send({ code }).expect(401);
  await thief.get('/account').expect(401);
});

test('TOTP: after five guesses even the right code is refused, and nobody has it counted for them', async (t) => {
  const { agent, secret } = await withTotp(t);
  const thief = await agent();
  const code = await codeOf(secret);
  const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, '0');
  const all = await Promise.all(
    Array.from({ length: 8 }, () => thief.post('/totp/verify').send({ code: wrong })),
  );
  assert.deepEqual(all.map(({ status }) => status).sort(), [...Array(5).fill(401), 429, 429, 429]);
  await thief.post('/totp/verify').send({ code }).expect(429);
  const other = await agent('bob');
  await other.post('/totp/verify').send({ code }).expect(401);
});

test('TOTP: whoever has a factor adds another one, or a phone, only after it', async (t) => {
  const { agent } = await withTotp(t);
  const thief = await agent();
  const refused = await thief.post('/totp/setup').expect(401);
  assert.equal(refused.body.code, 'second_factor_required');
  const phone = await thief.post('/second-factor/enrollment').send({ phone: '+12065550142' });
  assert.equal(phone.body.code, 'second_factor_required');
});

/** As much of CBOR (RFC 8949) as an authenticator needs. */
function cbor(value) {
  const head = (major, length) =>
    length < 24
      ? Buffer.from([(major << 5) | length])
      : length < 256
        ? Buffer.from([(major << 5) | 24, length])
        : Buffer.from([(major << 5) | 25, length >> 8, length & 255]);
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string') return Buffer.concat([head(3, value.length), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  return Buffer.concat([head(5, value.size), ...[...value].flat().map(cbor)]);
}

const sha256 = (data) => createHash('sha256').update(data).digest();

/** An authenticator in software: one P-256 key, user verified. */
function authenticator(origin = ORIGIN) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const id = randomBytes(16);
  let counter = 0;
  const dataFor = (rpID, flags, ...more) => {
    const count = Buffer.alloc(4);
    count.writeUInt32BE((counter += 1));
    return Buffer.concat([sha256(rpID), Buffer.from([flags]), count, ...more]);
  };
  const clientData = (type, challenge) =>
    Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
  const credential = (response) => ({
    id: id.toString('base64url'),
    rawId: id.toString('base64url'),
    type: 'public-key',
    clientExtensionResults: {},
    response: Object.fromEntries(
      Object.entries(response).map(([name, bytes]) => [name, bytes.toString('base64url')]),
    ),
  });
  return {
    create({ challenge, rp }) {
      const { x, y } = publicKey.export({ format: 'jwk' });
      const [bx, by] = [x, y].map((each) => Buffer.from(each, 'base64url'));
      const key = cbor(new Map([[1, 2], [3, -7], [-1, 1], [-2, bx], [-3, by]])); // prettier-ignore
      const length = Buffer.from([0, id.length]);
      const authData = dataFor(rp.id, 0x45, Buffer.alloc(16), length, id, key);
      const attestation = new Map([['fmt', 'none'], ['attStmt', new Map()], ['authData', authData]]); // prettier-ignore
      return credential({
        clientDataJSON: clientData('webauthn.create', challenge),
        attestationObject: cbor(attestation),
      });
    },
    get({ challenge, rpId }) {
      const authenticatorData = dataFor(rpId, 0x05);
      const clientDataJSON = clientData('webauthn.get', challenge);
      const signed = Buffer.concat([authenticatorData, sha256(clientDataJSON)]);
      const signature = createSign('sha256').update(signed).sign(privateKey);
      return credential({ clientDataJSON, authenticatorData, signature });
    },
  };
}

async function withPasskey(t) {
  const app = await start(t, passkeyRoutes);
  const browser = await app.agent();
  const key = authenticator();
  const { body } = await browser.post('/passkey/setup').expect(200);
  await browser.post('/passkey/setup/confirm').send(key.create(body)).expect(204);
  await opened(browser, ['pwd', 'hwk', 'mfa']);
  return { ...app, key };
}

test('a passkey opens the gate, and each answer counts once', async (t) => {
  const { agent, key } = await withPasskey(t);
  const browser = await agent();
  await browser.get('/account').expect(401);
  const { body } = await browser.post('/passkey/options').expect(200);
  const answer = key.get(body);
  await browser.post('/passkey/verify').send(answer).expect(204);
  await opened(browser, ['pwd', 'hwk', 'mfa']);
  await browser.get('/by-passkey').expect(200);
  const thief = await agent();
  await thief.post('/passkey/options').expect(200);
  await thief.post('/passkey/verify').send(answer).expect(401);
  await thief.get('/account').expect(401);
});

test('a passkey of another key, origin, challenge or user opens nothing', async (t) => {
  const { agent, key, users } = await withPasskey(t);
  const other = authenticator();
  const phishing = { ...authenticator('https://evil.example') };
  for (const forge of [
    (body) => ({ ...other.get(body), id: users.of('ann').passkeys[0].id }),
    (body) => phishing.get(body),
    (body) => key.get({ ...body, challenge: randomBytes(32).toString('base64url') }),
    (body) => key.get({ ...body, rpId: 'evil.example' }),
  ]) {
    const thief = await agent();
    const { body } = await thief.post('/passkey/options').expect(200);
    await thief.post('/passkey/verify').send(forge(body)).expect(401);
    await thief.get('/account').expect(401);
  }
  const bob = await agent('bob');
  await bob.post('/passkey/options').expect(404);
});

/** An OpenID provider whose users pass what the test says; it signs, as any other does. */
async function startProvider(t, redirectUri, passed) {
  const app = express();
  const server = createServer(app);
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => new Promise((done) => server.close(done)));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const [clientId, clientSecret] = ['acme', randomBytes(32).toString('hex')];
  const provider = new Provider(issuer, {
    clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri] }],
    cookies: { keys: ['of the tests'] },
    features: { devInteractions: { enabled: false } },
    claims: { openid: ['sub', 'amr'], acr: null, auth_time: null },
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    loadExistingGrant: async ({ oidc }) => {
      const grant = new provider.Grant({ clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope('openid');
      await grant.save();
      return grant;
    },
  });
  app.get('/interaction/:uid', async (req, res) => {
    const login = { accountId: 'ann', amr: passed.amr, ts: passed.at };
    await provider.interactionFinished(req, res, { login });
  });
  app.use(provider.callback());
  return { issuer, clientId, clientSecret, options: { execute: [allowInsecureRequests] } };
}

/** Follows all redirects over both sites, each with its own cookies; answers the last page's status. */
async function signInAt(browser, appUrl) {
  const other = {};
  let at = `${appUrl}/login/provider`;
  for (let steps = 0; steps < 12; steps += 1) {
    const { origin, pathname, search } = new URL(at);
    const site = origin === appUrl ? browser : (other[origin] ??= request.agent(origin));
    const { status, headers } = await site.get(pathname + search);
    if (headers.location === undefined) return status;
    at = new URL(headers.location, at).href;
  }
  throw new Error('it went round and round');
}

async function throughProvider(t, passed) {
  const app = await start(t, async (server, { url, ...given }) => {
    const redirectUri = `${url}/login/provider/back`;
    const provider = await startProvider(t, redirectUri, passed);
    const findUser = async (issuer, sub) =>
      issuer === provider.issuer ? given.users.of(sub) : undefined;
    await providerRoutes(server, { ...given, provider, redirectUri, findUser });
  });
  app.enrollments.set('ann', { phone: '+12065550142', confirmedAt: 1, epoch: 'e', version: 1 });
  const browser = request.agent(app.url).set('Accept', 'application/json');
  return { ...app, browser, status: await signInAt(browser, app.url) };
}

test('OpenID Connect: a second factor that the provider asked for opens the gate', async (t) => {
  const { browser, status } = await throughProvider(t, { amr: ['pwd', 'otp'] });
  assert.equal(status, 200);
  await opened(browser, ['pwd', 'otp', 'mfa']);
});

test('OpenID Connect: a password there is a sign-in here, and the gate asks', async (t) => {
  const { browser, status, outbox } = await throughProvider(t, { amr: ['pwd'] });
  assert.equal(status, 401);
  await browser.post('/second-factor/challenge').send({}).expect(202);
  const code = outbox.last().body.slice(0, 6);
  await browser.post('/second-factor/verify').send({ code }).expect(200);
  await opened(browser, ['pwd', 'sms', 'mfa']);
});

test('OpenID Connect: an answer for another session signs nobody in', async (t) => {
  const { url } = await throughProvider(t, { amr: ['pwd', 'otp'] });
  const thief = request.agent(url).set('Accept', 'application/json');
  await thief.get('/login/provider').expect(302);
  await thief.get('/login/provider/back?code=stolen&state=other').expect(500);
  const { body } = await thief.get('/account').expect(200);
  assert.equal(body.verified, false);
});
