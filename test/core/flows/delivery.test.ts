import { deliveryOfText } from '../../../lib/core/delivery/follow-delivery';
import { takeReceipt } from '../../../lib/core/delivery/follow-delivery';
import { noteWentOn, wentOn } from '../../../lib/core/delivery/sent-text';
import { textByReceipt, textsByPhone } from '../../../lib/core/delivery/sent-text';
import {
  meaningOf,
  takeOptIn,
  takeOptOut,
  takeReport,
} from '../../../lib/core/delivery/take-answer';
import { hasOptedOut } from '../../../lib/core/send/opt-out';
import type { Delivery, SmsSender } from '../../../lib/ports/sms-sender';
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
let asked: string[];
let found: Delivery | undefined | Error;
let taken: number;
let ended: string[];
const end = async (sessionId: string): Promise<void> => void ended.push(sessionId);
const answer = (body: string, from = PHONE) => ({ id: 'in', from, to: '+12065550100', body });

beforeEach(() => {
  asked = [];
  found = undefined;
  taken = 0;
  ended = [];
  const sender: SmsSender = {
    send: async (message) => {
      await world.outbox.send(message);
      return { id: `text ${(taken += 1)}` };
    },
    delivery: async (id) => {
      asked.push(id);
      if (found instanceof Error) throw found;
      return found;
    },
  };
  world = makeWorld({ sender });
  world.users.set('A', enrollmentOf());
});

test('[S146] receipts move a text on and never back, and each state is told once', async () => {
  await send(world);
  const { core } = world;
  expect(await deliveryOfText(core, 'text 1')).toBe('accepted');
  for (const state of ['sent', 'sent', 'delivered', 'failed', 'sent', 'unknown'] as const) {
    await takeReceipt(core, 'text 1', state);
  }
  expect(await deliveryOfText(core, 'text 1')).toBe('delivered');
  const facts = {
    at: START,
    userId: 'A',
    purpose: 'sign-in',
    phone: '••• ••• ••42',
    ip: '192.0.2.1',
    receipt: 'text 1',
  };
  expect(world.told('delivery')).toEqual([
    { ...facts, delivery: 'sent' },
    { ...facts, delivery: 'delivered' },
  ]);
});

test('[S146] a receipt for a text that nobody knows, or that is an hour old, changes nothing', async () => {
  await send(world);
  await takeReceipt(world.core, 'another', 'delivered');
  expect(await deliveryOfText(world.core, 'another')).toBe('accepted');
  expect(await deliveryOfText(world.core, undefined)).toBe('accepted');
  world.pass(HOUR);
  await takeReceipt(world.core, 'text 1', 'delivered');
  expect(await textByReceipt(world.core, 'text 1')).toBeUndefined();
  expect(world.told('delivery')).toEqual([]);
});

test('a text that failed was not delivered before, and may be all the same', async () => {
  await send(world);
  await takeReceipt(world.core, 'text 1', 'failed');
  expect(await deliveryOfText(world.core, 'text 1')).toBe('failed');
  await takeReceipt(world.core, 'text 1', 'delivered');
  expect(await deliveryOfText(world.core, 'text 1')).toBe('delivered');
  expect(world.told('delivery')).toHaveLength(2);
});

test('the carrier is asked after five seconds, once in five, and not after the end', async () => {
  await send(world);
  const look = () => deliveryOfText(world.core, 'text 1');
  world.pass(4.999);
  await look();
  expect(asked).toEqual([]);
  world.pass(0.001);
  expect(await Promise.all([look(), look(), look()])).toEqual(Array(3).fill('accepted'));
  expect(asked).toEqual(['text 1']);
  found = 'sent';
  await look();
  expect(asked).toHaveLength(1);
  world.pass(5);
  expect(await look()).toBe('sent');
  found = new Error('the carrier is away');
  world.pass(5);
  expect(await look()).toBe('sent');
  found = 'delivered';
  world.pass(5);
  expect(await look()).toBe('delivered');
  world.pass(5);
  await look();
  expect(asked).toHaveLength(4);
  expect(world.told('delivery').map(({ delivery }) => delivery)).toEqual(['sent', 'delivered']);
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

test('[S56] STOP is remembered for a month, also after a refusal, until UNSTOP', async () => {
  const { core } = world;
  await takeOptOut(core, answer('STOP'));
  expect(world.events).toEqual([]);
  await takeOptIn(core, answer('UNSTOP'));
  expect(await hasOptedOut(core, PHONE)).toBe(false);
  await send(world);
  await takeOptOut(core, answer('STOP'));
  const facts = { at: START, userId: 'A', purpose: 'sign-in', phone: '••• ••• ••42' };
  expect(world.told('opted_out')).toEqual([facts]);
  world.pass(30 * 24 * HOUR - 1);
  expect(await hasOptedOut(core, PHONE)).toBe(true);
  world.pass(1);
  expect(await hasOptedOut(core, PHONE)).toBe(false);
});

test('NO ends the code and the session that asked, and says so once', async () => {
  await send(world);
  const code = codeOf(world);
  await takeReport(world.core, answer('NO'), end);
  await takeReport(world.core, answer('NO'), end);
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
  await takeReport(world.core, answer('NO', '+12065550143'), end);
  expect(world.told('reported')).toHaveLength(1);
});

test('NO after the code came back, or after its session went on another way, ends all sessions', async () => {
  await send(world);
  await verify(world, codeOf(world));
  await takeReport(world.core, answer('NO'), end);
  expect(world.told('reported')[0]).toMatchObject({ codeUsed: true });
  const { epoch } = world.users.get('A')!;
  expect(epoch).not.toBe('first');

  world.pass(HOUR);
  await send(world);
  expect(await wentOn(world.core, 'session of A')).toBe(false);
  await noteWentOn(world.core, 'session of A');
  expect(await wentOn(world.core, 'session of A')).toBe(true);
  await takeReport(world.core, answer('NO'), end);
  expect(world.told('reported')[1]).toMatchObject({ codeUsed: false });
  expect(world.users.get('A')!.epoch).not.toBe(epoch);
});

test('NO is about the texts of a quarter of an hour, else about the newest', async () => {
  await send(world);
  world.pass(600);
  await send(world, requester('A', { sessionId: 'second' }));
  world.pass(300);
  await takeReport(world.core, answer('NO'), end);
  expect(ended).toEqual(['second']);
  world.pass(HOUR - 301);
  expect((await textsByPhone(world.core, PHONE)).map(({ sessionId }) => sessionId)).toEqual([
    'second',
  ]);
  await takeReport(world.core, answer('NO'), end);
  expect(ended).toEqual(['second', 'second']);
});
