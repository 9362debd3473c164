import express, { type Express } from 'express';
import { mapEnrollments, memoryCounter, type PasswordReset, type SecondFactor } from '../../lib';
import * as codes from '../../lib/core/challenge/code';
import { DEFAULT_LIMITS } from '../../lib/core/limits';
import {
  enrolled,
  newestCode,
  PHONES,
  signIn,
  startApp,
  wrongCode,
  type TestApp,
} from '../helpers/app';
import { testClock } from '../helpers/clock';
import { atOnce, jsonPost } from '../helpers/parallel';
import { ROUTER } from '../helpers/paths';

const TOKEN = 'a token of a link that was mailed';
const OTHER = 'the token of another link, mailed';

interface Sent {
  userId?: string;
  token?: string;
}

/** An app that resets passwords: nobody is signed in there, and it has looked the token up already. */
async function start(factor: Parameters<typeof startApp>[0] = {}): Promise<TestApp> {
  const later: { secondFactor?: SecondFactor } = {};
  const app = await startApp({
    ...factor,
    before: (each: Express) => {
      each.use('/reset', express.json());
      for (const verb of ['send', 'verify'] as const) {
        each.post(`/reset/${verb}`, async (req, res) => {
          const given = { userId: 'id-of-A', token: TOKEN, ...(req.body as object), req };
          const answer = await later.secondFactor!.reset[verb](given as never);
          if (answer.ok) res.json(answer);
          else res.status(answer.problem.status).json(answer.problem);
        });
      }
    },
  });
  later.secondFactor = app.secondFactor;
  return app;
}

const send = (app: TestApp, by: Sent = {}) => app.agent().post('/reset/send').send(by);
const verify = (app: TestApp, code: unknown, by: Sent = {}) =>
  app
    .agent()
    .post('/reset/verify')
    .send({ code, ...by });

test('[S211] a code passes a reset once, in the words of a reset, and signs nobody in nor verifies a session', async () => {
  const app = await start();
  const owner = app.agent();
  await signIn(owner);
  const verified: unknown[] = [];
  app.secondFactor.on('verified', ({ purpose }) => verified.push(purpose));

  const sent = await send(app).expect(200);
  expect(sent.headers['set-cookie']).toBeUndefined();
  expect(app.outbox.last(PHONES.A)?.body).toMatch(/^\d{6} is your Acme password reset code\. /);
  const code = newestCode(app, PHONES.A);
  await owner.post(ROUTER.verify).send({ code }).expect(401);
  const resetter = app.agent();
  const passed = await resetter.post('/reset/verify').send({ code }).expect(200);
  expect(passed.body).toEqual({ ok: true });
  expect(passed.headers['set-cookie']).toBeUndefined();
  expect(verified).toEqual(['reset']);

  const again = await verify(app, code).expect(401);
  expect(again.body.code).toBe('challenge_expired');
  expect((await send(app).expect(401)).body.code).toBe('challenge_expired');
  for (const agent of [resetter, owner]) await agent.get('/secret').expect(401);
  expect((await owner.get('/status').expect(200)).body.verified).toBe(false);
});

test('[S211] a code is good for the token and the user it was sent for, and a code of a sign-in for no reset', async () => {
  const app = await start();
  await send(app).expect(200);
  const code = newestCode(app, PHONES.A);
  for (const by of [{ token: OTHER }, { userId: 'id-of-B' }]) {
    expect((await verify(app, code, by).expect(401)).body.code).toBe('challenge_expired');
  }
  await app.clock.advance(31);
  const owner = app.agent();
  await signIn(owner);
  await owner.post(ROUTER.challenge).send({}).expect(202);
  const signInCode = newestCode(app, PHONES.A);
  expect((await verify(app, signInCode).expect(401)).body.code).toBe('code_incorrect');
  await verify(app, code).expect(200);
  await owner.post(ROUTER.verify).send({ code: signInCode }).expect(200);
});

test('[S211] of guesses in the same moment no more are looked at than a challenge has, and the right code after them is dead', async () => {
  const app = await start();
  await send(app).expect(200);
  const code = newestCode(app, PHONES.A);
  const guesses = Array.from({ length: 20 }, (_, step) =>
    jsonPost('/reset/verify', '', { code: wrongCode(code, step + 1) }),
  );
  const answers = await atOnce(app.url, guesses);
  const codes = answers.map(({ body }) => (JSON.parse(body) as { code: string }).code);
  expect(codes.filter((each) => each === 'code_incorrect')).toHaveLength(5);
  expect(codes.filter((each) => each === 'challenge_expired')).toHaveLength(15);
  expect((await verify(app, code).expect(401)).body.code).toBe('challenge_expired');
});

