import {
  newestCode,
  pending,
  signIn,
  startApp,
  verified,
  wrongCode,
  type TestApp,
} from '../helpers/app';
import { cookieFrom, stored } from '../helpers/web';
import type { SecondFactorEvents, SendRequest } from '../../lib';
import { ROUTER } from '../helpers/paths';

let app: TestApp | undefined;
const { challenge: send, verify } = ROUTER;

test('[S49] [S50] a hook that denies a text costs nothing and the answer does not tell why', async () => {
  const asked: SendRequest[] = [];
  app = await startApp({
    factor: {
      beforeSend: (text) => {
        asked.push(text);
        return Promise.resolve(false);
      },
    },
  });
  const agent = app.agent();
  await signIn(agent);
  const answer = await agent.post(send).send({}).expect(403);
  expect(answer.body).toMatchObject({ code: 'send_refused' });
  expect(JSON.stringify(answer.body)).not.toMatch(/hook|risk|line|2065550142/);
  expect(app.outbox.messages).toHaveLength(0);
  expect(asked[0]).toMatchObject({
    userId: 'id-of-A',
    phone: '+12065550142',
    country: 'US',
    confirmed: true,
    purpose: 'sign-in',
  });
  expect(asked[0]!.req).toHaveProperty('headers');
  // The wait stays, so that nobody makes the hook's own look-ups run up a bill.
  await agent.post(send).send({}).expect(429);
  expect(asked).toHaveLength(1);
});

test('[S163] [S172] a stranger whom the hook denies does not keep the owner of a number waiting', async () => {
  const number = { phone: '+12065550177' };
  app = await startApp({
    enroll: false,
    factor: { beforeSend: ({ userId }) => userId === 'id-of-C' },
  });
  const [first, second, owner] = [app.agent(), app.agent(), app.agent()];
  await signIn(first, 'A');
  await signIn(second, 'B');
  await signIn(owner, 'C');
  for (const stranger of [first, second]) {
    await stranger.post(ROUTER.enrollment).send(number).expect(403);
    // Their own waits stay, whatever they type in.
    for (const phone of [number.phone, '+12065550178']) {
      await stranger.post(ROUTER.enrollment).send({ phone }).expect(429);
    }
  }
  await owner.post(ROUTER.enrollment).send(number).expect(202);
});

test.each([
  [
    'throws',
    () => {
      throw new TypeError('the look-up is broken');
    },
  ],
  ['rejects', () => Promise.reject(new TypeError('the look-up is broken'))],
])(
  '[S49] [S51] a hook that %s refuses the text, and the event says what it threw',
  async (_how, beforeSend) => {
    app = await startApp({ factor: { beforeSend } });
    const refused: SecondFactorEvents['send_refused'][] = [];
    app.secondFactor.on('send_refused', (facts) => refused.push(facts));
    const agent = app.agent();
    await signIn(agent);
    const answer = await agent.post(send).send({}).expect(503);
    expect(answer.body.code).toBe('sending_suspended');
    expect(answer.text).not.toContain('look-up');
    expect(app.outbox.messages).toHaveLength(0);
    expect(refused[0]).toMatchObject({
      code: 'sending_suspended',
      error: new TypeError('the look-up is broken'),
    });
  },
);

test('[S51] a hook is asked for each text anew', async () => {
  let asked = 0;
  app = await startApp({ factor: { beforeSend: () => (asked += 1) < 2 } });
  const agent = app.agent();
  await signIn(agent);
  await agent.post(send).send({}).expect(202);
  await app.clock.advance(31);
  await agent.post(send).send({}).expect(403);
  expect(app.outbox.messages).toHaveLength(1);
});

