import { endVerifiedSessions, noteRevoked, wasRevoked } from '../../lib/core/sessions';
import type { TrustedDevice } from '../../lib/ports/enrollments';
import { enrollmentOf, makeWorld, PHONE, START, type World } from '../helpers/core';

let world: World;
beforeEach(() => {
  world = makeWorld();
});

test('[S62] a revocation of a user without a phone is kept as long as a session could last', async () => {
  const { core } = world;
  await noteRevoked(core, 'A');
  const { verifiedSession } = core.limits;
  const expiresAt = START + verifiedSession * 1_000;
  expect([...world.kept]).toEqual([
    [core.keyring.recordKey('revoked', 'A'), { record: { at: START }, expiresAt }],
  ]);
  expect(await wasRevoked(core, 'A', START)).toBe(true);
  expect(await wasRevoked(core, 'A', START - 1)).toBe(true);
  expect(await wasRevoked(core, 'A', START + 1)).toBe(false);
  expect(await wasRevoked(core, 'B', START)).toBe(false);
});

test('[S62] ending all sessions changes the epoch, ends the devices, and is noted besides', async () => {
  const device: TrustedDevice = {
    id: 'd',
    digest: 'x',
    epoch: 'e',
    name: 'Firefox on Linux',
    trustedAt: START,
    lastUsedAt: START,
    expiresAt: START + 1,
  };
  const endedDevices = [{ ...device, id: 'gone', endedAt: START }];
  world.users.set('A', enrollmentOf(PHONE, { devices: [device], endedDevices }));
  await endVerifiedSessions(world.core, 'A');
  const { epoch, ...rest } = world.users.get('A')!;
  expect(epoch).toMatch(/^[\w-]{16}$/);
  expect({ ...rest, epoch: 'first' }).toStrictEqual(enrollmentOf(PHONE, { version: 2 }));
  expect(await wasRevoked(world.core, 'A', START)).toBe(true);
  await endVerifiedSessions(world.core, 'B');
  expect([world.users.has('B'), await wasRevoked(world.core, 'B', START)]).toEqual([false, true]);
});