test('[S211] of the right code in the same moment one passes', async () => {
  const app = await start();
  await send(app).expect(200);
  const code = newestCode(app, PHONES.A);
  const answers = await atOnce(
    app.url,
    Array.from({ length: 5 }, () => jsonPost('/reset/verify', '', { code })),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401, 401]);
});

test('[S211] wrong codes lock the user, here and at the sign-in, with whichever token, and a locked one is neither texted nor let through', async () => {
  const app = await start();
  for (const token of [TOKEN, OTHER]) {
    await send(app, { token }).expect(200);
    const code = newestCode(app, PHONES.A);
    for (let step = 1; step <= 5; step += 1) await verify(app, wrongCode(code, step), { token });
    await app.clock.advance(61);
  }
  const texts = app.outbox.messages.length;
  const third = { token: 'a third link that was mailed' };
  const refused = await send(app, third).expect(429);
  expect(refused.body).toMatchObject({ code: 'too_many_attempts' });
  expect(refused.body.retryAfter).toBeGreaterThan(0);
  await verify(app, '123456', third).expect(429);
  const owner = app.agent();
  await signIn(owner);
  await owner.post(ROUTER.challenge).send({}).expect(429);
  expect(app.outbox.messages).toHaveLength(texts);
});

test('[S211] a text of a reset waits and counts as one of a sign-in does, for the user and for the address', async () => {
  const app = await start({
    factor: { limits: { textsPerAddress: [{ count: 1, seconds: 600 }] } },
  });
  await send(app).expect(200);
  const second = await send(app, { token: OTHER }).expect(429);
  expect(second.body.code).toBe('resend_too_soon');
  const another = await send(app, { userId: 'id-of-B' }).expect(429);
  expect(another.body.code).toBe('send_limit_reached');
  expect(app.outbox.messages).toHaveLength(1);
});

/** Everything that whoever has a token can see: what is asked in turn, and what is answered. */
async function seen(app: TestApp, userId: string): Promise<unknown[]> {
  const answers: object[] = [];
  const note = ({ status, body, headers }: Awaited<ReturnType<typeof send>>) =>
    answers.push({ status, body: body as unknown, names: Object.keys(headers).sort() });
  note(await verify(app, '000000', { userId }));
  note(await send(app, { userId }));
  note(await send(app, { userId }));
  note(await verify(app, 'abc', { userId }));
  // Of six codes the right one is not among them, or once in 200,000 runs.
  for (let step = 1; step <= 6; step += 1) note(await verify(app, `00000${step}`, { userId }));
  await app.clock.advance(61);
  note(await send(app, { userId, token: OTHER }));
  for (let step = 1; step <= 6; step += 1) {
    note(await verify(app, `00000${step}`, { userId, token: OTHER }));
  }
  note(await send(app, { userId, token: OTHER }));
  return answers;
}

test('[S211] of a user without a factor the answers are those of one who has, nothing is sent, and nothing of theirs is counted or told', async () => {
  const now = Date.now();
  const with_ = await start({ clock: testClock(now) });
  const without = await start({ clock: testClock(now) });
  const told: unknown[] = [];
  for (const name of ['failed', 'locked', 'notice', 'sent'] as const) {
    without.secondFactor.on(name, () => told.push(name));
  }
  const [known, unknown] = [await seen(with_, 'id-of-A'), await seen(without, 'id-of-C')];
  expect(unknown).toEqual(known);
  expect(JSON.stringify(known)).toContain('too_many_attempts');
  expect(JSON.stringify(known)).not.toContain('•');
  expect(with_.outbox.messages.length).toBe(2);
  expect(without.outbox.messages).toEqual([]);
  expect(told).toEqual([]);
  // The user may enroll a first phone right away.
  const agent = without.agent();
  await signIn(agent, 'C');
  await agent.post(ROUTER.enrollment).send({ phone: '+12065550144' }).expect(202);
  const code = newestCode(without);
  await agent.post(ROUTER.confirm).send({ code }).expect(200);
});

/** Derives its codes as always, and keeps them for the test. */
function derivedCodes(): string[] {
  const { deriveCode } = codes;
  const derived: string[] = [];
  jest.spyOn(codes, 'deriveCode').mockImplementation((...given) => {
    derived.push(deriveCode(...given));
    return derived.at(-1)!;
  });
  return derived;
}
afterEach(() => jest.restoreAllMocks());

