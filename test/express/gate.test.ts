import { SecondFactorError } from '../../lib/errors';
import { enforceFactor, requireFactor } from '../../lib/express/gate';
import type { EnforceOptions } from '../../lib/options/verb-options';
import { enrollmentOf } from '../helpers/core';
import { asJson, gateWorld, through, type Answer, type GateWorld } from './gate-world';

let world: GateWorld;
beforeEach(() => {
  world = gateWorld();
  world.users.set('A', enrollmentOf());
});
const required = (req = world.request(), options = {}): Promise<Answer> =>
  through(requireFactor(world.edge, options), req);
const enforced = (req = world.request(), options: EnforceOptions = {}): Promise<Answer> =>
  through(enforceFactor(world.edge, options), req);
const codeOf = ({ body }: Answer): unknown => (JSON.parse(body) as { code: unknown }).code;

test('[S77] a verified session passes, and what it gets is not kept by caches', async () => {
  const req = world.request();
  await world.verify(req);
  const answer = await required(req);
  expect(answer).toMatchObject({ passed: true, headers: { 'Cache-Control': 'no-store' } });
  expect(await enforced(req)).toMatchObject({ passed: true, headers: {} });
});

test('what the app has said about caches stays', async () => {
  const req = world.request();
  await world.verify(req);
  const said = { 'Cache-Control': 'private' };
  const answer = await through(requireFactor(world.edge, {}), req, said);
  expect(answer).toMatchObject({ passed: true, headers: said });
});

test('[S64] without the second factor a browser is sent to the page, and comes back later', async () => {
  for (const gate of [required, enforced]) {
    const req = world.request();
    const save = jest.spyOn(req.session!, 'save');
    expect(await gate(req)).toMatchObject({
      passed: false,
      status: 302,
      headers: { Location: '/second-factor/', 'Cache-Control': 'no-store' },
    });
    expect(req.session).toMatchObject({
      returnTo: '/secret?a=1',
      sms2fa: { stepUpSince: world.core.clock() },
    });
    expect(save).toHaveBeenCalledTimes(1);
  }
});

test('[S78] an API client gets 401 and nothing is kept', async () => {
  const req = world.request(asJson);
  const answer = await required(req);
  expect([answer.status, codeOf(answer)]).toEqual([401, 'second_factor_required']);
  expect(answer.headers).not.toHaveProperty('Location');
  expect(req.session).not.toHaveProperty('returnTo');
});

test('strangers are sent to the login where there is one, and nothing is kept for them', async () => {
  const req = world.request({ user: undefined });
  expect(await required(req)).toMatchObject({ status: 302, headers: { Location: '/login' } });
  expect(req.session).not.toHaveProperty('returnTo');
  world = gateWorld({ loginPath: undefined });
  const answer = await required(world.request({ user: undefined }));
  expect(answer).toMatchObject({ passed: false, status: 401 });
  expect(answer.body).toContain('Not signed in');
});

test('enforce lets strangers pass, and whoever is not enrolled where enrolling is optional', async () => {
  expect((await enforced(world.request({ user: undefined }))).passed).toBe(true);
  world.users.clear();
  expect((await enforced()).passed).toBe(true);
  const answer = await required(world.request(asJson));
  expect([answer.status, codeOf(answer)]).toEqual([403, 'enrollment_required']);
  world = gateWorld({ enrollment: 'required' });
  const req = world.request();
  expect((await enforced(req)).headers.Location).toBe('/second-factor/');
  expect(req.session!.sms2fa).not.toHaveProperty('stepUpSince');
  world.users.set('A', enrollmentOf());
  expect((await enforced()).passed).toBe(false);
});

test.each([
  ['/open', '', '/open', true],
  ['/open?a=/x', '', '/open', true],
  ['/app/open', '/app', '/open', false],
  ['/sub/page', '/sub', '/page', true],
  ['/open/', '', '/open/', false],
  ['/OPEN', '', '/OPEN', false],
  ['/open', '', '/secret', false],
  ['/secret', '', '/open', false],
  ['/secret?/open', '', '/secret', false],
  [undefined, undefined, undefined, false],
])(
  '[S65] of the allowed paths, %s (routed as %s%s) passes: %p',
  async (sent, base, path, passes) => {
    const req = world.request({ ...asJson, originalUrl: sent, baseUrl: base, path });
    expect((await enforced(req, { allow: ['/open', '/sub/page'] })).passed).toBe(passes);
  },
);

test('an allowed path needs no session, and asks nothing; any other one does', async () => {
  const bare = { session: undefined, user: undefined };
  const open = { originalUrl: '/open', path: '/open' };
  expect(await enforced(world.request({ ...bare, ...open }), { allow: ['/open'] })).toMatchObject({
    passed: true,
  });
  const other = await enforced(world.request(bare), { allow: ['/open'] });
  expect(other.error).toMatchObject({ code: 'misconfigured' });
});

test('a request without a path is compared as an empty path', async () => {
  const req = world.request({
    ...asJson,
    originalUrl: undefined,
    baseUrl: undefined,
    path: undefined,
  });
  expect((await enforced(req, { allow: [''] })).passed).toBe(true);
});

