import { memoryCounter, type Counter } from '../../lib';
import {
  newestCode,
  pending,
  signIn,
  startApp,
  verified,
  wrongCode,
  type Agent,
  type TestApp,
} from '../helpers/app';
import { testClock } from '../helpers/clock';
import { takenBy } from '../helpers/counters';
import { ROUTER } from '../helpers/paths';
import { atOnce, jsonPost, raw, type RawAnswer } from '../helpers/parallel';
import { onEachStore } from '../helpers/stores';
import {
  cookieFrom,
  cookieSetBy,
  hold,
  knock,
  ROADS,
  sessionIdIn,
  sessionsOf,
  stored,
} from '../helpers/web';

/** Seconds for which the same answer is given again. */
const REPEATABLE = 10;

/** The session that an answer leads to. */
const sessionOf = (answer: RawAnswer): string => sessionIdIn(cookieSetBy(answer) ?? '');
const codeOf = ({ body }: RawAnswer): unknown => (JSON.parse(body) as { code?: unknown }).code;

onEachStore('asked twice', (kind) => {
  let app: TestApp;
  let agent: Agent;
  beforeEach(async () => {
    app = await startApp(await kind.make());
    agent = app.agent();
  });

  for (const { name, path } of ROADS) {
    const passes = (answer: RawAnswer): boolean =>
      name === 'router' ? answer.status === 200 : /^location: \/cart/im.test(answer.headers);

    test(`[S177] [S6] right codes in the same moment lead to one verified session, whichever answer is kept (${name})`, async () => {
      const code = await pending(app, agent);
      await agent.post('/plant').send({ returnTo: '/cart' }).expect(200);
      const post = jsonPost(path, cookieFrom(agent), { code });
      const answers = await atOnce(app.url, Array<typeof post>(4).fill(post));
      expect(answers.map(passes)).toEqual([true, true, true, true]);
      expect(new Set(answers.map(sessionOf)).size).toBe(1);
      expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
      for (const answer of answers) {
        expect(await knock(app, cookieSetBy(answer) ?? '')).toBe(200);
      }
      expect(await knock(app, cookieFrom(agent))).toBe(401);
    });

    test(`[S177] [S182] an answer that got lost is given again for ten seconds, then the session before has ended (${name})`, async () => {
      const code = await pending(app, agent);
      await agent.post('/plant').send({ returnTo: '/cart' }).expect(200);
      const before = cookieFrom(agent);
      const post = jsonPost(path, before, { code });
      const first = await raw(app.url, post);
      // Until then it is what it was: signed in, and not verified.
      expect(await knock(app, before)).toBe(401);
      expect(await stored(app.store, before)).toMatchObject({ passport: { user: 'A' } });
      await app.clock.advance(REPEATABLE - 0.1);
      const second = await raw(app.url, post);
      expect([first, second].map(passes)).toEqual([true, true]);
      expect(sessionOf(second)).toBe(sessionOf(first));
      await app.clock.advance(0.1);
      const third = await raw(app.url, post);
      expect([passes(third), cookieSetBy(third)]).toEqual([false, undefined]);
      expect(await stored(app.store, before)).toBeUndefined();
      expect(await knock(app, cookieSetBy(first) ?? '')).toBe(200);
    });
  }

  test('[S177] a second click that already has the new cookie is answered as the first', async () => {
    for (const { name, path } of ROADS) {
      const code = await pending(app, agent);
      await agent.post('/plant').send({ returnTo: '/cart' }).expect(200);
      const first = await agent.post(path).send({ code });
      const cookie = cookieFrom(agent);
      const second = await agent.post(path).send({ code });
      expect([name, second.status, second.text]).toEqual([name, first.status, first.text]);
      expect(second.headers.location).toBe(first.headers.location);
      expect(cookieFrom(agent)).toBe(cookie);
      const guess = await agent.post(path).send({ code: wrongCode(code) });
      expect(guess.headers.location ?? guess.body.code).toBe(
        name === 'router' ? 'code_incorrect' : '/own',
      );
      await app.clock.advance(REPEATABLE);
      const third = await agent.post(path).send({ code });
      expect(third.headers.location ?? third.body.code).toBe(
        name === 'router' ? 'challenge_expired' : '/own',
      );
      await agent.get('/secret').expect(200);
      await app.clock.advance(60);
    }
  });

  test('[S177] a step-up may be sent twice as well', async () => {
    await verified(app, agent);
    await app.clock.advance(400);
    await agent.post(ROUTER.challenge).send({}).expect(202);
    const post = jsonPost(ROUTER.verify, cookieFrom(agent), { code: newestCode(app) });
    const answers = [...(await atOnce(app.url, [post, post])), await raw(app.url, post)];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(answers.map(sessionOf)).size).toBe(1);
    expect(await knock(app, cookieFrom(agent))).toBe(401);
    const transfer = jsonPost('/transfer', cookieSetBy(answers[2]!) ?? '', {});
    expect((await raw(app.url, transfer)).status).toBe(200);
  });

  test('[S177] a phone that is confirmed twice is confirmed once, by one session, and each answer has the recovery codes', async () => {
    await signIn(agent, 'C');
    await agent.post(ROUTER.enrollment).send({ phone: '+12065550177' }).expect(202);
    const enrolled: unknown[] = [];
    app.secondFactor.on('enrolled', (facts) => enrolled.push(facts));
    const post = jsonPost(ROUTER.confirm, cookieFrom(agent), { code: newestCode(app) });
    const answers = [...(await atOnce(app.url, [post, post])), await raw(app.url, post)];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(JSON.parse(answers[0]!.body)).toMatchObject({ enrolled: true, verified: true });
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    expect(new Set(answers.map(sessionOf)).size).toBe(1);
    expect(enrolled).toHaveLength(1);
    expect(await knock(app, cookieSetBy(answers[2]!) ?? '')).toBe(200);
  });

  test('[S177] nobody else gets in with the code, nor with its answer', async () => {
    const code = await pending(app, agent);
    const [same, other] = [app.agent(), app.agent()];
    await signIn(same);
    await app.clock.advance(30);
    await pending(app, other, 'B');
    await agent.post(ROUTER.verify).send({ code }).expect(200);
    for (const each of [same, other]) {
      const answer = await each.post(ROUTER.verify).send({ code }).expect(401);
      expect(['challenge_expired', 'code_incorrect']).toContain(answer.body.code);
      await each.get('/secret').expect(401);
    }
  });

  test('[S177] [S23] a wrong code in that time is a wrong guess, and five of them are all', async () => {
    const failed: unknown[] = [];
    app.secondFactor.on('failed', ({ attemptsLeft }) => failed.push(attemptsLeft));
    const code = await pending(app, agent);
    const before = cookieFrom(agent);
    await agent.post(ROUTER.verify).send({ code }).expect(200);
    for (const step of [1, 2, 3, 4, 5]) {
      const guess = await raw(
        app.url,
        jsonPost(ROUTER.verify, before, { code: wrongCode(code, step) }),
      );
      expect([guess.status, codeOf(guess), cookieSetBy(guess)]).toEqual([
        401,
        'code_incorrect',
        undefined,
      ]);
    }
    expect(failed).toEqual([4, 3, 2, 1, 0]);
    const late = await raw(app.url, jsonPost(ROUTER.verify, before, { code }));
    expect([late.status, codeOf(late)]).toEqual([401, 'challenge_expired']);
    expect(await knock(app, cookieFrom(agent))).toBe(200);
  });

  test('[S177] the last guess may be sent twice as any other', async () => {
    const code = await pending(app, agent);
    for (const step of [1, 2, 3, 4]) {
      await agent.post(ROUTER.verify).send({ code: wrongCode(code, step) });
    }
    const post = jsonPost(ROUTER.verify, cookieFrom(agent), { code });
    const first = await raw(app.url, post);
    const second = await raw(app.url, post);
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(sessionOf(second)).toBe(sessionOf(first));
  });

  test('[S177] a code that was right is no answer to another question', async () => {
    const code = await pending(app, agent);
    const before = cookieFrom(agent);
    await agent.post(ROUTER.verify).send({ code }).expect(200);
    const confirm = await raw(app.url, jsonPost(ROUTER.confirm, before, { code }));
    expect([confirm.status, cookieSetBy(confirm)]).toEqual([403, undefined]);
    const recovery = { recoveryCode: 'AAAA-AAAA-AAAA-AAAA' };
    const recover = await raw(app.url, jsonPost(ROUTER.recovery, before, recovery));
    expect([recover.status, cookieSetBy(recover)]).toEqual([401, undefined]);
  });

  test('[S177] the session before can do nothing with its time but ask again', async () => {
    const code = await pending(app, agent);
    const before = cookieFrom(agent);
    await agent.post(ROUTER.verify).send({ code }).expect(200);
    const texts = app.outbox.messages.length;
    for (const path of [ROUTER.challenge, ROUTER.enrollment]) {
      const answer = await raw(app.url, jsonPost(path, before, { phone: '+12065550177' }));
      expect([path, answer.status]).toEqual([path, path === ROUTER.challenge ? 401 : 403]);
    }
    expect(app.outbox.messages).toHaveLength(texts);
    // Refused, it is not taken away: the answer may still be lost.
    expect((await raw(app.url, jsonPost(ROUTER.verify, before, { code }))).status).toBe(200);
  });

  test('[S177] what another request wrote into it meanwhile shortens and lengthens nothing', async () => {
    const code = await pending(app, agent);
    const before = cookieFrom(agent);
    await agent.post(ROUTER.verify).send({ code }).expect(200);
    expect((await raw(app.url, jsonPost('/plant', before, { cart: ['tea'] }))).status).toBe(200);
    expect(await stored(app.store, before)).toMatchObject({ cart: ['tea'] });
    expect((await raw(app.url, jsonPost(ROUTER.verify, before, { code }))).status).toBe(200);
    await app.clock.advance(REPEATABLE - 1);
    await raw(app.url, { path: '/open', cookie: before });
    await app.clock.advance(1);
    expect(await stored(app.store, before)).toBeUndefined();
  });

  test('[S14] what is kept for a repeated code tells nothing of it', async () => {
    const code = await pending(app, agent);
    await agent.post(ROUTER.verify).send({ code }).expect(200);
    const dump = await kind.dump(app.store);
    expect(dump).toMatch(/(?<![\w-])[\w-]{16}\W+factor\b/);
    expect(dump).not.toContain(code);
  });
});

