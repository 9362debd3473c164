import { forgetOptOut, notOptedOutPlace, rememberOptOut } from '../../../lib/core/delivery/opt-out';
import { SecondFactorError } from '../../../lib/errors';
import { makeWorld, PHONE, requester, send, START, type World } from '../../helpers/core';

const HOUR = 3_600;
const MONTH = 30 * 24 * HOUR;

let world: World;
beforeEach(() => {
  world = makeWorld();
});
/** Whether a text to the phone is forbidden. */
async function hasOptedOut(phone = PHONE): Promise<boolean> {
  const { core } = world;
  return !(await core.counter.settle({ take: [notOptedOutPlace(core, phone)] })).ok;
}

test.each([
  ['refused', HOUR],
  ['heard', MONTH],
] as const)('[S56] an opt-out that was %s is remembered for %i seconds', async (how, seconds) => {
  expect(await hasOptedOut()).toBe(false);
  await rememberOptOut(world.core, PHONE, how);
  expect(await hasOptedOut('+12065550143')).toBe(false);
  world.pass(seconds - 0.001);
  expect(await hasOptedOut()).toBe(true);
  world.pass(0.001);
  expect(await hasOptedOut()).toBe(false);
});

test('[S56] STOP outlasts a refusal before it, and a refusal after it shortens nothing', async () => {
  await rememberOptOut(world.core, PHONE, 'refused');
  await rememberOptOut(world.core, PHONE, 'heard');
  await rememberOptOut(world.core, PHONE, 'refused');
  world.pass(MONTH - 1);
  expect(await hasOptedOut()).toBe(true);
});

test('[S56] UNSTOP ends it at once, and asking takes nothing', async () => {
  await rememberOptOut(world.core, PHONE, 'heard');
  for (let each = 0; each < 3; each += 1) expect(await hasOptedOut()).toBe(true);
  await forgetOptOut(world.core, PHONE);
  expect(await hasOptedOut()).toBe(false);
  expect(await world.counts()).toEqual({});
});

test('[S56] a phone that has opted out is told of once, and not texted for an hour', async () => {
  const refusal = new SecondFactorError('phone_opted_out', 'STOP', {
    refused: true,
    reason: 'opted_out',
  });
  const sender = { send: jest.fn().mockRejectedValue(refusal) };
  world = makeWorld({ sender });
  await expect(send(world)).rejects.toMatchObject({ code: 'phone_opted_out' });
  const facts = { at: START, userId: 'A', ip: '192.0.2.1', phone: '••• ••• ••42' };
  expect(world.told('opted_out')).toEqual([{ ...facts, purpose: 'sign-in' }]);
  const { key } = notOptedOutPlace(world.core, PHONE);
  expect(world.added).toContainEqual(expect.objectContaining({ key, window: HOUR * 1_000 }));
  world.pass(HOUR - 0.001);
  for (const userId of ['A', 'B']) {
    expect(await send(world, requester(userId))).toEqual({ ok: false, code: 'phone_opted_out' });
  }
  expect(sender.send).toHaveBeenCalledTimes(1);
  expect(world.told('opted_out')).toHaveLength(1);
  world.pass(0.001);
  await expect(send(world)).rejects.toMatchObject({ code: 'phone_opted_out' });
  expect(sender.send).toHaveBeenCalledTimes(2);
});

test('another failure of the carrier is no opt-out', async () => {
  world = makeWorld({ sender: { send: () => Promise.reject(new Error('x')) } });
  await expect(send(world)).rejects.toThrow();
  expect(world.told('opted_out')).toEqual([]);
  expect(await hasOptedOut()).toBe(false);
});
