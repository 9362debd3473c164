import request from 'supertest';
import * as codes from '../../lib/core/challenge/code';
import {
  mapEnrollments,
  memoryCounter,
  type Counter,
  type Enrollments,
  type Limits,
} from '../../lib';
import {
  enrolled,
  newestCode,
  pending,
  PHONES,
  signIn,
  startApp as start,
  verified,
  wrongCode,
  type Agent,
  type TestApp,
  type TestAppOptions,
} from '../helpers/app';
import { testClock } from '../helpers/clock';
import { atOnce, jsonPost, raw } from '../helpers/parallel';
import { takenBy, watchedCounter } from '../helpers/counters';
import { ROUTER } from '../helpers/paths';
import { barrier, isChallenge, onEachStore, type StoreKind } from '../helpers/stores';
import { cookieOf, cookieSetBy, sessionsOf } from '../helpers/web';

const { verify, challenge: send, enrollment: enroll, confirm } = ROUTER;

/** Send limits out of the way: these rows are about guesses. */
const MANY = [{ count: 10_000, seconds: 86_400 }];
const manyTexts = {
  challengeLifetime: 600,
  resendWait: [15],
  textsPerPhone: MANY,
  textsPerUser: MANY,
  unconfirmedPerPhone: MANY,
  unconfirmedPerAddress: MANY,
} satisfies Partial<Limits>;

const roomy = (options: TestAppOptions = {}): Promise<TestApp> =>
  start({ ...options, factor: { limits: manyTexts, ...options.factor } });

afterEach(() => void jest.restoreAllMocks());

const compared = () => jest.spyOn(codes, 'codesMatch');

/** A session with a pending challenge, as a cookie for raw sockets. */
async function pendingCookie(app: TestApp, username = 'A') {
  const client = request(app.url);
  const signedIn = await client.post('/login').send({ username, password: 'right' }).expect(200);
  const cookie = cookieOf(signedIn);
  await client.post(send).set('Cookie', cookie).send({}).expect(202);
  return { cookie, code: newestCode(app) };
}

const wrongOnes = (code: string, amount: number): string[] =>
  Array.from({ length: amount }, (_, index) => wrongCode(code, index + 1));

async function guessWrong(agent: Agent, code: string, times: number, path: string = verify) {
  for (const wrong of wrongOnes(code, times)) {
    const answer = await agent.post(path).send({ code: wrong }).expect(401);
    expect(answer.body.code).toBe('code_incorrect');
  }
}

/** Fails so many times in a new session, with as many texts as that takes. */
async function failAnew(app: TestApp, times: number, username = 'A'): Promise<Agent> {
  const agent = app.agent();
  await signIn(agent, username);
  for (let left = times; left > 0; left -= 5) {
    await app.clock.advance(15);
    await agent.post(send).send({}).expect(202);
    await guessWrong(agent, newestCode(app), Math.min(5, left));
  }
  return agent;
}

async function expectLocked(answering: request.Test, retryAfter?: number) {
  const answer = await answering;
  expect([answer.status, answer.body.code]).toEqual([429, 'too_many_attempts']);
  if (retryAfter !== undefined) expect(answer.headers['retry-after']).toBe(String(retryAfter));
}

/** How many sessions in the store carry a mark. */
async function marks(kind: StoreKind, app: TestApp): Promise<number> {
  return (await kind.dump(app.store)).match(/"mark\\*":/g)?.length ?? 0;
}

async function gatesOpen(app: TestApp, cookies: string[]): Promise<number> {
  const looks = await atOnce(
    app.url,
    cookies.map((cookie) => ({ path: '/secret', cookie, headers: { accept: 'application/json' } })),
  );
  return looks.filter(({ status }) => status === 200).length;
}

