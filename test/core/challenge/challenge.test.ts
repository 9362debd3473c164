import {
  attemptsLeft,
  challengeKey,
  challengePlaces,
  codeOf,
  dropChallenge,
  guessKey,
  isLive,
  keepChallenge,
  nextChallenge,
  pendingChallenge,
  spendByReport,
  spendPlaces,
  type Challenge,
} from '../../../lib/core/challenge/challenge';
import { countName } from '../../../lib/core/challenge/code';
import { CLOCK_SKEW } from '../../../lib/core/limits';
import type { Purpose } from '../../../lib/core/outcomes';
import { goOnPlace, keepSuccessor, signOutPlace } from '../../../lib/core/sessions';
import {
  challengeIn,
  makeWorld,
  PHONE,
  requester,
  send,
  START,
  take,
  type World,
} from '../../helpers/core';

const WHO = { userId: 'A', sessionId: 's' };
const CHALLENGE: Challenge = {
  id: 'an id of 22 characters',
  userId: 'A',
  purpose: 'sign-in',
  phone: PHONE,
  epoch: 'e',
  keyId: 'k',
  createdAt: START,
  expiresAt: START + 300_000,
  sentAt: START + 30_000,
  resendAt: START + 90_000,
  sends: 2,
  sendsLeft: 3,
  held: [],
};

let world: World;
beforeEach(() => {
  world = makeWorld();
});
const keyOf = (who = WHO, purpose: Purpose = 'sign-in') => challengeKey(world.core, who, purpose);
const pending = () => pendingChallenge(world.core, WHO, 'sign-in');
const put = (record: unknown) => world.kept.set(keyOf(), { record, expiresAt: START * 2 });

test('[S10] a challenge lies under a digest of session and user, apart for each purpose', () => {
  const purposes: Purpose[] = ['sign-in', 'step-up', 'enroll', 'replace'];
  const keys = [
    ...purposes.map((purpose) => keyOf(WHO, purpose)),
    keyOf({ ...WHO, sessionId: 't' }),
    keyOf({ ...WHO, userId: 'B' }),
    keyOf({ sessionId: 'sA', userId: '' }),
  ];
  expect(new Set(keys).size).toBe(keys.length);
  for (const key of keys) expect(key).toMatch(/^sms2fa[iuep][0-9a-f]{25}$/);
});

test.each([
  [0, 300_000, 299_999, true],
  [0, 300_000, 300_000, false],
  [CLOCK_SKEW, 300_000, 0, true],
  [CLOCK_SKEW + 1, 300_000, 0, false],
  [0, 600_000, 1, true],
  [0, 600_001, 1, false],
])('[S4][S19] opened at %i, over at %i: at %i it is live: %p', (from, to, now, live) => {
  expect(isLive({ ...CHALLENGE, createdAt: from, expiresAt: to }, now)).toBe(live);
});

test('the clocks of two servers may differ by two minutes', () => {
  expect(CLOCK_SKEW).toBe(120_000);
});

test.each<[string, Partial<Challenge>]>([
  ['as it is', {}],
  ['with a receipt', { receipt: 'r' }],
  ['by mail', { phone: 'ann@acme.example', channel: 'email' }],
  ['with words that were agreed to', { consent: 'I agree' }],
  ['for one transaction', { purpose: 'sign-in', transaction: '$250.00 to Bob' }],
  ['with nothing but what must be', { epoch: '', sends: 0, sendsLeft: 0 }],
])('a challenge is read %s, as it was kept', async (_how, more) => {
  const { subjects } = world.core.keyring;
  const phone = more.phone ?? PHONE;
  const held = [
    `${subjects.user('A')}#t86400`,
    `${subjects.phone(phone)}#t600`,
    `${subjects.unconfirmedPhone(phone)}#t86400`,
    `${subjects.block(phone)}#t3600`,
    `${subjects.address('192.0.2.1')}#u3600`,
    `${subjects.country('US')}#unverified.day`,
    `${subjects.everybody}#t60`,
  ].map((key, index) => ({ key, ends: START + 86_400_000 + index }));
  const challenge = { ...CHALLENGE, ...more, held };
  await keepChallenge(world.core, WHO, challenge);
  expect(world.kept.get(keyOf())?.expiresAt).toBe(challenge.expiresAt);
  expect(await pending()).toStrictEqual(challenge);
  // Another session, user or purpose finds none.
  for (const who of [
    { ...WHO, sessionId: 't' },
    { ...WHO, userId: 'B' },
  ]) {
    expect(await pendingChallenge(world.core, who, 'sign-in')).toBeUndefined();
  }
  expect(await pendingChallenge(world.core, WHO, 'step-up')).toBeUndefined();
});

