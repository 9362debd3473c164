import { memoryCounter } from '../../lib';
import {
  enrolled,
  newestCode,
  pending,
  PHONES,
  signIn,
  startApp,
  verified,
  wrongCode,
  type TestApp,
} from '../helpers/app';
import { LONG } from '../helpers/long';
import { raw } from '../helpers/parallel';
import { watchedCounter } from '../helpers/counters';
import { ROUTER } from '../helpers/paths';
import { onEachStore } from '../helpers/stores';

const { verify, challenge: send, enrollment: enroll } = ROUTER;

/** Twelve times so many: far more than the texts of a day. */
const AT_ONCE = LONG ? 84 : 10;

let app: TestApp;

test('[S32] two hundred posts of strangers, naming a user, count nothing against that user', async () => {
  const counts: string[] = [];
  const watched = watchedCounter(memoryCounter(), (key) => counts.push(key));
  app = await startApp({ factor: { counter: watched } });
  const body = JSON.stringify({ userId: 'id-of-A', username: 'A', email: 'A', code: '123456' });
  const headers = { 'content-type': 'application/json' };
  for (let batch = 0; batch < 4; batch += 1) {
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        raw(app.url, { method: 'POST', path: verify, headers, body }),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
  }
  expect(counts).toEqual([]);
  await verified(app, app.agent());
});

test('[S32] a lock is told once, so that the user can be warned', async () => {
  app = await startApp();
  const locked: object[] = [];
  app.secondFactor.on('locked', (facts) => locked.push(facts));
  const agent = app.agent();
  await signIn(agent);
  for (let challenge = 0; challenge < 2; challenge += 1) {
    await agent.post(send).send({}).expect(202);
    for (let guess = 1; guess <= 5; guess += 1) {
      await agent
        .post(verify)
        .send({ code: wrongCode(newestCode(app), guess) })
        .expect(401);
    }
    await app.clock.advance(61);
  }
  for (let more = 0; more < 5; more += 1)
    await agent.post(verify).send({ code: '000000' }).expect(429);
  expect(locked).toHaveLength(1);
  expect(locked[0]).toMatchObject({ userId: 'id-of-A', until: expect.any(Number) });
});

/** One rate alone counts texts on their way, too. */
const TEN_OF_AN_ADDRESS = { unconfirmedPerAddress: [{ count: 10, seconds: 3_600 }] };

test('[S37] addresses that a client makes up in headers change nothing', async () => {
  app = await startApp({ factor: { limits: TEN_OF_AN_ADDRESS } });
  const statuses: number[] = [];
  for (let each = 0; each < 14; each += 1) {
    app.users.set(`U${each}`, { id: `u${each}`, username: `U${each}`, passwordVersion: 1 });
    const agent = app.agent();
    await signIn(agent, `U${each}`);
    const answer = await agent
      .post(enroll)
      .set({
        'X-Forwarded-For': `198.51.100.${each}`,
        'X-Real-IP': `198.51.100.${each}`,
        'CF-Connecting-IP': `198.51.100.${each}`,
        Forwarded: `for=198.51.100.${each}`,
      })
      .send({ phone: `+1206${2_010_000 + each * 70_001}` });
    statuses.push(answer.status);
  }
  expect(statuses).toEqual([...Array<number>(10).fill(202), ...Array<number>(4).fill(429)]);
});

test('[S37] behind one trusted proxy its word counts, and what a client put in front of it does not', async () => {
  app = await startApp({
    before: (target) => target.set('trust proxy', 1),
    factor: { limits: TEN_OF_AN_ADDRESS },
  });
  const statuses: number[] = [];
  for (let each = 0; each < 12; each += 1) {
    app.users.set(`U${each}`, { id: `u${each}`, username: `U${each}`, passwordVersion: 1 });
    const agent = app.agent();
    await signIn(agent, `U${each}`);
    const forwarded = `203.0.113.${each}, 198.51.100.7`;
    const phone = `+1206${2_010_000 + each * 70_001}`;
    statuses.push(
      (await agent.post(enroll).set('X-Forwarded-For', forwarded).send({ phone })).status,
    );
  }
  expect(statuses.filter((status) => status === 202)).toHaveLength(10);
  const elsewhere = app.agent();
  await signIn(elsewhere, 'C');
  await elsewhere
    .post(enroll)
    .set('X-Forwarded-For', '198.51.100.8')
    .send({ phone: '+16045550123' })
    .expect(202);
});