onEachStore('parallel guesses', (kind) => {
  test.each([16, 200])(
    '[S6] [S177] of %i parallel right codes all that succeed lead to one verified session',
    async (amount) => {
      for (let round = 0; round < (amount === 16 ? 3 : 1); round += 1) {
        const app = await start(await kind.make());
        const { cookie, code } = await pendingCookie(app);
        // The first round meets at the store, the others on the wire only.
        if (round === 0) barrier(app.store, amount, isChallenge);
        const posts = Array.from({ length: amount }, () => jsonPost(verify, cookie, { code }));
        const answers = await atOnce(app.url, posts);
        expect(sessionsOf(answers)).toHaveLength(1);
        const others = answers.filter(({ status }) => status !== 200);
        // A machine that is busy with other things answers some of so many with 503.
        const refusals = others.map(({ status }) => status).filter((status) => status !== 503);
        expect(refusals.filter((status) => status !== 401)).toEqual([]);
        expect(await marks(kind, app)).toBe(1);
        const cookies = answers.flatMap(({ headers }) => {
          const set = cookieSetBy({ headers });
          return set === undefined ? [] : [set];
        });
        expect(await gatesOpen(app, [cookie, ...new Set(cookies)])).toBe(1);
      }
    },
  );

  test.each(['at the store', 'on the wire'])(
    '[S21] of 200 parallel wrong guesses that meet %s at most five are compared',
    async (where) => {
      const compare = compared();
      const app = await roomy(await kind.make());
      const { cookie, code } = await pendingCookie(app);
      if (where === 'at the store') barrier(app.store, 200, isChallenge);
      const posts = wrongOnes(code, 200).map((wrong) => jsonPost(verify, cookie, { code: wrong }));
      const answers = await atOnce(app.url, posts);
      expect(compare.mock.calls.length).toBe(5);
      // A machine that is busy with other things answers some of so many with 503.
      const answered = answers.filter(({ status }) => status !== 503);
      expect(new Set(answered.map(({ status }) => status))).toEqual(new Set([401]));
      const told = answered.map(({ body }) => (JSON.parse(body) as { code: string }).code);
      const incorrect = told.filter((each) => each === 'code_incorrect');
      expect(incorrect.length).toBeLessThanOrEqual(5);
      expect(told.filter((each) => each === 'challenge_expired')).toHaveLength(
        told.length - incorrect.length,
      );
      const right = await raw(app.url, jsonPost(verify, cookie, { code }));
      expect(right.status).toBe(401);
      // What was beyond the budget cost the user nothing: five more, not fewer, begin the lock.
      const agent = await failAnew(app, 4);
      await expectNotLocked(agent);
      await guessWrong(agent, newestCode(app), 1);
      await expectLocked(agent.post(send).send({}));
    },
  );

  test('[S23] guesses from six sessions at once are compared ten times at most', async () => {
    const compare = compared();
    const app = await roomy(await kind.make());
    const sessions = [];
    for (let each = 0; each < 6; each += 1) {
      sessions.push(await pendingCookie(app));
      await app.clock.advance(15);
    }
    const posts = sessions.flatMap(({ cookie, code }) =>
      wrongOnes(code, 5).map((wrong) => jsonPost(verify, cookie, { code: wrong })),
    );
    barrier(app.store, posts.length, isChallenge);
    const answers = await atOnce(app.url, posts);
    expect(compare.mock.calls.length).toBe(10);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(20);
    for (const { cookie, code } of sessions) {
      const right = await raw(app.url, jsonPost(verify, cookie, { code }));
      expect(right.status).toBe(429);
    }
  });
});

async function expectNotLocked(agent: Agent) {
  const status = await agent.get('/second-factor').expect(200);
  expect(status.body.lockedUntil).toBeUndefined();
}

test('[S20] after five wrong codes the right one is refused and the challenge is gone', async () => {
  const app = await start();
  const agent = app.agent();
  const code = await pending(app, agent);
  for (const [index, wrong] of wrongOnes(code, 5).entries()) {
    const answer = await agent.post(verify).send({ code: wrong }).expect(401);
    expect(answer.body).toMatchObject({ code: 'code_incorrect', attemptsLeft: 4 - index });
  }
  const wrong = await agent
    .post(verify)
    .send({ code: wrongCode(code) })
    .expect(401);
  const right = await agent.post(verify).send({ code }).expect(401);
  expect(right.text).toBe(wrong.text);
  expect(right.body.code).toBe('challenge_expired');
  await agent.get(send).expect(401);
  const { sessions } = app.store as unknown as { sessions: object };
  expect(Object.keys(sessions).filter(isChallenge)).toEqual([]);
  await agent.get('/secret').expect(401);
});

test.each([1, 10])(
  '[S20] a budget of %i, set in the options, is kept',
  async (guessesPerChallenge) => {
    const compare = compared();
    const app = await start({ factor: { limits: { guessesPerChallenge, lockAfter: 50 } } });
    const agent = app.agent();
    const code = await pending(app, agent);
    await guessWrong(agent, code, guessesPerChallenge);
    await agent.post(verify).send({ code }).expect(401);
    expect(compare.mock.calls.length).toBe(guessesPerChallenge);
  },
);

