import type { TestApp, TestAppOptions, Agent } from '../helpers/app';
import {
  addressOf,
  answer,
  askFor,
  inBlock,
  newcomer,
  numbered,
  startBehindProxy,
} from '../helpers/sending';

const HOUR = 3_600;
/** A guard that is soon at its steps, where a row is about a country. */
const small = {
  conversionPerCountry: { hour: 10, day: 40 },
  conversionPerBlock: { hour: 1_000, day: 1_000 },
};
const start = (limits: object = small, more: TestAppOptions = {}): Promise<TestApp> =>
  startBehindProxy({ ...more, factor: { ...more.factor, limits } });

interface Told {
  step: string;
  budget: string;
}

function told(app: TestApp): Told[] {
  const events: Told[] = [];
  app.secondFactor.on('conversion_low', ({ step, budget }) => events.push({ step, budget }));
  return events;
}

let count = 0;
/** Somebody new asks for a text to a number of their own block, from an address of their own. */
async function signUp(app: TestApp, phone?: string, address?: string) {
  count += 1;
  const agent = await newcomer(app, `u${count}`);
  const number = phone ?? inBlock(count % 700, 100 + count);
  const asked = await askFor(agent, number, address ?? addressOf(count));
  return { agent, phone: number, asked, status: asked.status };
}

/** So many whose texts nobody answers, each another client. */
async function pump(app: TestApp, many: number): Promise<number> {
  let through = 0;
  for (let each = 0; each < many; each += 1) {
    if ((await signUp(app)).status === 202) through += 1;
  }
  return through;
}

test('[S164] one address with any number of accounts suspends nobody else, whatever it asks for', async () => {
  const app = await start({
    conversionPerCountry: { hour: 20, day: 30 },
    conversionPerBlock: { hour: 6, day: 50 },
  });
  const events = told(app);
  for (let hour = 0; hour < 6; hour += 1) {
    // Many blocks, and one block.
    for (let each = 0; each < 15; each += 1) await signUp(app, undefined, '203.0.113.9');
    for (let each = 0; each < 15; each += 1) {
      await signUp(app, numbered(hour * 20 + each), '203.0.113.9');
    }
    await app.clock.advance(HOUR);
    expect((await signUp(app)).status).toBe(202);
    expect((await signUp(app, numbered(5_000 + hour))).status).toBe(202);
  }
  expect(events.filter(({ step }) => step !== 'near')).toEqual([]);
});

test('[S164] three addresses with fifty accounts each leave all others their texts', async () => {
  const app = await start({});
  const events = told(app);
  for (const address of ['203.0.113.1', '203.0.113.2', '203.0.113.3']) {
    for (let each = 0; each < 50; each += 1) await signUp(app, undefined, address);
  }
  await app.clock.advance(600);
  for (let each = 0; each < 5; each += 1) expect((await signUp(app)).status).toBe(202);
  expect(events).toEqual([]);
});

test('[S164] three addresses with fifty accounts each leave others their texts in the same block, too', async () => {
  const app = await start({});
  for (const address of ['203.0.113.1', '203.0.113.2', '203.0.113.3']) {
    const asked = await Promise.all(
      Array.from({ length: 50 }, (_, each) =>
        signUp(app, numbered(1_000 + each + Number(address.slice(-1)) * 100), address),
      ),
    );
    // At once, too, one address has no more than its part of a block.
    expect(asked.filter(({ status }) => status === 202)).toHaveLength(15);
  }
  for (const last of [1, 2, 3]) expect((await signUp(app, numbered(last))).status).toBe(202);
});

test('[S164] an account adds two a day to a country, from however many addresses', async () => {
  const app = await start({ ...small, phonesPerUser: [{ count: 50, seconds: 86_400 }] });
  const agent = await newcomer(app, 'rover');
  for (let each = 0; each < 8; each += 1) {
    await askFor(agent, inBlock(each), addressOf(each)).expect(202);
    await app.clock.advance(301);
  }
  const events = told(app);
  // Eight more clients are what the first step still has room for.
  await pump(app, 7);
  await app.clock.advance(301);
  expect((await signUp(app)).status).toBe(202);
  expect(events.map(({ step }) => step)).not.toContain('first');
});

