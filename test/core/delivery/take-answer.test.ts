import {
  meaningOf,
  takeOptIn,
  takeOptOut,
  takeReport,
} from '../../../lib/core/delivery/take-answer';
import { notOptedOutPlace } from '../../../lib/core/delivery/opt-out';
import { wentOnPlace } from '../../../lib/core/sessions';
import {
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
const end = async (sessionId: string): Promise<void> => void ended.push(sessionId);
const answer = (body: string, from = PHONE) => ({ id: 'in', from, to: '+12065550100', body });
const report = (from = PHONE) => takeReport(world.core, answer('NO', from), end);

beforeEach(() => {
  ended = [];
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
  await report();
  await report();
  expect(ended).toEqual(['session of A', 'session of A']);
  expect((await verify(world, code)).ok).toBe(false);
  expect(world.told('reported')).toEqual([
    {
      at: START,
      userId: 'A',
      purpose: 'sign-in',
      phone: '••• ••• ••42',
      ip: '192.0.2.1',
      codeUsed: false,
    },
  ]);
  expect(world.users.get('A')!.epoch).toBe('first');
  await report('+12065550143');
  expect(world.told('reported')).toHaveLength(1);
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

test('NO after the code came back, or after its session went on another way, ends all sessions', async () => {
  await send(world);
  await verify(world, codeOf(world));
  await report();
  expect(world.told('reported')[0]).toMatchObject({ codeUsed: true });
  const { epoch } = world.users.get('A')!;
  expect(epoch).not.toBe('first');

  world.pass(HOUR);
  await send(world);
  await world.core.counter.settle({ take: [wentOnPlace(world.core, 'session of A')] });
  await report();
  expect(world.told('reported')[1]).toMatchObject({ codeUsed: false });
  expect(world.users.get('A')!.epoch).not.toBe(epoch);
});

test('what of a report failed is made good when the carrier passes it on again, and then told', async () => {
  await send(world);
  const away = (): Promise<void> => Promise.reject(new Error('away'));
  await expect(takeReport(world.core, answer('NO'), away)).rejects.toThrow('away');
  expect(world.told('reported')).toEqual([]);
  await report();
  expect(ended).toEqual(['session of A']);
  expect(world.told('reported')).toHaveLength(1);
});

test('NO is about the texts of a quarter of an hour, else about the newest', async () => {
  await send(world);
  world.pass(600);
  await send(world, requester('A', { sessionId: 'second' }));
  world.pass(300);
  await report();
  expect(ended).toEqual(['second']);
  world.pass(HOUR - 301);
  await report();
  expect(ended).toEqual(['second', 'second']);
});

test('NO to a code that was texted twice ends its session once', async () => {
  await send(world);
  world.pass(30);
  await send(world);
  await report();
  expect(ended).toEqual(['session of A']);
  expect(world.told('reported')).toHaveLength(1);
});
