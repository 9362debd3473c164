import { SecondFactorError } from '../../lib/errors';
import { accountNow, isFresh } from '../../lib/express/account';
import { requireFactor, type RequireOptions } from '../../lib/express/gate';
import type { HttpRequest } from '../../lib/express/http';
import { requesterOf } from '../../lib/express/requester';
import { deviceTokenOf, passByDevice, trustThisDevice } from '../../lib/express/trusted-device';
import { digest } from '../../lib/core/keyring';
import { enrollmentOf, PHONE, START } from '../helpers/core';
import { gateWorld, through, type GateWorld } from './gate-world';

const NAME = `__Host-sms2fa-device-${digest('device', 'A').slice(0, 16)}`;
const DAYS = 30;
const settings = { deviceLifetimeMs: DAYS * 86_400_000 };

let world: GateWorld;
beforeEach(() => {
  world = gateWorld(settings);
  world.users.set('A', enrollmentOf());
});
/** What a browser keeps of `Set-Cookie`. */
let cookies: string[];
let headers: Record<string, unknown>;
beforeEach(() => {
  cookies = [];
  headers = {};
});
const res = {
  getHeader: () => undefined,
  setHeader: (name: string, value: unknown) => {
    headers[name] = value;
  },
  appendHeader: (name: string, value: string) => cookies.push(`${name}: ${value}`),
};
const kept = (): string => /: ([^;]+)/.exec(cookies.at(-1) ?? '')?.[1] ?? '';
const request = (more: object = {}, cookie = kept()): HttpRequest =>
  world.request({ res, headers: { host: 'acme.example', cookie, 'user-agent': 'x' }, ...more });
const whoIs = async (req: HttpRequest) => (await requesterOf(world.edge, req))!;
const account = async (req: HttpRequest) => accountNow(world.edge, req, await whoIs(req));
const trust = async (req = request()): Promise<void> =>
  trustThisDevice(world.edge, req, await whoIs(req), (await account(req)).epoch);
const pass = async (req = request()) =>
  (await passByDevice(world.edge, req, await whoIs(req), await account(req))).mark;
const enter = (options: RequireOptions, req = request()) =>
  through(requireFactor(world.edge, options), req);
const devices = () => world.users.get('A')!.devices;

