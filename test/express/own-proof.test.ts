import { createAdmin } from '../../lib/core/admin/admin';
import { failureKeys, guessPlaces } from '../../lib/core/failures';
import { signOutPlace } from '../../lib/core/sessions';
import { isVerified, passByProvider, satisfy } from '../../lib/express/own-proof';
import { accountNow } from '../../lib/express/account';
import type { HttpRequest } from '../../lib/express/http';
import { requesterOf } from '../../lib/express/requester';
import { SecondFactorError } from '../../lib/errors';
import { enrollmentOf, PHONE, START } from '../helpers/core';
import { formPost, gateWorld, type GateWorld } from './gate-world';

let world: GateWorld;
beforeEach(() => {
  world = gateWorld();
  world.users.set('A', enrollmentOf());
});
const verified = (req: HttpRequest, options?: object) => isVerified(world.edge, req, options);
const account = async (req: HttpRequest) =>
  accountNow(world.edge, req, (await requesterOf(world.edge, req))!);
const FACTS = { at: START, userId: 'A', ip: '192.0.2.1' };

test('[S79] a request is verified where the gate would let it pass', async () => {
  expect(await verified(world.request())).toBe(false);
  expect(await verified(world.request({ user: undefined }))).toBe(false);
  const req = world.request();
  await world.verify(req, 301);
  expect(await verified(req)).toBe(true);
  expect(await verified(req, { maxAge: 300 })).toBe(false);
  expect(await verified(req, { methods: ['otp'] })).toBe(false);
  expect(await verified(req, { methods: ['sms'], maxAge: 301 })).toBe(true);
});

test('[S134] while a store is away nobody is verified', async () => {
  const away = new SecondFactorError('store_unavailable', 'away');
  jest.spyOn(world.edge.enrollments, 'get').mockRejectedValue(away);
  expect(await verified(world.request())).toBe(false);
});

test('a wrong option of isVerified is refused before anything is looked at', async () => {
  await expect(verified(world.request(), { maxAge: 0 })).rejects.toThrow(
    /isVerified\(\{ maxAge \}\) is 0/,
  );
});

test('[S103] the app’s own factor verifies the session, under a new id', async () => {
  const req = world.request();
  req.session!.cart = ['tea'];
  await satisfy(world.edge, req, ['otp', 'mfa']);
  expect([req.sessionID, req.session!.cart]).toEqual(['sid+', ['tea']]);
  const { mark } = await account(req);
  expect(mark).toMatchObject({ userId: 'A', verifiedAt: START, amr: ['otp'] });
  expect(await verified(req, { methods: ['otp'] })).toBe(true);
  expect(await verified(req, { methods: ['sms'] })).toBe(false);
  const phone = '••• ••• ••42';
  const told = { ...FACTS, phone, purpose: 'sign-in' };
  expect(world.told('verified')).toEqual([told]);
  await satisfy(world.edge, req, ['hwk']);
  expect(world.told('verified')[1]).toEqual({ ...told, purpose: 'step-up' });
});

test('[S103] a user without a phone can pass by the app’s own factor, and by nothing else', async () => {
  world.users.clear();
  const req = world.request();
  await satisfy(world.edge, req, ['otp']);
  expect((await account(req)).mark).toBeDefined();
  expect(world.told('verified')).toEqual([{ ...FACTS, purpose: 'sign-in' }]);
  world.users.set('A', enrollmentOf(PHONE));
  expect((await account(req)).mark).toBeUndefined();
});

test('[S62] a revocation ends the session of a user without a phone, too', async () => {
  world.users.clear();
  const req = world.request();
  await satisfy(world.edge, req, ['otp']);
  await createAdmin(world.core).revoke('A', { operator: 'Ann' });
  expect((await account(req)).mark).toBeUndefined();
  world.pass(0.001);
  await satisfy(world.edge, req, ['otp']);
  expect((await account(req)).mark).toBeDefined();
});

test('[S26] the app’s own factor is a success, and ends wrong codes', async () => {
  const keys = failureKeys(world.core, 'A');
  const { all, fails, wrong } = keys;
  const guess = guessPlaces(world.core, keys, 0);
  const ever = { key: wrong, window: 1_000, limit: 9 };
  await world.core.counter.settle({ take: [...guess, ever] });
  expect(await world.counts()).toMatchObject({ [fails]: 1, [wrong]: 1 });
  await satisfy(world.edge, world.request(), ['otp']);
  const counts = await world.counts();
  expect(all.filter((key) => (counts[key] ?? 0) > 0)).toEqual([]);
  // How many were wrong in a month is not forgotten.
  expect(counts).toMatchObject({ [wrong]: 1 });
});

