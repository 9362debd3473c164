import {
  REMEMBERED,
  rememberReceipt,
  rememberText,
  textByReceipt,
  textsByPhone,
  turnPlace,
} from '../../../lib/core/delivery/sent-text';
import type { Challenge } from '../../../lib/core/challenge/challenge';
import {
  challengeIn,
  makeWorld,
  PHONE,
  requester,
  send,
  START,
  type World,
} from '../../helpers/core';

let world: World;
let challenge: Challenge;
beforeEach(async () => {
  world = makeWorld();
  challenge = challengeIn(await send(world));
});
const TEXT = {
  userId: 'A',
  sessionId: 'session of A',
  purpose: 'sign-in',
  phone: '••• ••• ••42',
  ip: '192.0.2.1',
  sentAt: START,
};
const expected = () => ({ ...TEXT, challengeId: challenge.id });
const remember = (turn: number, more: Partial<Challenge> = {}, who = requester()) =>
  rememberText(world.core, who, { ...challenge, ...more }, turn);

test('[S132] a text is found by its receipt and by its phone, which is kept masked', async () => {
  expect(await textByReceipt(world.core, 'outbox-1')).toEqual(expected());
  expect(await textsByPhone(world.core, PHONE)).toEqual([expected()]);
  expect(await textByReceipt(world.core, 'outbox-2')).toBeUndefined();
  expect(await textsByPhone(world.core, '+12065550143')).toEqual([]);
  await world.core.records.delete(world.core.keyring.recordKey('sign-in', 'session of A\0A'));
  const kept = JSON.stringify([...world.kept]);
  expect(kept).not.toContain(PHONE);
  expect(kept).not.toContain('2065550142');
});

test('a text whose sender nobody vouches for has no address', async () => {
  await remember(2, { sentAt: START + 1 }, requester('A', { address: undefined }));
  const [text] = await textsByPhone(world.core, PHONE);
  expect(text).toEqual({ ...expected(), sentAt: START + 1, ip: undefined });
});

test('the owner of a phone may answer before the carrier has given the text a name', async () => {
  let known: unknown;
  world = makeWorld({
    sender: { send: async () => void (known = await textsByPhone(world.core, PHONE)) },
  });
  challenge = challengeIn(await send(world));
  expect(known).toEqual([expected()]);
});

test('the last eight texts to a phone are remembered, the newest first', async () => {
  const { core } = world;
  for (let turn = 2; turn <= 9; turn += 1) {
    await remember(turn, { id: `challenge ${turn}`, sentAt: START + turn });
  }
  const ids = (await textsByPhone(core, PHONE)).map(({ challengeId }) => challengeId);
  expect(ids).toEqual([9, 8, 7, 6, 5, 4, 3, 2].map((turn) => `challenge ${turn}`));
  // The place of the first went to the ninth, which its receipt must not be taken for.
  expect(await textByReceipt(core, 'outbox-1')).toBeUndefined();
  await rememberReceipt(core, { ...challenge, id: 'challenge 9' }, 9, 'nine');
  expect((await textByReceipt(core, 'nine'))?.challengeId).toBe('challenge 9');
});

test('each text to a phone has a turn of its own, whoever asks for it', async () => {
  const { core } = world;
  const take = [turnPlace(core, PHONE)];
  const turns = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const { places } = await core.counter.settle({ take });
      return places.get(take[0]!.key)!.count;
    }),
  );
  // The text before had the first.
  expect(turns.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, each) => each + 2));
  expect(turnPlace(core, '+12065550143').key).not.toBe(take[0]!.key);
});

test('a text is forgotten after an hour, whether or not the store lets it go', async () => {
  expect(REMEMBERED).toBe(3_600_000);
  for (const each of world.kept.values()) {
    expect([START + 300_000, START + REMEMBERED]).toContain(each.expiresAt);
    each.expiresAt = START * 2;
  }
  world.pass(3_599.999);
  expect(await textsByPhone(world.core, PHONE)).toHaveLength(1);
  expect(await textByReceipt(world.core, 'outbox-1')).toBeDefined();
  world.pass(0.001);
  expect(await textsByPhone(world.core, PHONE)).toEqual([]);
  expect(await textByReceipt(world.core, 'outbox-1')).toBeUndefined();
});

/** The key of what is remembered by the phone, and of what by the receipt. */
const keyOf = (letter: string) =>
  [...world.kept.keys()].find((key) => key.startsWith(`sms2fa${letter}`)) ?? '';
const FACTS = ['A', 's', 'sign-in', '42', 'id', ''];

test.each<[unknown]>([
  [null],
  ['x'],
  [{}],
  [[]],
  [[FACTS]],
  [[FACTS, []]],
  [[FACTS, ['7']]],
  [[FACTS, 7]],
  [[FACTS.slice(1), [START]]],
  [[[...FACTS, ''], [START]]],
  [[[...FACTS.slice(1), 7], [START]]],
])('[S134] %j in place of a text is a broken store', async (record) => {
  await world.core.records.set(keyOf('t'), record, START * 2);
  const broken = {
    code: 'store_unavailable',
    message: expect.stringContaining('is not the text'),
  };
  await expect(textsByPhone(world.core, PHONE)).rejects.toMatchObject(broken);
  await expect(textByReceipt(world.core, 'outbox-1')).rejects.toMatchObject(broken);
});

test.each<[unknown]>([[null], ['x'], [{}], [[]], [[7, 'id']]])(
  '[S134] %j in place of where a receipt leads is a broken store',
  async (record) => {
    await world.core.records.set(keyOf('r'), record, START * 2);
    await expect(textByReceipt(world.core, 'outbox-1')).rejects.toMatchObject({
      code: 'store_unavailable',
    });
  },
);
