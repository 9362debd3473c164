import { SecondFactorError, type EventName, type SmsMessage, type SmsSender } from '../../lib';
import {
  codeIn,
  newestCode,
  pending,
  signIn,
  startApp as start,
  verified,
  wrongCode,
  type Agent,
} from '../helpers/app';
import { testClock } from '../helpers/clock';
import session from 'express-session';
import { ROUTER } from '../helpers/paths';
import { cookieFrom } from '../helpers/web';

const { verify, challenge: send } = ROUTER;
const EVENTS: EventName[] = [
  'sent',
  'send_refused',
  'verified',
  'failed',
  'locked',
  'disabled',
  'enrolled',
  'replaced',
  'removed',
  'unlocked',
  'reset',
  'revoked',
  'conversion_low',
  'opted_out',
  'budget_alert',
  'store_failed',
];

test('[S19] servers whose clocks differ by two minutes extend a code by no more than that', async () => {
  const store = new session.MemoryStore();
  const [early, late] = [testClock(), testClock(Date.now() + 120_000)];
  const slow = await start({ store, clock: early });
  const fast = await start({ store, clock: late });
  const agent = slow.agent();
  const code = await pending(slow, agent);
  const cookie = cookieFrom(agent);
  await early.advance(299);
  await late.advance(299);
  const seen = await fast.agent().get('/second-factor').set('Cookie', cookie).expect(200);
  expect(seen.body.enrolled).toBe(true);
  const answer = await fast.agent().post(verify).set('Cookie', cookie).send({ code }).expect(401);
  expect(answer.body.code).toBe('challenge_expired');
  await agent.post(verify).send({ code }).expect(200);
});

test('[S19] a clock set back an hour brings no code back, and a challenge from the future is refused', async () => {
  const app = await start();
  const agent = app.agent();
  const code = await pending(app, agent);
  app.clock.set(app.clock() - 3_600_000);
  await agent.post(verify).send({ code }).expect(401);
});

const failing = (error: () => Error) => {
  const sender = {
    calls: 0,
    /** What was on its way: nobody knows whether the carrier took it. */
    text: '',
    send: ({ body }: SmsMessage) => {
      sender.calls += 1;
      sender.text = body;
      return Promise.reject(error());
    },
  };
  return sender satisfies SmsSender;
};

test.each([
  [
    'a definite refusal',
    () => new SecondFactorError('delivery_failed', 'no', { refused: true, reason: 'rejected' }),
    // Costs nothing, and so takes nothing.
    8,
  ],
  [
    'an unknown outcome',
    () => new SecondFactorError('delivery_failed', 'no', { reason: 'unknown_outcome' }),
    4,
  ],
  ['an error of any kind', () => new Error('the phone is +12065550142'), 4],
])(
  '[S136] %s is 502, leaves no valid code, and is not tried again by itself: of eight requests %#',
  async (_what, error, calls) => {
    const sender = failing(error);
    const app = await start({ factor: { sender } });
    const agent = app.agent();
    await signIn(agent);
    const statuses: number[] = [];
    for (let each = 0; each < 8; each += 1) {
      const answer = await agent.post(send).send({});
      statuses.push(answer.status);
      expect(answer.text).not.toContain('+1206555');
      await agent.get(send).expect(401);
      await agent
        .post(verify)
        .send({ code: codeIn(sender.text) })
        .expect(401);
      await app.clock.advance(31);
    }
    expect(statuses[0]).toBe(502);
    expect(sender.calls).toBe(calls);
    expect(sender.calls).toBe(statuses.filter((status) => status === 502).length);
  },
);

test('[S136] a carrier that hangs is given up after limits.carrierCall', async () => {
  let aborted = false;
  const sender: SmsSender = {
    send: (_message, { signal }) =>
      new Promise(() => {
        signal.addEventListener('abort', () => (aborted = true));
      }),
  };
  const app = await start({ factor: { sender, limits: { carrierCall: 1 } } });
  const agent = app.agent();
  await signIn(agent);
  const answer = await agent.post(send).send({}).expect(502);
  expect(answer.body.code).toBe('delivery_failed');
  expect(aborted).toBe(true);
});

test('[S137] a text that was delivered although its sender failed carries a dead code', async () => {
  const texts: string[] = [];
  let fails = true;
  const sender: SmsSender = {
    send: ({ body }) => {
      texts.push(body);
      return fails ? Promise.reject(new Error('the answer was lost')) : Promise.resolve();
    },
  };
  const app = await start({ factor: { sender } });
  const agent = app.agent();
  await signIn(agent);
  await agent.post(send).send({}).expect(502);
  const first = texts[0]!.slice(0, 6);
  await agent.post(verify).send({ code: first }).expect(401);
  fails = false;
  await app.clock.advance(31);
  await agent.post(send).send({}).expect(202);
  await agent
    .post(verify)
    .send({ code: first })
    .expect((answer) => expect(answer.status === 200).toBe(texts[1]!.startsWith(first)));
  await agent
    .post(verify)
    .send({ code: texts[1]!.slice(0, 6) })
    .expect(200);
});

test('[S140] listeners that throw or reject change nothing, and the operator is told', async () => {
  const lines: string[] = [];
  const say = (line: string): void => void lines.push(line);
  const app = await start({ factor: { logger: { warn: say, error: say } } });
  for (const [index, name] of EVENTS.entries()) {
    app.secondFactor.on(name, () => {
      if (index % 2 === 0) throw new Error('a listener is broken');
      return Promise.reject(new Error('a listener is broken'));
    });
  }
  const agent = app.agent();
  const code = await pending(app, agent);
  await agent
    .post(verify)
    .send({ code: wrongCode(code) })
    .expect(401);
  await agent.post(verify).send({ code }).expect(200);
  await agent.get('/secret').expect(200);
  expect(
    lines.filter((text) => text.includes('a listener is broken')).length,
  ).toBeGreaterThanOrEqual(3);
});

