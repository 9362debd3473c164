import { SecondFactorError } from '../../../lib/errors';
import type { SmsSender } from '../../../lib/ports/senders';
import { pendingChallenge } from '../../../lib/core/challenge/challenge';
import { sendCode } from '../../../lib/core/send/send-code';
import {
  accountOf,
  challengeIn,
  codeOf,
  countNames,
  enrollmentOf,
  errorOf,
  justBefore,
  makeWorld,
  PHONE,
  requester,
  send,
  verify,
  type World,
} from '../../helpers/core';

const pending = ({ core }: World) => pendingChallenge(core, requester(), 'sign-in');
const failure = (details: object) => new SecondFactorError('delivery_failed', 'no', details);
const rejecting = (error: unknown): SmsSender => ({
  send: async () => {
    throw error;
  },
});
/** Which waits and steps of the ladder stand, of the user and of the phone. */
const waits = async (world: World) =>
  Object.keys(await world.counts()).filter((key) => /#(wait|step)$/.test(key));

test('[S46] a text that was surely refused gives everything back but the step of the ladder', async () => {
  const error = failure({ refused: true, reason: 'rejected' });
  const world = makeWorld({ sender: rejecting(error) });
  expect(await errorOf(send(world))).toBe(error);
  expect(await countNames(world)).toEqual(['step', 'texted0']);
  expect(await pending(world)).toBeUndefined();
  expect(world.told('send_refused')).toEqual([
    expect.objectContaining({ code: 'delivery_failed', reason: 'rejected', purpose: 'sign-in' }),
  ]);
});

test('[S195] what a sender tells of its carrier is on the event, on one line, without numbers, codes and addresses', async () => {
  const echo = '739201 to +12065550142\n(206) 555-0142 https://acme.example/token';
  const carrier = { status: 422, says: echo, supportId: 'SM-1', cure: `Do not say ${echo}.` };
  const world = makeWorld({ sender: rejecting(failure({ refused: true, carrier })) });
  await errorOf(send(world));
  const safe = '(digits) to +(digits) (address)';
  expect(world.told('send_refused')).toMatchObject([
    { carrier: { status: 422, says: safe, supportId: 'SM-1', cure: `Do not say ${safe}` } },
  ]);
});

test.each([
  [{ supportId: '12065550142' }, {}],
  [{ supportId: '+12065550142' }, {}],
  [{ supportId: 'x'.repeat(65) }, {}],
  [{ supportId: 'two words' }, {}],
  [{ says: '' }, {}],
  [{ says: 'word '.repeat(100) }, { says: expect.stringMatching(/^.{197}\.\.\.$/) }],
  [{ status: '422', cure: 7 }, {}],
])('[S195] of the report %j the event has %j', async (carrier, told) => {
  const world = makeWorld({ sender: rejecting(failure({ refused: true, carrier })) });
  await errorOf(send(world));
  expect(world.told('send_refused')[0]?.carrier).toStrictEqual(told);
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
  expect(await waits(world)).toHaveLength(4);
  expect(await send(world)).toEqual({ ok: false, code: 'resend_too_soon', retryAfter: 30 });
  expect(await verify(world, codeOf(world))).toEqual({ ok: false, code: 'challenge_expired' });
});

test('[S136] a failed resend leaves the challenge as the earlier text opened it', async () => {
  const world = makeWorld();
  const first = challengeIn(await send(world));
  world.core.sender = rejecting(failure({ refused: true }));
  world.pass(30);
  await errorOf(send(world));
  const { id, sends, sentAt, expiresAt } = first;
  expect(await pending(world)).toMatchObject({ id, sends, sentAt, expiresAt, receipt: 'outbox-1' });
  // The wait was given back, its step was not: an attempt was made, so the next wait is the third.
  world.core.sender = world.outbox;
  expect(challengeIn(await send(world)).resendAt).toBe(world.core.clock() + 120_000);
  expect((await verify(world, codeOf(world))).ok).toBe(true);
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

const away = new SecondFactorError('store_unavailable', 'away');

test('where the challenge cannot be kept, nothing is texted and everything is given back', async () => {
  const world = makeWorld();
  jest.spyOn(world.core.records, 'set').mockRejectedValueOnce(away);
  expect(await errorOf(send(world))).toBe(away);
  expect(world.outbox.messages).toEqual([]);
  expect(await countNames(world)).toEqual(['texted0']);
  expect((await send(world)).ok).toBe(true);
});

test('where it cannot be kept for a resend, the longer wait is given back, too', async () => {
  const world = makeWorld();
  const first = challengeIn(await send(world));
  world.pass(30);
  const before = await world.counts();
  jest.spyOn(world.core.records, 'set').mockRejectedValueOnce(away);
  expect(await errorOf(send(world))).toBe(away);
  expect(world.outbox.messages).toHaveLength(1);
  expect({ ...(await world.counts()), ...turns(before) }).toEqual(before);
  const second = challengeIn(await send(world));
  expect([second.id, second.sends]).toEqual([first.id, 2]);
  expect(second.resendAt).toBe(world.core.clock() + 60_000);
});

/** Which turn a text to the phone has, and that its session was texted: counted on, whatever becomes of the text. */
const turns = (counts: Record<string, number>) =>
  Object.fromEntries(Object.entries(counts).filter(([key]) => /#(?:texted|c)\d/.test(key)));

test('where the waits cannot be lengthened, nothing is texted and everything is given back', async () => {
  const world = makeWorld();
  await send(world);
  world.pass(30);
  const before = await world.counts();
  const challenge = await pending(world);
  justBefore(world, 'clear', 'wait', () => Promise.reject(away));
  expect(await errorOf(send(world))).toBe(away);
  expect(world.outbox.messages).toHaveLength(1);
  expect({ ...(await world.counts()), ...turns(before) }).toEqual(before);
  expect(await pending(world)).toEqual(challenge);
});

test('where neither waits nor challenge can be kept, everything is given back all the same', async () => {
  const world = makeWorld();
  await send(world);
  world.pass(30);
  const before = await world.counts();
  jest.spyOn(world.core.records, 'set').mockRejectedValue(away);
  justBefore(world, 'clear', 'wait', () => Promise.reject(new Error('away, too')));
  expect(await errorOf(send(world))).toBe(away);
  expect({ ...(await world.counts()), ...turns(before) }).toEqual(before);
});

test('a text that is out answers, although its receipt cannot be kept', async () => {
  const world = makeWorld();
  const { records } = world.core;
  const set = records.set.bind(records);
  jest.spyOn(records, 'set').mockImplementationOnce(set).mockRejectedValueOnce(away);
  const sent = challengeIn(await send(world));
  expect(world.told('sent')).toHaveLength(1);
  expect((await pending(world))?.id).toBe(sent.id);
  expect((await verify(world, codeOf(world))).ok).toBe(true);
});

test('where nobody knows whether a challenge is pending, nothing is texted and everything goes back', async () => {
  const world = makeWorld();
  await send(world);
  world.pass(30);
  const before = await world.counts();
  jest.spyOn(world.core.records, 'get').mockRejectedValueOnce(away);
  expect(await errorOf(send(world))).toBe(away);
  expect(world.outbox.messages).toHaveLength(1);
  expect({ ...(await world.counts()), ...turns(before) }).toEqual(before);
});

test('where the counter is away as well, the first error is the one that is told', async () => {
  const world = makeWorld();
  jest.spyOn(world.core.records, 'set').mockRejectedValueOnce(away);
  justBefore(world, 'give', 'user', () => Promise.reject(new Error('away, too')));
  expect(await errorOf(send(world))).toBe(away);
});

test('where the counter is away before anything was asked, nothing is texted', async () => {
  const world = makeWorld();
  justBefore(world, 'take', 'wait', () => Promise.reject(away));
  expect(await errorOf(send(world))).toBe(away);
  expect(world.outbox.messages).toEqual([]);
  expect(await world.counts()).toEqual({});
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
  expect(await pending(world)).toBeDefined();
  expect(accountOf(world).enrollment).toBeDefined();
});
