import { enforceFactor, requireFactor } from '../../lib/express/gate';
import type { RequireOptions } from '../../lib/options/verb-options';
import type { HttpRequest } from '../../lib/express/http';
import { enrollmentOf, START } from '../helpers/core';
import { asJson, formPost, gateWorld, through, type GateWorld } from './gate-world';

const INTERRUPTED = { userId: 'A', at: START };
const anyText = expect.any(String) as string;
const KEPT = {
  ...INTERRUPTED,
  id: anyText,
  epoch: anyText,
  path: '/transfer',
  fields: [['to', 'bob']],
};
const DUE = { stepUpSince: START, wantedAt: START };

let world: GateWorld;
beforeEach(() => {
  world = gateWorld();
  world.users.set('A', enrollmentOf());
});
const post = (headers: object = {}, more: object = {}): HttpRequest =>
  world.request({ ...formPost({ to: 'bob' }, { headers }), ...more });
/** In a session whose second factor was passed too long ago. */
const stalePost = async (headers: object = {}): Promise<HttpRequest> => {
  const req = post(headers);
  await world.verify(req, 301);
  return req;
};
const required = (req: HttpRequest, options: RequireOptions = {}) =>
  through(requireFactor(world.edge, options), req);

test('a form that is held up is noted, and its user comes back to the page it stands on', async () => {
  const req = post({ referer: 'https://acme.example/form?a=1' });
  expect(await required(req)).toMatchObject({
    status: 303,
    headers: { Location: '/second-factor/' },
  });
  expect(req.session).toMatchObject({ returnTo: '/form?a=1' });
  expect(req.session!.sms2fa).toEqual({ ...DUE, interrupted: INTERRUPTED });
});

test('with resume the form is kept, and its user comes to the page that sends it', async () => {
  const req = await stalePost({ referer: 'https://acme.example/form' });
  const { mark } = req.session!.sms2fa as { mark: object };
  const save = jest.spyOn(req.session!, 'save');
  expect((await required(req, { resume: true, maxAge: 300 })).status).toBe(303);
  expect(req.session).toMatchObject({ returnTo: '/second-factor/resume' });
  expect(req.session!.sms2fa).toEqual({ mark, ...DUE, interrupted: INTERRUPTED, keptPost: KEPT });
  expect(save).toHaveBeenCalledTimes(1);
});

test('what cannot be kept leads back to its page, with resume, too', async () => {
  const type = { 'content-type': 'multipart/form-data' };
  const req = await stalePost({ referer: 'https://acme.example/form', ...type });
  await required(req, { resume: true, maxAge: 300 });
  expect(req.session).toMatchObject({ returnTo: '/form' });
});

test('[S157] a form of somebody who has given the password alone is not kept', async () => {
  const req = post({ referer: 'https://acme.example/form' });
  await required(req, { resume: true });
  expect(req.session).toMatchObject({ returnTo: '/form' });
  expect(req.session!.sms2fa).toEqual({ ...DUE, interrupted: INTERRUPTED });
});

test('enforce keeps no form', async () => {
  const req = await stalePost({ referer: 'https://acme.example/form' });
  world.pass(86_400);
  expect((await through(enforceFactor(world.edge, {}), req)).passed).toBe(false);
  const since = { stepUpSince: world.core.clock(), wantedAt: world.core.clock() };
  const interrupted = { userId: 'A', at: world.core.clock() };
  const mark = expect.any(Object) as object;
  expect(req.session!.sms2fa).toEqual({ mark, ...since, interrupted });
});

test('a page view is no form that could be held up', async () => {
  for (const method of ['GET', 'HEAD']) {
    const req = world.request({ method });
    await required(req, { resume: true });
    expect(req.session!.sms2fa).toEqual(DUE);
  }
});

test('a user without a phone is sent to enroll one, and their form is noted', async () => {
  world.users.clear();
  const req = post();
  await required(req, { resume: true });
  expect(req.session!.sms2fa).toEqual({ interrupted: INTERRUPTED, wantedAt: START });
});