test('[S211] of a user without a factor no code is right, not even the one that somebody knows', async () => {
  const app = await start();
  const derived = derivedCodes();
  for (const [userId, status] of [
    ['id-of-A', 200],
    ['id-of-C', 401],
  ] as const) {
    await send(app, { userId }).expect(200);
    await verify(app, derived.at(-1), { userId }).expect(status);
  }
  expect(new Set(derived).size).toBe(2);
});

test('[S211] users without a factor wait for nobody, and use up nothing of what others need', async () => {
  const asked: string[] = [];
  const got: string[] = [];
  const kept = mapEnrollments(new Map([['id-of-A', enrolled(PHONES.A)]]));
  const app = await start({
    factor: {
      enrollments: { ...kept, get: (id) => (got.push(id), kept.get(id)) },
      limits: {
        overall: [{ count: 1, seconds: 3_600 }],
        textsPerAddress: [{ count: 10, seconds: 600 }],
        lockAfter: 3,
        hardStop: 3,
      },
      beforeSend: ({ userId }) => void asked.push(userId),
    },
  });
  const without = ['id-of-C', 'one that nobody has', 'another that nobody has'];
  for (const userId of without) await send(app, { userId }).expect(200);
  for (let step = 1; step <= 4; step += 1) {
    await verify(app, `00000${step}`, { userId: 'id-of-C' }).expect(step < 4 ? 401 : 429);
  }
  await send(app).expect(200);
  expect(asked).toEqual(['id-of-A']);
  // Also when there are too many wrong codes no other id is looked for.
  expect([...new Set(got)].sort()).toEqual([...without, 'id-of-A'].sort());
});

test('[S34] [S211] malformed codes count for the address', async () => {
  const app = await start({
    factor: { limits: { malformedPerAddress: [{ count: 2, seconds: 600 }] } },
  });
  const answers = [];
  for (const userId of ['id-of-A', 'id-of-B', 'id-of-C']) {
    answers.push((await verify(app, 'abc', { userId })).status);
  }
  expect(answers).toEqual([400, 400, 429]);
});

/** A request of somebody whom no session knows. */
const asking = (headers: object = {}) => ({ headers, ip: '192.0.2.1' }) as never;

test('[S211] what is told of the code that was sent is how long it is good, and neither the phone nor what is left of a day', async () => {
  const now = Date.now();
  const app = await start({ clock: testClock(now) });
  const at = (seconds: number) => new Date(now + seconds * 1_000).toISOString();
  const told = {
    codeLength: 6,
    sentAt: at(0),
    expiresAt: at(DEFAULT_LIMITS.challengeLifetime),
    resendAt: at(30),
    attemptsLeft: 5,
  };
  for (const userId of ['id-of-A', 'id-of-C']) {
    expect((await send(app, { userId })).body).toEqual({ ok: true, challenge: told });
  }
});

test('[S211] each user without a factor has a day of texts of their own', async () => {
  const { secondFactor } = await startApp({
    factor: { limits: { textsPerPhone: [{ count: 1, seconds: 600 }] } },
  });
  const sent = (userId: string, token: string) =>
    secondFactor.reset.send({ userId, token, req: asking() });
  expect(await sent('nobody 1', TOKEN)).toMatchObject({ ok: true });
  expect(await sent('nobody 2', TOKEN)).toMatchObject({ ok: true });
  expect(await sent('nobody 1', OTHER)).toMatchObject({ problem: { code: 'resend_too_soon' } });
});

test('the text and the problem of a reset are in the language of the request', async () => {
  const { secondFactor, outbox } = await startApp();
  const req = asking({ 'accept-language': 'de' });
  const reset = { userId: 'id-of-A', token: TOKEN, req };
  await secondFactor.reset.send(reset);
  expect(outbox.last()?.body).toMatch(/^\d{6} ist Ihr Code zum Passwortwechsel bei Acme\./);
  const wrong = await secondFactor.reset.verify({ ...reset, code: 'abc' });
  expect(wrong).toMatchObject({ ok: false, problem: { code: 'code_malformed' } });
  expect(JSON.stringify(wrong)).toContain('Ziffern');
});

test('[S171] [S211] a browser in which the user has passed has the texts that are kept for it, in a reset, too', async () => {
  const app = await startApp({
    factor: { limits: { textsPerUser: [{ count: 5, seconds: 86_400 }] } },
  });
  const owner = app.agent();
  await signIn(owner);
  await owner.post(ROUTER.challenge).send({}).expect(202);
  const passed = await owner
    .post(ROUTER.verify)
    .send({ code: newestCode(app) })
    .expect(200);
  const cookies = passed.get('Set-Cookie')!.map((line) => line.split(';', 1)[0]);
  const cookie = cookies.filter((pair) => pair!.startsWith('sms2fa-known-')).join('; ');
  const sent = async (step: number, headers: object): Promise<boolean> => {
    await app.clock.advance(600);
    const token = `${TOKEN}, the ${step}th`;
    return (await app.secondFactor.reset.send({ userId: 'id-of-A', token, req: asking(headers) }))
      .ok;
  };
  const answers = [];
  for (const step of [1, 2, 3, 4, 5]) answers.push(await sent(step, {}));
  for (const step of [6, 7]) answers.push(await sent(step, { cookie }));
  expect(answers).toEqual([true, true, true, true, false, true, false]);
});