test('[S165] an honest launch: one sign-up each 1.5 s, answered after 45 s, and none is refused', async () => {
  const app = await start({});
  const waiting: { at: number; agent: Agent; phone: string }[] = [];
  const answerUntil = async (now: number): Promise<void> => {
    while ((waiting[0]?.at ?? Infinity) <= now) {
      const { agent, phone } = waiting.shift()!;
      await answer(app, agent, phone).expect(200);
    }
  };
  for (let each = 0; each < 120; each += 1) {
    await answerUntil(app.clock());
    const { agent, phone, status } = await signUp(app, inBlock(each), addressOf(each));
    expect([each, status]).toEqual([each, 202]);
    waiting.push({ at: app.clock() + 45_000, agent, phone });
    await app.clock.advance(1.5);
  }
  await app.clock.advance(45);
  await answerUntil(app.clock());
});

test('[S165] a training room of thirty behind one address, all within a minute, and none is refused', async () => {
  const app = await start({});
  const room = [];
  for (let each = 0; each < 30; each += 1) {
    room.push(await signUp(app, inBlock(each), '203.0.113.77'));
    await app.clock.advance(1.5);
  }
  expect(room.map(({ status }) => status)).toEqual(Array(30).fill(202));
  for (const { agent, phone } of room) await answer(app, agent, phone).expect(200);
});

test('[S165] fifteen colleagues with phones of one block, behind one address, and none is refused', async () => {
  const app = await start({});
  const room = [];
  for (let each = 0; each < 15; each += 1) {
    room.push(await signUp(app, numbered(each), '203.0.113.77'));
    await app.clock.advance(1.5);
  }
  expect(room.map(({ status }) => status)).toEqual(Array(15).fill(202));
  // The next one comes when somebody has answered, and is told so.
  const next = await signUp(app, numbered(15), '203.0.113.77');
  expect(next.asked.body).toMatchObject({ code: 'send_limit_reached', retryAfter: 300 });
  for (const { agent, phone } of room) await answer(app, agent, phone).expect(200);
  await askFor(next.agent, numbered(15), '203.0.113.77').expect(202);
});

test('[S53] numbers in a row get twenty texts an hour, from one address or from many', async () => {
  for (const spread of [1, 30]) {
    const app = await start({});
    let texted = 0;
    for (let each = 0; each < 30; each += 1) {
      if ((await signUp(app, numbered(each), addressOf(each % spread))).status === 202) texted += 1;
    }
    expect(texted).toBe(spread === 1 ? 15 : 20);
  }
});

test('[S165] a school behind one address: a hundred and fifty within an hour, and none is refused', async () => {
  const app = await start({});
  for (let each = 0; each < 150; each += 1) {
    const { agent, phone, status } = await signUp(app, inBlock(each), '203.0.113.78');
    expect([each, status]).toEqual([each, 202]);
    await app.clock.advance(20);
    await answer(app, agent, phone).expect(200);
  }
});

test('[S165] what is on its way is no failure at the first step, and is one when its challenge is over', async () => {
  const app = await start();
  const events = told(app);
  const first = await signUp(app);
  expect(await pump(app, 14)).toBe(14);
  // Fifteen are on their way, at a threshold of ten.
  expect(events).toEqual([]);
  await app.clock.advance(301);
  expect((await signUp(app)).status).toBe(202);
  expect(events).toEqual([{ step: 'first', budget: 'conversion-country' }]);
  const again = await askFor(first.agent, first.phone, '198.51.100.200').expect(503);
  expect(again.body).toMatchObject({ code: 'sending_suspended', retryAfter: HOUR - 301 });
});

