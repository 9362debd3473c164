import {
  nextSecret,
  publicDevice,
  secretDigest,
  trustDevice,
  type DeviceToken,
} from '../../../lib/core/devices/trusted-devices';
import { OVERLAP, useDevice } from '../../../lib/core/devices/use-device';
import {
  accountOf,
  enrollmentOf,
  makeWorld,
  PHONE,
  requester,
  START,
  type World,
} from '../../helpers/core';
import { crossWrites, overtake } from '../rivals';

const DAY = 86_400_000;
const SESSION = makeWorld().core.keyring.digest('session', 'session of A');
const facts = (at = START) => ({ at, userId: 'A', ip: '192.0.2.1', phone: '••• ••• ••42' });

let world: World;
let token: DeviceToken;
let expiresAt: number;
beforeEach(async () => {
  world = makeWorld();
  world.users.set('A', enrollmentOf());
  await trust();
  ({ token, expiresAt } = (await trust())!);
  world.events.length = 0;
});
const trust = () =>
  trustDevice(world.core, requester(), {
    name: 'Firefox on Linux',
    epoch: accountOf(world).epoch,
    lifetimeMs: DAY,
    before: undefined,
  });
/** The account as the request has read it. */
const seen = () => {
  const { enrollment, epoch } = accountOf(world);
  return { enrollment: enrollment!, epoch, lifetimeMs: DAY };
};
const use = (given = token, sessionId = 'session of A', account = seen()) =>
  useDevice(world.core, requester('A', { sessionId }), account, given);
const device = () => world.users.get('A')!.devices!.find(({ id }) => id === token.id)!;
const other = 'A'.repeat(43);
/** The token that the first use gives, in its session. */
const renewed = (): DeviceToken => ({
  ...token,
  secret: nextSecret(world.core.keyring, token, SESSION),
});

test('[S83] a token passes and is changed: the next use needs the new one', async () => {
  const [before, bystander] = world.users.get('A')!.devices!;
  world.pass(5);
  const now = START + 5_000;
  const known = (await use())!;
  const { secret } = known.token;
  const changed = { id: token.id, secret };
  expect(known).toEqual({ id: token.id, expiresAt, token: changed, use: 'changed' });
  expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
  expect(secret).not.toBe(token.secret);
  const until = now + 60_000;
  expect(OVERLAP).toBe(60_000);
  expect(world.users.get('A')).toMatchObject({ epoch: 'first', version: 4 });
  expect(world.users.get('A')!.devices).toEqual([
    {
      ...before,
      digest: secretDigest(secret),
      before: { digest: secretDigest(token.secret), session: SESSION, until },
      lastUsedAt: now,
    },
    bystander,
  ]);
  const named = publicDevice(before!);
  expect(world.events).toEqual([{ name: 'device_used', facts: { ...facts(now), device: named } }]);
  expect(await use(known.token, 'another session')).toMatchObject({ use: 'changed' });
});

test('the token before overlaps for a minute, in the session that changed it, and alarms nobody later', async () => {
  const known = await use();
  const kept = world.users.get('A');
  world.events.length = 0;
  for (const [seconds, how] of [
    [0, 'overlapping'],
    [59.999, 'overlapping'],
    [0.001, 'too late'],
    [3_600, 'too late'],
  ] as const) {
    world.pass(seconds);
    // Each answer brings the same new token: the first may be the one that gets lost.
    expect(await use()).toEqual({ ...known, use: how });
  }
  expect(world.users.get('A')).toBe(kept);
  expect(world.events).toEqual([]);
});

test('a token that was kept, and reported as not kept, is shown again, and alarms nobody', async () => {
  const { enrollments } = world.core;
  const broke = new Error('the connection broke');
  const set: typeof enrollments.set = async (...written) => {
    await enrollments.set(...written);
    world.core.enrollments.get = () => Promise.reject(broke);
    throw broke;
  };
  world.core.enrollments = { ...enrollments, set };
  await expect(use()).rejects.toThrow('the connection broke');
  world.core.enrollments = enrollments;
  world.pass(9_000);
  const { token: current, use: how } = (await use())!;
  expect(how).toBe('too late');
  expect((await use(current))?.use).toBe('changed');
  expect(world.told('device_revoked')).toEqual([]);
});

