import { accountEpoch } from '../../../lib/core/account';
import { firstToken, secretDigest, type DeviceToken } from '../../../lib/core/devices/device-token';
import {
  liveDevices,
  publicDevice,
  revokeDevices,
  trustDevice,
} from '../../../lib/core/devices/trusted-devices';
import type { TrustedDevice } from '../../../lib/ports/enrollments';
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

const ID = 'abcdefghijklmnopqrst-_';
const NAME = 'Firefox on Linux';
const LIFETIME = 86_400_000;
/** Each in a session of its own, unless it is said which. */
const trust = (
  who = requester(),
  epoch = accountOf(world).epoch,
  shown?: DeviceToken,
  session = world.core.random(8),
) => {
  const token = firstToken(world.core.keyring, who.userId, session);
  return trustDevice(world.core, who, { token, name: NAME, epoch, lifetimeMs: LIFETIME, shown });
};
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

test('[S83] lists, events and mails name a device without the id that its token begins with', () => {
  const device = aDevice(ID);
  const id = secretDigest(`device id\0${ID}`).slice(0, 24);
  expect(publicDevice(device)).toEqual({ id, name: `browser ${ID}` });
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

test('[S179] whose first answer got lost gets the same token again, and is told of once', async () => {
  const epoch = accountOf(world).epoch;
  crossWrites(world, 2);
  const both = await Promise.all([
    trust(requester(), epoch, undefined, 'one'),
    trust(requester(), epoch, undefined, 'one'),
  ]);
  expect(both[1]).toEqual(both[0]);
  world.pass(5);
  expect(await trust(requester(), epoch, undefined, 'one')).toEqual(both[0]);
  expect(devices()).toHaveLength(1);
  expect(world.told('device_trusted')).toHaveLength(1);
});

test('[S179] [S181] trust that has been ended does not come back with the same post', async () => {
  const { epoch } = accountOf(world);
  await trust(requester(), epoch, undefined, 'one');
  await trust(requester(), epoch, undefined, 'two');
  await revokeDevices(world.core, requester(), undefined, undefined);
  expect(await trust(requester(), epoch, undefined, 'one')).toBeUndefined();
  expect(await trust(requester(), epoch, undefined, 'two')).toBeUndefined();
  expect(devices()).toEqual([]);
  expect(world.told('device_trusted')).toHaveLength(2);
  expect(await trust(requester(), epoch, undefined, 'another')).toBeDefined();
});

const again = (shown: DeviceToken) => trust(requester(), accountOf(world).epoch, shown);
const OTHER = 'A'.repeat(43);

test('[S179] a browser that is trusted is not trusted again, by the last token that was seen or the next', async () => {
  const { token } = (await trust())!;
  const [device] = devices();
  expect(await again(token)).toBeUndefined();
  const next = [{ digest: secretDigest(OTHER), until: START }];
  world.users.set('A', enrollmentOf(PHONE, { devices: [{ ...device!, next }] }));
  expect(await again({ ...token, secret: OTHER })).toBeUndefined();
  expect(devices()).toHaveLength(1);
  expect(world.told('device_trusted')).toHaveLength(1);
});

test('[S181] a browser that lost its place is another device from then on, and the one before leaves a mark', async () => {
  const { token } = (await trust())!;
  const [device] = devices();
  const lost = [secretDigest(OTHER)];
  world.users.set(
    'A',
    enrollmentOf(PHONE, {
      devices: [{ ...device!, lost }, aDevice('2', { expiresAt: START + 9e6 })],
    }),
  );
  world.pass(5);
  const { id } = (await again({ ...token, secret: OTHER }))!.token;
  // Which is no copy: nobody is alarmed.
  expect(world.told('device_copied')).toEqual([]);
  expect(devices().map((each) => each.id)).toEqual([id, '2']);
  expect(world.users.get('A')!.endedDevices).toEqual([
    { ...device!, lost, endedAt: START + 5_000 },
  ]);
});

test.each([['live'], ['ended']])(
  '[S180] [S181] a copy of a %s device that is shown with the code is told before its cookie is another one',
  async (where) => {
    const { token } = (await trust())!;
    const [device] = devices();
    const kept =
      where === 'live'
        ? { devices: [device!, aDevice('2')] }
        : { devices: [aDevice('2')], endedDevices: [{ ...device!, endedAt: START - 7 }] };
    world.users.set('A', enrollmentOf(PHONE, kept));
    world.events.length = 0;
    const { id } = (await again({ ...token, secret: OTHER }))!.token;
    expect(devices().map((each) => each.id)).toEqual([id, '2']);
    expect(world.users.get('A')).not.toHaveProperty('endedDevices');
    expect(world.events.map(({ name }) => name)).toEqual(['device_copied', 'device_trusted']);
    const facts = { at: START, userId: 'A', ip: '192.0.2.1', phone: '••• ••• ••42' };
    expect(world.events[0]!.facts).toStrictEqual({
      ...facts,
      device: publicDevice(device!),
      ...(where === 'live' ? {} : { endedAt: START - 7 }),
    });
  },
);

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
const revoke = (id?: string, own?: string) => revokeDevices(world.core, requester(), id, own);
const marks = () => world.users.get('A')!.endedDevices;
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
      expect(await revoke(id)).toMatchObject({ ok: false, code: 'not_found' });
    expect(world.users.get('A')).toBe(kept);
    world.users.set('A', enrollmentOf());
    expect(await revoke(publicId('1'))).toMatchObject({ ok: false, code: 'not_found' });
    world.users.clear();
    expect(await revoke(publicId('1'))).toMatchObject({ ok: false, code: 'not_found' });
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

  test('[S181] a device that is ended leaves a mark until its end, with the tokens that another browser still shows in good faith', async () => {
    const next = [{ digest: 'y', until: START }];
    const [own, other] = [aDevice('1', { next, lost: ['z'] }), aDevice('2', { next })];
    const over = { ...aDevice('3', { expiresAt: START }), endedAt: START - 5 };
    const past = { ...aDevice('4'), endedAt: START - 5 };
    world.users.set(
      'A',
      enrollmentOf(PHONE, { devices: [own, other], endedDevices: [over, past] }),
    );
    await revoke(undefined, '1');
    const ended = (device: TrustedDevice) => ({ ...device, endedAt: START });
    // The browser that asked gives up its own: no token of it is good.
    expect(marks()).toEqual([ended(aDevice('1', { digest: '' })), ended(other), past]);
  });

  test('[S181] of the marks the ten youngest are kept', async () => {
    const ten = Array.from({ length: 10 }, (_, each) => aDevice(`${each}`));
    for (const [time, devices] of [ten, [aDevice('11')]].entries()) {
      world.pass(time / 2_000);
      world.users.set('A', { ...world.users.get('A')!, devices });
      await revoke();
    }
    expect(marks()!.map(({ id }) => id)).toEqual(['11', ...'012345678'.split('')]);
  });
});