test('what is kept is small, and says neither code, user nor session', async () => {
  const world = makeWorld();
  challengeIn(await send(world, requester('the id of A', { sessionId: 'the session' })));
  const [record] = [...world.kept.values()].map((each) => JSON.stringify(each.record));
  expect(record!.length).toBeLessThan(450);
  const code = world.outbox.last()!.body.slice(0, 6);
  expect(record).not.toMatch(new RegExp(`${code}|the id of A|the session`));
  const { keyring } = world.core;
  expect(record).not.toContain(keyring.subjects.user('the id of A'));
});

test('a challenge that was dropped is none', async () => {
  await keepChallenge(world.core, WHO, CHALLENGE);
  await dropChallenge(world.core, WHO, 'step-up');
  expect(await pending()).toEqual(CHALLENGE);
  await dropChallenge(world.core, WHO, 'sign-in');
  expect(await pending()).toBeUndefined();
  expect(world.kept.size).toBe(0);
});

test('a challenge that a store keeps past its end is none', async () => {
  await keepChallenge(world.core, WHO, CHALLENGE);
  put(world.kept.get(keyOf())?.record);
  expect(await pending()).toEqual(CHALLENGE);
  world.pass(300);
  expect(await pending()).toBeUndefined();
});

/** A record as it is written, with one of its parts another. */
const TEXTS = ['id', PHONE, '', 'e', 'k', ''];
const TIMES = [START, 300_000, 0, 30_000];
const COUNTS = [1, 4];
const HELD = ['u#t86400', 86_400_000];
const changed = (list: unknown[], at: number, value: unknown): unknown[] =>
  list.map((each, index) => (index === at ? value : each));

test('the parts of a record stand in their order', async () => {
  put([TEXTS, TIMES, COUNTS, [HELD]]);
  expect(await pending()).toStrictEqual({
    ...CHALLENGE,
    id: 'id',
    sentAt: START,
    resendAt: START + 30_000,
    sends: 1,
    sendsLeft: 4,
    held: [{ key: `${world.core.keyring.subjects.user('A')}#t86400`, ends: START + 86_400_000 }],
  });
});

test.each<[unknown]>([
  [null],
  ['x'],
  [7],
  [{}],
  [{ id: 'x' }],
  [[]],
  [{ 0: TEXTS, 1: TIMES, 2: COUNTS, 3: [] }],
  [[TEXTS, TIMES, COUNTS]],
  [[TEXTS, TIMES, COUNTS, {}]],
  [[TEXTS, TIMES, COUNTS, [null]]],
  [[TEXTS, TIMES, COUNTS, ['u#t86400']]],
  [[TEXTS, TIMES, COUNTS, [[7, 7]]]],
  [[TEXTS, TIMES, COUNTS, [HELD, ['u#t86400', '7']]]],
  [[TEXTS.slice(1), TIMES, COUNTS, []]],
  [[[...TEXTS, ''], TIMES, COUNTS, []]],
  [[TEXTS, TIMES.slice(1), COUNTS, []]],
  [[TEXTS, [...TIMES, 0], COUNTS, []]],
  [[TEXTS, TIMES, [1], []]],
  [[TEXTS, TIMES, [1, 4, 0], []]],
  ...TEXTS.map((_, at): [unknown] => [[changed(TEXTS, at, 7), TIMES, COUNTS, []]]),
  ...TEXTS.map((_, at): [unknown] => [[changed(TEXTS, at, null), TIMES, COUNTS, []]]),
  ...TIMES.map((_, at): [unknown] => [[TEXTS, changed(TIMES, at, '7'), COUNTS, []]]),
  ...TIMES.map((_, at): [unknown] => [[TEXTS, changed(TIMES, at, null), COUNTS, []]]),
  ...COUNTS.map((_, at): [unknown] => [[TEXTS, TIMES, changed(COUNTS, at, '7'), []]]),
])('[S134] %j in its place is a broken store, not a missing challenge', async (record) => {
  expect(await pending()).toBeUndefined();
  put(record);
  await expect(pending()).rejects.toMatchObject({
    code: 'store_unavailable',
    message: expect.stringContaining('is not the challenge'),
  });
});

