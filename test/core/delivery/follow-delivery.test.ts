import {
  deliveryFrom,
  deliveryKeys,
  lookUpDelivery,
  takeReceipt,
} from '../../../lib/core/delivery/follow-delivery';
import type { Delivery, DeliveryReport } from '../../../lib/ports/senders';
import {
  challengeIn,
  enrollmentOf,
  justBefore,
  makeWorld,
  send,
  START,
  take,
  type World,
} from '../../helpers/core';

const HOUR = 3_600;
let world: World;
let asked: string[];
let found: Delivery | DeliveryReport | undefined | Error;

beforeEach(() => {
  asked = [];
  found = undefined;
  let taken = 0;
  world = makeWorld({
    sender: {
      send: async (message) => {
        await world.outbox.send(message);
        return { id: `text ${(taken += 1)}` };
      },
      delivery: async (id) => {
        asked.push(id);
        if (found instanceof Error) throw found;
        return found;
      },
    },
  });
  world.users.set('A', enrollmentOf());
});

/** How far the text got, by what was heard of it. */
async function heard(receipt: string | undefined = 'text 1'): Promise<Delivery> {
  const { core } = world;
  const { read } = await core.counter.settle({ read: deliveryKeys(core, receipt) });
  return deliveryFrom(core, receipt, read);
}

