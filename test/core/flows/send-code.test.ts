import { challengeKey } from '../../../lib/core/challenge/challenge';
import { createKeyring } from '../../../lib/core/keyring';
import { sendToFactor } from '../../../lib/core/send/send-code';
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
  verify,
  wrong,
  type World,
} from '../../helpers/core';

let world: World;
beforeEach(() => {
  world = makeWorld();
});

const KEY = challengeKey('session of A', 'sign-in');

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
    delivery: 'accepted',
    receipt: 'outbox-1',
    charges: expect.any(Array),
  });
  expect(world.kept.get(KEY)).toEqual({ record: challenge, expiresAt: challenge.expiresAt });
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
    charges: [...first.charges, ...first.charges],
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

test.each([{ phone: '+12065550143' }, { epoch: 'other' }, { userId: 'B' }])(
  'a challenge that was opened for %j is not texted again',
  async (change) => {
    const first = challengeIn(await send(world));
    world.pass(30);
    world.kept.set(KEY, { record: { ...first, ...change }, expiresAt: first.expiresAt });
    const second = challengeIn(await send(world));
    expect(second).toMatchObject({ userId: 'A', phone: PHONE, sends: 1 });
    expect(second.id).not.toBe(first.id);
  },
);

test('a challenge whose secret is gone is not texted again', async () => {
  const first = challengeIn(await send(world));
  world.pass(30);
  world.core.keyring = createKeyring(['another secret that is long enough, too', ...SECRETS]);
  expect(challengeIn(await send(world)).id).toBe(first.id);
  world.pass(60);
  world.core.keyring = createKeyring(['another secret that is long enough, too']);
  expect(challengeIn(await send(world)).sends).toBe(1);
});

test('a challenge without guesses left is not texted again', async () => {
  const first = challengeIn(await send(world));
  for (let guess = 0; guess < 4; guess += 1) await verify(world, wrong(world));
  world.pass(30);
  expect(challengeIn(await send(world)).id).toBe(first.id);
  await world.core.counter.add(`guess:${first.id}`, 60_000);
  world.pass(60);
  expect(challengeIn(await send(world)).id).not.toBe(first.id);
});

test('the challenge is there before the text goes out, and a sender may know no receipt', async () => {
  const seen: unknown[] = [];
  const sender = {
    send: async () => {
      seen.push(structuredClone(world.kept.get(KEY)?.record));
    },
  };
  world = makeWorld({ sender });
  const writes = jest.spyOn(world.core.records, 'set');
  const challenge = challengeIn(await send(world));
  expect(seen).toEqual([challenge]);
  expect(challenge).not.toHaveProperty('receipt');
  expect(world.told('sent')[0]).not.toHaveProperty('receipt');
  expect(writes.mock.calls.filter(([key]) => key === KEY)).toHaveLength(1);
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
    detail: 'The second factor is disabled. Ask for help.',
  });
  expect(world.outbox.messages).toEqual([]);
  expect(world.added).toEqual([]);
});
