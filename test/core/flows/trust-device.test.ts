import { secretDigest, publicDevice } from '../../../lib/core/devices/trusted-devices';
import { trustDevice } from '../../../lib/core/devices/trusted-devices';
import { accountEpoch } from '../../../lib/core/account';
import type { TrustedDevice } from '../../../lib/ports/enrollments';
import { accountOf, enrollmentOf, makeWorld, PHONE, requester, START } from '../../helpers/core';
import type { World } from '../../helpers/core';
import { crossWrites, overtake } from './rivals';

const NAME = 'Firefox on Linux';
const LIFETIME = 86_400_000;
const trust = (who = requester(), epoch = accountOf(world).epoch, before?: string) =>
  trustDevice(world.core, who, { name: NAME, epoch, lifetimeMs: LIFETIME, before });
const devices = () => world.users.get('A')!.devices ?? [];
const aDevice = (id: string, more: Partial<TrustedDevice> = {}): TrustedDevice => ({
  id,
  digest: 'x',
  epoch: 'e',
  name: NAME,
  trustedAt: START - 9,
  lastUsedAt: START - 9,
  expiresAt: START + 1,
  ...more,
});

let world: World;
beforeEach(() => {
  world = makeWorld();
  world.users.set('A', enrollmentOf());
});

test('[S83] a trusted device is kept by a digest of its token, and told', async () => {
  const { epoch } = accountOf(world);
  const trusted = await trust();
  const { id, secret } = trusted!.token;
  expect(trusted).toEqual({ token: { id, secret }, expiresAt: START + LIFETIME });
  // 128 and 256 bits.
  expect([id, secret].map((part) => Buffer.from(part, 'base64url').length)).toEqual([16, 32]);
  const device: TrustedDevice = {
    id,
    digest: secretDigest(secret),
    epoch,
    name: NAME,
    trustedAt: START,
    lastUsedAt: START,
    expiresAt: START + LIFETIME,
  };
  expect(world.users.get('A')).toEqual(enrollmentOf(PHONE, { devices: [device], version: 2 }));
  const facts = { at: START, userId: 'A', ip: '192.0.2.1', phone: '••• ••• ••42' };
  expect(world.events).toEqual([
    { name: 'device_trusted', facts: { ...facts, device: publicDevice(device) } },
  ]);
});

test('[S83] a device is trusted for the state of the account that was passed, and no other', async () => {
  const seen = accountOf(world).epoch;
  world.users.set('A', enrollmentOf(PHONE, { epoch: 'second' }));
  expect(await trust(requester(), seen)).toBeUndefined();
  // The password is another one since.
  const changed = requester('A', { credentialsEpoch: '2' });
  expect(await trust(changed)).toBeUndefined();
  expect(devices()).toEqual([]);
  expect(world.events).toEqual([]);
  const epoch = accountEpoch(world.core.keyring, world.users.get('A'), '2');
  expect(await trust(changed, epoch)).toBeDefined();
});

test('[S83] a factor that is replaced or removed at the same time takes no device along', async () => {
  overtake(world, enrollmentOf(PHONE, { epoch: 'second', version: 2 }));
  expect(await trust()).toBeUndefined();
  expect(devices()).toEqual([]);
  world.users.clear();
  expect(await trust(requester(), 'any')).toBeUndefined();
  expect(world.events).toEqual([]);
});

test('a browser that is trusted again replaces what it was before', async () => {
  const first = (await trust())!.token.id;
  const other = (await trust())!.token.id;
  const again = (await trust(requester(), accountOf(world).epoch, first))!.token.id;
  expect(devices().map(({ id }) => id)).toEqual([again, other]);
});

test('devices that have expired make room, at the very moment', async () => {
  world.users.set(
    'A',
    enrollmentOf(PHONE, { devices: [aDevice('over', { expiresAt: START }), aDevice('live')] }),
  );
  const trusted = await trust();
  expect(devices().map(({ id }) => id)).toEqual([trusted!.token.id, 'live']);
});

test('of more than ten devices the one that was used longest ago goes', async () => {
  const used = [5, 1, 9, 3, 7, 2, 8, 4, 6, 10];
  const before = used.map((ago) => aDevice(`${ago}`, { lastUsedAt: START - ago }));
  world.users.set('A', enrollmentOf(PHONE, { devices: before.slice(0, 9) }));
  await trust();
  expect(devices()).toHaveLength(10);
  world.users.set('A', enrollmentOf(PHONE, { devices: before }));
  await trust();
  expect(
    devices()
      .map(({ id }) => id)
      .slice(1),
  ).toEqual('123456789'.split(''));
});

test('[S83] two browsers that are trusted at the same time are both kept', async () => {
  crossWrites(world, 2);
  const both = await Promise.all([trust(), trust()]);
  const ids = both.map((each) => each!.token.id);
  expect(
    devices()
      .map(({ id }) => id)
      .sort(),
  ).toEqual(ids.sort());
  expect(world.told('device_trusted')).toHaveLength(2);
});