/** As a person reads it: the time counts down inside its sentence. */
const read = (page: string): string => page.replace(/<[^>]*>/g, '');

test('[S143] during a suspension the page stays usable and says for how long', async () => {
  const limits = { conversionPerCountry: { hour: 1, day: 1 } };
  const app = await start({ factor: { limits, logoutPath: '/logout' } });
  const enrollment = '/second-factor/enrollment';
  const newcomer = async (username: string): Promise<Agent> => {
    app.users.set(username, { id: `id-of-${username}`, username, passwordVersion: 1 });
    const agent = app.agent();
    await signIn(agent, username);
    return agent;
  };
  // Three times what may be unanswered: nobody is texted for the first time any longer.
  for (const each of [1, 2, 3]) {
    const phone = `+120${each}2010199`;
    await (await newcomer(`D${each}`)).post(enrollment).send({ phone }).expect(202);
  }
  const next = await newcomer('E');
  const refused = await next.post(enrollment).send({ phone: '+12062010188' }).expect(503);
  expect(refused.body.code).toBe('sending_suspended');
  expect(Number(refused.headers['retry-after'])).toBe(86_400);
  await next
    .post(enrollment)
    .type('form')
    .set('Accept', 'text/html')
    .send({ phone: '+12062010188' });
  const page = await next.get('/second-factor').set('Accept', 'text/html').expect(200);
  expect(page.text).toContain('Codes are paused');
  expect(read(page.text)).toContain('Try again in 24 hours.');
  expect(page.text).toContain('action="/logout"');
  expect(page.text).toContain(`action="${enrollment}"`);
});

test('[S143] during a lock the page stays usable and says for how long', async () => {
  const app = await start({ factor: { limits: { lockAfter: 3 }, logoutPath: '/logout' } });
  const agent = app.agent();
  const code = await pending(app, agent);
  for (let guess = 1; guess <= 3; guess += 1)
    await agent.post(verify).send({ code: wrongCode(code, guess) });
  const refused = await agent.post(verify).send({ code }).expect(429);
  expect(Number(refused.headers['retry-after'])).toBe(900);
  const page = await agent.get('/second-factor').set('Accept', 'text/html').expect(200);
  expect(read(page.text)).toContain('You can try again in 15 minutes');
  expect(page.text).toContain('action="/logout"');
  expect(page.text).not.toContain('name="code"');
});

test('[S132] every step is told with time, user, address, purpose and outcome, in order', async () => {
  const app = await start();
  const told: [string, Record<string, unknown>][] = [];
  for (const name of EVENTS)
    app.secondFactor.on(name, (facts) => told.push([name, facts as never]));
  const agent = app.agent();
  const code = await pending(app, agent);
  await agent.post(send).send({}).expect(429);
  await agent
    .post(verify)
    .send({ code: wrongCode(code) })
    .expect(401);
  await agent.post(verify).send({ code }).expect(200);
  await app.clock.advance(10);
  await agent.post(ROUTER.enrollment).send({ phone: '+12065550199' }).expect(202);
  await agent
    .post(ROUTER.confirm)
    .send({ code: newestCode(app) })
    .expect(200);
  await agent.delete(ROUTER.enrollment).expect(204);
  await verified(app, app.agent(), 'B');
  const ofA = told.filter(([, facts]) => facts.userId === 'id-of-A');
  expect(ofA.map(([name]) => name)).toEqual([
    'sent',
    'send_refused',
    'failed',
    'verified',
    'sent',
    'replaced',
    'verified',
    'removed',
  ]);
  for (const [index, [, facts]] of ofA.entries()) {
    expect(facts).toMatchObject({
      // The sign-in, and ten seconds later another phone; those of B come after.
      at: app.clock() - (index < 4 ? 20_000 : 10_000),
      ip: expect.stringContaining('127.0.0.1'),
      phone: expect.stringMatching(/^[• ]+\d\d$/),
    });
  }
  expect(ofA.map(([, facts]) => facts.purpose)).toEqual([
    'sign-in',
    'sign-in',
    'sign-in',
    'sign-in',
    'replace',
    'replace',
    'replace',
    undefined,
  ]);
});

test('[S56] a number that opted out is told so, by its owner’s own page, and the carrier is not asked again', async () => {
  const stop = () =>
    new SecondFactorError('phone_opted_out', 'no', { refused: true, reason: 'opted_out' });
  const sender = failing(stop);
  const app = await start({ factor: { sender } });
  const told: object[] = [];
  app.secondFactor.on('opted_out', (facts) => told.push(facts));
  const agent = app.agent();
  await signIn(agent);
  for (let each = 0; each < 3; each += 1) {
    const answer = await agent.post(send).send({}).expect(409);
    expect(answer.body).toMatchObject({
      code: 'phone_opted_out',
      detail: expect.stringContaining('UNSTOP'),
    });
    await app.clock.advance(61);
  }
  expect(sender.calls).toBe(1);
  expect(told).toHaveLength(1);
  await app.clock.advance(3_600);
  await agent.post(send).send({}).expect(409);
  expect(sender.calls).toBe(2);
});