onEachStore('storage', (kind) => {
  test('[S69] far more sign-ins than texts open no more challenges than texts may be sent, and every record ends', async () => {
    const { store, clock } = await kind.make();
    app = await startApp({ store, clock });
    const opened = new Set<string>();
    for (let moment = 0; moment < 12; moment += 1) {
      const agents = Array.from({ length: AT_ONCE }, async () => {
        const agent = app.agent();
        await signIn(agent);
        await agent.post(send).send({});
      });
      await Promise.all(agents);
      // connect-redis goes by the real time, which the clock of the test is ahead of, and by whole seconds;
      // a busy machine takes a moment longer to tell Redis.
      const ahead = kind.name === 'Redis' ? app.clock() - Date.now() + 10_000 : 0;
      // Every record has an end, and that of a challenge is no further off than five minutes.
      for (const [key, left] of await kind.lives(store, app.clock())) {
        expect(Number.isFinite(left) && left !== -1).toBe(true);
        if (!key.startsWith('sms2fai')) continue;
        opened.add(key);
        expect(left).toBeLessThanOrEqual(300_000 + ahead);
      }
      await app.clock.advance(310);
    }
    // Ten a day, whatever the session; two are kept for a browser in which the user has passed.
    expect(opened.size).toBe(8);
    expect(app.outbox.messages).toHaveLength(8);
  });
});

test('[S74] after a first enrollment every other session of the user must pass the second factor', async () => {
  app = await startApp();
  const [ua1, ua2] = [app.agent(), app.agent()];
  await signIn(ua1, 'C');
  await signIn(ua2, 'C');
  await ua2.get('/enforced').expect(200);
  await ua1.post(enroll).send({ phone: '+12065550199' }).expect(202);
  await ua1
    .post(`${enroll}/verify`)
    .send({ code: newestCode(app) })
    .expect(200);
  await ua1.get('/enforced').expect(200);
  await ua2.get('/enforced').expect(401);
  await ua2.get('/secret').expect(401);
});

test('[S128] a number that another account has is answered like any other', async () => {
  app = await startApp();
  const answers = [];
  for (const [name, phone] of [
    ['C', '+12065550142'],
    ['D', '+12065550199'],
  ] as const) {
    app.users.set(name, { id: `id-of-${name}`, username: name, passwordVersion: 1 });
    const agent = app.agent();
    await signIn(agent, name);
    const { status, body } = await agent.post(enroll).send({ phone });
    answers.push({ status, keys: Object.keys(body), challenge: Object.keys(body.challenge) });
  }
  expect(answers[0]).toEqual(answers[1]);
});

test('[S129] a wrong password is answered the same with a factor, without one, and for nobody', async () => {
  app = await startApp();
  const answers = [];
  for (const username of ['A', 'C', 'nobody']) {
    const answer = await app.agent().post('/login').send({ username, password: 'wrong' });
    answers.push({
      status: answer.status,
      text: answer.text,
      cookies: answer.headers['set-cookie'],
    });
  }
  expect(answers[1]).toEqual(answers[0]);
  expect(answers[2]).toEqual(answers[0]);
});

test('[S131] no answer holds more than its document says', async () => {
  app = await startApp();
  const agent = app.agent();
  await signIn(agent);
  const status = new Set([
    'enrolled',
    'verified',
    'verifiedAt',
    'amr',
    'signedInAt',
    'authTime',
    'acr',
    'phone',
    'challenge',
    'lockedUntil',
    'recoveryCodesLeft',
  ]);
  const challenge = new Set([
    'purpose',
    'phone',
    'codeLength',
    'sentAt',
    'expiresAt',
    'resendAt',
    'attemptsLeft',
    'sendsLeft',
    'delivery',
  ]);
  const check = (body: Record<string, Record<string, unknown>>): void => {
    expect(Object.keys(body).filter((key) => !status.has(key))).toEqual([]);
    expect(Object.keys(body.challenge ?? {}).filter((key) => !challenge.has(key))).toEqual([]);
  };
  check((await agent.get('/second-factor')).body);
  check((await agent.post(send).send({})).body);
  check({ challenge: (await agent.get(send)).body });
  const code = newestCode(app);
  const wrong = await agent.post(verify).send({ code: wrongCode(code) });
  expect(Object.keys(wrong.body).sort()).toEqual([
    'attemptsLeft',
    'code',
    'detail',
    'status',
    'title',
    'type',
  ]);
  expect((await agent.post(verify).send({ code })).body).toEqual({ verified: true, returnTo: '/' });
  check((await agent.get('/second-factor')).body);
  expect((await agent.get('/status')).body).not.toHaveProperty('challenge');
});

test('[S117] a code of an attacker’s own enrollment does nothing in the victim’s session', async () => {
  app = await startApp();
  const [attacker, victim] = [app.agent(), app.agent()];
  await signIn(attacker, 'C');
  await attacker.post(enroll).send({ phone: '+12065550199' }).expect(202);
  const code = newestCode(app);
  const own = await pending(app, victim, 'A');
  await victim.post(verify).send({ code }).expect(401);
  await victim.post(`${enroll}/verify`).send({ code }).expect(403);
  await victim.get('/secret').expect(401);
  expect(app.enrollments.get('id-of-A')).toEqual(enrolled(PHONES.A));
  await victim.post(verify).send({ code: own }).expect(200);
});