/** A counter that counts, and then breaks before it answers, for keys of one kind. */
function breakingAfter(kind: string, how: 'throws' | 'hangs') {
  const counter = memoryCounter();
  const counts: number[] = [];
  const broken: Counter = {
    settle: async (wish) => {
      const settled = await counter.settle(wish);
      const key = takenBy(wish).find((each) => each.includes(kind));
      if (key === undefined) return settled;
      counts.push(settled.places.get(key)?.count ?? 0);
      if (how === 'throws') throw new Error('the process died here');
      return new Promise(() => undefined);
    },
  };
  return { counter, broken, counts };
}

test.each([
  ["the challenge's count", 'throws', '#guess.'],
  ["the user's count", 'throws', '#fails'],
  ["the challenge's count", 'hangs', '#guess.'],
  ["the user's count", 'hangs', '#fails'],
] as const)(
  '[S22] where %s %s after counting, the guess is counted and not compared',
  async (_what, how, kind) => {
    const compare = compared();
    const { broken, counts } = breakingAfter(kind, how);
    const app = await start({ factor: { counter: broken } });
    const agent = app.agent();
    const code = await pending(app, agent);
    const answer = await agent.post(verify).send({ code }).expect(503);
    expect(answer.body.code).toBe('store_unavailable');
    expect(counts).toEqual([1]);
    expect(compare).not.toHaveBeenCalled();
    await agent.get('/secret').expect(401);
    const status = await agent.get('/second-factor').expect(200);
    expect(status.body.challenge.attemptsLeft).toBe(4);
    if (how === 'hangs') return;
    await agent.post(verify).send({ code }).expect(503);
    expect(counts).toEqual([1, 2]);
  },
);

test('[S22] an app that starts again after such a crash goes on with the counts', async () => {
  const { broken, counter } = breakingAfter('#fails', 'throws');
  const first = await start({ factor: { counter: broken } });
  const { cookie, code } = await pendingCookie(first);
  for (const wrong of wrongOnes(code, 3)) {
    expect((await raw(first.url, jsonPost(verify, cookie, { code: wrong }))).status).toBe(503);
  }
  const { store, clock } = first;
  const second = await start({ store, clock, factor: { counter } });
  const left = [];
  for (const wrong of wrongOnes(code, 3)) {
    const answer = await raw(second.url, jsonPost(verify, cookie, { code: wrong }));
    left.push((JSON.parse(answer.body) as { attemptsLeft?: number }).attemptsLeft);
  }
  expect(left).toEqual([1, 0, undefined]);
});

test('[S35] fifty comparisons that break do not buy a sixth', async () => {
  const app = await start();
  const agent = app.agent();
  const code = await pending(app, agent);
  const compare = compared().mockImplementation(() => {
    throw new Error('broken');
  });
  for (let each = 0; each < 50; each += 1) await agent.post(verify).send({ code });
  expect(compare.mock.calls.length).toBe(5);
  await agent.get('/secret').expect(401);
});

test('[S23] six fresh sessions with the password buy no more than ten guesses', async () => {
  const compare = compared();
  const app = await roomy({ before: (each) => each.set('trust proxy', true) });
  const sessions = [];
  for (let each = 0; each < 6; each += 1) {
    const agent = app.agent();
    sessions.push({ agent, code: await pending(app, agent) });
    await app.clock.advance(15);
  }
  for (const { agent, code } of sessions) {
    for (const wrong of wrongOnes(code, 5)) await agent.post(verify).send({ code: wrong });
  }
  expect(compare.mock.calls.length).toBe(10);
  const texts = app.outbox.messages.length;
  const fresh = app.agent();
  await signIn(fresh);
  await expectLocked(fresh.post(verify).send({ code: '123456' }));
  await expectLocked(fresh.post(send).send({}));
  for (const [index, { agent, code }] of sessions.entries()) {
    const address = `198.51.100.${index}`;
    await expectLocked(agent.post(send).set('X-Forwarded-For', address).send({}));
    await expectLocked(agent.post(verify).set('X-Forwarded-For', address).send({ code }));
  }
  expect(compare.mock.calls.length).toBe(10);
  expect(app.outbox.messages).toHaveLength(texts);
  // Nobody else is locked with A.
  await verified(app, app.agent(), 'B');
});

test('[S23] a user who is locked elsewhere keeps the session that was verified before', async () => {
  const app = await roomy();
  const before = app.agent();
  await verified(app, before);
  await failAnew(app, 10);
  await before.get('/secret').expect(200);
});