test.each([7, 7n, '7'])('[S211] a user may be named as userId gives the id: %p', async (userId) => {
  const { secondFactor, outbox, enrollments } = await startApp();
  enrollments.set('7', enrolled('+12065550147'));
  await secondFactor.reset.send({ userId: '7', token: TOKEN, req: asking() });
  const code = newestCode({ outbox }, '+12065550147');
  // 16 characters are enough of a secret.
  expect(await secondFactor.reset.verify({ userId, token: TOKEN, req: asking(), code })).toEqual({
    ok: true,
  });
  const token = 'x'.repeat(16);
  const sent = await secondFactor.reset.send({ userId, token, req: asking() });
  expect(sent).toMatchObject({ problem: { code: 'resend_too_soon' } });
});

test('a reset without an address is told to the operator', async () => {
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const app = await startApp();
  await app.secondFactor.reset.send({ userId: 'id-of-A', token: TOKEN, req: asking() });
  expect(warn).not.toHaveBeenCalled();
  const req = { headers: {} } as never;
  await app.secondFactor.reset.send({ userId: 'id-of-A', token: TOKEN, req });
  expect(JSON.stringify(warn.mock.calls)).toContain('SMS2FA_ADDRESS');
});

test('[S211] a store that fails lets nobody through, and neither does one that dies in the middle', async () => {
  const counter = memoryCounter();
  let fails = false;
  const settle: typeof counter.settle = (wish) =>
    fails ? Promise.reject(new Error('away')) : counter.settle(wish);
  const app = await start({ factor: { counter: { settle } } });
  await send(app).expect(200);
  const code = newestCode(app, PHONES.A);
  fails = true;
  expect((await verify(app, code).expect(503)).body.code).toBe('store_unavailable');
  expect((await send(app).expect(503)).body.code).toBe('store_unavailable');
  fails = false;
  await verify(app, code).expect(200);
});

const ID = 'Give the id that the option userId gives of this user.';
const SECRET_OF_LINK =
  'Give the secret of the link, 16 characters or more, once you have found it good.';
const NO_SUCH = 'There is no such option. There are userId, token, req.';

test.each<[object, string]>([
  [{ userId: '' }, `userId }) is "". ${ID}`],
  [{ userId: {} }, `userId }) is an object. ${ID}`],
  [{ userId: NaN }, `userId }) is NaN. ${ID}`],
  [{ userId: Infinity }, `userId }) is Infinity. ${ID}`],
  [{ userId: true }, `userId }) is true. ${ID}`],
  [{ userId: undefined }, `userId }) is undefined. ${ID}`],
  [
    { token: 'short, but nearly'.slice(0, 15) },
    `token }) is a string of 15 characters. ${SECRET_OF_LINK}`,
  ],
  [{ token: undefined }, `token }) is undefined. ${SECRET_OF_LINK}`],
  [{ token: 1e17 }, `token }) is a number. ${SECRET_OF_LINK}`],
  [{ req: undefined }, 'req }) is undefined. Give the request.'],
  [{ req: {} }, 'req }) is an object. Give the request.'],
  [{ phone: '+12065550142' }, `phone }) is a string of 12 characters. ${NO_SUCH}`],
  [{ code: '123456' }, `code }) is a string of 6 characters. ${NO_SUCH}`],
])('what is no reset is a TypeError that says why and shows no token: %p', async (wrong, says) => {
  const { secondFactor } = await startApp();
  const given = { userId: 'id-of-A', token: TOKEN, req: asking(), ...wrong };
  const error = await secondFactor.reset.send(given as unknown as PasswordReset).catch(String);
  expect(error).toBe(`TypeError: passport-sms-2fa: reset.send({ ${says}`);
});

test('what is no object at all is told what a reset is made of', async () => {
  const { secondFactor } = await startApp();
  expect(await secondFactor.reset.verify('a token' as never).catch(String)).toBe(
    'TypeError: passport-sms-2fa: the argument of reset.verify() is "a token". Give { userId, token, req }.',
  );
});
