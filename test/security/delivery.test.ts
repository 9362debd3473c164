import type { Delivery, SmsSender } from '../../lib';
import { pending, type Agent } from '../helpers/app';
import { atOnce } from '../helpers/parallel';
import { ROUTER } from '../helpers/paths';
import { barrier, isRecord } from '../helpers/stores';
import { cookieFrom, hold, JSON_ONLY } from '../helpers/web';
import { receiptOf, startCalledApp, type CalledApp } from '../express/carrier-calls';

type LookUp = NonNullable<SmsSender['delivery']>;

let app: CalledApp;
let agent: Agent;
beforeEach(async () => {
  app = await startCalledApp();
  agent = app.agent();
});
afterEach(() => void jest.restoreAllMocks());

const { challenge } = ROUTER;
const FIRST = 'outbox-1';

const poll = async (): Promise<Delivery> =>
  (await agent.get(challenge).expect(200)).body.delivery as Delivery;

/** Lets the carrier be asked; returns the receipts that it was asked for. */
function carrierSays(answer: LookUp): string[] {
  const asked: string[] = [];
  Object.assign(app.outbox, {
    delivery: (receipt: string, options: { signal: AbortSignal }) => {
      asked.push(receipt);
      return answer(receipt, options);
    },
  });
  return asked;
}

test('without receipts and without a way to ask, a text is what it was: accepted', async () => {
  await pending(app, agent);
  for (const seconds of [0, 5, 60]) {
    await app.clock.advance(seconds);
    expect(await poll()).toBe('accepted');
  }
});

test('[S146] receipts move the challenge that is shown on, never back, and each step is told once', async () => {
  await pending(app, agent);
  for (const [status, shown] of [
    ['teleported', 'accepted'],
    ['smsc submit', 'sent'],
    ['queued', 'sent'],
    ['delivery failure', 'failed'],
    ['message buffered', 'failed'],
    ['delivery success', 'delivered'],
    ['smsc reject', 'delivered'],
  ] as const) {
    expect((await app.call(receiptOf(FIRST, status))).status).toBe(200);
    expect([status, await poll()]).toEqual([status, shown]);
  }
  const told = app.told('delivery').map(({ delivery }) => delivery);
  expect(told).toEqual(['sent', 'failed', 'delivered']);
});

test('[S146] receipts that come too late to be news are not told', async () => {
  await pending(app, agent);
  for (const status of ['delivery success', 'smsc submit', 'delivery failure', 'teleported']) {
    await app.call(receiptOf(FIRST, status));
    expect(await poll()).toBe('delivered');
  }
  expect(app.told('delivery').map(({ delivery }) => delivery)).toEqual(['delivered']);
});

test('[S146] a text that failed or arrived changes nothing about its code', async () => {
  const code = await pending(app, agent);
  await app.call(receiptOf(FIRST, 'delivery failure'));
  const { attemptsLeft } = (await agent.get(challenge)).body as { attemptsLeft: number };
  expect(attemptsLeft).toBe(5);
  await agent.post(ROUTER.verify).send({ code }).expect(200);
});

test('a text that is sent again is followed by its own receipt', async () => {
  await pending(app, agent);
  await app.call(receiptOf(FIRST, 'delivery failure'));
  await app.clock.advance(31);
  const again = await agent.post(challenge).send({}).expect(202);
  expect(again.body.challenge.delivery).toBe('accepted');
  await app.call(receiptOf(FIRST, 'delivery success'));
  expect(await poll()).toBe('accepted');
  await app.call(receiptOf('outbox-2', 'smsc submit'));
  expect(await poll()).toBe('sent');
});

test('what the carrier does not know yet is accepted, and it is asked once in five seconds', async () => {
  const asked = carrierSays(() => Promise.resolve(undefined));
  await pending(app, agent);
  const counts = [];
  for (const seconds of [0, 4.999, 0.001, 0, 4.999, 0.001, 60]) {
    await app.clock.advance(seconds);
    for (let each = 0; each < 5; each += 1) expect(await poll()).toBe('accepted');
    counts.push(asked.length);
  }
  expect(counts).toEqual([0, 0, 1, 1, 1, 2, 3]);
  expect(new Set(asked)).toEqual(new Set([FIRST]));
});