test('[S24] no resend gives guesses back, neither to the challenge nor to the user', async () => {
  const app = await start({ factor: { limits: { ...manyTexts, resendWait: [30] } } });
  const agent = app.agent();
  const first = await pending(app, agent);
  await guessWrong(agent, first, 4);
  await app.clock.advance(30);
  const resent = await agent.post(send).send({}).expect(202);
  expect(newestCode(app)).toBe(first);
  expect(resent.body.challenge.attemptsLeft).toBe(1);
  await guessWrong(agent, first, 1);

  // Used up: the next text opens a new challenge, with the user's count going on.
  await app.clock.advance(30);
  await agent.post(send).send({}).expect(202);
  const second = newestCode(app);
  expect(second).not.toBe(first);
  await guessWrong(agent, second, 4);
  await app.clock.advance(30);
  const again = await agent.post(send).send({}).expect(202);
  expect(again.body.challenge.attemptsLeft).toBe(1);
  await guessWrong(agent, second, 1);
  await expectLocked(agent.post(verify).send({ code: second }), 900);
});

test('[S25] signing in with the password anew gives no guesses back', async () => {
  const app = await roomy();
  const agent = await failAnew(app, 9);
  await agent.post('/logout').expect(200);
  await signIn(agent);
  await app.clock.advance(15);
  await agent.post(send).send({}).expect(202);
  const answer = await agent.post(verify).send({ code: wrongCode(newestCode(app)) });
  // The answer counts what is left to the user, which is less than what the challenge has.
  expect(answer.body).toMatchObject({ status: 401, code: 'code_incorrect', attemptsLeft: 0 });
  await expectLocked(agent.post(verify).send({ code: newestCode(app) }));
});

test('[S26] success clears the failures', async () => {
  const app = await roomy();
  for (let round = 0; round < 2; round += 1) {
    await failAnew(app, 9);
    await app.clock.advance(15);
    const agent = app.agent();
    await verified(app, agent);
    await agent.post('/logout').expect(200);
  }
  await expectNotLocked(await failAnew(app, 9));
});

test('[S26] success clears the level of the locks, too', async () => {
  const app = await roomy();
  const locked: number[] = [];
  app.secondFactor.on('locked', ({ at, until }) => locked.push((until - at) / 60_000));
  await failAnew(app, 10);
  await app.clock.advance(900);
  await failAnew(app, 5);
  await app.clock.advance(1_800);
  await verified(app, app.agent());
  await failAnew(app, 9);
  expect(locked).toEqual([15, 30]);
  await failAnew(app, 1);
  expect(locked).toEqual([15, 30, 15]);
});

test('[S26] a right code that is the tenth guess signs in and leaves no lock', async () => {
  const app = await roomy();
  await failAnew(app, 9);
  await app.clock.advance(15);
  const agent = app.agent();
  await verified(app, agent);
  await agent.get('/secret').expect(200);
  await expectNotLocked(await failAnew(app, 9));
});

test('[S27] sign-in, step-up, enrolling and replacing share one count', async () => {
  const app = await roomy();
  const [inside, outside] = [app.agent(), app.agent()];
  const phone = '+12065550177';
  await verified(app, inside);
  await inside.post(send).send({}).expect(202);
  await guessWrong(inside, newestCode(app), 3);
  await app.clock.advance(15);
  await inside.post(enroll).send({ phone }).expect(202);
  await guessWrong(inside, newestCode(app), 3, confirm);
  await app.clock.advance(15);
  await guessWrong(outside, await pending(app, outside), 3);

  // Out of band the factor goes, so that this very user enrolls; then it comes back.
  const enrollment = app.enrollments.get('id-of-A')!;
  app.enrollments.delete('id-of-A');
  await app.clock.advance(15);
  await outside.post(enroll).send({ phone }).expect(202);
  await guessWrong(outside, newestCode(app), 1, confirm);
  await expectLocked(outside.post(enroll).send({ phone }));
  await expectLocked(outside.post(confirm).send({ code: newestCode(app) }));
  app.enrollments.set('id-of-A', enrollment);
  await inside.get('/secret').expect(200);
  for (const agent of [inside, outside]) {
    await expectLocked(agent.post(send).send({}));
    await expectLocked(agent.post(verify).send({ code: '123456' }));
  }
  await expectLocked(inside.post(enroll).send({ phone }));
  await expectLocked(inside.post(confirm).send({ code: '123456' }));
});