test('the page that browsers are sent to instead stays open by itself', async () => {
  const own = { redirectTo: '/my/page' };
  expect((await enforced(world.request(), own)).headers.Location).toBe('/my/page');
  expect((await required(world.request(), own)).headers.Location).toBe('/my/page');
  const there = world.request({ originalUrl: '/my/page', path: '/my/page' });
  expect((await enforced(there, own)).passed).toBe(true);
});

test('[S134] while a store is away no path is open, and everybody gets 503', async () => {
  const away = new SecondFactorError('store_unavailable', 'away');
  for (const more of [{}, asJson]) {
    jest.spyOn(world.edge.enrollments, 'get').mockRejectedValueOnce(away);
    const req = world.request({ ...more, originalUrl: '/open', path: '/open' });
    const answer = await enforced(req, { allow: ['/open'] });
    expect(answer).toMatchObject({ passed: false, status: 503 });
    expect(answer.headers).not.toHaveProperty('Location');
  }
  expect(world.told('store_failed')).toEqual(
    Array(2).fill({ at: world.core.clock(), ip: '192.0.2.1', error: away }),
  );
});

test('[S66] misuse goes to the error handler of the app, also where the path is allowed', async () => {
  const req = world.request({ session: {}, originalUrl: '/open', path: '/open' });
  const answer = await enforced(req, { allow: ['/open'] });
  expect(answer.passed).toBe(false);
  expect(answer.error).toMatchObject({ code: 'misconfigured' });
});

test.each([
  [300, true],
  [300.001, false],
])('[S157] after %d s a step-up of 300 s passes: %p', async (ago, passes) => {
  const req = world.request();
  await world.verify(req, ago);
  expect((await required(req, { maxAge: 300 })).passed).toBe(passes);
  expect((await required(req)).passed).toBe(true);
  const kept = (req.session as { sms2fa?: { stepUpSince?: number; mark?: object } }).sms2fa;
  expect(kept?.stepUpSince === undefined).toBe(passes);
  expect(kept?.mark).toBeDefined();
});

test.each([
  ['GET', '/second-factor/?x', {}, /mountPath/],
  ['HEAD', '/second-factor/', {}, /mountPath/],
  ['GET', '/my/page', { redirectTo: '/my/page' }, /\/my\/page, where it sends browsers/],
])('%s %s would be sent to itself: that is misuse', async (method, originalUrl, options, words) => {
  const req = world.request({ method, originalUrl, path: originalUrl.split('?')[0] });
  const { error } = await required(req, options);
  expect(error).toMatchObject({ code: 'misconfigured', message: expect.stringMatching(words) });
  expect(req.session).not.toHaveProperty('returnTo');
});

test('a post to that path is sent there by 303', async () => {
  const req = world.request({ method: 'POST', originalUrl: '/second-factor/' });
  expect(await required(req)).toMatchObject({
    status: 303,
    headers: { Location: '/second-factor/' },
  });
  const bare = world.request({ originalUrl: undefined });
  expect((await required(bare)).status).toBe(302);
});

test('[S73] where the session cannot be saved, nobody is sent on', async () => {
  const req = world.request();
  req.session!.save = (done) => done(new Error('disk full'));
  const answer = await required(req);
  expect(answer).toMatchObject({ passed: false, status: 503 });
  expect(answer.headers).not.toHaveProperty('Location');
  expect(world.told('store_failed')).toHaveLength(1);
});

test.each<[path: string, settings: object, passes: boolean]>([
  ['/login', {}, true],
  ['/logout', {}, true],
  ['/logout/', {}, false],
  ['/Logout', {}, false],
  ['/login', { loginPath: '/login?from=here' }, true],
  ['/login', { loginPath: undefined }, false],
  // A form on the home page opens nothing: it shows more to who is signed in.
  ['/', { loginPath: '/' }, false],
  ['/', { loginPath: '/?login' }, false],
  ['/', { logoutPath: '/?logout' }, false],
  ['/app', { loginPath: '/app?login', homePath: '/app/' }, false],
  ['/app/', { loginPath: '/app/', homePath: '/App?tab=1' }, false],
  ['/', { basePath: { browser: '/shop', app: '' }, loginPath: '/shop', homePath: '/shop/' }, false],
  [
    '/login',
    { basePath: { browser: '/shop', app: '' }, loginPath: '/shop/login', homePath: '/shop/' },
    true,
  ],
  ['/login', { homePath: '/login' }, false],
])(
  '[S65] who is half signed in gets to %s, where the app says %j: %p',
  async (path, settings, passes) => {
    world = gateWorld({ logoutPath: '/logout', ...settings });
    world.users.set('A', enrollmentOf());
    for (const method of ['GET', 'POST']) {
      const req = world.request({ method, originalUrl: path, path });
      expect((await enforced(req)).passed).toBe(passes);
    }
    // Only the gate of the app: a route that asks for itself is shut.
    const asked = world.request({ originalUrl: path, path });
    expect((await required(asked)).passed).toBe(false);
  },
);