test('of many polls at once, one asks', async () => {
  const asked = carrierSays(() => Promise.resolve('sent'));
  await pending(app, agent);
  await app.clock.advance(5);
  barrier(app.store, 20, (key) => isRecord(key, 'sign-in'));
  const one = { path: challenge, cookie: cookieFrom(agent), headers: JSON_ONLY };
  const answers = await atOnce(app.url, Array<typeof one>(20).fill(one));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(asked).toHaveLength(1);
});

test.each(['delivered', 'failed'] as const)(
  'once a text is %s the carrier is not asked any more',
  async (end) => {
    let says: Delivery = 'sent';
    const asked = carrierSays(() => Promise.resolve(says));
    await pending(app, agent);
    await app.clock.advance(5);
    expect(await poll()).toBe('sent');
    says = end;
    await app.clock.advance(5);
    expect(await poll()).toBe(end);
    says = 'sent';
    for (let round = 0; round < 5; round += 1) {
      await app.clock.advance(20);
      expect(await poll()).toBe(end);
    }
    expect(asked).toHaveLength(2);
    const told = app.told('delivery').map(({ delivery }) => delivery);
    expect(told).toEqual(['sent', end]);
  },
);

test('a receipt that comes while the carrier is asked is not undone by its older answer', async () => {
  const asking = hold();
  carrierSays(async () => {
    asking.enter();
    await asking.released;
    return 'sent';
  });
  await pending(app, agent);
  await app.clock.advance(5);
  const polled = poll();
  await asking.entered;
  await app.call(receiptOf(FIRST, 'delivery success'));
  asking.release();
  await polled;
  expect(await poll()).toBe('delivered');
});

test.each<[string, LookUp]>([
  ['rejects', () => Promise.reject(new Error('the carrier is away'))],
  [
    'throws',
    () => {
      throw new Error('the carrier is away');
    },
  ],
  ['answers null', () => Promise.resolve(null as never)],
  ['answers what is no state', () => Promise.resolve('teleported' as never)],
  ['answers another object', () => Promise.resolve({ status: 'delivered' } as never)],
])('a look-up that %s changes nothing, and is tried again later', async (_how, answer) => {
  const asked = carrierSays(answer);
  const code = await pending(app, agent);
  for (let round = 1; round <= 3; round += 1) {
    await app.clock.advance(5);
    expect(await poll()).toBe('accepted');
    expect(asked).toHaveLength(round);
  }
  expect(app.told('delivery')).toEqual([]);
  await agent.post(ROUTER.verify).send({ code }).expect(200);
});

test('a look-up that hangs is given up after two seconds, and what it says then is not heard', async () => {
  const limit = hold();
  const late: ((delivery: Delivery) => void)[] = [];
  let signal: AbortSignal | undefined;
  carrierSays((_receipt, options) => {
    ({ signal } = options);
    return new Promise((resolve) => late.push(resolve));
  });
  await pending(app, agent);
  await app.clock.advance(5);
  const set = globalThis.setTimeout;
  jest.spyOn(globalThis, 'setTimeout').mockImplementation(((go: () => void, ms?: number) => {
    if (ms !== 2_000) return set(go, ms);
    void limit.released.then(go);
    limit.enter();
    return undefined;
  }) as never);
  const polled = poll();
  await limit.entered;
  expect(signal?.aborted).toBe(false);
  limit.release();
  expect(await polled).toBe('accepted');
  expect(signal?.aborted).toBe(true);
  late[0]?.('delivered');
  expect(await poll()).toBe('accepted');
});

test('a text that could not be remembered is out all the same', async () => {
  const { store } = app;
  const set = store.set.bind(store);
  store.set = (sid, record, done) => {
    if (!isRecord(sid, 'receipt') && !isRecord(sid, 'texted')) set(sid, record, done);
    else done?.(new Error('the store is full'));
  };
  const code = await pending(app, agent);
  expect(await poll()).toBe('accepted');
  // Nor can the receipt be kept: the carrier is asked to come again.
  expect((await app.call(receiptOf(FIRST, 'delivered'))).status).toBe(503);
  await agent.post(ROUTER.verify).send({ code }).expect(200);
});