test('[S78] of strangers and API clients no form is kept', async () => {
  for (const more of [{ user: undefined }, asJson]) {
    const req = post({}, more);
    expect((await required(req, { resume: true })).passed).toBe(false);
    expect(req.session).not.toHaveProperty('sms2fa');
    expect(req.session).not.toHaveProperty('returnTo');
  }
});

test('a form that passes is forgotten where it was kept', async () => {
  const held = post();
  await world.verify(held);
  const mark = (held.session!.sms2fa as { mark: object }).mark;
  const before = { mark, interrupted: INTERRUPTED, keptPost: KEPT };
  const passes = async (options: RequireOptions, more: object = {}) => {
    const req = post({}, { session: { ...held.session, sms2fa: before }, ...more });
    expect((await required(req, options)).passed).toBe(true);
    return req.session!.sms2fa;
  };
  expect(await passes({ resume: true })).toEqual({ mark });
  expect(await passes({})).toEqual(before);
  expect(await passes({ resume: true }, { originalUrl: '/other' })).toEqual(before);
});

describe('of what was wanted', () => {
  const from = (site: string | undefined) => ({
    host: 'acme.example',
    ...(site === undefined ? {} : { 'sec-fetch-site': site }),
  });
  const view = (site: string | undefined, more: object = {}) =>
    world.request({ headers: from(site), ...more });
  const keptBy = async (req: HttpRequest, options: RequireOptions = {}) => {
    const save = jest.spyOn(req.session!, 'save');
    expect((await required(req, options)).status).toBe(302);
    const { returnTo, sms2fa } = req.session as Record<string, unknown>;
    return { returnTo, sms2fa, saved: save.mock.calls.length };
  };
  const NOTHING = { returnTo: undefined, sms2fa: undefined, saved: 0 };

  test.each<[string | undefined, boolean]>([
    ['none', true],
    ['same-origin', true],
    ['same-site', true],
    ['cross-site', false],
    // Who tells nothing could be a script that fills the store.
    [undefined, false],
  ])(
    'before the sign-in (from %p) a path is kept where it was the user’s wish: %p',
    async (site, is) => {
      const path = '/secret?a=1';
      const kept = { returnTo: path, sms2fa: { askedFor: path }, saved: 1 };
      expect(await keptBy(view(site, { user: undefined }))).toEqual(is ? kept : NOTHING);
    },
  );

  test('[S185] another site leaves nothing in a session that has passed nothing, and no path in another one', async () => {
    expect(await keptBy(view('cross-site'))).toEqual(NOTHING);
    expect(await keptBy(view('none'))).toEqual({ returnTo: '/secret?a=1', sms2fa: DUE, saved: 1 });
    const stale = view('cross-site');
    const mark = await world.verify(stale, 301);
    const asked = { mark, stepUpSince: START };
    expect(await keptBy(stale, { maxAge: 300 })).toEqual({ ...NOTHING, sms2fa: asked, saved: 1 });
  });

  test('a request that was slower than a later one leaves what that one has kept', async () => {
    const store = world.store as { get: (id: string, done: (...found: unknown[]) => void) => void };
    const slow = async (answer: [error: unknown, session?: object]) => {
      store.get = (_id, done) => done(...answer);
      return keptBy(view('none'));
    };
    const kept = { returnTo: '/secret?a=1', sms2fa: DUE, saved: 1 };
    expect(await slow([null, { sms2fa: { wantedAt: START + 1 } }])).toEqual(NOTHING);
    expect(await slow([null, { sms2fa: { wantedAt: START } }])).toEqual(kept);
    expect(await slow([null, { sms2fa: {} }])).toEqual(kept);
    // Where it cannot be read the write says so, if it fails.
    expect(await slow([new Error('away')])).toEqual(kept);
  });
});

test('a login page behind the gate is misuse, and says which page', async () => {
  const login = world.request({ user: undefined, originalUrl: '/login', path: '/login' });
  const { passed, error } = await required(login);
  expect(passed).toBe(false);
  expect(error).toMatchObject({
    code: 'misconfigured',
    message: expect.stringContaining(
      'The gate was asked for /login, where it sends browsers. Mount that page above it.',
    ) as string,
  });
});
