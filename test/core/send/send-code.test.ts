import {
  challengeKey,
  guessKey,
  keepChallenge,
  pendingChallenge,
  type Challenge,
} from '../../../lib/core/challenge/challenge';
import { textsByPhone } from '../../../lib/core/delivery/sent-text';
import { createKeyring } from '../../../lib/core/keyring';
import { sendToFactor } from '../../../lib/core/send/send-code';
import { sendCode } from '../../../lib/core/send/send-code';
import {
  accountOf,
  challengeIn,
  codeOf,
  enrollmentOf,
  makeWorld,
  PHONE,
  requester,
  SECRETS,
  send,
  START,
  take,
  verify,
  wrong,
  type World,
} from '../../helpers/core';

let world: World;
beforeEach(() => {
  world = makeWorld();
});

const pending = () => pendingChallenge(world.core, requester(), 'sign-in');
/** As it is read again: that each place counts once is not written down. */
const read = (challenge: Challenge): Challenge => ({
  ...challenge,
  held: challenge.held.map(({ key, ends }) => ({ key, ends })),
});

test('a first text opens a challenge that says all about itself but the code', async () => {
  const challenge = challengeIn(await send(world));
  const { core } = world;
  expect(challenge).toEqual({
    id: expect.stringMatching(/^[\w-]{22}$/),
    userId: 'A',
    purpose: 'sign-in',
    phone: PHONE,
    epoch: accountOf(world).epoch,
    keyId: core.keyring.newestId,
    createdAt: START,
    expiresAt: START + 300_000,
    sentAt: START,
    resendAt: START + 30_000,
    sends: 1,
    sendsLeft: 4,
    receipt: 'outbox-1',
    held: expect.any(Array),
  });
  expect(challenge.held).toHaveLength(4);
  expect(await pending()).toEqual(read(challenge));
  const key = challengeKey(core, requester(), 'sign-in');
  expect(world.kept.get(key)?.expiresAt).toBe(challenge.expiresAt);
});

test('[S57] the text names app, purpose and lifetime, and ends with the machine line', async () => {
  await send(world);
  const code = codeOf(world);
  expect(code).toMatch(/^\d{6}$/);
  expect(world.outbox.messages).toEqual([
    {
      to: PHONE,
      body: `${code} is your Acme sign-in code. Expires in 5 min. Don't share it.\n\n@acme.example #${code}`,
    },
  ]);
});

test('[S132] the event of a text tells who, where and how often, and masks the phone', async () => {
  await send(world);
  expect(world.events).toEqual([
    {
      name: 'sent',
      facts: {
        at: START,
        country: 'US',
        userId: 'A',
        ip: '192.0.2.1',
        phone: '••• ••• ••42',
        purpose: 'sign-in',
        sends: 1,
        receipt: 'outbox-1',
      },
    },
  ]);
});

test('[S7][S8] a resend texts the same code, counts on and lengthens nothing', async () => {
  const first = challengeIn(await send(world));
  const code = codeOf(world);
  world.pass(30);
  const second = challengeIn(await send(world));
  expect(codeOf(world)).toBe(code);
  expect(second).toEqual({
    ...first,
    sentAt: START + 30_000,
    resendAt: START + 90_000,
    sends: 2,
    sendsLeft: 3,
    receipt: 'outbox-2',
    held: [...read(first).held, ...first.held],
  });
  expect(world.told('sent')[1]).toMatchObject({ sends: 2, receipt: 'outbox-2' });
});

test.each([
  [180, true],
  [180.001, false],
])('[S7] after %d seconds a resend texts the same code again: %p', async (seconds, same) => {
  const first = challengeIn(await send(world));
  world.pass(seconds);
  const second = challengeIn(await send(world));
  expect(second.id === first.id).toBe(same);
  expect(second.sends).toBe(same ? 2 : 1);
});

test.each([{ phone: '+12065550143' }, { epoch: 'other' }])(
  'a challenge that was opened for %j is not texted again',
  async (change) => {
    const first = challengeIn(await send(world));
    world.pass(30);
    await keepChallenge(world.core, requester(), { ...first, ...change });
    const second = challengeIn(await send(world));
    expect(second).toMatchObject({ userId: 'A', phone: PHONE, sends: 1 });
    expect(second.id).not.toBe(first.id);
  },
);

test('[S12] the challenge of another user of this session is not texted again', async () => {
  const first = challengeIn(await send(world));
  world.pass(30);
  const second = challengeIn(await send(world, requester('B', { sessionId: 'session of A' })));
  expect(second).toMatchObject({ userId: 'B', sends: 1 });
  expect(second.id).not.toBe(first.id);
});