test.each<[string, (used: () => Promise<unknown>) => Promise<unknown>]>([
  ['of two uses ago', async (used) => (await used(), await use(renewed()), use())],
  ['in another session', async (used) => (await used(), use(token, 'of a thief'))],
  [
    'with a secret that never was',
    async (used) => (await used(), use({ ...token, secret: other })),
  ],
  ['with another secret before any use', async () => use({ ...token, secret: other })],
])('[S83] an old token %s was copied: all devices and sessions end', async (_when, steal) => {
  const copied = device();
  expect(await steal(() => use())).toBeUndefined();
  const { epoch, devices } = world.users.get('A')!;
  expect(devices).toEqual([]);
  expect(epoch).toMatch(/^[\w-]{16}$/);
  const at = facts(world.core.clock());
  // One event says it for all of them.
  expect(world.told('device_revoked')).toEqual([
    { ...at, device: publicDevice(copied), reason: 'reused' },
  ]);
});

test('[S83] a device that is not on the list, or of an older time or password, is forgotten', async () => {
  const kept = world.users.get('A')!;
  const wrong = { ...token, secret: other };
  for (const given of [token, wrong]) {
    expect(await use({ ...given, id: 'x'.repeat(22) })).toBeUndefined();
    expect(await use(given, 'session of A', { ...seen(), epoch: 'another password' })).toBe(
      undefined,
    );
    // Replaced or revoked between the request's own look and this one.
    const stale = { ...seen(), enrollment: enrollmentOf(PHONE, { epoch: 'before' }) };
    expect(await use(given, 'session of A', stale)).toBeUndefined();
  }
  world.pass(DAY / 1_000 - 0.001);
  expect(await use()).toBeDefined();
  world.users.set('A', kept);
  world.pass(0.001);
  world.events.length = 0;
  for (const given of [token, wrong]) expect(await use(given)).toBeUndefined();
  expect(world.users.get('A')).toBe(kept);
  world.users.set('A', enrollmentOf());
  expect(await use()).toBeUndefined();
  expect(world.events).toEqual([]);
});

test('[S83] what a page asks for in the same moment passes, and the token is changed once', async () => {
  crossWrites(world, 5);
  const known = await Promise.all(Array.from({ length: 5 }, () => use()));
  const uses = ['changed', ...Array<string>(4).fill('overlapping')];
  expect(known.map((each) => each?.use).sort()).toEqual(uses);
  const secrets = new Set(known.map((each) => each?.token.secret));
  expect([...secrets].map((secret) => secretDigest(secret!))).toEqual([device().digest]);
  expect(world.told('device_used')).toHaveLength(1);
  expect(world.told('device_revoked')).toEqual([]);
});

test('[S83] of two sessions that use one token at the same time, the second gives the copy away', async () => {
  crossWrites(world, 2);
  const [first, second] = await Promise.all([use(token, 'one'), use(token, 'two')]);
  expect([first?.id, second]).toEqual([token.id, undefined]);
  expect(world.users.get('A')!.devices).toEqual([]);
  expect(world.users.get('A')!.epoch).not.toBe('first');
});

test('[S83] where the app has shortened the time of trust, that holds for older devices, too', async () => {
  world.pass(3_599.999);
  const shorter = () => ({ ...seen(), lifetimeMs: 3_600_000 });
  const current = (await use(token, 'session of A', shorter()))!.token;
  const kept = device();
  world.pass(0.001);
  for (const given of [token, current]) {
    expect(await use(given, 'session of A', shorter())).toBeUndefined();
  }
  expect(device()).toEqual(kept);
  expect(expiresAt).toBe(START + DAY);
  // A longer time gives no device more than it was promised.
  world.pass(DAY / 1_000 - 3_600);
  expect(await use(current, 'session of A', { ...seen(), lifetimeMs: 9 * DAY })).toBeUndefined();
});

test('[S83] a factor that is removed in the same moment lets no device pass', async () => {
  overtake(world, undefined);
  expect(await use()).toBeUndefined();
  expect(world.events).toEqual([]);
  expect(world.users.size).toBe(0);
});
