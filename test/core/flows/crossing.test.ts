import { SecondFactorError } from '../../../lib/errors';
import { clearFailures, takeGuess } from '../../../lib/core/verify/failures';
import { standingOf } from '../../../lib/core/failures';
import { digest } from '../../../lib/core/keyring';
import {
  challengeIn,
  codeOf,
  makeWorld,
  PHONE,
  requester,
  send,
  START,
  verify,
  type World,
} from '../../helpers/core';

const YEAR = 365 * 86_400_000;
const USER = digest('user', 'A');
const GUESSES = `guesses:${USER}:0`;

let world: World;
beforeEach(() => {
  world = makeWorld();
});
const guess = () => takeGuess(world.core.counter, world.core.limits, 'A', START);

/** Does something right after a lock has begun, as a request that crosses this one would. */
function afterLock(does: () => Promise<unknown>): void {
  const { counter } = world.core;
  world.core.counter = {
    ...counter,
    add: async (key, lifetimeMs, by) => {
      const taken = await counter.add(key, lifetimeMs, by);
      if (key.startsWith('lock:')) await does();
      return taken;
    },
  };
}

test.each([
  [9, { allowed: true, level: 0, left: 0, last: true }],
  [10, { allowed: false, standing: { state: 'open', level: 0 } }],
])('a success that crosses guess %i + 1 leaves no lock behind', async (before, answer) => {
  const { counter } = world.core;
  await counter.add(GUESSES, YEAR, before);
  afterLock(() => counter.clear(GUESSES));
  expect(await guess()).toEqual(answer);
  expect(await world.counts()).toEqual({});
});

test('one guess too few after a lock is no reason for it, a full level is', async () => {
  const { counter } = world.core;
  await counter.add(GUESSES, YEAR, 9);
  afterLock(() => counter.add(GUESSES, YEAR, -1));
  await guess();
  expect(await world.counts()).toEqual({ [GUESSES]: 9 });
  world.core.counter = counter;
  await guess();
  expect(await world.counts()).toEqual({ [GUESSES]: 10, [`lock:${USER}:1`]: 1 });
});

test('success clears the guesses before the locks', async () => {
  const clear = jest.spyOn(world.core.counter, 'clear');
  await clearFailures(world.core.counter, 'A', 1);
  expect(clear.mock.calls.map(([key]) => key)).toEqual([
    `guesses:${USER}:0`,
    `guesses:${USER}:1`,
    `lock:${USER}:1`,
    `lock:${USER}:2`,
  ]);
});

test('[S135] a lock that cannot be read does not end', async () => {
  world.core.counter.peek = async (key) =>
    key.endsWith(':1') ? { count: Number.MAX_SAFE_INTEGER, expiresAt: 0 } : undefined;
  const { counter, limits } = world.core;
  expect(await standingOf(counter, limits, 'A', START)).toEqual({
    state: 'locked',
    level: 1,
    until: START + 900_000,
  });
});

test('a second copy of the right code leaves no failure behind', async () => {
  const challenge = challengeIn(await send(world));
  await world.core.counter.add(`spent:${challenge.id}`, 60_000);
  expect(await verify(world, codeOf(world))).toEqual({ ok: false, code: 'challenge_expired' });
  const failures = Object.keys(await world.counts()).filter((key) => key.startsWith('guesses:'));
  expect(failures).toEqual([]);
});

test('[S56] a phone that has opted out is told of once, and not texted for an hour', async () => {
  const sender = {
    send: jest
      .fn()
      .mockRejectedValue(
        new SecondFactorError('phone_opted_out', 'STOP', { refused: true, reason: 'opted_out' }),
      ),
  };
  world = makeWorld({ sender });
  await expect(send(world)).rejects.toMatchObject({ code: 'phone_opted_out' });
  const facts = { at: START, userId: 'A', ip: '192.0.2.1', phone: '••• ••• ••42' };
  expect(world.told('opted_out')).toEqual([{ ...facts, purpose: 'sign-in' }]);
  const key = `opted-out:${world.core.keyring.fingerprint('phone', PHONE)}`;
  expect(world.added).toContainEqual({ key, lifetimeMs: 3_600_000 });
  world.pass(3_599.999);
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
  expect(Object.keys(await world.counts()).some((key) => key.startsWith('opted'))).toBe(false);
});