test('[S83] the cookie is this host’s only, out of reach of scripts, and dies with the trust', async () => {
  await trust(request({ headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux) Firefox/140.0' } }));
  expect(cookies).toEqual([
    expect.stringMatching(
      new RegExp(
        `^Set-Cookie: ${NAME}=[\\w-]{22}\\.[\\w-]{43}; Max-Age=${DAYS * 86_400}; Path=/; HttpOnly; Secure; SameSite=Lax$`,
      ),
    ),
  ]);
  expect(devices()).toEqual([expect.objectContaining({ name: 'Firefox on Linux' })]);
  expect(deviceTokenOf(request(), 'A')?.id).toBe(devices()![0]!.id);
  expect(deviceTokenOf(request(), 'B')).toBeUndefined();
  expect(deviceTokenOf(world.request(), 'A')).toBeUndefined();
});

test('[S83] a trusted browser passes with a mark of its own, that says no more than it knows', async () => {
  await trust();
  world.pass(60);
  const before = kept();
  const req = request();
  const mark = (await pass(req))!;
  const enrollment = world.users.get('A')!;
  expect(mark).toEqual({
    id: expect.stringMatching(/^[\w-]{22}$/),
    userId: 'A',
    phone: world.core.keyring.fingerprint('phone', PHONE),
    epoch: (await account(req)).epoch,
    verifiedAt: START + 60_000,
    amr: [],
    deviceId: enrollment.devices![0]!.id,
  });
  // The session has another id, and holds the mark from now on; the cookie is another one, too.
  expect([req.sessionID, (await account(req)).mark]).toEqual(['sid+', mark]);
  expect(kept()).not.toBe(before);
  expect(cookies.at(-1)).toContain(`Max-Age=${DAYS * 86_400 - 60};`);
});

test('[S58] the session before stays as it was: what comes with its cookie passes by itself, for a minute', async () => {
  await trust();
  const before = kept();
  const req = request();
  req.session!.cart = ['tea'];
  const old = req.session!;
  await pass(req);
  expect([old.cart, old.sms2fa, req.session!.cart]).toEqual([['tea'], undefined, ['tea']]);
  for (const [later, passes] of [
    [0, true],
    [59.999, true],
    [0.001, false],
    [9_000, false],
  ] as const) {
    world.pass(later);
    const another = request({}, before);
    expect((await pass(another)) !== undefined).toBe(passes);
    expect([another.sessionID, another.session!.sms2fa]).toEqual(['sid', undefined]);
    // Each answer brings the same new token.
    expect(cookies.at(-1)!.split(';')[0]).toBe(cookies[1]!.split(';')[0]);
  }
  expect(world.kept.has('live sid')).toBe(false);
  expect(world.told('device_used')).toHaveLength(1);
  expect(world.told('device_revoked')).toEqual([]);
});

test('[S70] a device stands in once a sign-in: a session whose mark has ended asks for a code', async () => {
  for (const amr of [[], ['sms']]) {
    await trust();
    const req = request();
    await world.verify(req, 86_400, { amr });
    expect(await pass(req)).toBeUndefined();
    expect((await enter({}, req)).passed).toBe(false);
  }
  expect(world.told('device_used')).toEqual([]);
});

test('[S77] an answer that brings a token is kept by no cache', async () => {
  await trust();
  expect(headers).toEqual({ 'Cache-Control': 'no-store' });
  headers['Cache-Control'] = 'public, max-age=86400';
  await pass();
  expect(headers).toEqual({ 'Cache-Control': 'no-store' });
});

test('[S157] a form that was held up waits through the new session of its own user', async () => {
  const interrupted = { userId: 'A', at: START };
  const keptPost = { ...interrupted, path: '/transfer', fields: [] };
  for (const [userId, waits] of [
    ['A', { interrupted, keptPost }],
    ['B', {}],
  ] as const) {
    await trust();
    const req = request();
    req.session!.sms2fa = {
      interrupted: { ...interrupted, userId },
      keptPost: { ...keptPost, userId },
      stepUpSince: START,
    };
    const mark = await pass(req);
    expect(req.session!.sms2fa).toEqual({ mark, ...waits });
  }
});

test('[S82] the gate opens for a trusted browser, not for a step-up nor for a method', async () => {
  await trust();
  const before = kept();
  const entered = await enter({});
  expect(entered.passed).toBe(true);
  expect(entered.headers['Set-Cookie']).toContain(NAME);
  for (const options of [{ maxAge: 9e9 }, { methods: ['sms'] }, { methods: ['mfa'] }]) {
    expect((await enter(options, request({}, before))).passed).toBe(false);
  }
  expect((await enter({}, request({}, ''))).passed).toBe(false);
  const req = request({}, before);
  await pass(req);
  expect(isFresh(world.edge, await account(req), Infinity)).toBe(false);
});

test('a session that has passed by itself does not use up the cookie', async () => {
  await trust();
  const req = request();
  const mark = await world.verify(req);
  expect(await pass(req)).toEqual(mark);
  expect((await enter({}, req)).passed).toBe(true);
  expect([cookies.length, world.told('device_used').length]).toEqual([1, 0]);
});

test('[S83] a browser that missed its new session and token is given the token, and passes by it', async () => {
  await trust();
  const old = kept();
  await pass();
  world.pass(60);
  const turnedAway = await enter({}, request({}, old));
  expect([turnedAway.passed, turnedAway.headers['Set-Cookie']]).toEqual([
    false,
    expect.stringContaining(`${kept()}; Max-Age=${DAYS * 86_400 - 60};`),
  ]);
  expect((await enter({}, request({}, kept()))).passed).toBe(true);
  expect(world.told('device_revoked')).toEqual([]);
});

test('[S83] where the app gives no trust any more the marks of devices are worth nothing', async () => {
  await trust();
  const req = request();
  await pass(req);
  expect((await account(req)).mark).toBeDefined();
  world.edge.settings = { ...world.edge.settings, deviceLifetimeMs: undefined };
  expect((await account(req)).mark).toBeUndefined();
  await world.verify(req);
  expect((await account(req)).mark).toBeDefined();
});

test('[S83] without the option nobody is trusted, and no cookie lets anybody pass', async () => {
  await trust();
  world.edge.settings = { ...world.edge.settings, deviceLifetimeMs: undefined };
  expect(await pass()).toBeUndefined();
  await trust();
  expect([cookies.length, devices()!.length]).toEqual([1, 1]);
});

test('[S83] a request without an answer, such as an upgrade, neither trusts nor passes', async () => {
  await trust(request({ res: undefined }));
  expect(devices()).toBeUndefined();
  await trust();
  expect(await pass(request({ res: undefined }))).toBeUndefined();
  expect(world.told('device_used')).toEqual([]);
});

test('[S83] another user’s cookie, a foreign token, and no enrollment let nobody pass', async () => {
  await trust();
  expect(await pass(request({}, kept().replace(NAME, `${NAME}x`)))).toBeUndefined();
  expect(await pass(request({}, `${NAME}=${'x'.repeat(22)}.${'y'.repeat(43)}`))).toBeUndefined();
  world.users.clear();
  expect(await pass()).toBeUndefined();
});

test('[S31] where the hard stop disabled the phone no device stands in for it', async () => {
  await trust();
  world.users.set('A', { ...world.users.get('A')!, disabledAt: START });
  expect(await pass()).toBeUndefined();
  expect(world.told('device_used')).toEqual([]);
});

test('[S62] a session that was ended meanwhile gets no mark; the token that was changed is kept', async () => {
  await trust();
  jest.spyOn(world.edge.ended, 'hasEnded').mockResolvedValue(true);
  const req = request();
  expect(await pass(req)).toBeUndefined();
  expect(req.session).not.toHaveProperty('sms2fa');
  expect(cookies).toHaveLength(2);
});

test('a browser that is trusted again is one device', async () => {
  await trust();
  const first = devices()![0]!.id;
  await trust();
  expect(devices()!.map(({ id }) => id)).toEqual([expect.not.stringContaining(first)]);
});

test('[S83] a factor that was changed meanwhile sets no cookie', async () => {
  const req = request();
  await trustThisDevice(world.edge, req, await whoIs(req), 'the state before');
  expect(cookies).toEqual([]);
});

test('a store that fails costs the trust and nothing else; it is told', async () => {
  const away = new SecondFactorError('store_unavailable', 'away');
  jest.spyOn(world.core.enrollments, 'set').mockRejectedValue(away);
  await trust();
  expect(cookies).toEqual([]);
  expect(world.told('store_failed')).toEqual([{ at: START, ip: '192.0.2.1', error: away }]);
});