test('a challenge whose secret is gone is not texted again', async () => {
  const first = challengeIn(await send(world));
  world.pass(30);
  world.core.keyring = createKeyring(['another secret that is long enough, too', ...SECRETS]);
  expect(challengeIn(await send(world)).id).toBe(first.id);
  world.pass(60);
  world.core.keyring = createKeyring(['another secret that is long enough, too']);
  expect(challengeIn(await send(world)).sends).toBe(1);
});

test('a resend says how many guesses at its code there were', async () => {
  expect(await send(world)).toMatchObject({ guesses: undefined });
  for (let guess = 0; guess < 4; guess += 1) await verify(world, wrong(world));
  world.pass(30);
  expect(await send(world)).toMatchObject({ ok: true, guesses: { count: 4 } });
});

test('a challenge without guesses left is not texted again', async () => {
  const first = challengeIn(await send(world));
  for (let guess = 0; guess < 4; guess += 1) await verify(world, wrong(world));
  world.pass(30);
  expect(challengeIn(await send(world)).id).toBe(first.id);
  await take(world, guessKey(world.core, 'session of A', first.id));
  world.pass(60);
  const second = await send(world);
  expect(challengeIn(second)).toMatchObject({ sends: 1, expiresAt: START + 90_000 + 300_000 });
  expect(challengeIn(second).id).not.toBe(first.id);
  expect(second).toMatchObject({ guesses: undefined });
  expect((await verify(world, codeOf(world))).ok).toBe(true);
});

test('[S41] a resend lengthens the waits, before its text goes out', async () => {
  await send(world);
  world.pass(30);
  const soon = { ok: false, code: 'resend_too_soon' };
  let meanwhile: unknown;
  world.core.sender = {
    send: async (message) => {
      world.pass(30);
      meanwhile = await send(world, requester('A', { sessionId: 'another' }));
      return world.outbox.send(message);
    },
  };
  await send(world);
  expect(meanwhile).toEqual({ ...soon, retryAfter: 30 });
});

test('a first text is a step of the counter, a resend two, and one more looks for receipts that came early', async () => {
  const settle = jest.spyOn(world.core.counter, 'settle');
  await send(world);
  expect(settle).toHaveBeenCalledTimes(2);
  world.pass(30);
  await send(world);
  expect(settle).toHaveBeenCalledTimes(5);
});

test('the challenge and the text are kept before it goes out, and a sender may know no receipt', async () => {
  const seen: unknown[] = [];
  const sender = {
    send: async () => {
      seen.push(await pending(), await textsByPhone(world.core, PHONE));
    },
  };
  world = makeWorld({ sender });
  const writes = jest.spyOn(world.core.records, 'set');
  const challenge = challengeIn(await send(world));
  expect(seen).toEqual([read(challenge), [expect.objectContaining({ challengeId: challenge.id })]]);
  expect(challenge).not.toHaveProperty('receipt');
  expect(world.told('sent')[0]).not.toHaveProperty('receipt');
  expect(writes).toHaveBeenCalledTimes(2);
});

test('a text whose owner or receipt cannot be remembered goes out all the same', async () => {
  const { records } = world.core;
  const set: typeof records.set = async (key, ...given) => {
    if (/^sms2fa[tr]/.test(key)) throw new Error('away');
    return records.set(key, ...given);
  };
  world.core.records = { ...records, set };
  expect((await send(world)).ok).toBe(true);
  expect((await verify(world, codeOf(world))).ok).toBe(true);
});

test('[S40] without an enrollment, or after the hard stop, no text goes out', async () => {
  const bare = { enrollment: undefined, epoch: '' };
  expect(await sendToFactor(world.core, requester(), bare, 'step-up')).toEqual({
    ok: false,
    code: 'enrollment_required',
  });
  world.users.set('A', enrollmentOf(PHONE, { disabledAt: 1 }));
  expect(await send(world)).toEqual({
    ok: false,
    code: 'too_many_attempts',
    detail: { say: 'detail.disabled' },
  });
  expect(world.outbox.messages).toEqual([]);
  expect(world.added).toEqual([]);
});

test('[S7] only a first text opens a challenge unseen: whatever was answered elsewhere, the next one brings the same code', async () => {
  const get = jest.spyOn(world.core.records, 'get');
  const first = challengeIn(await send(world));
  expect(get).not.toHaveBeenCalled();
  // In another session of the user the code comes back, and the waits of both are over.
  const elsewhere = requester('A', { sessionId: 'another session' });
  world.pass(30);
  await send(world, elsewhere);
  expect((await verify(world, codeOf(world), elsewhere)).ok).toBe(true);
  world.pass(60);
  const again = challengeIn(await send(world));
  expect(again).toMatchObject({ id: first.id, sends: 2 });
});

test('[S7] a code that is opened late in one lifetime is found in the next', async () => {
  world.pass(290);
  const first = challengeIn(await send(world));
  world.pass(170);
  expect(challengeIn(await send(world))).toMatchObject({ id: first.id, sends: 2 });
});

