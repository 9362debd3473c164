import { createSecondFactor, mapEnrollments, memoryCounter, outboxSender } from '../../lib';
import session from 'express-session';
import {
  newestCode,
  PHONES,
  SECRET,
  signIn,
  startApp,
  wrongCode,
  type Agent,
  type TestApp,
  type TestAppOptions,
} from '../helpers/app';
import { testClock } from '../helpers/clock';
import { ROUTER } from '../helpers/paths';

const { challenge, verify } = ROUTER;
const FIXED = '314159';
const UNTIL = '2027-01-31T00:00:00Z';
const END = Date.parse(UNTIL);
const DAY = 86_400_000;
const testNumbers = { [PHONES.A]: FIXED };

let app: TestApp | undefined;
let warnings: unknown[][];
beforeEach(() => {
  warnings = [];
  const warn = (...warning: unknown[]): void => void warnings.push(warning);
  jest.spyOn(process, 'emitWarning').mockImplementation(warn);
});
afterEach(async () => {
  jest.restoreAllMocks();
});

/** An app a day before the end of its test numbers. */
async function start({ factor, ...more }: TestAppOptions = {}): Promise<TestApp> {
  const clock = testClock(END - DAY);
  const options = { testNumbers, testNumbersUntil: UNTIL, ...factor };
  app = await startApp({ clock, ...more, factor: options });
  return app;
}

/** Options that are right but for these. */
const make = (change: object) => () =>
  createSecondFactor({
    appName: 'Acme',
    secret: SECRET,
    sessionStore: new session.MemoryStore(),
    counter: memoryCounter(),
    sender: outboxSender(),
    enrollments: mapEnrollments(new Map()),
    clock: () => END - DAY,
    ...change,
  });

async function asking(world: TestApp, username = 'A'): Promise<Agent> {
  const agent = world.agent();
  await signIn(agent, username);
  await agent.post(challenge).send({}).expect(202);
  return agent;
}

test('[S18] a test number is never texted, and its fixed code opens its gate', async () => {
  const world = await start();
  const agent = await asking(world);
  expect(world.outbox.messages).toEqual([]);
  const answer = await agent.get(challenge).expect(200);
  expect(answer.body).toMatchObject({ phone: '••• ••• ••42', delivery: 'accepted' });
  expect(answer.text).not.toContain(FIXED);
  await agent.post(verify).send({ code: FIXED }).expect(200);
  await agent.get('/secret').expect(200);
});

test('[S18] the fixed code opens nothing for any other phone, nor without asking for a text', async () => {
  const world = await start();
  const other = await asking(world, 'B');
  expect(world.outbox.messages).toHaveLength(1);
  await other.post(verify).send({ code: FIXED }).expect(401);
  await other
    .post(verify)
    .send({ code: newestCode(world) })
    .expect(200);
  const early = world.agent();
  await signIn(early);
  const answer = await early.post(verify).send({ code: FIXED }).expect(401);
  expect(answer.body.code).toBe('challenge_expired');
});

test('[S18] the fixed code is spent once for each challenge, like any other', async () => {
  const world = await start();
  const agent = await asking(world);
  await agent.post(verify).send({ code: FIXED }).expect(200);
  await world.clock.advance(10);
  await agent.post(verify).send({ code: FIXED }).expect(401);
});

test('[S18] guesses at a fixed code are counted as ever, up to the lock', async () => {
  const world = await start();
  const agent = await asking(world);
  const left: number[] = [];
  for (let guess = 1; guess <= 10; guess += 1) {
    if (guess === 6) {
      await agent.post(verify).send({ code: FIXED }).expect(401);
      await world.clock.advance(31);
      await agent.post(challenge).send({}).expect(202);
    }
    const answer = await agent.post(verify).send({ code: wrongCode(FIXED, guess) });
    left.push((answer.body as { attemptsLeft: number }).attemptsLeft);
  }
  expect(left).toEqual([4, 3, 2, 1, 0, 4, 3, 2, 1, 0]);
  const locked = await agent.post(verify).send({ code: FIXED }).expect(429);
  expect(locked.body.code).toBe('too_many_attempts');
});

test('[S18] asking for a text that is never sent waits and is budgeted as ever', async () => {
  const world = await start();
  const agent = await asking(world);
  const soon = await agent.post(challenge).send({}).expect(429);
  expect(soon.body.code).toBe('resend_too_soon');
  for (let text = 2; text <= 8; text += 1) {
    await world.clock.advance(301);
    await agent.post(challenge).send({}).expect(202);
  }
  await world.clock.advance(301);
  const over = await agent.post(challenge).send({}).expect(429);
  expect(over.body.code).toBe('send_limit_reached');
});

