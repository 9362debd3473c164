import { SecondFactorError } from '../../../lib/errors';
import type { SmsSender } from '../../../lib/ports/sms-sender';
import { challengeKey } from '../../../lib/core/challenge/challenge';
import { sendCode } from '../../../lib/core/send/send-code';
import {
  accountOf,
  challengeIn,
  codeOf,
  enrollmentOf,
  makeWorld,
  PHONE,
  requester,
  send,
  verify,
  type World,
} from '../../helpers/core';

const KEY = challengeKey('session of A', 'sign-in');
const failure = (details: object) => new SecondFactorError('delivery_failed', 'no', details);
const rejecting = (error: unknown): SmsSender => ({
  send: async () => {
    throw error;
  },
});
const errorOf = (call: Promise<unknown>): Promise<SecondFactorError> =>
  call.then(
    () => {
      throw new Error('nothing was thrown');
    },
    (error: unknown) => error as SecondFactorError,
  );
/** The counts of the waits and of their ladder. */
async function waits(world: World): Promise<Record<string, number>> {
  const counts = Object.entries(await world.counts());
  return Object.fromEntries(counts.filter(([key]) => key.startsWith('wait')));
}

test('[S46] a text that was surely refused gives the wait back, and no place in a budget', async () => {
  const error = failure({ refused: true, reason: 'rejected' });
  const world = makeWorld({ sender: rejecting(error) });
  expect(await errorOf(send(world))).toBe(error);
  expect(await waits(world)).toEqual({});
  expect(Object.values(await world.counts())).toEqual([1, 1, 1, 1]);
  expect(world.kept.size).toBe(0);
  expect(world.told('send_refused')).toEqual([
    expect.objectContaining({ code: 'delivery_failed', reason: 'rejected', purpose: 'sign-in' }),
  ]);
});

test('[S137] a text of which nobody knows keeps the wait, and its code is dead', async () => {
  const world = makeWorld();
  const { outbox } = world;
  world.core.sender = {
    send: async (message) => {
      await outbox.send(message);
      throw failure({ reason: 'unknown_outcome' });
    },
  };
  await errorOf(send(world));
  expect(Object.values(await waits(world))).toEqual([1, 1, 1, 1]);
  expect(await send(world)).toEqual({ ok: false, code: 'resend_too_soon', retryAfter: 30 });
  expect(await verify(world, codeOf(world))).toEqual({ ok: false, code: 'challenge_expired' });
});

test('[S136] a failed resend leaves the challenge as the earlier text opened it', async () => {
  const world = makeWorld();
  const first = challengeIn(await send(world));
  world.core.sender = rejecting(failure({ refused: true }));
  world.pass(30);
  await errorOf(send(world));
  expect(world.kept.get(KEY)).toEqual({ record: first, expiresAt: first.expiresAt });
  // The step of the ladder was given back with the wait: the next wait is the second one again.
  world.core.sender = world.outbox;
  expect(challengeIn(await send(world)).resendAt).toBe(world.core.clock() + 60_000);
  expect((await verify(world, codeOf(world))).ok).toBe(true);
});

test('a sender that fails in words of its own has failed with an unknown outcome', async () => {
  const cause = new Error('socket hang up');
  const error = await errorOf(send(makeWorld({ sender: rejecting(cause) })));
  expect(error).toMatchObject({ code: 'delivery_failed', reason: 'unknown_outcome', cause });
  expect(error.message).toBe('The sender failed; see the cause.');
  expect(error.refused).toBe(false);
});

test('a sender that answers nothing in time has failed, and is told to stop', async () => {
  let signal: AbortSignal | undefined;
  const sender: SmsSender = {
    send: (_message, options) => {
      ({ signal } = options);
      return new Promise(() => undefined);
    },
  };
  const world = makeWorld({ sender }, { carrierCall: 0.02 });
  const error = await errorOf(send(world));
  expect(error).toMatchObject({ code: 'delivery_failed', reason: 'unknown_outcome' });
  expect(error.message).toContain('within 0.02 s');
  expect(signal?.aborted).toBe(true);
});

test('a sender has as long as the limit says', async () => {
  const sender: SmsSender = {
    send: () => new Promise((resolve) => setTimeout(() => resolve({ id: 'late' }), 40)),
  };
  const world = makeWorld({ sender }, { carrierCall: 1 });
  expect(challengeIn(await send(world)).receipt).toBe('late');
});

test.each([
  [false, 'to_rejected', 'phone_invalid'],
  [true, 'to_rejected', 'delivery_failed'],
  [false, 'from_rejected', 'delivery_failed'],
] as const)(
  'to a phone that is confirmed: %p, %s is answered %s',
  async (confirmed, reason, code) => {
    const sent = failure({ refused: true, reason });
    const world = makeWorld({ sender: rejecting(sent) });
    const purpose = confirmed ? 'sign-in' : 'enroll';
    const target = { purpose, phone: PHONE, confirmed, epoch: '' } as const;
    const error = await errorOf(sendCode(world.core, requester(), target));
    expect(error).toMatchObject({ code, reason, message: 'no' });
    expect(error === sent).toBe(code === 'delivery_failed');
    if (error !== sent) expect(error.cause).toBe(sent);
  },
);

test('where the challenge cannot be kept, nothing is texted and everything is given back', async () => {
  const world = makeWorld();
  const broken = new SecondFactorError('store_unavailable', 'away');
  jest.spyOn(world.core.records, 'set').mockRejectedValueOnce(broken);
  expect(await errorOf(send(world))).toBe(broken);
  expect(world.outbox.messages).toEqual([]);
  expect(await world.counts()).toEqual({});
});

test('where the counter is away as well, the first error is the one that is told', async () => {
  const world = makeWorld();
  const broken = new SecondFactorError('store_unavailable', 'away');
  jest.spyOn(world.core.records, 'set').mockRejectedValueOnce(broken);
  jest.spyOn(world.core.counter, 'clear').mockRejectedValue(new Error('away, too'));
  expect(await errorOf(send(world))).toBe(broken);
});

test('without a secret no text goes out', async () => {
  const world = makeWorld();
  world.core.keyring = { ...world.core.keyring, codeKey: () => undefined };
  const error = await errorOf(send(world));
  expect(error).toMatchObject({ code: 'misconfigured', message: 'No secret is configured.' });
  expect(world.kept.size).toBe(0);
});

test('an error that is not the library’s own passes through and undoes nothing', async () => {
  const world = makeWorld();
  world.users.set('A', enrollmentOf());
  const strange = new TypeError('a bug');
  world.core.emit = (name) => {
    if (name === 'sent') throw strange;
  };
  expect(await errorOf(send(world))).toBe(strange);
  expect(world.kept.has(KEY)).toBe(true);
  expect(accountOf(world).enrollment).toBeDefined();
});
