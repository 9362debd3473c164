import {
  meaningOf,
  takeOptIn,
  takeOptOut,
  takeReport,
  type Ends,
} from '../../../lib/core/delivery/take-answer';
import { notOptedOutPlace } from '../../../lib/core/delivery/sent-text';
import type { Requester } from '../../../lib/core/core';
import { keepSuccessor } from '../../../lib/core/sessions';
import {
  challengeIn,
  codeOf,
  enrollmentOf,
  makeWorld,
  PHONE,
  requester,
  send,
  START,
  verify,
  type World,
} from '../../helpers/core';

const HOUR = 3_600;
let world: World;
let ended: string[];
/** Which devices the trust was ended in, of one trusted at the start and one each minute after it. */
let revoked: string[];
/** By which device a session passed. */
let devices: Record<string, string>;

const DEVICES = Array.from({ length: 60 }, (_, minute) => ({
  ...{ id: `minute ${minute}`, digest: 'd', epoch: 'e', name: 'Firefox' },
  ...{ trustedAt: START + minute * 60_000, lastUsedAt: START, expiresAt: START * 2 },
}));
const ends: Ends = {
  session: async (id) => {
    ended.push(id);
    await world.core.records.delete(world.core.keyring.recordKey('live', id));
  },
  deviceOf: async (id) => devices[id],
  devices: async (_userId, which) => {
    revoked.push(...DEVICES.filter(which).map(({ id }) => id));
  },
};
const answer = (body: string, from = PHONE) => ({ id: 'in', from, to: '+12065550100', body });
const report = (from = PHONE) => takeReport(world.core, answer('NO', from), ends);
const told = () => world.told('reported');
const as = (userId: string, sessionId: string) => requester(userId, { sessionId });

/** A session that has passed the second factor, and perhaps took the place of another one. */
async function passed(id: string, before?: string): Promise<void> {
  const { keyring, records } = world.core;
  await records.set(keyring.recordKey('live', id), { id: 'mark' }, START * 2);
  if (before !== undefined)
    await keepSuccessor(world.core, before, { id, until: world.core.clock() });
}

/** Texts a code, which comes back: the session goes on under another id. */
async function pass(who: Requester, next: string): Promise<void> {
  challengeIn(await send(world, who));
  expect((await verify(world, codeOf(world), who)).ok).toBe(true);
  await passed(next, who.sessionId);
}

beforeEach(() => {
  ended = [];
  revoked = [];
  devices = {};
  world = makeWorld();
  world.users.set('A', enrollmentOf());
});

test('what a text means is one word, as the carrier reads it', () => {
  const words = ['NO', 'Nein'];
  const said = (body: string) => meaningOf(body, words);
  expect([' stop ', 'STOP', 'UnStop'].map(said)).toEqual(['opt-out', 'opt-out', 'opt-in']);
  expect(['no', 'No.', 'NEIN!', ' no\n'].map(said)).toEqual(Array(4).fill('report'));
  const others = ['STOP PLEASE', 'no thanks', 'yes', '', 'STOP.', `NO${'!'.repeat(39)}`];
  expect(others.map(said)).toEqual(Array(6).fill('other'));
  expect(said(`NO${'!'.repeat(38)}`)).toBe('report');
});

test('[S56] STOP is remembered for a month, and told of whom the last text went to', async () => {
  const { core } = world;
  const isFree = async () =>
    (await core.counter.settle({ take: [notOptedOutPlace(core, PHONE)] })).ok;
  await takeOptOut(core, answer('STOP'));
  expect(world.events).toEqual([]);
  expect(await isFree()).toBe(false);
  await takeOptIn(core, answer('UNSTOP'));
  expect(await isFree()).toBe(true);
  await send(world);
  await takeOptOut(core, answer('STOP'));
  const facts = { at: START, userId: 'A', purpose: 'sign-in', phone: '••• ••• ••42' };
  expect(world.told('opted_out')).toEqual([facts]);
  world.pass(30 * 24 * HOUR - 1);
  expect(await isFree()).toBe(false);
  world.pass(1);
  expect(await isFree()).toBe(true);
});

test('NO ends the code and the session that asked, and says so once', async () => {
  await send(world);
  const code = codeOf(world);
  world.pass(1);
  await report();
  await report();
  expect(ended).toEqual(['session of A', 'session of A']);
  expect((await verify(world, code)).ok).toBe(false);
  expect(told()).toEqual([
    {
      at: START + 1_000,
      userId: 'A',
      purpose: 'sign-in',
      phone: '••• ••• ••42',
      ip: '192.0.2.1',
      textedAt: START,
      newest: true,
      codeUsed: false,
      earlierCodeUsed: false,
    },
  ]);
  expect(world.users.get('A')!.epoch).toBe('first');
  expect(revoked).toEqual([]);
  await report('+12065550143');
  expect(told()).toHaveLength(1);
});

test('NO wins over a code that comes back while the store still has the challenge', async () => {
  await send(world);
  const [[key, kept] = ['', undefined]] = [...world.kept].filter(([name]) => name[6] === 'i');
  await report();
  world.kept.set(key, kept!);
  const before = await world.counts();
  expect(await verify(world, codeOf(world))).toEqual({ ok: false, code: 'challenge_expired' });
  expect(await world.counts()).toEqual(before);
});

