import {
  DEFAULT_WORDS,
  meaningOf,
  takeOptIn,
  takeOptOut,
  takeReport,
  type Ends,
} from '../../../lib/core/delivery/take-answer';
import { notOptedOutPlace } from '../../../lib/core/send/budgets';
import { countName } from '../../../lib/core/challenge/code';
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
async function passed(id: string, before?: string, challengeId?: string): Promise<void> {
  const { keyring, records } = world.core;
  await records.set(keyring.recordKey('live', id), { id: 'mark' }, START * 2);
  if (before !== undefined)
    await keepSuccessor(world.core, before, { id, until: world.core.clock(), challengeId });
}

/** Texts a code, which comes back: the session goes on under another id. */
async function pass(who: Requester, next: string): Promise<void> {
  const challenge = challengeIn(await send(world, who));
  expect((await verify(world, codeOf(world), who)).ok).toBe(true);
  await passed(next, who.sessionId, countName(challenge.id));
}

beforeEach(() => {
  ended = [];
  revoked = [];
  devices = {};
  world = makeWorld();
  world.users.set('A', enrollmentOf());
});

const meant = (body: string, words = DEFAULT_WORDS) => meaningOf(body, words, 6);
/** How people, phones and keyboards set a word. */
const SETTINGS = [
  ...['STOP', 'stop', 'Stop', 'sToP', ' stop ', 'stop\n', '\r\n\tStop\u00a0\u3000'],
  ...[
    'STOP.',
    'STOP!',
    'STOP!!!',
    'stop…',
    'Stop?',
    '¡STOP!',
    '-stop-',
    'STOP —',
    '*STOP*',
    '#STOP',
  ],
  ...['"STOP"', "'stop'", '“STOP”', '‘Stop’', '«STOP»', '„Stop“', '`stop`', '(stop)', '[STOP]'],
  ...[
    '\u200bSTOP\u200b',
    '\ufeffSTOP',
    'ST\u00adOP',
    '\u202aSTOP\u202c',
    'STOP\u2060',
    'STOP\ufe0f',
  ],
  ...['ＳＴＯＰ', '𝐒𝐓𝐎𝐏', 'STOP 🛑', '👎🏽 stop', 'STOP\u0000', 'S.T.O.P.', 's t o p'],
];
const REVOCATIONS = [
  ...[
    'STOPALL',
    'stop all',
    'Stop-all.',
    'UNSUBSCRIBE',
    'Unsubscribe!',
    '“unsubscribe”',
    'QUIT',
    'quit.',
  ],
  ...['CANCEL', 'Cancel!', ' cancel', 'END', 'End.', '"end"', 'REVOKE', 'revoke!', 'Revoke…'],
  ...[
    'STOP PLEASE',
    'please stop',
    'Stop, please!',
    'pls stop',
    'stop thanks',
    'Unsubscribe please',
  ],
  ...[
    'stop stop',
    'STOP STOP STOP',
    'stop stop stop stop',
    'stop! stop!',
    'STOP. Please.',
    'stop stop please',
  ],
  ...[
    'OPT OUT',
    'opt out',
    'Opt-Out',
    'opt\u2010out.',
    'OPTOUT',
    'optout!',
    '“Opt\u00a0out”',
    'OPT  OUT',
  ],
];
const SENTENCES = [
  ...[
    'please stop texting',
    'STOP STOP IT',
    'stop stop stop stop stop',
    'please',
    'thanks',
    "Don't stop",
    'stop by at 5',
    'Stop it',
    'STOPPED',
    'stop stop stop stop stop',
  ],
  ...['STOP 123456', 'cancel my order', 'I quit', 'the end', 'End of message', 'opt out of what?'],
  ...['unsubscribed', 'revoke access', 'Is this the end?', 'non-stop', 'opt', 'out', 'STOP HELP'],
  ...[
    'no thanks',
    'No problem',
    'NO 12345',
    'NO 1234567',
    '12345 NO',
    'NO 123456 no',
    'was it me',
    "it wasn't me who called",
    'not me not you',
    'know',
    'Nope thanks',
  ],
  ...[
    'yes please',
    'no please',
    'start over',
    'help me',
    'NO 12345',
    'NO 1234567',
    'no code 123456',
    'NO 12a456',
    'info please',
    '123456',
    '12',
    '',
    ' ',
    '…',
    '🛑',
    '“”',
  ],
];

test.each([...SETTINGS, ...REVOCATIONS])('[S193] %j ends the texts', (body) => {
  expect(meant(body)).toBe('stop');
});

