import { setImmediate } from 'node:timers/promises';
import { memoryCounter } from '../../lib';
import { newestCode, pending, PHONES, wrongCode } from '../helpers/app';
import { atOnce, raw } from '../helpers/parallel';
import { barrier, onEachStore, isRecord } from '../helpers/stores';
import { cookieFrom, knock } from '../helpers/web';
import { watchedCounter } from '../helpers/counters';
import { calling, receiptOf, startCalledApp, type CalledApp } from './carrier-calls';

let app: CalledApp;
afterEach(() => app.close());

const challenge = '/second-factor/challenge';
const verify = '/second-factor/verify';
const FIRST = 'outbox-1';

/** Each order of a list. */
function orders<T>(list: readonly T[]): T[][] {
  if (list.length < 2) return [[...list]];
  return list.flatMap((first, index) =>
    orders(list.filter((_, other) => other !== index)).map((rest) => [first, ...rest]),
  );
}

onEachStore('callbacks', (kind) => {
  test('[S146] nothing that the carrier can say verifies a user, ends a lock, or changes a phone', async () => {
    app = await startCalledApp(await kind.make());
    const agent = app.agent();
    const code = await pending(app, agent);
    for (let guess = 1; guess <= 10; guess += 1) {
      if (guess === 6) {
        await app.clock.advance(31);
        await agent.post(challenge).send({}).expect(202);
      }
      await agent.post(verify).send({ code: wrongCode(newestCode(app), guess) });
    }
    const [phones, cookie] = [JSON.stringify([...app.enrollments]), cookieFrom(agent)];
    const bodies = ['UNSTOP', 'YES', 'UNLOCK', code, `${code} is your Acme sign-in code.`, ''];
    for (const [index, body] of bodies.entries()) {
      expect((await app.answer(body)).status).toBe(200);
      expect((await app.call(receiptOf(`outbox-${1 + (index % 2)}`, 'delivered'))).status).toBe(
        200,
      );
      expect((await app.call(receiptOf(FIRST, code, code))).status).toBe(200);
      expect(await knock(app, cookie)).toBe(401);
      expect(await knock(app, cookie, '/enforced')).toBe(401);
    }
    expect((await agent.get('/status')).body).toMatchObject({ verified: false, amr: ['pwd'] });
    const locked = await agent.post(verify).send({ code: newestCode(app) });
    expect([locked.status, locked.body.code]).toEqual([429, 'too_many_attempts']);
    expect(JSON.stringify([...app.enrollments])).toBe(phones);
    const told = new Set(app.events.map(({ name }) => name));
    for (const name of ['verified', 'unlocked', 'enrolled', 'replaced', 'removed'] as const) {
      expect(told).not.toContain(name);
    }
  });

  test('[S147] a code that is texted back has no effect, and still works where it belongs', async () => {
    app = await startCalledApp(await kind.make());
    const agent = app.agent();
    const code = await pending(app, agent);
    const before = (await agent.get(challenge).expect(200)).body;
    for (const from of [PHONES.A, PHONES.B]) {
      for (const body of [code, ` ${code} `, `Your code: ${code}`]) {
        expect((await app.answer(body, from)).status).toBe(200);
      }
    }
    expect(await knock(app, cookieFrom(agent))).toBe(401);
    expect((await agent.get(challenge).expect(200)).body).toEqual(before);
    expect(app.events.map(({ name }) => name)).toEqual(['sent']);
    await agent.post(verify).send({ code }).expect(200);
    expect(await knock(app, cookieFrom(agent))).toBe(200);
  });

  test('[S146] a receipt that is replayed a hundred times is told once', async () => {
    app = await startCalledApp(await kind.make());
    const agent = app.agent();
    await pending(app, agent);
    const again = calling(app.address, receiptOf(FIRST, 'delivered'));
    const answers = await atOnce(app.url, Array<typeof again>(50).fill(again));
    for (let round = 0; round < 50; round += 1) answers.push(await raw(app.url, again));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(app.told('delivery')).toEqual([
      {
        at: app.clock(),
        status: 'delivered',
        userId: 'id-of-A',
        purpose: 'sign-in',
        phone: '••• ••• ••42',
        ip: '127.0.0.1',
        receipt: FIRST,
        delivery: 'delivered',
      },
    ]);
  });

  test('[S146] a receipt that comes many times in the same moment is told once', async () => {
    const made = await kind.make();
    const counter = memoryCounter();
    // So slow to look that all of them have looked before the first one counts.
    const settle: typeof counter.settle = async (wish) => {
      const settled = await counter.settle(wish);
      for (let turn = 0; turn < 100; turn += 1) await setImmediate();
      return settled;
    };
    app = await startCalledApp({ ...made, factor: { counter: { settle } } });
    await pending(app, app.agent());
    const again = calling(app.address, receiptOf(FIRST, 'delivered'));
    await atOnce(app.url, Array<typeof again>(20).fill(again));
    expect(app.told('delivery')).toHaveLength(1);
  });

  test('[S125] [S126] no code and no whole number is in what callbacks leave behind', async () => {
    const keys = new Set<string>();
    const { store, clock } = await kind.make();
    const counter = watchedCounter(memoryCounter({ clock }), (key) => keys.add(key));
    const factor = { counter, limits: { codeLength: 10 } };
    app = await startCalledApp({ store, clock, factor });
    const agent = app.agent();
    const code = await pending(app, agent);
    const answers = [];
    for (const body of ['STOP', 'UNSTOP', code, 'NO', 'NO']) answers.push(await app.answer(body));
    answers.push(await app.call(receiptOf(FIRST, code)));
    answers.push(await app.call(receiptOf(FIRST, 'delivered')));
    const behind = JSON.stringify([answers, app.events, [...keys]]) + (await kind.dump(store));
    expect(app.told('reported')).not.toEqual([]);
    expect(behind).not.toContain(code);
    expect(behind).not.toContain('2065550142');
  });

  test('[S146] in whatever order receipts come, and however often, they end at the same state', async () => {
    app = await startCalledApp(await kind.make());
    const agent = app.agent();
    await pending(app, agent);
    let text = 1;
    const runs: [string[], string][] = [
      [['smsc submit', 'message buffered', 'delivery success'], 'delivered'],
      [['smsc submit', 'delivery failure', 'teleported'], 'failed'],
    ];
    for (const [words, end] of runs) {
      for (const order of orders(words)) {
        const steps: string[] = [];
        for (const status of order.flatMap((each) => [each, each])) {
          expect((await app.call(receiptOf(`outbox-${text}`, status))).status).toBe(200);
          steps.push((await agent.get(challenge).expect(200)).body.delivery as string);
        }
        expect([order, steps.at(-1)]).toEqual([order, end]);
        // What was reached is never left again but for something later.
        const reached = steps.filter((step, index) => step !== steps[index - 1]);
        expect(new Set(reached).size).toBe(reached.length);
        await agent
          .post(verify)
          .send({ code: newestCode(app) })
          .expect(200);
        // Ten an hour, and not within the moment after a right code.
        await app.clock.advance(600);
        await agent.post(challenge).send({}).expect(202);
        text += 1;
      }
    }
  });

  test.each([[['delivery success', 'smsc submit']], [['smsc submit', 'delivery success']]])(
    '[S146] receipts that cross end at the later state: %j',
    async (words) => {
      const made = await kind.make();
      app = await startCalledApp(made);
      const agent = app.agent();
      await pending(app, agent);
      barrier(made.store, 2, (key) => isRecord(key, 'receipt'));
      await atOnce(
        app.url,
        words.map((status) => calling(app.address, receiptOf(FIRST, status))),
      );
      expect((await agent.get(challenge).expect(200)).body.delivery).toBe('delivered');
    },
  );
});

test.each<[string, number]>([
  ['192.0.2.7', 200],
  ['192.0.2.7:51234', 200],
  ['"192.0.2.7"', 200],
  ['[::ffff:192.0.2.7]:51234', 200],
  ['2001:db8::7', 200],
  ['[2001:DB8:0::7]:51234', 200],
  ['192.0.2.8:51234', 404],
  ['192.0.2.70', 404],
  ['2001:db8::8', 404],
  ['unknown', 404],
])('a proxy may write where the carrier calls from as %s: %i', async (written, status) => {
  app = await startCalledApp({
    before: (target) => void target.set('trust proxy', 1),
    webhooks: { addresses: ['192.0.2.7', '2001:db8::7'] },
  });
  const { headers } = calling(app.address, {});
  const answer = await app.call(receiptOf(FIRST, 'delivered'), {
    headers: { ...headers, 'x-forwarded-for': written },
  });
  expect(answer.status).toBe(status);
});
