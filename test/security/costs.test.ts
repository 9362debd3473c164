import { SecondFactorError, type Limits, type SmsSender } from '../../lib';
import { memoryCounter } from '../../lib/counters/memory-counter';
import { newestCode, PHONES, signIn, type Agent, type TestApp } from '../helpers/app';
import { testClock } from '../helpers/clock';
import { ROUTER } from '../helpers/paths';
import {
  addressOf,
  answer,
  ask,
  askFor,
  inBlock,
  newcomer,
  numbered,
  startBehindProxy,
} from '../helpers/sending';

const DAY = 86_400;

/** Asks for a text and answers it, again and again, for so many seconds of the clock. */
async function loop(app: TestApp, agent: Agent, seconds: number, each: number): Promise<number[]> {
  const from = app.clock();
  const sentAt: number[] = [];
  while (app.clock() - from < seconds * 1_000) {
    const asked = await ask(agent);
    if (asked.status === 202) {
      sentAt.push((app.clock() - from) / 1_000);
      await agent
        .post(ROUTER.verify)
        .send({ code: newestCode(app) })
        .expect(200);
    }
    await app.clock.advance(asked.status === 202 ? each : Number(asked.body.retryAfter));
  }
  return sentAt;
}

test('[S161] who answers their own texts gets ten an hour and thirty a day, and waits ten seconds between', async () => {
  const app = await startBehindProxy();
  const agent = app.agent();
  await signIn(agent);
  const sentAt = await loop(app, agent, DAY - 1, 10);
  expect(sentAt).toHaveLength(30);
  for (const start of sentAt) {
    const inHour = sentAt.filter((each) => each >= start && each < start + 3_600);
    expect(inHour.length).toBeLessThanOrEqual(10);
  }
  expect(app.outbox.messages).toHaveLength(30);
});

test('[S161] after a right code the next text to that user or phone waits ten seconds', async () => {
  const app = await startBehindProxy();
  const other = await newcomer(app, 'other', PHONES.A);
  const agent = app.agent();
  await signIn(agent);
  await ask(agent).expect(202);
  await agent
    .post(ROUTER.verify)
    .send({ code: newestCode(app) })
    .expect(200);
  for (const [asker, left] of [
    [agent, 10],
    [other, 10],
  ] as const) {
    const refused = await ask(asker).expect(429);
    expect(refused.body).toMatchObject({ code: 'resend_too_soon', retryAfter: left });
  }
  await app.clock.advance(9.9);
  await ask(agent).expect(429);
  await app.clock.advance(0.1);
  await ask(agent).expect(202);
});

test('[S161] sixty numbers of one’s own in a row: no more are texted than a user may try', async () => {
  const app = await startBehindProxy();
  const agent = await newcomer(app, 'owner');
  let texted = 0;
  for (let each = 0; each < 60; each += 1) {
    const phone = inBlock(each);
    const asked = await askFor(agent, phone);
    if (asked.status === 202) {
      texted += 1;
      await answer(app, agent, phone).expect(200);
    }
    await app.clock.advance(11);
  }
  expect(texted).toBe(3);
  expect(app.outbox.messages).toHaveLength(3);
});

test('[S161] a phone is texted ten times an hour, however many accounts answer for it', async () => {
  const app = await startBehindProxy();
  let texted = 0;
  for (let each = 0; each < 30; each += 1) {
    const agent = await newcomer(app, `u${each}`, PHONES.A);
    const asked = await ask(agent, addressOf(each));
    if (asked.status === 202) {
      texted += 1;
      await agent
        .post(ROUTER.verify)
        .send({ code: newestCode(app) })
        .expect(200);
    }
    await app.clock.advance(11);
  }
  expect(texted).toBe(10);
});

test('[S161] an address is sent two hundred texts an hour, answered or not', async () => {
  const app = await startBehindProxy();
  let texted = 0;
  for (let each = 0; each < 210; each += 1) {
    const agent = await newcomer(app, `u${each}`, inBlock(each));
    if ((await ask(agent)).status !== 202) continue;
    texted += 1;
    await agent
      .post(ROUTER.verify)
      .send({ code: newestCode(app) })
      .expect(200);
  }
  expect(texted).toBe(200);
});

