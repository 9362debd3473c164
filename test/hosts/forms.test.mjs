import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import Database from 'libsql';
import { copyApp, recipe, remove, require, serve, startCarrier, undoing } from './host.mjs';

const { Browser } = require('../helpers/browser.ts');
const PHONE = '12065550142';
const PASSWORD = { username: 'bob', password: 'correct horse' };

async function signIn(origin) {
  const browser = new Browser(origin);
  await browser.visit('/login');
  await browser.submit('/login', PASSWORD);
  return browser;
}

const cookieOf = ({ cookies }) =>
  [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');

/** A post with a browser's cookies that no form of the app has led to. */
function forge(browser, origin, path, fields) {
  return fetch(origin + path, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      accept: 'text/html',
      cookie: cookieOf(browser),
    },
    body: new URLSearchParams(fields),
  });
}

test('forms, csurf and sessions in SQLite: as it was', async (t) => {
  const undo = undoing(t);
  const folder = copyApp('forms');
  undo(() => remove(folder));
  const app = await serve(folder, { env: { DATABASE: join(folder, 'app.db') } });
  undo(app.stop);

  const browser = await signIn(app.origin);
  assert.match(browser.text(), /Loans of bob/);
  await browser.visit('/order');
  await browser.submit('/order', { title: 'Emma' });
  assert.match(browser.text(), /Emma/);
  assert.equal((await forge(browser, app.origin, '/order', { title: 'Persuasion' })).status, 403);
  await browser.submit('/logout');
  await browser.visit('/');
  assert.match(browser.url, /\/login$/);
});

test('forms, csurf and sessions in SQLite: with the diff', async (t) => {
  const undo = undoing(t);
  const folder = copyApp('forms', 'sqlite');
  undo(() => remove(folder));
  const file = join(folder, 'app.db');
  const database = new Database(file);
  database.exec(recipe('sqlite', 'sql'));
  database.close();
  const carrier = await startCarrier();
  undo(carrier.stop);
  const app = await serve(folder, { env: { DATABASE: file, ...carrier.env } });
  undo(app.stop);

  await t.test('a user without a phone goes on as before, and adds one', async () => {
    const browser = await signIn(app.origin);
    assert.match(browser.text(), /Loans of bob/);
    await browser.visit('/second-factor');
    await browser.submit('/second-factor/enrollment', { phone: '206 555 0142' });
    await browser.submit('/second-factor/enrollment/verify', { code: await carrier.code(PHONE) });
    await browser.submit('/second-factor/recovery-codes/kept');
    await browser.visit('/');
    assert.match(browser.text(), /Loans of bob/);
    await browser.submit('/logout');
  });

  await app.later(60);
  const browser = await signIn(app.origin);

  await t.test('the password alone opens nothing', async () => {
    assert.match(browser.url, /\/second-factor\/$/);
    await browser.visit('/order');
    assert.match(browser.url, /\/second-factor\/$/);
    const { status, headers } = await forge(browser, app.origin, '/order', { title: 'Emma' });
    // Not even csurf's token is there.
    assert.deepEqual([status, headers.get('location')], [403, null]);
  });

  await t.test('a wrong code does not open, the right one leads on', async () => {
    await browser.submit('/second-factor/challenge');
    const code = await carrier.code(PHONE);
    const wrong = code === '000000' ? '000001' : '000000';
    await browser.submit('/second-factor/verify', { code: wrong });
    assert.match(browser.text(), /Wrong code/);
    await browser.submit('/second-factor/verify', { code });
    assert.equal(new URL(browser.url).pathname, '/order');
  });

  await t.test('what is posted to the pages needs the token of csurf, too', async () => {
    for (const path of ['/challenge', '/verify', '/recovery', '/enrollment']) {
      const answer = await forge(browser, app.origin, `/second-factor${path}`, { code: '000000' });
      assert.deepEqual(
        [path, answer.status, await answer.text()],
        [path, 403, 'This form is too old.'],
      );
    }
  });

  await t.test("a script sends csurf's token as a header", async () => {
    await browser.visit('/');
    const post = (token) =>
      fetch(`${app.origin}/second-factor/verify`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', cookie: cookieOf(browser), ...token },
        body: JSON.stringify({ code: 'none' }),
      });
    assert.equal((await post({})).status, 403);
    const { _csrf } = browser.form('/logout').fields;
    assert.equal((await (await post({ 'csrf-token': _csrf })).json()).code, 'code_malformed');
  });

  await t.test(
    'an order asks again after five minutes, and is sent once it is confirmed',
    async () => {
      await app.later(301);
      await browser.visit('/order');
      await browser.submit('/order', { title: 'Emma' });
      assert.match(browser.url, /\/second-factor\/$/);
      await browser.submit('/second-factor/challenge');
      await browser.submit('/second-factor/verify', { code: await carrier.code(PHONE) });
      await browser.submit('/order');
      assert.match(browser.text(), /Loans of bob Emma/);
    },
  );

  await t.test('signing out ends it', async () => {
    const cookies = new Map(browser.cookies);
    await browser.submit('/logout');
    await browser.visit('/');
    assert.match(browser.url, /\/login$/);
    const thief = Object.assign(new Browser(app.origin), { cookies });
    await thief.visit('/');
    assert.match(thief.url, /\/login$/);
  });

  assert.equal(app.said(), '');
});