test('[S177] whoever comes second waits for the first, also where it takes its time', async () => {
  const clock = testClock();
  const inner = memoryCounter({ clock });
  const spending = hold();
  let spends = 0;
  const counter: Counter = {
    settle: async (wish) => {
      const settled = await inner.settle(wish);
      if (!settled.ok || !takenBy(wish).some((key) => key.endsWith('#ended'))) return settled;
      spends += 1;
      spending.enter();
      await spending.released;
      return settled;
    },
  };
  const app = await startApp({ clock, factor: { counter } });
  const agent = app.agent();
  const code = await pending(app, agent);
  const post = jsonPost(ROUTER.verify, cookieFrom(agent), { code });
  const first = raw(app.url, post);
  await spending.entered;
  const second = raw(app.url, post);
  let early = true;
  void second.then(() => (early = false));
  await agent.get('/open').expect(200);
  expect(early).toBe(true);
  spending.release();
  expect(sessionOf(await second)).toBe(sessionOf(await first));
  expect(spends).toBe(1);
});

test('[S177] [S5] where nothing came of the first, the code is still good, for one session', async () => {
  const clock = testClock();
  const app = await startApp({ clock, before: (each) => each.set('env', 'production') });
  const set = app.store.set.bind(app.store);
  const agent = app.agent();
  const code = await pending(app, agent);
  let broken = true;
  app.store.set = (sid, session, done) => {
    if (broken && 'mark' in ((session as { sms2fa?: object }).sms2fa ?? {})) {
      broken = false;
      done?.(new Error('the disk is full'));
    } else set(sid, session, done);
  };
  const post = jsonPost(ROUTER.verify, cookieFrom(agent), { code });
  const [one, two] = await atOnce(app.url, [post, post]);
  expect([one!.status, two!.status]).toContain(503);
  const again = await raw(app.url, post);
  expect(again.status).toBe(200);
  expect(sessionsOf([one!, two!, again])).toHaveLength(1);
  expect(await knock(app, cookieSetBy(again) ?? '')).toBe(200);
});
