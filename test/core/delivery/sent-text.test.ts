import {
  challengeIn,
  makeWorld,
  PHONE,
  requester,
  send,
  START,
  type World,
} from '../../helpers/core';
import {
  forgetOptOut,
  rememberOptOut,
  rememberReceipt,
  rememberText,
  textByReceipt,
  textsByPhone,
  turnIn,
  turnPlace,
} from '../../../lib/core/delivery/sent-text';
import { notOptedOutPlace } from '../../../lib/core/send/budgets';
import { TEXT_LIFETIME } from '../../../lib/core/limits';
import type { Challenge } from '../../../lib/core/challenge/challenge';
import { SecondFactorError } from '../../../lib/errors';

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
const remember = async (more: Partial<Challenge> = {}, who = requester()): Promise<string> => {
  const { core } = world;
  const place = turnPlace(core, PHONE);
  const { places } = await core.counter.settle({ take: [place] });
  const turn = turnIn(place, places) ?? '';
  await rememberText(core, who, { ...challenge, sentAt: core.clock(), ...more }, turn);
  return turn;
};

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
  await remember({ sentAt: START + 1 }, requester('A', { address: undefined }));
  const [text] = await textsByPhone(world.core, PHONE);
  expect(text).toEqual({ ...expected(), sentAt: START + 1, ip: undefined });
});

test('a text keeps the language that it was in', async () => {
  await remember({ sentAt: START + 1 }, requester('A', { lang: () => 'fr' }));
  const texts = await textsByPhone(world.core, PHONE);
  expect(texts.map(({ lang }) => lang)).toEqual(['fr', undefined]);
});

test('the owner of a phone may answer before the carrier has given the text a name', async () => {
  let known: unknown;
  world = makeWorld({
    sender: { send: async () => void (known = await textsByPhone(world.core, PHONE)) },
  });
  challenge = challengeIn(await send(world));
  expect(known).toEqual([expected()]);
});

test('[S189] no number of texts to a phone covers one up: each of the last hour is found, the newest first', async () => {
  const { core } = world;
  world.pass(90 * 60);
  const turns = [];
  // Over the end of an hour, and past the end of what the first text began to count.
  for (let each = 1; each <= 24; each += 1) {
    world.pass(149);
    turns.push(await remember({ id: `challenge ${each}` }));
  }
  expect(new Set(turns).size).toBe(24);
  const found = (await textsByPhone(core, PHONE)).map(({ challengeId }) => challengeId);
  expect(found).toEqual(Array.from({ length: 24 }, (_, each) => `challenge ${24 - each}`));
  // Two hours on, those names are used anew; what lies there by then has ended.
  world.pass(2 * 3_600);
  expect(await textsByPhone(core, PHONE)).toEqual([]);
  await remember({ id: 'later' });
  expect(await textsByPhone(core, PHONE)).toMatchObject([{ challengeId: 'later' }]);
});

test('a text is found for an hour, also where the first of its hour was sent long before it', async () => {
  const found = async () => (await textsByPhone(world.core, PHONE)).length;
  world.pass(50 * 60);
  await remember({ id: 'late' });
  world.pass(59 * 60);
  expect(await found()).toBe(1);
  world.pass(60);
  expect(await found()).toBe(0);
});

test('the receipt of a text finds it and no other one', async () => {
  const { core } = world;
  world.pass(1);
  const turn = await remember({ id: 'second' });
  await rememberReceipt(core, { ...challenge, id: 'second' }, turn, 'two');
  expect((await textByReceipt(core, 'two'))?.challengeId).toBe('second');
  expect((await textByReceipt(core, 'outbox-1'))?.challengeId).toBe(challenge.id);
  await rememberReceipt(core, { ...challenge, id: 'another' }, turn, 'three');
  expect(await textByReceipt(core, 'three')).toBeUndefined();
});

test('each text to a phone has a turn of its own, whoever asks for it', async () => {
  const { core } = world;
  const turns = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const place = turnPlace(core, PHONE);
      return turnIn(place, (await core.counter.settle({ take: [place] })).places);
    }),
  );
  // The text before had the first.
  const later = Array.from({ length: 20 }, (_, each) => `0.${each + 2}`);
  expect(turns.sort()).toEqual(later.sort());
  expect(turnPlace(core, '+12065550143').key).not.toBe(turnPlace(core, PHONE).key);
  expect(turnIn(turnPlace(core, PHONE), new Map())).toBeUndefined();
});

test('a text is forgotten after an hour, whether or not the store lets it go', async () => {
  expect(TEXT_LIFETIME).toBe(3_600_000);
  for (const each of world.kept.values()) {
    expect([START + 300_000, START + TEXT_LIFETIME]).toContain(each.expiresAt);
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

const HOUR = 3_600;
const MONTH = 30 * 24 * HOUR;

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
  const left = Object.keys(await world.counts()).filter((key) => key.endsWith('#stop'));
  expect(left).toEqual([]);
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

test('a phone that is written in two ways is one that was texted', async () => {
  const { core } = world;
  const [old, now] = ['+5215512345678', '+525512345678'];
  const place = turnPlace(core, old);
  const turn = turnIn(place, (await core.counter.settle({ take: [place] })).places) ?? '';
  await rememberText(core, requester(), { ...challenge, phone: old }, turn);
  expect(await textsByPhone(core, now)).toMatchObject([{ challengeId: challenge.id }]);
});

test('what is no name of a language is none', async () => {
  const turn = await remember();
  for (const [key, { record, expiresAt }] of world.kept) {
    if (!Array.isArray(record) || record.length !== 2 || !Array.isArray(record[1])) continue;
    world.kept.set(key, { record: [...(record as unknown[]), 7], expiresAt });
  }
  expect(turn).toBe('0.2');
  expect((await textsByPhone(world.core, PHONE)).map(({ lang }) => lang)).toEqual([
    undefined,
    undefined,
  ]);
});

test.each([
  [1, 1],
  [3, 3],
  [64, 64],
  [70, 64],
])('of %i texts within an hour an answer is about %i', async (texts, looked) => {
  const { core } = world;
  const phone = '+12065550199';
  for (let each = 0; each < texts; each += 1) {
    await core.counter.settle({ take: [turnPlace(core, phone)] });
  }
  const asked: string[] = [];
  const { records } = core;
  const get: typeof records.get = (key) => {
    asked.push(key);
    return records.get(key);
  };
  await textsByPhone({ ...core, records: { ...records, get } }, phone);
  expect(new Set(asked).size).toBe(looked);
  expect(asked).toHaveLength(looked);
});