test('[S162] of five texts a day over all exactly five go out, answered or not, and it is told at four and at five', async () => {
  const limits: Partial<Limits> = { overall: [{ count: 5, seconds: DAY }] };
  const app = await startBehindProxy({ factor: { limits } });
  const alerts: number[] = [];
  app.secondFactor.on('budget_alert', ({ count }) => alerts.push(count));
  for (let each = 0; each < 20; each += 1) {
    const agent = await newcomer(app, `u${each}`, inBlock(each));
    const asked = await ask(agent, addressOf(each));
    expect(asked.status).toBe(each < 5 ? 202 : 429);
    if (each % 2 === 0 && asked.status === 202) {
      await agent
        .post(ROUTER.verify)
        .send({ code: newestCode(app) })
        .expect(200);
    }
  }
  expect(app.outbox.messages).toHaveLength(5);
  expect(alerts).toEqual([4, 5]);
});

test('[S163] a hook that refuses is asked no more than its budget says, and the wait stays', async () => {
  let calls = 0;
  const beforeSend = () => {
    calls += 1;
    return false;
  };
  const app = await startBehindProxy({ factor: { beforeSend } });
  const agent = app.agent();
  await signIn(agent);
  await ask(agent).expect(403);
  const soon = await ask(agent).expect(429);
  expect(soon.body).toMatchObject({ code: 'resend_too_soon', retryAfter: 30 });
  for (let each = 0; each < 100; each += 1) {
    await app.clock.advance(30);
    await ask(agent, addressOf(each));
  }
  // Two of the twenty are kept for a browser in which the user has passed.
  expect(calls).toBe(18);
  const refused = await ask(agent, addressOf(0)).expect(429);
  expect(refused.body.code).toBe('send_limit_reached');
  expect(app.outbox.messages).toEqual([]);
});

test('[S163] two hundred calls of the hook an hour for one address', async () => {
  let calls = 0;
  const beforeSend = () => {
    calls += 1;
    return false;
  };
  const app = await startBehindProxy({ factor: { beforeSend } });
  for (let each = 0; each < 210; each += 1) {
    await ask(await newcomer(app, `u${each}`, inBlock(each)));
  }
  expect(calls).toBe(200);
});

/** What is full, and how a user gets there. */
const OVER: [string, Partial<Limits>][] = [
  ['the wait', {}],
  ['the phone', { textsPerPhone: [{ count: 1, seconds: DAY }], resendWait: [15] }],
  ['the user', { textsPerUser: [{ count: 1, seconds: DAY }], resendWait: [15] }],
  ['what is sent to a user', { sentPerUser: [{ count: 1, seconds: DAY }], resendWait: [15] }],
  ['what is sent to a phone', { sentPerPhone: [{ count: 1, seconds: DAY }], resendWait: [15] }],
  ['the address', { textsPerAddress: [{ count: 1, seconds: DAY }], resendWait: [15] }],
  ['all together', { overall: [{ count: 1, seconds: DAY }], resendWait: [15] }],
];
test.each(OVER)(
  '[S163] [S169] where %s is full, the hook is not asked, and a refusal is one call of the counter',
  async (what, limits) => {
    let calls = 0;
    const clock = testClock();
    const counter = memoryCounter({ clock });
    const settle = jest.spyOn(counter, 'settle');
    const app = await startBehindProxy({
      clock,
      factor: { counter, limits, beforeSend: () => void (calls += 1) },
    });
    const agent = app.agent();
    await signIn(agent);
    await ask(agent).expect(202);
    if (what !== 'the wait') await app.clock.advance(15);
    expect(calls).toBe(1);
    settle.mockClear();
    for (let each = 0; each < 20; each += 1) await ask(agent).expect(429);
    expect(calls).toBe(1);
    expect(settle).toHaveBeenCalledTimes(20);
  },
);

