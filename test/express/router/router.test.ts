import { createServer } from 'node:http';
import express from 'express';
import { goOnPlace, keepSuccessor, signOutPlace } from '../../../lib/core/sessions';
import { ROUTES } from '../../../lib/express/router/router';
import type { Place } from '../../../lib/ports/counter';
import { signIn, startApp, verified, type TestApp } from '../../helpers/app';
import { enrollmentOf } from '../../helpers/core';
import { MOUNT, ROUTER } from '../../helpers/paths';
import { listen } from '../../helpers/servers';
import { cookieFrom, htmlAgent, stored } from '../../helpers/web';
import { gateWorld } from '../gate-world';
import { exchangeIn } from './exchange-world';

const JSON_TYPE = /^application\/(problem\+)?json/;

afterEach(() => jest.restoreAllMocks());

test.each([
  ['GET', '/none', 404, 'not_found', undefined],
  ['POST', '/none', 404, 'not_found', undefined],
  ['PUT', '/verify', 405, 'method_not_allowed', 'POST'],
  ['GET', '/verify', 405, 'method_not_allowed', 'POST'],
  ['GET', '/verify?a=1', 405, 'method_not_allowed', 'POST'],
  ['PUT', '/challenge', 405, 'method_not_allowed', 'DELETE, GET, HEAD, POST'],
  ['POST', '/devices/x', 405, 'method_not_allowed', 'DELETE'],
  // Pages are for browsers: an API client has another path, or none.
  ['GET', '/recovery-codes.txt', 404, 'not_found', undefined],
  ['GET', '/recovery-codes/new', 404, 'not_found', undefined],
  ['GET', '/devices/delete', 405, 'method_not_allowed', 'POST'],
  ['GET', '/', 401, 'not_authenticated', undefined],
  ['GET', '/?a=1', 401, 'not_authenticated', undefined],
  ['HEAD', '/', 401, undefined, undefined],
  ['POST', '/verify/', 401, 'not_authenticated', undefined],
])(
  'an API client that nobody knows is answered: %s %s is %i',
  async (method, path, status, code, allow) => {
    const { url } = await startApp();
    const answer = await fetch(`${url}${MOUNT}${path}`, {
      method,
      headers: { accept: 'application/json' },
    });
    expect([answer.status, answer.headers.get('allow') ?? undefined]).toEqual([status, allow]);
    expect(answer.headers.get('content-type')).toMatch(JSON_TYPE);
    const text = await answer.text();
    if (code !== undefined) expect(JSON.parse(text)).toMatchObject({ code });
  },
);

describe('a browser', () => {
  let app: TestApp;
  beforeEach(async () => {
    app = await startApp();
  });

  test('without a session is led to the page to sign in on, and told where it had one', async () => {
    const stranger = htmlAgent(app);
    await stranger.get(ROUTER.home).expect(302).expect('Location', '/login');
    await stranger.post(ROUTER.challenge).type('form').send({}).expect(303, '');
    const ended = `connect.sid=s%3A${'x'.repeat(32)}.${'y'.repeat(43)}`;
    const page = await stranger.get(ROUTER.home).set('Cookie', ended).expect(401);
    expect(page.text).toContain('href="/login"');
    expect(page.headers['www-authenticate']).toBe('Session');
    const bare = await startApp({ factor: { loginPath: undefined } });
    await htmlAgent(bare).get(ROUTER.home).expect(401);
  });

  test('that has not passed is led from pages of those who have to the one that is due', async () => {
    const agent = htmlAgent(app);
    await agent.post('/login').send({ username: 'A', password: 'right' });
    for (const path of [ROUTER.devices, ROUTER.recoveryCodes, `${MOUNT}/enrollment/delete`]) {
      await agent.get(path).expect(302).expect('Location', ROUTER.home);
    }
    await agent.get(ROUTER.verify).expect(302).expect('Location', ROUTER.home);
    await agent.get(ROUTER.home).expect(200).expect('Content-Type', /html/);
  });

  test('reads what was wrong on the page that it is led to, at the field that it was wrong in', async () => {
    const agent = htmlAgent(app);
    await agent.post('/login').send({ username: 'A', password: 'right' });
    const form = (path: string, fields: object) => agent.post(path).type('form').send(fields);
    await form(ROUTER.verify, { code: 'abc' }).expect(303).expect('Location', ROUTER.home);
    const { text } = await agent.get(ROUTER.home).expect(200);
    expect(text).toContain('digits only');
    expect((await agent.get(ROUTER.home)).text).not.toContain('digits only');
    // What has nothing to do with the form stands on a page of its own.
    await form(ROUTER.verify, { code: 'x'.repeat(11_000) }).expect(413);
    await agent.post(ROUTER.verify).set('Sec-Fetch-Site', 'cross-site').send({}).expect(403);
    await agent.put(ROUTER.verify).expect(405).expect('Allow', 'POST');
  });
});

