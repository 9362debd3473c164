import assert from 'node:assert/strict';
import test from 'node:test';
import { copyApp, remove, require, serve, startCarrier, undoing } from './host.mjs';

const { age, connect, hasRedis, startRedis } = require('../helpers/redis-server.ts');
const skip = !hasRedis();
const FRONT_END = 'http://localhost:5173';
const PHONE = '12065550142';
const CREDIT = { query: '{ motto credit }' };
const REFUND = { query: 'mutation { refund(amount: 5) }' };

const redis = skip ? undefined : await startRedis();
test.after(() => redis?.stop());

/** The front end's page in a browser: another origin of the same site, with the API's cookie. */
function frontEnd(api, { origin = FRONT_END, site = 'same-site' } = {}) {
  let cookie;
  return async (method, path, body) => {
    const answer = await fetch(api + path, {
      method,
      headers: {
        accept: 'application/json',
        origin,
        'sec-fetch-site': site,
        ...(cookie !== undefined && { cookie }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const set = answer.headers.getSetCookie().find((each) => each.startsWith('connect.sid='));
    cookie = set?.split(';')[0] ?? cookie;
    // Or else the browser shows the front end nothing of it.
    assert.equal(answer.headers.get('access-control-allow-origin'), FRONT_END);
    assert.equal(answer.headers.get('access-control-allow-credentials'), 'true');
    const text = await answer.text();
    return { status: answer.status, json: text.startsWith('{') ? JSON.parse(text) : text };
  };
}

async function signIn(api) {
  const ask = frontEnd(api);
  const { status } = await ask('POST', '/session', { username: 'bob', password: 'correct horse' });
  assert.equal(status, 201);
  return ask;
}

async function preflight(api, method, path) {
  const { status, headers } = await fetch(api + path, {
    method: 'OPTIONS',
    headers: {
      origin: FRONT_END,
      'access-control-request-method': method,
      'access-control-request-headers': 'content-type',
    },
  });
  return {
    status,
    origin: headers.get('access-control-allow-origin'),
    takes: headers.get('access-control-allow-methods')?.split(',').includes(method),
    reads: headers.get('access-control-allow-headers'),
  };
}
const ALLOWED = { status: 204, origin: FRONT_END, takes: true, reads: 'content-type' };

/** What GraphQL refuses, by the code that its error carries. */
const refusedBy = ({ status, json }) => [status, json.errors?.[0].extensions?.code];

test('JSON, CORS and GraphQL: as it was', { skip }, async (t) => {
  const undo = undoing(t);
  const folder = copyApp('api');
  undo(() => remove(folder));
  const app = await serve(folder, { env: { FRONT_END, REDIS_URL: redis.url } });
  undo(app.stop);

  assert.deepEqual(await preflight(app.origin, 'POST', '/graphql'), ALLOWED);
  const ask = await signIn(app.origin);
  assert.equal((await ask('GET', '/orders')).status, 200);
  assert.equal((await ask('DELETE', '/orders/1')).status, 204);
  const { json } = await ask('POST', '/graphql', CREDIT);
  assert.deepEqual(json.data, { motto: 'We have it', credit: 100 });
  assert.deepEqual((await ask('POST', '/graphql', REFUND)).json.data, { refund: 105 });
  await ask('DELETE', '/session');
  assert.equal((await ask('GET', '/orders')).status, 401);
});

test('JSON, CORS and GraphQL: with the diff', { skip }, async (t) => {
  const undo = undoing(t);
  const client = await connect(redis);
  undo(() => client.destroy());
  const carrier = await startCarrier();
  undo(carrier.stop);
  const folder = copyApp('api', 'redis');
  undo(() => remove(folder));
  const app = await serve(folder, {
    env: { FRONT_END, REDIS_URL: redis.url, ...carrier.env },
    age: (milliseconds) => age(client, milliseconds),
  });
  undo(app.stop);

  await t.test('the front end may ask, another site may not', async () => {
    for (const path of ['/challenge', '/verify', '/enrollment']) {
      assert.deepEqual(await preflight(app.origin, 'POST', `/second-factor${path}`), ALLOWED);
    }
    assert.deepEqual(await preflight(app.origin, 'DELETE', '/second-factor/enrollment'), ALLOWED);
    const other = frontEnd(app.origin, { origin: 'https://evil.example', site: 'cross-site' });
    const { json } = await other('POST', '/second-factor/challenge', {});
    assert.equal(json.code, 'cross_site_request');
  });

  await t.test('a user without a phone has the orders, and adds one', async () => {
    const ask = await signIn(app.origin);
    assert.equal((await ask('GET', '/orders')).status, 200);
    assert.deepEqual(refusedBy(await ask('POST', '/graphql', CREDIT)), [
      200,
      'enrollment_required',
    ]);
    const { status } = await ask('POST', '/second-factor/enrollment', { phone: '206-555-0142' });
    assert.equal(status, 202);
    const code = await carrier.code(PHONE);
    const { json } = await ask('POST', '/second-factor/enrollment/verify', { code });
    assert.deepEqual([json.verified, json.recoveryCodes.length], [true, 10]);
    assert.equal((await ask('POST', '/second-factor/recovery-codes/kept')).status, 204);
    assert.equal((await ask('POST', '/graphql', CREDIT)).json.data.credit, 100);
    await ask('DELETE', '/session');
  });

  await app.later(60);
  const ask = await signIn(app.origin);

  await t.test('the password alone opens neither routes nor resolvers', async () => {
    const orders = await ask('GET', '/orders');
    assert.deepEqual([orders.status, orders.json.code], [401, 'second_factor_required']);
    assert.equal((await ask('DELETE', '/orders/1')).status, 401);
    const credit = await ask('POST', '/graphql', CREDIT);
    assert.deepEqual(refusedBy(credit), [200, 'second_factor_required']);
    // Its other fields answer as before.
    assert.deepEqual(credit.json.data, { motto: 'We have it', credit: null });
    const refund = await ask('POST', '/graphql', REFUND);
    assert.deepEqual(refusedBy(refund), [200, 'second_factor_required']);
  });

  async function confirm() {
    assert.equal((await ask('POST', '/second-factor/challenge', {})).status, 202);
    const code = await carrier.code(PHONE);
    const wrong = code === '000000' ? '000001' : '000000';
    const refused = await ask('POST', '/second-factor/verify', { code: wrong });
    assert.deepEqual([refused.status, refused.json.code], [401, 'code_incorrect']);
    assert.equal((await ask('GET', '/second-factor')).json.challenge.attemptsLeft, 4);
    assert.equal((await ask('POST', '/second-factor/verify', { code })).json.verified, true);
  }

  await t.test('a wrong code does not open, the right one does', async () => {
    await confirm();
    assert.equal((await ask('GET', '/orders')).status, 200);
    assert.equal((await ask('POST', '/graphql', CREDIT)).json.data.credit, 100);
    assert.equal((await ask('POST', '/graphql', REFUND)).json.data.refund, 105);
  });

  await t.test('a refund asks again after five minutes', async () => {
    await app.later(301);
    assert.equal((await ask('GET', '/orders')).status, 200);
    assert.equal((await ask('POST', '/graphql', CREDIT)).json.data.credit, 105);
    const { json } = await ask('DELETE', '/orders/1');
    assert.equal(json.code, 'second_factor_required');
    const refund = await ask('POST', '/graphql', REFUND);
    assert.deepEqual(refusedBy(refund), [200, 'second_factor_required']);
    await confirm();
    assert.equal((await ask('POST', '/graphql', REFUND)).json.data.refund, 110);
    assert.equal((await ask('DELETE', '/orders/1')).status, 204);
  });

  await t.test('signing out ends it', async () => {
    assert.equal((await ask('DELETE', '/session')).status, 204);
    assert.equal((await ask('GET', '/orders')).status, 401);
    const credit = await ask('POST', '/graphql', CREDIT);
    assert.deepEqual(refusedBy(credit), [200, 'not_authenticated']);
  });

  assert.equal(app.said(), '');
});