test('[S167] two steps before all are refused; each is told once, and so is the end', async () => {
  const app = await start();
  const events = told(app);
  const steps = () => events.map(({ step }) => step);
  const early = await signUp(app);
  await pump(app, 7);
  await app.clock.advance(301);
  // Eight of ten are over unanswered.
  expect(await pump(app, 2)).toBe(2);
  expect(steps()).toEqual(['near']);
  await app.clock.advance(301);
  // Ten: who has an unanswered text is refused, all others go on, up to three times ten.
  expect((await signUp(app)).status).toBe(202);
  expect(steps()).toEqual(['near', 'first']);
  const refused = await askFor(early.agent, early.phone, '198.51.100.201').expect(503);
  expect(refused.body).toMatchObject({ code: 'sending_suspended', retryAfter: HOUR - 602 });
  expect(await pump(app, 18)).toBe(18);
  expect(steps()).toEqual(['near', 'first']);
  expect((await signUp(app)).status).toBe(202);
  expect(steps()).toEqual(['near', 'first', 'second']);
  expect(app.outbox.messages).toHaveLength(30);
  const late = await signUp(app);
  expect(late.asked.body).toMatchObject({ code: 'sending_suspended', retryAfter: HOUR - 602 });
  expect(await pump(app, 5)).toBe(0);
  expect(steps()).toEqual(['near', 'first', 'second']);
  // The hour is over, and the day's count of the first step with its own.
  await app.clock.advance(86_400);
  expect((await signUp(app)).status).toBe(202);
  expect(steps()).toEqual(['near', 'first', 'second', 'over']);
});

test('[S167] a refused client is told of the first step where nobody else was there to see it', async () => {
  const app = await start();
  const events = told(app);
  const early = await signUp(app);
  await pump(app, 9);
  await app.clock.advance(301);
  for (let each = 0; each < 3; each += 1) {
    await askFor(early.agent, early.phone, '198.51.100.202').expect(503);
  }
  expect(events.map(({ step }) => step)).toEqual(['first']);
});

test('[S167] honest clients without an unanswered text go on where pumping has met the first step', async () => {
  const app = await start();
  await pump(app, 10);
  await app.clock.advance(301);
  for (let each = 0; each < 30; each += 1) {
    const { agent, phone, status } = await signUp(app);
    expect([each, status]).toEqual([each, 202]);
    await app.clock.advance(20);
    await answer(app, agent, phone).expect(200);
  }
});

test('[S168] a hundred and twenty confirmations of one phone widen nothing', async () => {
  const roomy = [{ count: 1_000, seconds: 86_400 }];
  const app = await start({
    ...small,
    conversionPerCountry: { hour: 1, day: 1 },
    sentPerUser: roomy,
    sentPerPhone: roomy,
    sentPerAddress: roomy,
  });
  const phone = inBlock(3);
  for (let each = 0; each < 120; each += 1) {
    app.enrollments.clear();
    const agent = await newcomer(app, `same${each}`);
    await askFor(agent, phone, addressOf(each)).expect(202);
    await answer(app, agent, phone).expect(200);
    await app.clock.advance(10);
  }
  // 0.3 × 120 would be 36; of one number a day no more than one counts: three may be unanswered.
  expect(await pump(app, 40)).toBe(3);
});

test('[S168] test numbers are on neither side', async () => {
  jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const numbers = Array.from({ length: 30 }, (_, each) => numbered(each));
  const testNumbers = Object.fromEntries(numbers.map((phone) => [phone, '424242']));
  const testNumbersUntil = new Date(Date.now() + 86_400_000).toISOString();
  const limits = { ...small, conversionPerCountry: { hour: 1, day: 1 } };
  const app = await startBehindProxy({ factor: { limits, testNumbers, testNumbersUntil } });
  for (const [each, phone] of numbers.entries()) {
    const { agent, status } = await signUp(app, phone);
    expect([each, status]).toEqual([each, 202]);
    // Every other one is answered.
    if (each % 2 === 0) {
      await agent.post('/second-factor/enrollment/verify').send({ code: '424242' }).expect(200);
    }
  }
  expect(await pump(app, 10)).toBe(3);
});