test('[S52] where codes are texted and never entered, sign-ups are suspended; sign-ins and other countries go on', async () => {
  app = await startApp({
    before: (target) => target.set('trust proxy', true),
    factor: { limits: { conversionPerCountry: { hour: 10, day: 30 } } },
  });
  const low: SecondFactorEvents['conversion_low'][] = [];
  app.secondFactor.on('conversion_low', (facts) => low.push(facts));
  const enroll = async (each: number, phone: string) => {
    app!.users.set(`U${each}`, { id: `u${each}`, username: `U${each}`, passwordVersion: 1 });
    const agent = app!.agent();
    await signIn(agent, `U${each}`);
    // Each from an address of its own: one client suspends nothing.
    const address = `192.0.2.${each}`;
    return agent.post(ROUTER.enrollment).set('X-Forwarded-For', address).send({ phone });
  };
  const statuses: number[] = [];
  for (let each = 0; each < 60; each += 1) {
    // Each in a block of its own, so that the country's budget is the one that is met.
    const answer = await enroll(each, `+1206${2_010_000 + each * 70_001}`);
    statuses.push(answer.status);
  }
  // Three times the threshold: so many may be unanswered or on their way, whoever asked.
  expect(statuses).toEqual([...Array<number>(30).fill(202), ...Array<number>(30).fill(503)]);
  expect(low).toEqual([expect.objectContaining({ country: 'US', limit: 10, step: 'second' })]);
  expect(JSON.stringify(low)).not.toMatch(/\+1206/);
  const canada = await enroll(100, '+16045550123');
  expect(canada.status).toBe(202);
  await verified(app, app.agent(), 'B');
});

test('[S34] malformed codes count for the address, never for the user, on both roads', async () => {
  for (const path of [verify, '/own/verify']) {
    const each = await startApp();
    try {
      const agent = each.agent();
      await signIn(agent);
      await agent.post(send).send({}).expect(202);
      const statuses: number[] = [];
      for (let count = 0; count < 60; count += 1) {
        const answer = await agent.post(path).send({ code: 'blank' });
        statuses.push(answer.status);
      }
      if (path === verify) {
        expect(statuses.slice(0, 50)).toEqual(Array(50).fill(400));
        expect(new Set(statuses.slice(50))).toEqual(new Set([429]));
      } else {
        // The strategy's refusals go to the app's own page, which finds them in the session.
        const { messages } = (await stored(each.store, cookieFrom(agent))) ?? {};
        const said = messages as string[];
        expect(new Set(said.slice(0, 50)).size).toBe(1);
        expect(said[49]).not.toMatch(/^Too many/);
        expect(said.slice(50)).toEqual(Array(10).fill('There were too many wrong codes.'));
      }
      // The same address, whoever signs in there: what came by the other road is counted, too.
      const other = each.agent();
      await signIn(other, 'B');
      await other.post(verify).send({ code: 'blank' }).expect(429);
      await agent
        .post(verify)
        .send({ code: newestCode(each) })
        .expect(200);
    } finally {
      await each.close();
    }
  }
});

test('[S34] bodies that are no fields count like malformed codes', async () => {
  app = await startApp();
  const agent = app.agent();
  const code = await pending(app, agent);
  const codes: string[] = [];
  for (let count = 0; count < 52; count += 1) {
    codes.push(((await agent.post(verify).send([])).body as { code: string }).code);
  }
  expect(new Set(codes.slice(0, 50))).toEqual(new Set(['request_malformed']));
  expect(codes.slice(50)).toEqual(['too_many_attempts', 'too_many_attempts']);
  await agent.post(verify).send({ code }).expect(200);
});

test('[S34] other refusals do not count as malformed, and an IPv6 /64 is one address', async () => {
  app = await startApp({ before: (each) => each.set('trust proxy', 1) });
  const agent = app.agent();
  await signIn(agent);
  const from = (path: string, host: number, body: object) =>
    agent.post(path).set('X-Forwarded-For', `2001:db8::${host}`).send(body);
  for (let count = 0; count < 55; count += 1) {
    const { body } = await from(send, count, {});
    expect((body as { code?: string }).code).not.toBe('too_many_attempts');
  }
  const statuses: number[] = [];
  for (let count = 0; count < 51; count += 1) {
    statuses.push((await from(verify, count, { code: 'blank' })).status);
  }
  expect(new Set(statuses.slice(0, 50))).toEqual(new Set([400]));
  expect(statuses[50]).toBe(429);
  const other = agent.post(verify).set('X-Forwarded-For', '2001:db8:0:1::1');
  await other.send({ code: 'blank' }).expect(400);
});

