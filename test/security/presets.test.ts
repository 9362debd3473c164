import type { Express, Request, RequestHandler } from 'express';
import { mapEnrollments, type SecondFactor, type SecondFactorOptions } from '../../lib';
import { checkOptions } from '../../lib/options/check-options';
import {
  MANY_TEXTS,
  newestCode,
  signIn,
  startApp,
  verified,
  wrongCode,
  type Agent,
  type TestApp,
  type User,
} from '../helpers/app';
import { ROUTER } from '../helpers/paths';

interface Transfer {
  to: string;
  amount: number;
}

const done: Transfer[] = [];
const words = ({ body }: Request): string => {
  const { to, amount } = body as Transfer;
  return `Pay $${amount} to ${to}`;
};

function payments(app: Express, factor: SecondFactor): void {
  app.post('/pay', factor.require({ maxAge: 300, transaction: words }), (req, res) => {
    done.push(req.body as Transfer);
    res.json({ paid: true });
  });
  app.post('/pay-form', factor.require({ resume: true, transaction: words }), (req, res) => {
    done.push(req.body as Transfer);
    res.send('paid');
  });
  const statement = ({ query }: Request) => `See the statement of ${query.year as string}`;
  app.get('/statement', factor.require({ transaction: statement }), (_req, res) => {
    res.send('statement');
  });
  app.get('/decided', async (req, res) => void res.json(await factor.decide(req, { maxAge: 60 })));
  const same = factor.require({ transaction: () => 'Remove a payee' });
  app.delete('/payees/:id', same, (req, res) => {
    done.push({ to: req.params.id, amount: 0 });
    res.json({ removed: true });
  });
  const broken = factor.require({ transaction: (req: Request) => (req.body as Transfer).to });
  app.post('/pay-wrong', broken, (_req, res) => void res.json({ paid: true }));
}

const start = (factor: Partial<SecondFactorOptions<User>> = {}): Promise<TestApp> =>
  startApp({ after: payments, factor: { limits: MANY_TEXTS, ...factor } });

const pay = (agent: Agent, amount: number, to = 'Bob', path = '/pay') =>
  agent.post(path).send({ to, amount });

/** Asks for the text of what is held up; answers its code. */
async function text(app: TestApp, agent: Agent): Promise<string> {
  await agent.post(ROUTER.challenge).send({}).expect(202);
  return newestCode(app);
}

/** Confirms the payment; the next text may go out at once. */
async function confirm(app: TestApp, agent: Agent, amount: number, to?: string): Promise<void> {
  await pay(agent, amount, to).expect(401);
  await agent
    .post(ROUTER.verify)
    .send({ code: await text(app, agent) })
    .expect(200);
  await app.clock.advance(10);
}