test('[S166] what the carrier surely refused costs nothing: thirty in a row, and the next goes out', async () => {
  let refuses = true;
  const sent: string[] = [];
  const sender: SmsSender = {
    send: async ({ to }) => {
      if (refuses) throw new SecondFactorError('delivery_failed', 'no', { refused: true });
      sent.push(to);
      return {};
    },
  };
  const counter = memoryCounter();
  const settle = jest.spyOn(counter, 'settle');
  const app = await startBehindProxy({ factor: { sender, counter } });
  for (let each = 0; each < 30; each += 1) {
    const agent = await newcomer(app, `u${each}`);
    await askFor(agent, numbered(each)).expect(502);
  }
  const taken = new Set(
    settle.mock.calls.flatMap(([{ take = [] }]) =>
      take.filter(({ by = 1 }) => by > 0).map(({ key }) => key),
    ),
  );
  const { read } = await counter.settle({ read: [...taken] });
  // Of each attempt no more than the step of its ladder is left.
  expect([...read.keys()].filter((key) => !key.endsWith('#step'))).toEqual([]);
  refuses = false;
  await askFor(await newcomer(app, 'late'), numbered(31)).expect(202);
  expect(sent).toEqual([numbered(31)]);
});

test('[S166] [S46] a text that was refused may be tried again at once, but not for ever', async () => {
  let calls = 0;
  const sender: SmsSender = {
    send: async () => {
      calls += 1;
      throw new SecondFactorError('delivery_failed', 'no', { refused: true });
    },
  };
  const app = await startBehindProxy({ factor: { sender } });
  const agent = app.agent();
  await signIn(agent);
  for (let each = 0; each < 40; each += 1) await ask(agent);
  expect(calls).toBe(11);
  await app.clock.advance(300);
  await ask(agent).expect(502);
  expect(calls).toBe(12);
});

test('[S169] forty refused requests beside twelve honest ones take nothing from them', async () => {
  const clock = testClock();
  const counter = memoryCounter({ clock });
  const settle = jest.spyOn(counter, 'settle');
  const app = await startBehindProxy({ clock, factor: { counter } });
  const attacker = await newcomer(app, 'attacker');
  // The attacker has had all numbers of the day.
  for (let each = 0; each < 3; each += 1) {
    await askFor(attacker, inBlock(each), '203.0.113.1').expect(202);
    await app.clock.advance(300);
  }
  const honest = await Promise.all(
    Array.from({ length: 12 }, (_, each) => newcomer(app, `honest${each}`)),
  );
  settle.mockClear();
  const asked = await Promise.all([
    ...Array.from({ length: 40 }, (_, each) => askFor(attacker, inBlock(50 + each), '203.0.113.1')),
    ...honest.map((agent, each) => askFor(agent, inBlock(20 + each), addressOf(each))),
  ]);
  const statuses = asked.map(({ status }) => status);
  expect(statuses.slice(0, 40)).toEqual(Array(40).fill(429));
  expect(statuses.slice(40)).toEqual(Array(12).fill(202));
  // One call for each that is refused; a look and a step for each that is not.
  expect(settle.mock.calls.length).toBeLessThanOrEqual(40 + 2 * 12);
});

test('[S161] a test number costs nothing, and its texts are not counted as sent', async () => {
  const phone = '+12065550100';
  jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const clock = testClock();
  const testNumbersUntil = new Date(clock() + DAY * 1_000).toISOString();
  const factor = { testNumbers: { [phone]: '424242' }, testNumbersUntil };
  const app = await startBehindProxy({ clock, factor });
  const agent = await newcomer(app, 'robot', phone);
  for (let each = 0; each < 40; each += 1) {
    await ask(agent).expect(202);
    await agent.post(ROUTER.verify).send({ code: '424242' }).expect(200);
    await app.clock.advance(11);
  }
  expect(app.outbox.messages).toEqual([]);
});