test('[S28] the lock holds at the verify endpoint, for a code that was sent before it', async () => {
  const app = await roomy();
  const agent = app.agent();
  const code = await pending(app, agent);
  await failAnew(app, 10);
  await expectLocked(agent.post(verify).send({ code }));
  const own = await agent.post('/own/verify').send({ code });
  expect([own.status, own.headers.location]).toEqual([302, '/own']);
  await agent.get('/secret').expect(401);
});

/** Remembers every key that is added to. */
function recordingCounter(clock: () => number) {
  const counter = memoryCounter({ clock });
  const added: string[] = [];
  const recording = watchedCounter(counter, (key) => added.push(key));
  return { recording, added };
}

test('[S29] during a lock right and wrong codes get the same bytes; nothing is counted or extended', async () => {
  const compare = compared();
  const clock = testClock();
  const { recording, added } = recordingCounter(clock);
  const app = await roomy({ clock, factor: { counter: recording } });
  const { cookie, code } = await pendingCookie(app);
  const agent = await failAnew(app, 10);
  const { lockedUntil } = (await agent.get('/second-factor').expect(200)).body;
  const texts = app.outbox.messages.length;
  compare.mockClear();
  added.length = 0;
  await clock.advance(100.5);

  const answerTo = async (body: object) => {
    const { status, headers, body: said } = await raw(app.url, jsonPost(verify, cookie, body));
    return { status, headers: headers.replace(/^date: .*\r?\n/im, ''), said };
  };
  const right = await answerTo({ code });
  const wrong = await answerTo({ code: wrongCode(code) });
  expect(right).toEqual(wrong);
  expect(right.status).toBe(429);
  expect(right.headers).toMatch(/^retry-after: 800\r?$/im);
  for (let each = 0; each < 20; each += 1) {
    await expectLocked(agent.post(verify).send({ code: wrongCode(code, each + 1) }), 800);
    await expectLocked(agent.post(send).send({}), 800);
  }
  expect(compare).not.toHaveBeenCalled();
  expect(added).toEqual([]);
  expect(app.outbox.messages).toHaveLength(texts);
  expect((await agent.get('/second-factor')).body.lockedUntil).toBe(lockedUntil);

  clock.set(Date.parse(lockedUntil) - 1);
  await expectLocked(agent.post(send).send({}), 1);
  clock.set(Date.parse(lockedUntil));
  await agent.post(send).send({}).expect(202);
  await agent
    .post(verify)
    .send({ code: newestCode(app) })
    .expect(200);
});

/** Fails until the hard stop, waiting out every lock to the millisecond; returns their minutes. */
async function failToTheEnd(app: TestApp, agent: Agent, failures = 100): Promise<number[]> {
  const minutes: number[] = [];
  for (let count = 0; count < failures; count += 5) {
    await agent.post(send).send({}).expect(202);
    await guessWrong(agent, newestCode(app), 5);
    await app.clock.advance(15);
    const { lockedUntil } = (await agent.get('/second-factor').expect(200)).body;
    if (lockedUntil === undefined) continue;
    const until = Date.parse(lockedUntil);
    minutes.push((until - app.clock() + 15_000) / 60_000);
    app.clock.set(until - 1);
    await expectLocked(agent.post(send).send({}), 1);
    app.clock.set(until);
  }
  return minutes;
}

test('[S30] locks double from 15 minutes to 24 hours, after ten failures and every five more', async () => {
  const app = await roomy();
  const agent = app.agent();
  await signIn(agent);
  const locked: number[] = [];
  app.secondFactor.on('locked', ({ at, until }) => locked.push((until - at) / 60_000));
  const minutes = await failToTheEnd(app, agent);
  const table = [15, 30, 60, 120, 240, 480, 960, ...Array<number>(11).fill(1_440)];
  expect(minutes).toEqual(table);
  expect(locked).toEqual(table);
});