const settle = (wish: Parameters<typeof world.core.counter.settle>[0]) =>
  world.core.counter.settle(wish);

test('a guess takes one of the places of its challenge, for a quarter of an hour', async () => {
  const places = challengePlaces(world.core, WHO, CHALLENGE);
  const key = guessKey(world.core, 's', CHALLENGE.id);
  expect(key).toBe(`${world.core.keyring.subjects.session('s')}#guess.an id of 22 `);
  for (let guess = 1; guess <= 5; guess += 1) {
    expect(await settle({ take: places })).toMatchObject({ ok: true });
  }
  expect((await settle({ take: places })).full.map((full) => full.key)).toEqual([key]);
  expect(await world.counts()).toEqual({ [key]: 5 });
  expect(world.added[0]).toEqual({ key, window: 900_000, limit: 5 });
});

test('guesses left are never less than none', async () => {
  const { core } = world;
  const left = async () => {
    const key = guessKey(core, 's', CHALLENGE.id);
    return attemptsLeft(core, (await settle({ read: [key] })).read.get(key));
  };
  expect(await left()).toBe(5);
  await take(world, guessKey(core, 's', CHALLENGE.id), { by: 3 });
  expect(await left()).toBe(2);
  await take(world, guessKey(core, 's', CHALLENGE.id), { by: 4 });
  expect(await left()).toBe(0);
});

test('[S6] one of any number spends a challenge, which then takes no guess for an hour', async () => {
  const spend = () => settle({ take: spendPlaces(world.core, WHO, CHALLENGE) });
  const guess = () => settle({ take: challengePlaces(world.core, WHO, CHALLENGE) });
  const all = await Promise.all(Array.from({ length: 10 }, spend));
  expect(all.filter(({ ok }) => ok)).toHaveLength(1);
  expect((await guess()).ok).toBe(false);
  // With its session another challenge of it is over; another session is not.
  const another = challengePlaces(world.core, WHO, { ...CHALLENGE, id: 'another id' });
  expect((await settle({ take: another })).ok).toBe(false);
  const elsewhere = challengePlaces(world.core, { ...WHO, sessionId: 't' }, CHALLENGE);
  expect((await settle({ take: elsewhere })).ok).toBe(true);
  world.pass(3_599.999);
  expect((await guess()).ok).toBe(false);
  world.pass(0.001);
  expect((await guess()).ok).toBe(true);
});

test('a report spends a challenge for good, however often it comes, and knows of a code before it', async () => {
  const spend = () => settle({ take: spendPlaces(world.core, WHO, CHALLENGE) });
  const report = () => spendByReport(world.core, 's', CHALLENGE.id);
  for (let each = 0; each < 3; each += 1) expect(await report()).toEqual({ codeUsed: false });
  expect((await spend()).ok).toBe(false);
  expect((await settle({ take: challengePlaces(world.core, WHO, CHALLENGE) })).ok).toBe(false);

  world = makeWorld();
  expect((await spend()).ok).toBe(true);
  for (let each = 0; each < 2; each += 1) expect(await report()).toEqual({ codeUsed: true });
});

