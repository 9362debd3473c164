import { publicDevice } from '../../../lib/core/devices/trusted-devices';
import { liveDevices, revokeDevices } from '../../../lib/core/devices/trusted-devices';
import type { TrustedDevice } from '../../../lib/ports/enrollments';
import { enrollmentOf, makeWorld, PHONE, requester, START, type World } from '../../helpers/core';
import { overtake } from './rivals';

const device = (id: string, more: Partial<TrustedDevice> = {}): TrustedDevice => ({
  id,
  digest: 'x',
  epoch: 'e',
  name: `browser ${id}`,
  trustedAt: START,
  lastUsedAt: START,
  expiresAt: START + 1,
  ...more,
});
const publicId = (id: string): string => publicDevice(device(id)).id;
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

let world: World;
beforeEach(() => {
  world = makeWorld();
  world.users.set('A', enrollmentOf(PHONE, { devices: [device('1'), device('2')] }));
});

test('the devices that may still pass are those of this state of the account, not expired', () => {
  const devices = [device('1'), device('2', { epoch: 'old' }), device('3', { expiresAt: START })];
  expect(liveDevices({ devices }, 'e', START)).toEqual([device('1')]);
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
  overtake(world, enrollmentOf(PHONE, { devices: [device('2'), device('3')], version: 2 }));
  await revoke();
  expect(left()).toEqual([]);
  expect(world.events).toEqual(told('2', '3'));
});
