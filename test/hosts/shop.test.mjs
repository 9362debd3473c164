import assert from 'node:assert/strict';
import test from 'node:test';
import { hash } from 'bcryptjs';
import pg from 'pg';
import { io } from 'socket.io-client';
import { copyApp, recipe, remove, require, serve, startCarrier, undoing } from './host.mjs';

const { Browser } = require('../helpers/browser.ts');
const { hasPostgres, startPostgresServer } = require('../helpers/postgres-server.ts');
const skip = !hasPostgres();
/** A socket that is not ended is waited for as long, and no longer. */
const LIMIT = { timeout: 60_000 };
const PHONE = '12065550142';
const PASSWORD = { email: 'bob@shop.example', password: 'correct horse' };

async function signIn(origin) {
  const browser = new Browser(origin);
  await browser.visit('/sign-in');
  await browser.submit('/sign-in', PASSWORD);
  return browser;
}

const cookieOf = ({ cookies }) =>
  [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');

/** A websocket of a browser's page: its first news, or why it was refused, and its end. */
async function openSocket(browser, origin, undo) {
  const extraHeaders = { cookie: cookieOf(browser) };
  const socket = io(origin, { extraHeaders, transports: ['websocket'], reconnection: false });
  undo(() => socket.disconnect());
  const once = (name) => new Promise((resolve) => socket.once(name, resolve));
  const said = await Promise.race([once('news'), once('connect_error').then(String)]);
  return { said, news: () => once('news'), ended: once('disconnect') };
}

const postgres = skip ? undefined : await startPostgresServer();
test.after(() => postgres?.stop());

/** The shop in a folder and a database of its own, with one customer. */
async function start(undo, storage, env = {}) {
  const database = `host_${storage ?? 'as_it_was'}`;
  const admin = new pg.Client({ connectionString: postgres.url });
  await admin.connect();
  await admin.query(`DROP DATABASE IF EXISTS ${database}`);
  await admin.query(`CREATE DATABASE ${database}`);
  await admin.end();
  const url = Object.assign(new URL(postgres.url), { pathname: `/${database}` }).href;
  const pool = new pg.Pool({ connectionString: url });
  undo(() => pool.end());
  const folder = copyApp('shop', storage);
  undo(() => remove(folder));
  if (storage !== undefined) {
    const { postgresCounter } = require('../../dist/index.js');
    const { schema } = postgresCounter({ query: (text, values) => pool.query(text, values) });
    for (const migration of [recipe(storage, 'sql'), schema]) await pool.query(migration);
  }
  const app = await serve(folder, {
    env: { DATABASE_URL: url, ...env },
    age: (milliseconds) =>
      pool.query('UPDATE second_factor_counts SET ends = ends - $1', [milliseconds]),
  });
  undo(app.stop);
  await pool.query('INSERT INTO customers (email, password) VALUES ($1, $2)', [
    PASSWORD.email,
    await hash(PASSWORD.password, 8),
  ]);
  return app;
}

test('PostgreSQL, helmet and socket.io: as it was', { skip, ...LIMIT }, async (t) => {
  const undo = undoing(t);
  const app = await start(undo);
  const browser = await signIn(app.origin);
  assert.match(browser.text(), /Your account bob@shop.example/);
  const socket = await openSocket(browser, app.origin, undo);
  assert.equal(socket.said, 'Welcome, bob@shop.example');
  const news = socket.news();
  await browser.visit('/orders/new');
  await browser.submit('/orders', { article: 'lamp' });
  assert.match(browser.text(), /Orders lamp/);
  assert.equal(await news, 'Ordered: lamp');
  await browser.visit('/account');
  await browser.submit('/sign-out');
  assert.equal(await socket.ended, 'io server disconnect');
  await browser.visit('/account');
  assert.equal(new URL(browser.url).pathname, '/sign-in');
  const stranger = await openSocket(new Browser(app.origin), app.origin, undo);
  assert.equal(stranger.said, 'Error: not signed in');
});

test('PostgreSQL, helmet and socket.io: with the diff', { skip }, async (t) => {
  const undo = undoing(t);
  const carrier = await startCarrier();
  undo(carrier.stop);
  const app = await start(undo, 'postgresql', carrier.env);
  const { origin } = app;

  await t.test('a customer without a phone goes on as before, and adds one', async () => {
    const browser = await signIn(origin);
    assert.match(browser.text(), /Your account/);
    assert.match((await openSocket(browser, origin, undo)).said, /Welcome/);
    await browser.visit('/second-factor');
    await browser.submit('/second-factor/enrollment', { phone: '206 555 0142' });
    await browser.submit('/second-factor/enrollment/verify', { code: await carrier.code(PHONE) });
    await browser.submit('/second-factor/recovery-codes/kept');
    await browser.visit('/account');
    await browser.submit('/sign-out');
  });

  await app.later(60);
  const browser = await signIn(origin);

  await t.test('the password alone opens neither pages nor sockets', async () => {
    for (const path of ['/', '/account', '/orders', '/orders/new']) {
      await browser.visit(path);
      assert.deepEqual([path, new URL(browser.url).pathname], [path, '/second-factor/']);
    }
    const { said } = await openSocket(browser, origin, undo);
    assert.equal(said, 'Error: second factor required');
    assert.equal((await fetch(`${origin}/healthz`)).status, 200);
  });

  await t.test("the pages have a policy that fits them, the shop's have the shop's", async () => {
    const policyOf = async (path) => {
      const { headers } = await fetch(origin + path, {
        headers: { accept: 'text/html', cookie: cookieOf(browser) },
      });
      return headers.get('content-security-policy');
    };
    const own = "default-src 'none';form-action 'self';frame-ancestors 'none'";
    assert.equal(await policyOf('/sign-in'), own);
    const policy = await policyOf('/second-factor/');
    assert.match(policy, /default-src 'none'/);
    // Both are files of the router, so that the policy of helmet would have shut them out.
    assert.match(policy, /script-src 'self'/);
    assert.match(policy, /style-src 'self'/);
  });

  async function confirm() {
    await browser.submit('/second-factor/challenge');
    const code = await carrier.code(PHONE);
    const wrong = code === '000000' ? '000001' : '000000';
    await browser.submit('/second-factor/verify', { code: wrong });
    assert.match(browser.text(), /Wrong code/);
    await browser.submit('/second-factor/verify', { code });
  }

  await t.test('a wrong code does not open, the right one does', async () => {
    await browser.visit('/account');
    await confirm();
    assert.match(browser.text(), /Your account bob@shop.example/);
  });

  await t.test(
    'an order asks again after five minutes; the socket stays and hears of it',
    async () => {
      const socket = await openSocket(browser, origin, undo);
      assert.equal(socket.said, 'Welcome, bob@shop.example');
      await app.later(301);
      const news = socket.news();
      await browser.visit('/orders/new');
      await browser.submit('/orders', { article: 'lamp' });
      assert.equal(new URL(browser.url).pathname, '/second-factor/');
      await confirm();
      await browser.submit('/orders');
      assert.match(browser.text(), /Orders lamp$/);
      assert.equal(await news, 'Ordered: lamp');

      // By now the session has another id than the one that the socket came with.
      await browser.visit('/account');
      await browser.submit('/sign-out');
      assert.equal(await socket.ended, 'io server disconnect');
    },
  );

  await t.test('signed out, nothing is open', async () => {
    await browser.visit('/account');
    assert.equal(new URL(browser.url).pathname, '/sign-in');
    assert.equal((await openSocket(browser, origin, undo)).said, 'Error: not signed in');
  });

  assert.equal(app.said(), '');
});
