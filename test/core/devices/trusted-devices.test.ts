import { createHash } from 'node:crypto';
import { accountEpoch } from '../../../lib/core/account';
import {
  liveDevices,
  nextSecret,
  publicDevice,
  readDeviceToken,
  revokeDevices,
  secretDigest,
  trustDevice,
  writeDeviceToken,
} from '../../../lib/core/devices/trusted-devices';
import { createKeyring } from '../../../lib/core/keyring';
import type { TrustedDevice } from '../../../lib/ports/enrollments';
import {
  accountOf,
  enrollmentOf,
  makeWorld,
  PHONE,
  requester,
  SECRETS,
  START,
  type World,
} from '../../helpers/core';
import { crossWrites, overtake } from '../rivals';

const ID = 'abcdefghijklmnopqrst-_';
const SECRET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcde-_';
const NAME = 'Firefox on Linux';
const LIFETIME = 86_400_000;
const trust = (who = requester(), epoch = accountOf(world).epoch, before?: string) =>
  trustDevice(world.core, who, { name: NAME, epoch, lifetimeMs: LIFETIME, before });
const devices = () => world.users.get('A')!.devices ?? [];
const aDevice = (id: string, more: Partial<TrustedDevice> = {}): TrustedDevice => ({
  id,
  digest: 'x',
  epoch: 'e',
  name: `browser ${id}`,
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

test('a token is read from a cookie as it was written', () => {
  const token = { id: ID, secret: SECRET };
  expect(writeDeviceToken(token)).toBe(`${ID}.${SECRET}`);
  expect(readDeviceToken(writeDeviceToken(token))).toEqual(token);
});

test.each([
  [undefined],
  [''],
  ['.'],
  [ID],
  [`${ID}${SECRET}`],
  [`${ID}x${SECRET}`],
  [`${ID}.${SECRET}.`],
  [`${ID}.${SECRET}x`],
  [`${ID}.${SECRET.slice(1)}`],
  [`x${ID}.${SECRET}`],
  [`${ID.slice(1)}.${SECRET}`],
  [`${ID}.${SECRET}\n`],
  [` ${ID}.${SECRET}`],
  [`${ID.slice(1)}=.${SECRET}`],
  [`${ID}.${SECRET.slice(1)}=`],
])('[S83] %j is no token', (value) => {
  expect(readDeviceToken(value)).toBeUndefined();
});

test('[S83] what is kept of a secret is its SHA-256', () => {
  expect(secretDigest(SECRET)).toBe(createHash('sha256').update(SECRET).digest('base64url'));
});

test('[S83] lists, events and mails name a device without the id that its token begins with', () => {
  const device = aDevice(ID);
  const id = secretDigest(`device id\0${ID}`).slice(0, 24);
  expect(publicDevice(device)).toEqual({ id, name: `browser ${ID}` });
});

test('[S83] the next secret is one for each token and session, and needs the app’s own secret', () => {
  const { keyring } = world.core;
  const token = { id: ID, secret: SECRET };
  const next = nextSecret(keyring, token, 'session');
  expect(Buffer.from(next, 'base64url')).toHaveLength(32);
  const parts = `${ID}\0${SECRET}\0session`;
  expect(next).toBe(secretDigest(keyring.fingerprint('device secret', parts)));
  expect(nextSecret(keyring, { ...token }, 'session')).toBe(next);
  const others = [
    nextSecret(keyring, { ...token, id: SECRET }, 'session'),
    nextSecret(keyring, { ...token, secret: ID }, 'session'),
    nextSecret(keyring, token, 'another session'),
    nextSecret(createKeyring([`another ${SECRETS[0]}`]), token, 'session'),
  ];
  expect(new Set([next, ...others]).size).toBe(5);
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

const publicId = (id: string): string => publicDevice(aDevice(id)).id;
const told = (...ids: string[]) =>
  ids.map((id) => ({
    name: 'device_revoked',
    facts: {
      at: START,
      userId: 'A',
      ip: '192.0.2.1',
      phone: '••• ••• ••42',
      device: { id: publicId(id), name: `browser ${id}` },
      reason: 'user',
    },
  }));
const revoke = (id?: string) => revokeDevices(world.core, requester(), id);
const left = () => world.users.get('A')!.devices?.map(({ id }) => id);

describe('ending the trust', () => {
  beforeEach(() => {
    world.users.set('A', enrollmentOf(PHONE, { devices: [aDevice('1'), aDevice('2')] }));
  });

  test('the devices that may still pass are those of this state of the account, not expired', () => {
    const devices = [
      aDevice('1'),
      aDevice('2', { epoch: 'old' }),
      aDevice('3', { expiresAt: START }),
    ];
    expect(liveDevices({ devices }, 'e', START)).toEqual([aDevice('1')]);
    expect(liveDevices({}, 'e', START)).toEqual([]);
  });

  test('[S83] the trust in one device is ended, the others stay', async () => {
    expect(await revoke(publicId('1'))).toEqual({ ok: true });
    expect(left()).toEqual(['2']);
    expect(world.users.get('A')).toMatchObject({ epoch: 'first', version: 2 });
    expect(world.events).toEqual(told('1'));
  });

  test('[S83] the trust in all devices is ended, each of them told', async () => {
    expect(await revoke()).toEqual({ ok: true });
    expect(left()).toEqual([]);
    expect(world.events).toEqual(told('1', '2'));
  });

  test('[S96] a device that the user does not have is not found, and nothing is written', async () => {
    const kept = world.users.get('A');
    for (const id of ['1', publicId('3'), ''])
      expect(await revoke(id)).toEqual({ ok: false, code: 'not_found' });
    expect(world.users.get('A')).toBe(kept);
    world.users.set('A', enrollmentOf());
    expect(await revoke(publicId('1'))).toEqual({ ok: false, code: 'not_found' });
    world.users.clear();
    expect(await revoke(publicId('1'))).toEqual({ ok: false, code: 'not_found' });
    expect(world.events).toEqual([]);
  });

  test('where no device is trusted, all of them are revoked already', async () => {
    for (const more of [{}, { devices: [] }]) {
      const kept = enrollmentOf(PHONE, more);
      world.users.set('A', kept);
      expect(await revoke()).toEqual({ ok: true });
      expect(world.users.get('A')).toBe(kept);
    }
    expect(world.events).toEqual([]);
  });

  test('[S83] a device that was trusted at the same time is ended with all of them', async () => {
    overtake(world, enrollmentOf(PHONE, { devices: [aDevice('2'), aDevice('3')], version: 2 }));
    await revoke();
    expect(left()).toEqual([]);
    expect(world.events).toEqual(told('2', '3'));
  });
});