test('[S146] receipts move a text on and never back, and each state is told once', async () => {
  await send(world);
  expect(await heard()).toBe('accepted');
  for (const state of ['sent', 'sent', 'delivered', 'failed', 'sent', 'unknown'] as const) {
    await takeReceipt(world.core, 'text 1', state);
  }
  expect(await heard()).toBe('delivered');
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

test('[S195] what the carrier says of a state is told with it, from a receipt and from a look', async () => {
  const challenge = challengeIn(await send(world));
  const sent = { delivery: 'sent', status: 'message buffered', code: 1003 } as const;
  await takeReceipt(world.core, 'text 1', sent);
  const failed: DeliveryReport = {
    ...{ status: 'delivery failure', code: 1110, description: 'the phone rejected the message' },
    delivery: 'failed',
  };
  found = failed;
  world.pass(5);
  expect(await lookUpDelivery(world.core, challenge, 'sent', undefined)).toBe('failed');
  expect(world.told('delivery')).toMatchObject([sent, failed]);
});

test('of receipts that cross each is told once, and the furthest counts', async () => {
  await send(world);
  const states = ['sent', 'delivered', 'delivered', 'sent', 'delivered'] as const;
  await Promise.all(states.map((state) => takeReceipt(world.core, 'text 1', state)));
  expect(await heard()).toBe('delivered');
  expect(world.told('delivery').map(({ delivery }) => delivery)).toEqual(['sent', 'delivered']);
});

test('[S146] a receipt for a text that nobody knows, or that is an hour old, changes nothing', async () => {
  await send(world);
  await takeReceipt(world.core, 'another', 'delivered');
  await takeReceipt(world.core, 'another', 'unknown');
  expect(await heard('another')).toBe('accepted');
  expect(deliveryKeys(world.core, undefined)).toEqual([]);
  expect(deliveryFrom(world.core, undefined, new Map())).toBe('accepted');
  world.pass(HOUR);
  await takeReceipt(world.core, 'text 1', 'delivered');
  expect(await heard()).toBe('accepted');
  expect(world.told('delivery')).toEqual([]);
});

/** The carrier says these before it has answered the send. */
function sayEarly(states: readonly Delivery[], wait = 0): void {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called as it was
  const { send: out } = world.core.sender;
  world.core.sender = {
    send: async (message, options) => {
      const answer = await out(message, options);
      for (const state of states) await takeReceipt(world.core, 'text 1', state);
      world.pass(wait);
      return answer;
    },
  };
}

test('[S197] receipts that come before the answer to the send are told after it, in their order', async () => {
  sayEarly(['delivered', 'sent'], 59);
  await send(world);
  expect(world.events.map(({ name, facts }) => [name, facts.delivery])).toEqual([
    ['sent', undefined],
    ['delivery', 'sent'],
    ['delivery', 'delivered'],
  ]);
  expect(await heard()).toBe('delivered');
  // Kept as long as any other from then on.
  world.pass(HOUR - 60);
  expect(await heard()).toBe('delivered');
  await takeReceipt(world.core, 'text 1', 'delivered');
  expect(world.told('delivery')).toHaveLength(2);
});

test('[S197] they are kept with what the carrier said beside, for a minute and no longer', async () => {
  const report = { delivery: 'failed', code: 1110, description: 'rejected' } as const;
  await takeReceipt(world.core, 'text 1', report);
  await send(world);
  expect(world.told('delivery')).toMatchObject([{ ...report, userId: 'A' }]);
  sayEarly([]);
  await takeReceipt(world.core, 'text 2', report);
  world.pass(60);
  await send(world);
  expect(await heard('text 2')).toBe('accepted');
  expect(world.told('delivery')).toHaveLength(1);
});

test('[S197] of a receipt and the answer at the same moment none is lost, whichever looks first', async () => {
  justBefore(world, 'take', 'early', () => send(world));
  await takeReceipt(world.core, 'text 1', 'delivered');
  expect(await heard()).toBe('delivered');
  expect(world.told('delivery')).toHaveLength(1);
});

test('[S197] a store that fails over an early receipt fails no text', async () => {
  justBefore(world, 'read', 'early', () => Promise.reject(new Error('down')));
  expect((await send(world)).ok).toBe(true);
});

test('a text that failed was not delivered before, and may be all the same', async () => {
  await send(world);
  await takeReceipt(world.core, 'text 1', 'failed');
  expect(await heard()).toBe('failed');
  await takeReceipt(world.core, 'text 1', 'delivered');
  expect(await heard()).toBe('delivered');
  expect(world.told('delivery')).toHaveLength(2);
});

test('what was heard of a text is kept as long as the text', async () => {
  await send(world);
  await takeReceipt(world.core, 'text 1', 'sent');
  const [key] = deliveryKeys(world.core, 'text 1').filter((each) => each.endsWith('#sent'));
  expect(world.added.at(-1)).toMatchObject({ key, window: HOUR * 1_000 });
});

test('the carrier is asked after five seconds, once in five, and not after the end', async () => {
  const challenge = challengeIn(await send(world));
  const look = async () => lookUpDelivery(world.core, challenge, await heard(), '192.0.2.1');
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

test('what the carrier says never takes a text back, and of an unknown end nothing is known', async () => {
  const challenge = challengeIn(await send(world));
  world.pass(5);
  found = 'sent';
  expect(await lookUpDelivery(world.core, challenge, 'failed', '192.0.2.1')).toBe('failed');
  expect(asked).toEqual([]);
  found = 'unknown';
  expect(await lookUpDelivery(world.core, challenge, 'sent', '192.0.2.1')).toBe('sent');
  expect(asked).toEqual(['text 1']);
});

test('a text without a name, or a sender that cannot say, is not asked about', async () => {
  const { receipt, ...bare } = challengeIn(await send(world));
  world.pass(5);
  found = 'delivered';
  expect(await lookUpDelivery(world.core, bare, 'accepted', '192.0.2.1')).toBe('accepted');
  world.core.sender = world.outbox;
  const named = { ...bare, receipt: receipt! };
  expect(await lookUpDelivery(world.core, named, 'accepted', undefined)).toBe('accepted');
  expect(asked).toEqual([]);
});

test('where another process has just asked, this one does not', async () => {
  const challenge = challengeIn(await send(world));
  world.pass(5);
  found = 'delivered';
  await take(world, `${world.core.keyring.subjects.receipt('text 1')}#asked`, { seconds: 5 });
  expect(await lookUpDelivery(world.core, challenge, 'accepted', '192.0.2.1')).toBe('accepted');
  expect(asked).toEqual([]);
});

/** What lies in the store and in the ledger, by name. */
const everything = async () => [[...world.kept.keys()], await world.counts()];

test('[S197] only of a text that nobody knows is anything kept for later', async () => {
  await send(world);
  const [kept] = await everything();
  await takeReceipt(world.core, 'text 1', 'sent');
  expect([...world.kept.keys()]).toEqual(kept);
  expect(Object.keys(await world.counts()).filter((key) => key.endsWith('#early'))).toEqual([]);
});

test('of an end that nobody knows nothing is counted or kept, known text or not', async () => {
  await send(world);
  const before = await everything();
  for (const text of ['text 1', 'another']) await takeReceipt(world.core, text, 'unknown');
  expect(await everything()).toEqual(before);
});

test('what a look has found is told with the facts of its text', async () => {
  const challenge = challengeIn(await send(world));
  world.pass(5);
  found = 'delivered';
  await lookUpDelivery(world.core, challenge, 'accepted', '192.0.2.9');
  expect(world.told('delivery')).toEqual([
    {
      ...{ at: START + 5_000, userId: 'A', purpose: 'sign-in', phone: '••• ••• ••42' },
      ...{ ip: '192.0.2.9', receipt: 'text 1', delivery: 'delivered' },
    },
  ]);
});

test('where the sender cannot say how far a text got, no turn is taken to ask it', async () => {
  const challenge = { ...challengeIn(await send(world)), receipt: 'text 1' };
  world.pass(5);
  world.core.sender = world.outbox;
  const before = await everything();
  await lookUpDelivery(world.core, challenge, 'accepted', undefined);
  expect(await everything()).toEqual(before);
});