test('[S18] at the end the fixed code is dead, also for the challenge that is pending, and texts go out', async () => {
  const world = await start();
  world.clock.set(END - 60_000);
  const agent = await asking(world);
  world.clock.set(END - 1);
  await agent
    .post(verify)
    .send({ code: wrongCode(FIXED) })
    .expect(401);
  world.clock.set(END);
  const answer = await agent.post(verify).send({ code: FIXED }).expect(401);
  expect(answer.body.code).toBe('code_incorrect');
  await agent.post(challenge).send({}).expect(202);
  expect(world.outbox.messages.map(({ to }) => to)).toEqual([PHONES.A]);
  const code = newestCode(world);
  expect(code).not.toBe(FIXED);
  await agent.post(verify).send({ code }).expect(200);
});

test('[S18] an app that starts after the end has no test numbers', async () => {
  const world = await start({ clock: testClock(END + DAY) });
  const agent = await asking(world);
  expect(world.outbox.messages).toHaveLength(1);
  await agent.post(verify).send({ code: FIXED }).expect(401);
  expect(warnings).toEqual([]);
});

test('[S18] the process warns of test numbers at each start, and names none', async () => {
  await start({ factor: { testNumbers: { ...testNumbers, [PHONES.B]: '271828' } } });
  expect(warnings).toEqual([
    [
      'passport-sms-2fa: 2 test numbers have fixed codes until 2027-01-31T00:00:00.000Z. Whoever knows one passes the second factor of its user.',
      { code: 'SMS2FA_TEST_NUMBERS' },
    ],
  ]);
});

test('[S18] without test numbers nobody is warned', () => {
  make({})();
  make({ testNumbers: {}, testNumbersUntil: UNTIL })();
  expect(warnings).toEqual([]);
});

test.each(['production', 'development', undefined])(
  '[S18] with NODE_ENV %s, test numbers without an end do not start',
  (environment) => {
    const { NODE_ENV } = process.env;
    try {
      if (environment === undefined) delete process.env.NODE_ENV;
      else process.env.NODE_ENV = environment;
      expect(make({ testNumbers })).toThrow(TypeError);
      expect(make({ testNumbers })).toThrow(
        "testNumbersUntil is undefined. Say when testNumbers end, at most a year from now, such as '2027-01-31'",
      );
      expect(make({ testNumbers, testNumbersUntil: '2027-01-31' })).not.toThrow();
    } finally {
      process.env.NODE_ENV = NODE_ENV;
    }
  },
);

test.each<[object, RegExp]>([
  [{ testNumbers, testNumbersUntil: 'never' }, /testNumbersUntil is "never"/],
  [{ testNumbers, testNumbersUntil: '' }, /testNumbersUntil/],
  [{ testNumbers, testNumbersUntil: '31.01.2027' }, /testNumbersUntil/],
  [{ testNumbers, testNumbersUntil: '2027-13-01' }, /testNumbersUntil/],
  [{ testNumbers, testNumbersUntil: '2027' }, /testNumbersUntil/],
  [{ testNumbers, testNumbersUntil: END }, /testNumbersUntil/],
  [{ testNumbers, testNumbersUntil: new Date(END) }, /testNumbersUntil/],
  [{ testNumbersUntil: UNTIL }, /testNumbers is undefined\. Give \{ '\+12065550199'/],
  [{ testNumbers: null, testNumbersUntil: UNTIL }, /testNumbers is null/],
  [{ testNumbers: [], testNumbersUntil: UNTIL }, /testNumbers is a list of 0 entries/],
  [
    { testNumbers: { ...testNumbers, '(206) 555-0142': FIXED }, testNumbersUntil: UNTIL },
    /Give each number once/,
  ],
  [{ testNumbers: { '*': FIXED }, testNumbersUntil: UNTIL }, /testNumbers/],
  [{ testNumbers: { [PHONES.A]: '31415' }, testNumbersUntil: UNTIL }, /code of 6 digits/],
  [{ testNumbers: { [PHONES.A]: 314159 }, testNumbersUntil: UNTIL }, /code of 6 digits/],
  [{ testNumbers: { [PHONES.A]: '31415x' }, testNumbersUntil: UNTIL }, /code of 6 digits/],
  [
    { testNumbers, testNumbersUntil: UNTIL, limits: { codeLength: 8 } },
    /testNumbers is an object\. .*8 digits/,
  ],
])('[S18] the options %j are misuse, and no error shows a code', (options, message) => {
  expect(make(options)).toThrow(TypeError);
  expect(make(options)).toThrow(message);
  expect(make(options)).not.toThrow(/31415/);
});