test('[S188] NO after the code came back ends every session that came of it, and browsers trusted since', async () => {
  world.pass(60);
  await pass(requester(), 'rotated');
  await passed('stepped up', 'rotated');
  await passed('branched', 'stepped up');
  world.pass(HOUR - 1);
  await report();
  expect(ended).toEqual(['session of A', 'rotated', 'stepped up', 'branched']);
  expect(told()).toMatchObject([{ newest: true, codeUsed: true, earlierCodeUsed: false }]);
  expect(revoked).toEqual(DEVICES.slice(1).map(({ id }) => id));
  // Nothing else of the user has ended.
  expect(world.users.get('A')!.epoch).toBe('first');
});

test('[S188] NO ends a session that passed by a device instead, and the trust in that one', async () => {
  await send(world);
  devices['by device'] = 'minute 7';
  await passed('by device', 'session of A');
  await report();
  expect(ended).toEqual(['session of A', 'by device']);
  expect(told()).toMatchObject([{ newest: true, codeUsed: false }]);
  expect(revoked).toEqual(['minute 7']);
});

test('[S188] NO ends a session that goes on while it is ended', async () => {
  await send(world);
  await takeReport(world.core, answer('NO'), {
    ...ends,
    session: async (id) => {
      if (id === 'session of A') await passed('meanwhile', id);
      await ends.session(id);
    },
  });
  expect(ended).toEqual(['session of A', 'meanwhile']);
});

test('[S189] a stranger who types the number in is ended, and nothing verified of its owner is', async () => {
  await pass(requester(), 'owner');
  world.pass(60);
  await send(world, as('C', 'stranger'));
  const code = codeOf(world);
  world.pass(60);
  await report();
  expect(ended).toEqual(['stranger']);
  expect((await verify(world, code, as('C', 'stranger'))).ok).toBe(false);
  expect(told()).toMatchObject([
    { userId: 'C', newest: true, codeUsed: false, textedAt: START + 60_000 },
    { userId: 'A', newest: false, codeUsed: true, textedAt: START },
  ]);
  expect(revoked).toEqual([]);
});

test('[S189] a text of another account covers none up: each account is told, the newest first', async () => {
  await send(world, as('A', 'thief'));
  const code = codeOf(world);
  for (const userId of ['C', 'D']) {
    world.pass(60);
    await send(world, as(userId, `cover of ${userId}`));
  }
  await report();
  expect(ended).toEqual(['cover of D', 'cover of C', 'thief']);
  expect((await verify(world, code, as('A', 'thief'))).ok).toBe(false);
  expect(told().map(({ userId, newest, codeUsed }) => [userId, newest, codeUsed])).toEqual([
    ['D', true, false],
    ['C', false, false],
    ['A', false, false],
  ]);
});

test('[S189] a code that came back and was covered is told; its session is left to its user', async () => {
  await pass(as('A', 'thief'), 'thief inside');
  world.pass(60);
  await send(world, as('C', 'cover'));
  await report();
  expect(ended).toEqual(['cover']);
  expect(told()[1]).toMatchObject({ userId: 'A', newest: false, codeUsed: true });
});

test('[S189] NO to a code that somebody asked for leaves the session that the owner opened before', async () => {
  await pass(as('A', 'owner'), 'owner inside');
  world.pass(60);
  await send(world, as('A', 'thief'));
  await report();
  expect(ended).toEqual(['thief']);
  expect(told()).toMatchObject([{ newest: true, codeUsed: false, earlierCodeUsed: true }]);
});

test('[S189] a step-up that is answered with NO ends its session, under the ids of before as well', async () => {
  world.pass(120);
  await pass(as('A', 'thief'), 'inside');
  world.pass(300);
  await send(world, as('A', 'inside'));
  await report();
  expect(ended).toEqual(['inside']);
  expect(told()).toMatchObject([{ newest: true, codeUsed: false, earlierCodeUsed: false }]);
  // Whoever was in it may have had a browser trusted since the first of its texts.
  expect(revoked).toEqual(DEVICES.slice(2).map(({ id }) => id));
});

test('[S189] a verified session whose step-up was covered goes on; the code of it is dead', async () => {
  await pass(as('A', 'first'), 'inside');
  world.pass(60);
  await send(world, as('A', 'inside'));
  const code = codeOf(world);
  world.pass(60);
  await send(world, as('C', 'cover'));
  await report();
  expect(ended).toEqual(['cover']);
  expect((await verify(world, code, as('A', 'inside'))).ok).toBe(false);
});

test('what of a report failed is made good when the carrier passes it on again, and then told', async () => {
  await send(world);
  const away: Ends = { ...ends, session: () => Promise.reject(new Error('away')) };
  await expect(takeReport(world.core, answer('NO'), away)).rejects.toThrow('away');
  expect(told()).toEqual([]);
  await report();
  expect(ended).toEqual(['session of A']);
  expect(told()).toHaveLength(1);
});

test('NO is about the texts of an hour', async () => {
  await send(world);
  world.pass(600);
  await send(world, as('A', 'second'));
  world.pass(HOUR - 600);
  await report();
  expect(ended).toEqual(['second']);
  world.pass(600);
  await report();
  expect(ended).toEqual(['second']);
  expect(told()).toHaveLength(1);
});

test('NO to a code that was texted twice ends its session once', async () => {
  await send(world);
  world.pass(30);
  await send(world);
  await report();
  expect(ended).toEqual(['session of A']);
  expect(told()).toHaveLength(1);
});