test('[S157] a form that was held up waits through the new session', async () => {
  const state = {
    interrupted: { userId: 'A', at: START },
    keptPost: { userId: 'A', at: START, path: '/transfer', fields: [] },
    stepUpSince: START,
    problem: { code: 'code_incorrect' },
  };
  const req = world.request(formPost({}));
  req.session!.sms2fa = state;
  await satisfy(world.edge, req, ['otp']);
  const { interrupted, keptPost } = state;
  const mark = expect.any(Object) as object;
  expect(req.session!.sms2fa).toEqual({ mark, interrupted, keptPost });
  const other = world.request({ sessionID: 'another' });
  other.session!.sms2fa = {
    interrupted: { ...interrupted, userId: 'B' },
    keptPost: { ...keptPost, userId: 'B' },
  };
  await satisfy(world.edge, other, ['otp']);
  expect(other.session!.sms2fa).toEqual({ mark });
});

test.each([
  [undefined, 'undefined'],
  ['otp', '"otp"'],
  [[], '[]'],
  [['mfa'], '["mfa"]'],
  [['pwd'], '["pwd"]'],
  [['otp', 'sms'], '["otp", "sms"]'],
  [['recovery'], '["recovery"]'],
  [['email'], '["email"]'],
  [['OTP'], '["OTP"]'],
  [['my factor'], '["my factor"]'],
  [['x'.repeat(33)], `["${'x'.repeat(33)}"]`],
  [[''], '[""]'],
  [[7], '[7]'],
])('[S103] satisfy takes no %j for the app’s own factor', async (methods, shown) => {
  const req = world.request();
  const done = satisfy(world.edge, req, methods as string[]);
  await expect(done).rejects.toThrow(TypeError);
  await expect(done).rejects.toThrow(
    `passport-sms-2fa: the second argument of satisfy() is ${shown}. Give AMR values (RFC 8176) of the app's own factor, such as ['otp', 'mfa'].`,
  );
  expect((await account(req)).mark).toBeUndefined();
});

test('a method has up to 32 letters, digits and dashes', async () => {
  const methods = ['x'.repeat(32), 'a-b_9'];
  const req = world.request();
  await satisfy(world.edge, req, methods);
  expect((await account(req)).mark?.amr).toEqual(methods);
});

test('[S85] nobody can be verified who is not signed in', async () => {
  const done = satisfy(world.edge, world.request({ user: undefined }), ['otp']);
  await expect(done).rejects.toMatchObject({
    code: 'misconfigured',
    message: 'satisfy was called, but nobody is signed in.',
  });
});

test('[S209] what is no time, or who is nobody, counts for nothing', async () => {
  const trust = { amr: ['otp'], acr: [], maxAge: 300 };
  const claims = { amr: ['otp'], auth_time: START / 1_000 };
  for (const time of [NaN, Infinity, -Infinity, String(START / 1_000)]) {
    const wrong = { ...claims, auth_time: time as number };
    expect(await passByProvider(world.edge, world.request(), trust, wrong)).toBe(false);
  }
  const nobody = world.request({ user: undefined });
  await expect(passByProvider(world.edge, nobody, trust, claims)).rejects.toMatchObject({
    code: 'misconfigured',
    message: 'trustIdentityProvider was called, but nobody is signed in.',
  });
  expect(await passByProvider(world.edge, world.request(), trust, claims)).toBe(true);
});

test('[S62] a session that was ended meanwhile stays ended', async () => {
  await world.core.counter.settle({ take: [signOutPlace(world.core, 'sid')] });
  const req = world.request();
  await expect(satisfy(world.edge, req, ['otp'])).rejects.toMatchObject({
    code: 'store_unavailable',
    message: 'The session was ended while it was verified.',
  });
  expect([req.sessionID, req.session!.sms2fa]).toEqual(['sid', undefined]);
  expect(world.events).toEqual([]);
});

test('[S73] where the mark cannot be saved the session is not verified', async () => {
  const req = world.request();
  const before = req.session;
  const store = world.store as { generate: (req: HttpRequest) => void };
  const { generate } = store;
  store.generate = (made) => {
    generate(made);
    made.session!.save = (saved) => saved(new Error('disk full'));
  };
  await expect(satisfy(world.edge, req, ['otp'])).rejects.toMatchObject({
    code: 'store_unavailable',
  });
  expect([req.session, req.sessionID]).toEqual([before, 'sid']);
  expect(req.session).not.toHaveProperty('sms2fa');
  expect(world.kept.has('live sid+')).toBe(false);
  expect(world.events).toEqual([]);
});