test('[S70] a session that lies idle longer than the app allows must confirm again; one in use goes on', async () => {
  app = await startApp({ factor: { limits: { verifiedIdle: 3_600 } } });
  const agent = app.agent();
  await verified(app, agent);
  for (let hour = 0; hour < 4; hour += 1) {
    await app.clock.advance(50 * 60);
    await agent.get('/secret').expect(200);
  }
  await app.clock.advance(61 * 60);
  await agent.get('/secret').expect(401);
});

test('support desk: a lock is seen and ended, with the name of who did it', async () => {
  app = await startApp();
  const told: object[] = [];
  app.secondFactor.on('unlocked', (facts) => told.push(facts));
  const agent = app.agent();
  await signIn(agent);
  for (let challenge = 0; challenge < 2; challenge += 1) {
    await agent.post(send).send({}).expect(202);
    const code = newestCode(app);
    for (let guess = 1; guess <= 5; guess += 1) {
      await agent.post(verify).send({ code: wrongCode(code, guess) });
    }
    await app.clock.advance(61);
  }
  await agent.post(send).send({}).expect(429);
  const { admin } = app.secondFactor;
  expect(await admin.status('id-of-A')).toMatchObject({
    enrolled: true,
    disabled: false,
    lockedUntil: expect.any(String),
    phone: expect.stringMatching(/42$/),
  });
  await admin.unlock('id-of-A', { operator: 'Ann' });
  expect(told).toEqual([{ at: app.clock(), userId: 'id-of-A', operator: 'Ann' }]);
  await agent.post(send).send({}).expect(202);
  await agent
    .post(verify)
    .send({ code: newestCode(app) })
    .expect(200);
});

test('support desk: the hard stop is ended by unlock, a lost phone by reset, all sessions by revoke', async () => {
  app = await startApp({ factor: { limits: { lockAfter: 3, hardStop: 3 } } });
  const { admin } = app.secondFactor;
  const agent = app.agent();
  await signIn(agent);
  await agent.post(send).send({}).expect(202);
  const code = newestCode(app);
  for (let guess = 1; guess <= 3; guess += 1)
    await agent.post(verify).send({ code: wrongCode(code, guess) });
  expect(await admin.status('id-of-A')).toMatchObject({ disabled: true });
  await app.clock.advance(30 * 86_400);
  const later = app.agent();
  await signIn(later);
  await later.post(send).send({}).expect(429);
  await admin.unlock('id-of-A', { operator: 'Ann' });
  await later.post(send).send({}).expect(202);
  await later
    .post(verify)
    .send({ code: newestCode(app) })
    .expect(200);
  await later.get('/secret').expect(200);
  await admin.revoke('id-of-A', { operator: 'Ann' });
  await later.get('/secret').expect(401);
  await admin.reset('id-of-A', { operator: 'Ann' });
  expect(await admin.status('id-of-A')).toMatchObject({ enrolled: false, disabled: false });
  await app.clock.advance(10);
  await later.post(ROUTER.enrollment).send({ phone: '+12065550199' }).expect(202);
});

test('[S89] no verb but POST texts a code by challenge()', async () => {
  app = await startApp({
    after: (target, secondFactor) =>
      target.all('/send', secondFactor.challenge(), (_req, res) => void res.send('sent')),
    factor: {
      enrollments: {
        get: () => ({ phone: '+12065550142', confirmedAt: 1, epoch: 'e', version: 1 }),
        set: () => true,
        delete: () => true,
      },
    },
  });
  const agent = app.agent();
  await verified(app, agent);
  app.outbox.clear();
  for (const verb of ['get', 'head', 'options', 'put', 'patch', 'delete'] as const) {
    await agent[verb]('/send').expect(405);
  }
  expect(app.outbox.messages).toHaveLength(0);
  await agent.post('/send').send({}).expect(200);
});
