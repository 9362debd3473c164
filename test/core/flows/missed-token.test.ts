import type { DeviceToken } from '../../../lib/core/devices/device-token';
import { trustDevice } from '../../../lib/core/devices/trust-device';
import { missedToken, useDevice } from '../../../lib/core/devices/use-device';
import { accountOf, enrollmentOf, makeWorld, requester, START } from '../../helpers/core';
import type { World } from '../../helpers/core';

const DAY = 86_400_000;
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

test('[S83] where the app has shortened the time of trust, that holds for older devices, too', async () => {
  world.pass(3_599.999);
  const shorter = () => ({ ...seen(), lifetimeMs: 3_600_000 });
  expect(await use(token, 'session of A', shorter())).toBeDefined();
  const renewed = device();
  world.pass(0.001);
  expect(await use(token, 'session of A', shorter())).toBeUndefined();
  expect(device()).toEqual(renewed);
  expect(expiresAt).toBe(START + DAY);
  // A longer time gives no device more than it was promised.
  world.pass(DAY / 1_000 - 3_600);
  expect(await use(token, 'session of A', { ...seen(), lifetimeMs: 9 * DAY })).toBeUndefined();
});

test('a browser that missed its new token gets it again, in its own session, by the old one', async () => {
  const { enrollment } = seen();
  const missed = (given = token, sessionId = 'session of A', kept = accountOf(world).enrollment!) =>
    missedToken(world.core, requester('A', { sessionId }), kept, given);
  expect(missed()).toBeUndefined();
  const passing = await use();
  expect(missed()).toEqual(passing);
  expect(missed(token, 'another session')).toBeUndefined();
  expect(missed({ ...token, secret: other })).toBeUndefined();
  expect(missed(passing!.renewed)).toBeUndefined();
  expect(missed({ ...token, id: 'x'.repeat(22) })).toBeUndefined();
  expect(missed(token, 'session of A', enrollment)).toBeUndefined();
  expect(missed(token, 'session of A', enrollmentOf())).toBeUndefined();
});