test('[S31] a hundred failures disable the factor, and the right code is refused ever after', async () => {
  const app = await roomy();
  const agent = app.agent();
  await signIn(agent);
  const disabled: string[] = [];
  app.secondFactor.on('disabled', ({ userId }) => disabled.push(userId));
  await failToTheEnd(app, agent, 95);
  const { cookie, code } = await pendingCookie(app);
  await app.clock.advance(15);
  const inside = app.agent();
  await agent.post(send).send({}).expect(202);
  await guessWrong(agent, newestCode(app), 4);
  expect(disabled).toEqual([]);
  expect(app.enrollments.get('id-of-A')!.disabledAt).toBeUndefined();
  await guessWrong(agent, newestCode(app), 1);
  expect(disabled).toEqual(['id-of-A']);
  expect(app.enrollments.get('id-of-A')).toMatchObject({ disabledAt: app.clock(), version: 2 });

  const right = await raw(app.url, jsonPost(verify, cookie, { code }));
  expect(right.status).toBe(429);
  expect(right.headers).not.toMatch(/^retry-after/im);
  await signIn(inside);
  for (const seconds of [0, 86_400, 86_400 * 30]) {
    await app.clock.advance(seconds);
    await expectLocked(agent.post(send).send({}));
    await expectLocked(inside.post(verify).send({ code: '123456' }));
    const enrolling = await inside.post(enroll).send({ phone: '+12065550177' });
    expect(enrolling.body.code).toBe('fresh_second_factor_required');
    await inside.get('/secret').expect(401);
  }
  expect(disabled).toHaveLength(1);
});

test('[S31] the enrollment remembers the hard stop where the counts are lost, and shuts open sessions', async () => {
  const app = await roomy();
  const [inside, outside] = [app.agent(), app.agent()];
  await verified(app, inside);
  const code = await pending(app, outside);
  const enrollment = app.enrollments.get('id-of-A')!;
  app.enrollments.set('id-of-A', { ...enrollment, disabledAt: app.clock(), version: 2 });
  // Seen by other processes within ten seconds.
  await app.clock.advance(11);
  await inside.get('/secret').expect(401);
  for (const agent of [inside, outside]) {
    await expectLocked(agent.post(send).send({}));
    await expectLocked(agent.post(verify).send({ code }));
  }
});

test('[S31] a hard stop whose write failed is written at the next try', async () => {
  const map = new Map([['id-of-A', enrolled(PHONES.A)]]);
  const kept = mapEnrollments(map);
  let failing = true;
  const enrollments: Enrollments = {
    ...kept,
    set: (...given) => {
      if (failing) throw new Error('the database is away');
      return kept.set(...given);
    },
  };
  const limits = { ...manyTexts, lockAfter: 3, hardStop: 3 };
  const app = await roomy({ factor: { enrollments, limits } });
  const disabled: string[] = [];
  app.secondFactor.on('disabled', ({ userId }) => disabled.push(userId));
  const agent = app.agent();
  const code = await pending(app, agent);
  await guessWrong(agent, code, 2);
  await agent
    .post(verify)
    .send({ code: wrongCode(code) })
    .expect(503);
  failing = false;
  await expectLocked(agent.post(verify).send({ code }));
  expect(map.get('id-of-A')!.disabledAt).toBe(app.clock());
  expect(disabled).toEqual(['id-of-A']);
});

test('[S31] a hard stop below the first lock is a hard stop', async () => {
  const app = await roomy({ factor: { limits: { ...manyTexts, lockAfter: 3, hardStop: 3 } } });
  const agent = await failAnew(app, 3);
  expect(app.enrollments.get('id-of-A')!.disabledAt).toBe(app.clock());
  const answer = await agent.post(send).send({}).expect(429);
  expect(answer.body.retryAfter).toBeUndefined();
});

test('[S33] a user who signs in by variants of the name has one count', async () => {
  const app = await roomy();
  for (const name of ['A', 'a', 'A', 'a', 'A']) await failAnew(app, 2, name);
  for (const name of ['A', 'a']) {
    const agent = app.agent();
    await signIn(agent, name);
    await expectLocked(agent.post(send).send({}));
  }
});

test('[S39] another address for every request does not buy an eleventh guess', async () => {
  const compare = compared();
  const app = await roomy({ before: (each) => each.set('trust proxy', true) });
  let last = 0;
  const elsewhere = (post: request.Test): request.Test =>
    post.set('X-Forwarded-For', `10.${(last += 1) % 250}.7.1`);
  for (let each = 0; each < 4; each += 1) {
    const agent = app.agent();
    await elsewhere(agent.post('/login')).send({ username: 'A', password: 'right' }).expect(200);
    await app.clock.advance(15);
    await elsewhere(agent.post(send)).send({});
    for (const wrong of wrongOnes(newestCode(app), 5)) {
      await elsewhere(agent.post(verify)).send({ code: wrong });
    }
    if (each > 0) await expectLocked(elsewhere(agent.post(verify)).send({ code: '123456' }));
  }
  expect(compare.mock.calls.length).toBe(10);
});