test('a report knows of a code by what its session went on with, and is told of one where nothing is known yet', async () => {
  const { core } = world;
  const report = (session: string) => spendByReport(core, session, CHALLENGE.id);
  const until = core.clock() + 10_000;
  const goOn = (session: string) => settle({ take: [goOnPlace(core, session)] });
  for (const session of ['unknown', 'by the code', 'by another', 'by none']) await goOn(session);
  const challengeId = countName(CHALLENGE.id);
  await keepSuccessor(core, 'by the code', { id: 'n', until, challengeId });
  await keepSuccessor(core, 'by another', { id: 'n', until, challengeId: 'another code' });
  await keepSuccessor(core, 'by none', { id: 'n', until });
  expect([await report('unknown'), await report('by the code')]).toEqual([
    { codeUsed: true },
    { codeUsed: true },
  ]);
  expect([await report('by another'), await report('by none')]).toEqual([
    { codeUsed: false },
    { codeUsed: false },
  ]);
  await settle({ take: [signOutPlace(core, 'signed out')] });
  expect(await report('signed out')).toEqual({ codeUsed: false });
});

test('a report stays although it was counted later than anybody waited', async () => {
  const wishes: object[] = [];
  const { counter } = world.core;
  const watched: typeof counter = {
    settle: (wish) => {
      wishes.push(wish);
      return counter.settle(wish);
    },
  };
  await spendByReport({ ...world.core, counter: watched }, 's', CHALLENGE.id);
  expect(wishes).toMatchObject([{ lasting: true }]);
});

const TARGET = { purpose: 'sign-in', phone: PHONE, confirmed: true, epoch: 'e' } as const;
const ROOM = { resendAt: START + 30_000, sendsLeft: 4, held: [] };

test.each<[string, object]>([
  ['nothing more', {}],
  ['a mail', { channel: 'email' }],
  ['a transaction', { transaction: '$250.00 to Bob' }],
  ['words that were agreed to', { consent: 'I agree' }],
])('a challenge begins with %s, and with no more than it was asked for', (_what, more) => {
  const { core } = world;
  expect(nextChallenge(core, WHO, { ...TARGET, ...more }, undefined, ROOM)).toStrictEqual({
    ...{ id: core.random(16), userId: 'A', purpose: 'sign-in', phone: PHONE, epoch: 'e', ...more },
    ...{ id: expect.any(String) as string, keyId: core.keyring.newestId },
    ...{ createdAt: START, expiresAt: START + 300_000, sentAt: START, sends: 1, ...ROOM },
  });
});

test('[S8] a code that is texted again is the same one, and lives no longer', () => {
  const held = { key: 'u#t60', ends: START + 60_000 };
  const before = { ...CHALLENGE, held: [held] };
  world.pass(30);
  const more = { ...ROOM, held: [{ key: 'u#t600', ends: START + 600_000 }] };
  const after = nextChallenge(world.core, WHO, TARGET, before, more);
  expect(after).toStrictEqual({
    ...before,
    ...{ sentAt: START + 30_000, resendAt: ROOM.resendAt, sendsLeft: 4, sends: 3 },
    held: [held, ...more.held],
  });
});

test('the code of a test number is the app’s own, but by mail none is known to everybody', () => {
  const { core } = world;
  const key = core.keyring.codeKey(core.keyring.newestId)!;
  const testCode = (phone: string) => (phone === PHONE ? '123456' : undefined);
  const mail = { ...CHALLENGE, channel: 'email' } as const;
  expect(codeOf({ ...core, testCode }, CHALLENGE, key)).toBe('123456');
  expect(codeOf({ ...core, testCode }, mail, key)).toBe(codeOf(core, mail, key));
  const other = { ...CHALLENGE, phone: '+12065550143' };
  expect(codeOf({ ...core, testCode }, other, key)).toBe(codeOf(core, other, key));
});