test('a router that is asked at two paths answers where it should be, and says so elsewhere each time', async () => {
  const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const { secondFactor } = await startApp();
  const host = express();
  host.use(['/second-factor', '/elsewhere'], secondFactor.router());
  const { url } = await listen(createServer(host));
  const statusOf = async (path: string) => (await fetch(`${url}${path}/style.css`)).status;
  const asked = ['/elsewhere', '/second-factor', '/SECOND-factor', '/elsewhere', '/second-factor'];
  const statuses: number[] = [];
  for (const path of asked) statuses.push(await statusOf(path));
  expect(statuses).toEqual([500, 200, 200, 500, 200]);
  expect(warned).toHaveBeenCalledTimes(1);
});

test('who changes something by JSON is answered by JSON, and nothing where there is nothing to say', async () => {
  const app = await startApp();
  const agent = app.agent();
  await signIn(agent);
  const { headers } = await agent.post(ROUTER.challenge).send({}).expect(202);
  expect(headers['content-type']).toMatch(JSON_TYPE);
  expect(headers).not.toHaveProperty('content-language');
  await agent
    .post(ROUTER.verify)
    .send({ code: 'abc' })
    .expect(400)
    .expect('Content-Language', 'en');
  const passed = app.agent();
  await app.clock.advance(60);
  await verified(app, passed);
  const ended = await passed.delete(ROUTER.challenge).expect(204);
  expect([ended.text, ended.headers['cache-control']]).toEqual(['', 'no-store']);
});

test.each([
  ['application/json', undefined],
  ['text/html', 'notice.off'],
])(
  'what went well is kept for a page only where one comes: with Accept: %s',
  async (type, kept) => {
    const app = await startApp();
    const agent = app.agent();
    await verified(app, agent);
    const status = kept === undefined ? 204 : 303;
    await agent.delete(`${MOUNT}/enrollment`).set('Accept', type).expect(status);
    const session = await stored(app.store, cookieFrom(agent));
    expect((session?.sms2fa as { notice?: string } | undefined)?.notice).toBe(kept);
  },
);

test.each([
  ['DELETE', '/challenge'],
  ['POST', '/challenge/delete'],
  ['DELETE', '/enrollment'],
  ['POST', '/enrollment/delete'],
  ['POST', '/recovery-codes'],
  ['POST', '/recovery-codes/kept'],
  ['DELETE', '/devices'],
  ['POST', '/devices/delete'],
  ['DELETE', '/devices/:id'],
  ['POST', '/devices/:id/delete'],
] as const)(
  'who signs out at another process while the body of %s %s comes in changes nothing; who only goes on there may',
  async (method, path) => {
    const codeOf = async (...ends: Place[]): Promise<unknown> => {
      const world = gateWorld();
      const { core, users } = world;
      users.set('A', enrollmentOf());
      const exchange = await exchangeIn(world, { json: true, params: { id: 'x' } });
      await keepSuccessor(core, 'sid', { id: 'next', until: core.clock() + 10_000 });
      for (const end of ends) await core.counter.settle({ take: [end] });
      const before = structuredClone(users.get('A'));
      const reply = await ROUTES[path]?.[method]?.(exchange);
      if (reply?.ok === false) expect(users.get('A')).toEqual(before);
      return reply?.ok === false ? reply.code : undefined;
    };
    const { core } = gateWorld();
    const [goesOn, signsOut] = [goOnPlace(core, 'sid'), signOutPlace(core, 'sid')];
    expect(await codeOf(signsOut)).toBe('not_authenticated');
    expect(await codeOf(goesOn, signsOut)).toBe('not_authenticated');
    for (const ends of [[], [goesOn]]) expect(await codeOf(...ends)).not.toBe('not_authenticated');
  },
);