test('[S7] what refuses a later text leaves the code to the one after it', async () => {
  const first = challengeIn(await send(world));
  expect(await send(world)).toMatchObject({ code: 'resend_too_soon' });
  world.pass(30);
  expect(challengeIn(await send(world))).toMatchObject({ id: first.id, sends: 2 });
});

const NEW = ['+12065550143', '+12065550144'] as const;
/** Asks for a text to a number that is not confirmed. */
const toNew = (phone: string, who = requester()) => {
  const { epoch } = accountOf(world, who.userId);
  return sendCode(world.core, who, { purpose: 'enroll', phone, confirmed: false, epoch });
};
const told = async (sent: ReturnType<typeof toNew>) => {
  const answer = await sent;
  return answer.ok ? 'sent' : answer.code;
};

test('[S203] a session puts its number right without the wait, once, and another session waits', async () => {
  expect(await told(toNew(NEW[0]))).toBe('sent');
  const elsewhere = requester('A', { sessionId: 'another' });
  expect(await told(toNew(NEW[1], elsewhere))).toBe('resend_too_soon');
  expect(await told(toNew(NEW[0]))).toBe('resend_too_soon');
  expect(await told(toNew(NEW[1]))).toBe('sent');
  expect(await told(toNew(NEW[1]))).toBe('resend_too_soon');
});

test('what lies in the place of a challenge puts nothing right, and fails no more than the text', async () => {
  const { records } = world.core;
  expect(await told(toNew(NEW[0]))).toBe('sent');
  world.core.records = { ...records, get: () => Promise.reject(new Error('away')) };
  expect(await told(toNew(NEW[1]))).toBe('resend_too_soon');
});

test('[S41] whoever asks for a new code within the hour waits as long as for the same one', async () => {
  await send(world);
  world.pass(300);
  const { resendAt, id } = challengeIn(await send(world));
  expect([resendAt, (await pending())?.id]).toEqual([START + 360_000, id]);
  world.pass(59);
  expect(await told(send(world) as never)).toBe('resend_too_soon');
  world.pass(1);
  expect(await told(send(world) as never)).toBe('sent');
});

test('a resend whose wait is no longer than the first knows the guesses at its code, too', async () => {
  world = makeWorld({}, { resendWait: [15] });
  await send(world);
  for (let guess = 0; guess < 2; guess += 1) await verify(world, wrong(world));
  world.pass(15);
  expect(await send(world)).toMatchObject({ ok: true, guesses: { count: 2 } });
});

test('a mail goes to no country', async () => {
  const mails: unknown[] = [];
  const sender = { send: async (mail: unknown) => void mails.push(mail) };
  world = makeWorld({ email: { sender, address: () => 'ann@acme.example' } });
  world.users.set('A', enrollmentOf());
  await sendToFactor(world.core, requester(), accountOf(world), 'sign-in', 'email');
  expect(mails).toHaveLength(1);
  expect(world.told('sent')).toHaveLength(1);
  expect(world.told('sent')[0]).not.toHaveProperty('country');
});

describe('what the carrier calls a text', () => {
  /** Sends a text, and gives what lies in the store and how often the counter was asked. */
  const kept = async (listens: boolean, id: string | undefined, canSay: boolean) => {
    const delivery = { delivery: () => Promise.resolve(undefined) };
    const send1 = { send: async () => (id === undefined ? {} : { id }) };
    world = makeWorld({
      listens: () => listens,
      sender: { ...send1, ...(canSay ? delivery : {}) },
    });
    const settle = jest.spyOn(world.core.counter, 'settle');
    const set = jest.spyOn(world.core.records, 'set');
    await send(world);
    const kinds = [...world.kept.keys()].map((key) => key[6]).sort();
    return [kinds.join(''), set.mock.calls.length, settle.mock.calls.length, await pendingOf()];
  };
  const pendingOf = async () => (await pending())?.receipt;

  test.each([
    // Challenge, text and receipt; written again with the name; a look for what came early.
    ['is kept where somebody hears of it', true, 'one', false, ['irt', 4, 2, 'one']],
    ['is kept where the carrier can be asked', false, 'one', true, ['i', 2, 1, 'one']],
    ['is kept for both', true, 'one', true, ['irt', 4, 2, 'one']],
    ['is not kept for nobody', false, 'one', false, ['i', 1, 1, undefined]],
    ['is nothing without a name', true, undefined, true, ['it', 2, 1, undefined]],
  ] as const)('%s', async (_what, listens, id, canSay, expected) => {
    expect(await kept(listens, id, canSay)).toEqual(expected);
  });
});

test('[S7] a code that was texted beside an older one is the one that is texted again', async () => {
  world = makeWorld({}, { resendWait: [15] });
  await send(world);
  world.pass(590);
  await send(world);
  const code = codeOf(world);
  world.pass(30);
  await send(world);
  expect(codeOf(world)).toBe(code);
});