test.each(SENTENCES)('[S193] %j is a sentence and no answer', (body) => {
  expect(meant(body)).toBeUndefined();
});

test('[S193] of each kind there are as many as the rule asks for', () => {
  expect(new Set([...SETTINGS, ...REVOCATIONS]).size).toBeGreaterThanOrEqual(60);
  expect(new Set(SENTENCES).size).toBeGreaterThanOrEqual(20);
});

test.each([
  ['start', ['START', 'start!', 'UnStop', '“Unstop”', 'YES', 'yes.', 'Yes!']],
  ['help', ['HELP', 'Help!', 'help?', 'INFO', '"info"', 'Info.']],
  [
    'report',
    ['NO', 'no', 'No.', 'NO!', '“NO”', '‘no’', 'No?', 'Nope', 'NOPE!', 'not me', 'Not me!'],
  ],
  [
    'report',
    ['NO 123456', 'no, 123456', 'NO: 123 456', '“NO” 123-456', 'Nope 123456', 'NO ١٢٣٤٥٦'],
  ],
  [
    'report',
    ['123456 NO', '123 456 no', 'no no', "wasn't me", 'Wasn’t me!', 'was not me', "It wasn't me"],
  ],
  [
    'report',
    ["that wasn't me 123456", 'This wasn’t me.', '123456 not me', '123456: NO!', 'NO NO NO'],
  ],
  [
    'report',
    ['no #123456', 'not me, 123456', 'NO １２３４５６', '“Not me.” 123-456', 'NO\n123456.'],
  ],
] as const)('[S193] %s is what these say: %j', (meaning, bodies) => {
  expect(bodies.map((body) => [body, meant(body)])).toEqual(bodies.map((body) => [body, meaning]));
});

test('[S193] words of the app take the place of these, but for those that the carrier carries out', () => {
  const words = { stop: ['Schluss'], start: ['Weiter'], help: ['Hilfe'], report: ['Nein', '1'] };
  const said = ['SCHLUSS!', 'weiter', 'Hilfe?', 'nein.', 'Nein 123456', '1', '1 123456'];
  const meanings = ['stop', 'start', 'help', ...Array<string>(4).fill('report')];
  expect(said.map((body) => meant(body, words))).toEqual(meanings);
  expect(['STOP', 'unstop'].map((body) => meant(body, words))).toEqual(['stop', 'start']);
  const others = ['QUIT', 'START', 'HELP', 'NO', '11'];
  expect(others.map((body) => meant(body, words))).toEqual(others.map(() => undefined));
});

test('[S193] marks and blanks around a word are taken in, and an answer too long to be one is not', () => {
  expect(meant(`${' '.repeat(10_000)}STOP${'\n'.repeat(10_000)}`)).toBe('stop');
  expect(meant(`STOP${'!'.repeat(156)}`)).toBe('stop');
  expect(meant(`STOP${'!'.repeat(157)}`)).toBeUndefined();
});

test('[S56] STOP is remembered for a month, and told of whom the last text went to', async () => {
  const { core } = world;
  const isFree = async () =>
    (await core.counter.settle({ take: [notOptedOutPlace(core, PHONE)] })).ok;
  await takeOptOut(core, answer('STOP'));
  expect(world.events).toEqual([]);
  expect(await isFree()).toBe(false);
  expect(await takeOptIn(core, answer('UNSTOP'))).toBe(true);
  expect(await isFree()).toBe(true);
  expect(await takeOptIn(core, answer('UNSTOP'))).toBe(false);
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

test('[S189] a session that has passed by one of its codes is not ended for another one', async () => {
  await send(world, as('A', 'owner'));
  world.pass(300);
  await send(world, as('A', 'owner'));
  expect((await verify(world, codeOf(world), as('A', 'owner'))).ok).toBe(true);
  world.pass(60);
  await send(world, as('A', 'thief'));
  await report();
  expect(ended).toEqual(['thief']);
  expect(told()).toMatchObject([{ codeUsed: false, earlierCodeUsed: true }]);
});

test('[S189] a session that passed without its code, and was covered, goes on', async () => {
  await send(world, as('A', 'owner'));
  await passed('by device', 'owner');
  world.pass(60);
  await send(world, as('C', 'cover'));
  await report();
  expect(ended).toEqual(['cover']);
});

test('NO to what nobody passed by looks for no browser to end the trust in', async () => {
  await send(world);
  const looked = jest.fn(() => Promise.resolve());
  await takeReport(world.core, answer('NO'), { ...ends, devices: looked });
  expect(looked).not.toHaveBeenCalled();
});