describe('a code for one transaction', () => {
  let app: TestApp;
  let agent: Agent;
  beforeEach(async () => {
    done.length = 0;
    app = await start({ preset: 'psd2' });
    agent = app.agent();
    await verified(app, agent);
  });

  it('[S160] the text names amount and payee, and the code opens that payment, once', async () => {
    const refused = await pay(agent, 250).expect(401);
    expect(refused.body.code).toBe('second_factor_required');
    const sent = await agent.post(ROUTER.challenge).send({}).expect(202);
    expect(sent.body.challenge.transaction).toBe('Pay $250 to Bob');
    expect(app.outbox.last()?.body).toContain('to confirm: Pay $250 to Bob.');
    await agent
      .post(ROUTER.verify)
      .send({ code: newestCode(app) })
      .expect(200);
    await pay(agent, 250).expect(200);
    expect(done).toEqual([{ to: 'Bob', amount: 250 }]);
    await pay(agent, 250).expect(401);
    expect(done).toHaveLength(1);
  });

  it('[S160] the page names them as the text does, before the code is asked for and beside it', async () => {
    const page = async () => {
      const { text } = await agent.get(ROUTER.home).set('Accept', 'text/html').expect(200);
      return text;
    };
    const form = { to: '<b>Bob</b>', amount: 250 };
    await agent.post('/pay').set('Accept', 'text/html').type('form').send(form).expect(303);
    const named = '<dd dir="auto">Pay $250 to &lt;b&gt;Bob&lt;/b&gt;</dd>';
    expect(await page()).toContain(named);
    await agent.post(ROUTER.challenge).send({}).expect(202);
    expect(app.outbox.last()?.body).toContain('Pay $250 to <b>Bob</b>');
    const asked = await page();
    expect(asked).toContain('action="/second-factor/verify"');
    expect(asked).toContain(named);
    // A step-up for another route confirms nothing.
    await app.clock.advance(301);
    await agent.post('/transfer').set('Accept', 'text/html').type('form').send({}).expect(303);
    expect(await page()).not.toContain('Pay $250');
  });

  /** What the page's form for a code sends beside that. */
  async function codeForm(): Promise<Record<string, string | undefined>> {
    const page = await agent.get(ROUTER.home).set('Accept', 'text/html').expect(200);
    const [form = ''] = /<form[^>]*\/verify".*?<\/form>/s.exec(page.text) ?? [];
    return { transaction: /name="transaction" value="([^"]*)"/.exec(form)?.[1] };
  }
  const type = (fields: object) =>
    agent.post(ROUTER.verify).set('Accept', 'text/html').type('form').send(fields).expect(303);

  it.each([
    ['another payment', () => pay(agent, 250).expect(401), 'Pay $250 to Bob'],
    ['a step-up for no payment', () => agent.post('/second-factor/recovery-codes').expect(403), ''],
  ])(
    '[S160] a code typed on a page of %s confirms none that is held up since, though its text has come',
    async (_, hold, shown) => {
      await app.clock.advance(250);
      await agent.get('/secret').expect(200);
      await app.clock.advance(100);
      await hold();
      await text(app, agent);
      const stale = await codeForm();
      expect(stale.transaction).toBe(shown);
      await app.clock.advance(60);
      // Somebody who has the cookie alone, in the meantime.
      await pay(agent, 9999, 'Mallory').expect(401);
      const code = await text(app, agent);
      expect(app.outbox.last()?.body).toContain('Pay $9999 to Mallory');
      await type({ ...stale, code });
      await pay(agent, 9999, 'Mallory').expect(401);
      expect(done).toEqual([]);
      // The page that it comes to says what the code would confirm.
      const anew = await codeForm();
      expect(anew.transaction).toBe('Pay $9999 to Mallory');
      await type({ ...anew, code });
      await pay(agent, 9999, 'Mallory').expect(200);
    },
  );

  it('[S160] of two tabs with two payments the older one says that something else came up since', async () => {
    await pay(agent, 250).expect(401);
    await text(app, agent);
    const older = await codeForm();
    await app.clock.advance(60);
    await pay(agent, 40, 'Carol').expect(401);
    const code = await text(app, agent);
    const answer = await agent.post(ROUTER.verify).send({ ...older, code });
    expect([answer.status, answer.body.code]).toEqual([401, 'challenge_expired']);
    expect(answer.body.detail).toMatch(/^Something else was started since.*start it again\.$/);
    await type({ ...older, code });
    const { text: page } = await agent.get(ROUTER.home).set('Accept', 'text/html').expect(200);
    expect(page).toContain('Something else was started since');
    expect(page).toContain('<dd dir="auto">Pay $40 to Carol</dd>');
    // Where nothing is held up any more there is nothing that this page could be about.
    await agent.post(`${ROUTER.challenge}/delete`).send({}).expect(204);
    const given = await agent.post(ROUTER.verify).send({ ...older, code });
    expect(given.body.code).toBe('challenge_expired');
    expect(given.body.detail).not.toContain('Something else');
  });

  it('[S160] the page of a payment offers no recovery code, which would not open it', async () => {
    const offered = async () => {
      const { text } = await agent.get(ROUTER.home).set('Accept', 'text/html').expect(200);
      return text.includes(`action="${ROUTER.recovery}"`);
    };
    await agent.post(ROUTER.recoveryCodes).send({}).expect(200);
    await agent.post(ROUTER.kept).send({}).expect(204);
    const form = { to: 'Bob', amount: 250 };
    await agent.post('/pay').set('Accept', 'text/html').type('form').send(form).expect(303);
    expect(await offered()).toBe(false);
    await app.clock.advance(301);
    await agent.post('/transfer').set('Accept', 'text/html').type('form').send({}).expect(303);
    expect(await offered()).toBe(true);
  });

  it('[S160] the same payment once more has another code', async () => {
    await pay(agent, 250).expect(401);
    const first = await text(app, agent);
    await agent.post(ROUTER.verify).send({ code: first }).expect(200);
    await pay(agent, 250).expect(200);
    await app.clock.advance(10);
    await pay(agent, 250).expect(401);
    const second = await text(app, agent);
    expect(second).not.toBe(first);
    await agent.post(ROUTER.verify).send({ code: second }).expect(200);
    await pay(agent, 250).expect(200);
    expect(done).toHaveLength(2);
  });

  it.each([
    ['amount', 2500, 'Bob'],
    ['payee', 250, 'Mallory'],
  ])('[S160] a code that came back opens no other %s', async (_, amount, to) => {
    await confirm(app, agent, 250);
    await pay(agent, amount, to).expect(401);
    expect(done).toEqual([]);
  });

  it('[S160] a code fails where the transaction changed since its text', async () => {
    await pay(agent, 250).expect(401);
    const code = await text(app, agent);
    await pay(agent, 2500, 'Mallory').expect(401);
    const refused = await agent.post(ROUTER.verify).send({ code }).expect(401);
    expect(refused.body.code).toBe('challenge_expired');
    await pay(agent, 250).expect(401);
    await pay(agent, 2500, 'Mallory').expect(401);
    expect(done).toEqual([]);
  });

  it('[S160] another amount asked for within the minute has a text and a code of its own', async () => {
    await pay(agent, 250).expect(401);
    const first = await text(app, agent);
    await app.clock.advance(60);
    await pay(agent, 300).expect(401);
    const second = await text(app, agent);
    expect(app.outbox.last()?.body).toContain('Pay $300 to Bob');
    expect(second).not.toBe(first);
  });

  it('[S160] ten requests with one confirmed payment carry it out once', async () => {
    await confirm(app, agent, 250);
    const all = await Promise.all(Array.from({ length: 10 }, () => pay(agent, 250)));
    expect(all.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(done).toHaveLength(1);
  });

  it('[S160] it is no step-up for another route, and a step-up confirms no payment', async () => {
    await app.clock.advance(200);
    await confirm(app, agent, 250);
    await app.clock.advance(150);
    // The sign-in is older than the 300 seconds of that route; the payment's code is not.
    await agent.post('/transfer').send({}).expect(401);
    const code = await text(app, agent);
    expect(app.outbox.last()?.body).not.toContain('Pay');
    await agent.post(ROUTER.verify).send({ code }).expect(200);
    await agent.post('/transfer').send({}).expect(200);
    await pay(agent, 250).expect(401);
  });

  it('[S160] it ends after maxAge', async () => {
    await confirm(app, agent, 250);
    // In use all the while: it is not the idle session that ends.
    await app.clock.advance(200);
    await agent.get('/secret').expect(200);
    await app.clock.advance(100);
    await pay(agent, 250).expect(401);
    expect(done).toEqual([]);
  });

  it('[S160] what another site’s form asks for does not get into the text', async () => {
    await pay(agent, 250).expect(401);
    const foreign = pay(agent, 9999, 'Mallory').set('Sec-Fetch-Site', 'cross-site');
    expect((await foreign.expect(403)).body.code).toBe('cross_site_request');
    await text(app, agent);
    expect(app.outbox.last()?.body).toContain('Pay $250 to Bob');
  });

  it('[S160] another site’s form carries out nothing that was confirmed, and uses nothing up', async () => {
    await confirm(app, agent, 250);
    const foreign = { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' };
    await pay(agent, 250).set(foreign).expect(403);
    const form = agent.post('/pay').type('form').send({ to: 'Bob', amount: 250 });
    await form.set({ ...foreign, Accept: 'text/html' }).expect(403);
    expect(done).toEqual([]);
    await pay(agent, 250).expect(200);
  });

  it('[S160] nor does a link of it', async () => {
    const see = () => agent.get('/statement?year=2026');
    await see().expect(401);
    const code = await text(app, agent);
    await agent.post(ROUTER.verify).send({ code }).expect(200);
    await see().set('Sec-Fetch-Site', 'cross-site').expect(401);
    await see().set('Sec-Fetch-Site', 'same-origin').expect(200);
  });

  it('[S160] what was confirmed at one path opens no other with the same words', async () => {
    await agent.delete('/payees/1').expect(401);
    const code = await text(app, agent);
    await agent.post(ROUTER.verify).send({ code }).expect(200);
    await agent.delete('/payees/2').expect(401);
    await agent.delete('/payees/1?again=1').expect(200);
    expect(done).toEqual([{ to: '1', amount: 0 }]);
  });

  it('[S160] a client that tells nothing of itself and sends plain text is told what to send', async () => {
    const plain = agent.post('/pay').set('Content-Type', 'text/plain').send('{"to":"Bob"}');
    const refused = await plain.expect(400);
    expect(refused.body.code).toBe('request_malformed');
    expect(refused.body.detail).toContain('JSON');
    expect(refused.headers['www-authenticate']).toBeUndefined();
  });

  it.each([
    ['gave up', () => agent.delete(ROUTER.challenge).expect(204)],
    ['left for new recovery codes', () => agent.post('/second-factor/recovery-codes').expect(403)],
    [
      'left for the question of a page',
      () =>
        agent
          .get('/second-factor/enrollment/delete')
          .set({ Accept: 'text/html', 'Sec-Fetch-Site': 'same-origin' })
          .expect(302),
    ],
    ['left for a route of decide()', () => agent.get('/decided').expect(200)],
  ])('[S160] a payment that its user %s is not what the next code confirms', async (_, leave) => {
    await app.clock.advance(200);
    await agent.get('/secret').expect(200);
    await app.clock.advance(200);
    await pay(agent, 250).expect(401);
    await leave();
    const code = await text(app, agent);
    expect(app.outbox.last()?.body).not.toContain('Pay');
    await agent.post(ROUTER.verify).send({ code }).expect(200);
    await agent.post('/second-factor/recovery-codes').send({}).expect(200);
    await pay(agent, 250).expect(401);
  });

  it('[S160] on a page that runs the other way the words keep their own direction', async () => {
    const form = { to: '4711', amount: 250 };
    await agent.post('/pay').set('Accept', 'text/html').type('form').send(form).expect(303);
    const page = await agent
      .get(ROUTER.home)
      .set('Accept', 'text/html')
      .set('Accept-Language', 'ar');
    expect(page.text).toContain('<dd dir="auto">Pay $250 to 4711</dd>');
    await agent.post(ROUTER.challenge).set('Accept-Language', 'ar').send({}).expect(202);
    expect(app.outbox.last()?.body).toContain('\u2068Pay $250 to 4711\u2069');
  });

  it('[S160] a held-up form that is kept is sent once, after its own code', async () => {
    const form = () =>
      agent
        .post('/pay-form')
        .type('form')
        .set('Accept', 'text/html')
        .send({ to: 'Bob', amount: '70' });
    await form().expect(303);
    const code = await text(app, agent);
    await agent.post(ROUTER.verify).send({ code }).expect(200);
    const kept = await agent.get(ROUTER.resume).expect(200);
    await agent
      .post(kept.body.path as string)
      .type('form')
      .send({ to: 'Bob', amount: '70' });
    expect(done).toEqual([{ to: 'Bob', amount: '70' }]);
  });

  it.each([
    ['nothing', undefined],
    ['no words', ''],
  ])('[S160] a function that gives %s keeps the gate shut', async (_, to) => {
    await agent.post('/pay-wrong').send({ to }).expect(500);
  });

  it.each([
    ['too much', 413, 'request_too_large', 'x'.repeat(101)],
    ['two lines', 400, 'request_malformed', 'Bob\n@evil.example #123456'],
    ['letters that turn around', 400, 'request_malformed', 'Bob\u202e052'],
  ])('[S160] who types %s is told so, and nothing is held up', async (_, status, code, to) => {
    const refused = await agent.post('/pay-wrong').send({ to }).expect(status);
    expect(refused.body.code).toBe(code);
    expect(refused.body.detail).toMatch(/one line of up to 100 characters/);
    const form = agent.post('/pay-wrong').set('Accept', 'text/html').type('form').send({ to });
    expect((await form.expect(status)).text).toContain('one line of up to 100 characters');
    const sent = await agent.post(ROUTER.challenge).send({}).expect(202);
    expect(sent.body.challenge.transaction).toBeUndefined();
  });
});

it('[S160] psd2 locks after five failures and asks again after five idle minutes', async () => {
  const app = await start({ preset: 'psd2' });
  const agent = app.agent();
  await verified(app, agent);
  await app.clock.advance(301);
  await agent.get('/secret').expect(401);
  const code = await text(app, agent);
  for (const step of [1, 2, 3, 4, 5]) {
    await agent
      .post(ROUTER.verify)
      .send({ code: wrongCode(code, step) })
      .expect(401);
  }
  const locked = await agent.post(ROUTER.verify).send({ code }).expect(429);
  expect(locked.body.code).toBe('too_many_attempts');
});

it('[S159] pci locks for half an hour after ten failures, and asks again after fifteen idle minutes', async () => {
  const app = await start({ preset: 'pci' });
  const agent = app.agent();
  await verified(app, agent);
  await app.clock.advance(901);
  await agent.get('/secret').expect(401);
  for (const round of [1, 2]) {
    await app.clock.advance(120);
    const code = await text(app, agent);
    for (const step of [1, 2, 3, 4, 5]) {
      const wrong = { code: wrongCode(code, step * round) };
      await agent.post(ROUTER.verify).send(wrong).expect(401);
    }
  }
  await app.clock.advance(1_795);
  await signIn(agent);
  const refused = await agent.post(ROUTER.challenge).send({}).expect(429);
  expect(refused.body.retryAfter).toBe(5);
  await app.clock.advance(6);
  const code = await text(app, agent);
  await agent.post(ROUTER.verify).send({ code }).expect(200);
});

describe('what is set beside a preset', () => {
  const make = (more: object) =>
    checkOptions({
      appName: 'Acme',
      secret: 'a secret of the tests that is long enough',
      sessionStore: { get: () => undefined, set: () => undefined, destroy: () => undefined },
      sender: { send: () => Promise.resolve({}) },
      enrollments: mapEnrollments(new Map()),
      credentialsEpoch: 'none',
      ...more,
    } as unknown as SecondFactorOptions);

  it.each([
    ['pci', { lockAfter: 10, lockEvery: 5, lockDuration: 1_800, verifiedIdle: 900 }],
    ['psd2', { lockAfter: 5, lockEvery: 5, verifiedIdle: 300, factorChangeMaxAge: 300 }],
  ])('[S159][S160] %s turns these numbers, and asks everybody to enroll', (preset, numbers) => {
    const { limits, enrollment } = make({ preset });
    expect(limits).toMatchObject(numbers);
    expect(enrollment).toBe('required');
  });

  it.each([
    ['pci', { limits: { lockAfter: 11 } }, 'limits.lockAfter'],
    ['pci', { limits: { lockDuration: 1_799 } }, 'limits.lockDuration'],
    ['pci', { limits: { verifiedIdle: 901 } }, 'limits.verifiedIdle'],
    ['psd2', { limits: { lockAfter: 6 } }, 'limits.lockAfter'],
    ['psd2', { limits: { verifiedIdle: 301 } }, 'limits.verifiedIdle'],
    ['psd2', { limits: { guessesPerChallenge: 6 } }, 'limits.guessesPerChallenge'],
    ['pci', { enrollment: 'optional' }, 'enrollment'],
    ['pci', { trustedDevices: { days: 1 } }, 'trustedDevices'],
    ['psd2', { testNumbers: {}, testNumbersUntil: '2999-01-01' }, 'testNumbers'],
    ['psd2', { email: { sender: {}, address: () => '', stepUp: true } }, 'email.stepUp'],
  ])('[S159][S160] %s refuses %j', (preset, more, name) => {
    expect(() => make({ preset, ...more })).toThrow(TypeError);
    expect(() => make({ preset, ...more })).toThrow(name);
  });

  it('[S159][S160] what is stricter stays', () => {
    const limits = { lockAfter: 3, lockDuration: 7_200, verifiedIdle: 60 };
    expect(make({ preset: 'pci', limits }).limits).toMatchObject(limits);
  });

  it('[S160] psd2 refuses a maxAge above five minutes, and a transaction has no methods', async () => {
    const { secondFactor } = await startApp({ factor: { preset: 'psd2' } });
    expect(() => secondFactor.require({ maxAge: 301 })).toThrow(/psd2/);
    const given = { transaction: () => 'Pay', methods: ['sms'] };
    expect(() => secondFactor.require(given)).toThrow(/methods/);
    expect(() => secondFactor.require({ transaction: 'Pay' as never })).toThrow(TypeError);
  });
});

test.each([
  ['JSON that is too large', 'application/json', JSON.stringify({ to: 'x'.repeat(11_000) }), 413],
  [
    'a form that is too large',
    'application/x-www-form-urlencoded',
    `to=${'x'.repeat(11_000)}`,
    413,
  ],
  ['JSON that is none', 'application/json', '{"to":', 400],
])(
  '[S160] a body that nobody has read before the gate and that is %s is no transaction, and no page helps',
  async (_what, type, body, status) => {
    const handlers: RequestHandler[] = [];
    const app = await startApp({
      before: (each) =>
        each.post('/pay-unread', (req, res, next) => {
          const [first, second, third] = handlers;
          first!(req, res, () => second!(req, res, () => third!(req, res, next)));
        }),
    });
    handlers.push(...app.sessions, app.secondFactor.require({ transaction: words }));
    const agent = app.agent();
    await verified(app, agent);
    const post = (given: string) => agent.post('/pay-unread').type(type).send(given);
    const refused = await post(body).expect(status);
    const code = status === 413 ? 'request_too_large' : 'request_malformed';
    expect(refused.body).toMatchObject({ status, code });
    const page = await post(body).set('accept', 'text/html').expect(status);
    expect(page.headers.location).toBeUndefined();
    // Such as are read are held up for their code.
    const small = type === 'application/json' ? '{"to":"Bob","amount":1}' : 'to=Bob&amount=1';
    expect((await post(small).expect(401)).body.code).toBe('second_factor_required');
  },
);
