import { writtenMark } from '../../lib/core/account';
import { signOutPlace } from '../../lib/core/sessions';
import { PHONE, START } from '../helpers/core';
import { DAYS, deviceWorld, type DeviceWorld } from './device-world';

let world: DeviceWorld;
beforeEach(() => {
  world = deviceWorld();
});

test('[S83] a trusted browser passes with a mark of its own, that says no more than it knows', async () => {
  await world.trust();
  world.pass(60);
  const before = world.cookie();
  const req = world.request();
  const mark = (await world.use(req))!;
  const enrollment = world.users.get('A')!;
  expect(mark).toEqual({
    id: expect.stringMatching(/^[\w-]{16}$/),
    userId: 'A',
    phone: world.core.keyring.fingerprint('phone', PHONE),
    epoch: (await world.account(req)).epoch,
    verifiedAt: START + 60_000,
    amr: [],
    deviceId: enrollment.devices![0]!.id,
  });
  // The session has another id, and holds the mark from now on; the cookie is another one, too.
  expect([req.sessionID, (await world.account(req)).mark]).toEqual(['sid+', mark]);
  expect(world.cookie()).not.toBe(before);
  expect(world.cookies.at(-1)).toContain(`Max-Age=${DAYS * 86_400 - 60};`);
});

test('[S58] the session before stays as it was: what comes with its cookie passes by itself, for a minute', async () => {
  await world.trust();
  const before = world.cookie();
  const req = world.request();
  req.session!.cart = ['tea'];
  const old = req.session!;
  await world.use(req);
  expect([old.cart, old.sms2fa, req.session!.cart]).toEqual([['tea'], undefined, ['tea']]);
  for (const [later, passes] of [
    [0, true],
    [59.999, true],
    [0.001, false],
    [9_000, false],
  ] as const) {
    world.pass(later);
    const another = world.request({}, before);
    expect((await world.use(another)) !== undefined).toBe(passes);
    expect([another.sessionID, another.session!.sms2fa]).toEqual(['sid', undefined]);
    // Each answer that passes brings the same new token.
    expect(world.cookies.at(-1)!.split(';')[0]).toBe(world.cookies[1]!.split(';')[0]);
  }
  expect(world.kept.has('live sid')).toBe(false);
  expect(world.told('device_used')).toHaveLength(1);
  expect(world.told('device_revoked')).toEqual([]);
});

test('[S70] a device stands in once a sign-in: a session whose mark has ended asks for a code', async () => {
  for (const passed of [{ amr: [], deviceId: 'd' }, { amr: ['sms'] }]) {
    await world.trust();
    const req = world.request();
    await world.verify(req, 86_400, passed);
    expect(await world.use(req)).toBeUndefined();
    expect((await world.enter({}, req)).passed).toBe(false);
  }
  expect(world.told('device_used')).toEqual([]);
});

test('[S77] an answer that brings a token is kept by no cache', async () => {
  await world.trust();
  expect(world.headers).toEqual({ 'cache-control': 'no-store' });
  world.headers['cache-control'] = 'public, max-age=86400';
  await world.use();
  expect(world.headers).toEqual({ 'cache-control': 'no-store' });
});

test('[S157] a form that was held up waits through the new session of its own user', async () => {
  const interrupted = { userId: 'A', at: START };
  const keptPost = { ...interrupted, path: '/transfer', fields: [] };
  for (const [userId, waits] of [
    ['A', { interrupted, keptPost }],
    ['B', {}],
  ] as const) {
    await world.trust();
    const req = world.request({ sessionID: `of ${userId}` });
    req.session!.sms2fa = {
      interrupted: { ...interrupted, userId },
      keptPost: { ...keptPost, userId },
      stepUpSince: START,
    };
    const mark = (await world.use(req))!;
    expect(req.session!.sms2fa).toEqual({ mark: writtenMark(mark), ...waits });
  }
});

test('[S182] a late token brings its session nothing, not even a token; the next sign-in passes by it', async () => {
  await world.trust();
  const old = world.cookie();
  await world.use();
  world.pass(60);
  const turnedAway = await world.enter({}, world.request({}, old));
  expect([turnedAway.passed, turnedAway.headers['Set-Cookie']]).toEqual([false, undefined]);
  const next = world.request({ sessionID: 'another' }, old);
  expect((await world.enter({}, next)).passed).toBe(true);
  expect(world.told('device_copied')).toEqual([]);
});

test('[S62] a session that was ended meanwhile gets no mark; the token that was changed is kept', async () => {
  await world.trust();
  await world.core.counter.settle({ take: [signOutPlace(world.core, 'sid')] });
  const req = world.request();
  expect(await world.use(req)).toBeUndefined();
  expect(req.session).not.toHaveProperty('sms2fa');
  expect(world.cookies).toHaveLength(2);
});
