import type { Express } from 'express';
import session from 'express-session';
import { memoryCounter, type Counter, type SecondFactor } from '../../lib';
import {
  newestCode,
  pending,
  signIn,
  startApp,
  verified,
  type Agent,
  type TestApp,
  type TestAppOptions,
} from '../helpers/app';
import { testClock } from '../helpers/clock';
import { LONG } from '../helpers/long';
import { ROUTER } from '../helpers/paths';
import { atOnce, jsonPost, raw, type RawAnswer } from '../helpers/parallel';
import { connect, hasRedis, startRedis } from '../helpers/redis-server';
import { isSession, onEachStore } from '../helpers/stores';
import {
  cookieFrom,
  cookieSetBy,
  hold,
  JSON_ONLY,
  knock,
  sessionIdIn,
  stored,
} from '../helpers/web';
import { slowPost } from './slow-post';
import { RedisStore } from 'connect-redis';

const { verify, challenge, enrollment, confirm, recovery } = ROUTER;

/** On Redis the two meet where they will: three times at each of thirteen distances. */
const MEETINGS = LONG ? 200 : 39;

/** Whether this cookie belongs to somebody who is signed in, with or without the second factor. */
async function isSignedIn(app: TestApp, cookie: string): Promise<boolean> {
  const { body } = await raw(app.url, { path: '/status', cookie, headers: JSON_ONLY });
  return (JSON.parse(body) as { amr: string[] }).amr.includes('pwd');
}

const signOut = (app: TestApp, cookie: string): Promise<RawAnswer> =>
  raw(app.url, jsonPost('/logout', cookie, {}));

onEachStore('a session and the one that takes its place', (kind) => {
  let app: TestApp;
  let agent: Agent;
  beforeEach(async () => {
    app = await startApp(await kind.make());
    agent = app.agent();
  });

  test('[S182] the session before ends with a sign-out of the new one', async () => {
    const code = await pending(app, agent);
    const before = cookieFrom(agent);
    await agent.post(verify).send({ code }).expect(200);
    expect(await isSignedIn(app, before)).toBe(true);
    const after = cookieFrom(agent);
    expect((await signOut(app, after)).status).toBe(200);
    for (const cookie of [before, after]) {
      expect(await isSignedIn(app, cookie)).toBe(false);
      expect(await stored(app.store, cookie)).toBeUndefined();
    }
    const again = await raw(app.url, jsonPost(verify, before, { code }));
    expect([again.status, cookieSetBy(again)]).toEqual([401, undefined]);
  });

  test('[S182] [S187] a sign-out with the old cookie, in another tab, ends the new session', async () => {
    const code = await pending(app, agent);
    const before = cookieFrom(agent);
    await agent.post(verify).send({ code }).expect(200);
    expect(await knock(app, cookieFrom(agent))).toBe(200);
    expect((await signOut(app, before)).status).toBe(200);
    expect(await knock(app, cookieFrom(agent))).toBe(401);
    expect(await isSignedIn(app, cookieFrom(agent))).toBe(false);
  });

  test('[S187] a sign-out that was held back ends all that came of its session', async () => {
    await verified(app, agent);
    const first = cookieFrom(agent);
    const finish = await slowPost(app, '/logout', first, { more: 'that comes late' });
    for (const round of [1, 2]) {
      await app.clock.advance(400 * round);
      await agent.post(challenge).send({}).expect(202);
      await agent
        .post(verify)
        .send({ code: newestCode(app) })
        .expect(200);
    }
    expect(await knock(app, cookieFrom(agent))).toBe(200);
    expect((await finish()).status).toBe(200);
    expect(await knock(app, cookieFrom(agent))).toBe(401);
    expect(await isSignedIn(app, cookieFrom(agent))).toBe(false);
  });

  test('[S188] a session that is ended by the id that asked for the code is ended under the id it has now', async () => {
    const code = await pending(app, agent);
    const asked = sessionIdIn(cookieFrom(agent));
    await agent.post(verify).send({ code }).expect(200);
    await app.clock.advance(1_800);
    await new Promise((resolve) => app.store.destroy(asked, resolve));
    expect(await knock(app, cookieFrom(agent))).toBe(401);
  });

  test('[S182] the next sign-in of the same browser does not bring the session before back', async () => {
    const code = await pending(app, agent);
    const before = cookieFrom(agent);
    await agent.post(verify).send({ code }).expect(200);
    await signIn(agent);
    expect(await isSignedIn(app, before)).toBe(false);
    expect(await isSignedIn(app, cookieFrom(agent))).toBe(true);
  });
});

describe('[S187] sign-out against verification', () => {
  const steps: string[] = [];
  /** Runs once, before the step with this number of those that follow. */
  let cut: { at: number; run: () => Promise<void> } | undefined;
  const step = async (name: string): Promise<void> => {
    if (cut === undefined) return;
    steps.push(name);
    if (steps.length !== cut.at) return;
    const { run } = cut;
    cut = undefined;
    await run();
  };
  const isMet = (): boolean => cut === undefined;
  type Call = (...args: unknown[]) => unknown;
  const stepping = (store: session.Store): session.Store => {
    const calls = store as unknown as Record<string, Call>;
    for (const name of ['get', 'set', 'destroy']) {
      const call = calls[name]!.bind(store);
      calls[name] = (...args) => {
        const what = isSession(String(args[0])) ? 'session' : String(args[0]).slice(0, 7);
        void step(`${name} ${what}`).then(() => call(...args));
      };
    }
    return store;
  };

  test('whichever step of the one the other meets, one of the two wins for good', async () => {
    let lost = 0;
    let won = 0;
    for (let at = 1, met = true; met; at += 1) {
      const clock = testClock();
      const inner = memoryCounter({ clock });
      const counter: Counter = {
        settle: async (wish) => {
          await step('settle');
          return inner.settle(wish);
        },
      };
      const store = stepping(new session.MemoryStore());
      const app = await startApp({ clock, store, factor: { counter } });
      const agent = app.agent();
      const code = await pending(app, agent);
      const before = cookieFrom(agent);
      let out: RawAnswer | undefined;
      steps.length = 0;
      cut = { at, run: async () => void (out = await signOut(app, before)) };
      const answer = await raw(app.url, jsonPost(verify, before, { code }));
      met = isMet();
      cut = undefined;
      const what = { at, after: steps.join() };
      if (met) {
        expect({ ...what, out: out?.status }).toEqual({ ...what, out: 200 });
        for (const cookie of [before, cookieSetBy(answer) ?? before]) {
          expect({ ...what, gate: await knock(app, cookie) }).toEqual({ ...what, gate: 401 });
          expect({ ...what, in: await isSignedIn(app, cookie) }).toEqual({ ...what, in: false });
        }
        if (answer.status === 200) won += 1;
        else lost += 1;
      }
      await app.close();
      expect(at).toBeLessThan(60);
    }
    // Both happened: the code first and the sign-out after it, and the other way round.
    expect([lost > 3, won > 0]).toEqual([true, true]);
  });

  (hasRedis() ? test : test.skip)(
    `of ${MEETINGS} that meet on Redis none is verified after a sign-out that answered 200`,
    async () => {
      const server = await startRedis();
      const client = await connect(server);
      const app = await startApp({ store: new RedisStore({ client }) });
      try {
        const outcomes = new Set<string>();
        for (let round = 0; round < MEETINGS; round += 1) {
          const username = `U${round}`;
          const phone = `+1206555${String(2_000 + round)}`;
          app.users.set(username, { id: username, username, passwordVersion: 1 });
          app.enrollments.set(username, { phone, confirmedAt: 1, epoch: 'first', version: 1 });
          const agent = app.agent().set('X-Forwarded-For', `192.0.2.${round}`);
          const code = await pending(app, agent, username);
          const before = cookieFrom(agent);
          const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
          const [answer, out] = await Promise.all([
            raw(app.url, jsonPost(verify, before, { code })),
            later((round % 13) / 2).then(() => signOut(app, before)),
          ]);
          expect(out.status).toBe(200);
          outcomes.add(String(answer.status));
          for (const cookie of [before, cookieSetBy(answer) ?? before]) {
            expect([round, await knock(app, cookie)]).toEqual([round, 401]);
          }
        }
        expect(outcomes.size).toBeGreaterThan(0);
      } finally {
        await app.close();
        client.destroy();
        await server.stop();
      }
    },
    120_000,
  );
});

/** An app with a list of the sessions of each user, and a factor of its own. */
function listed(more: TestAppOptions = {}) {
  const rotated: [before: string, after: string, path: string | undefined][] = [];
  const options: TestAppOptions = {
    ...more,
    factor: {
      onRotate: (req: { sessionID: string; originalUrl?: string }, before: string) => {
        rotated.push([before, req.sessionID, req.originalUrl]);
      },
      ...more.factor,
    },
    after: (app: Express, secondFactor: SecondFactor) => {
      app.post('/open', (req, res, next) => {
        secondFactor.satisfy(req, ['otp']).then(() => res.json({}), next);
      });
    },
  };
  return { rotated, start: () => startApp(options) };
}

test('an app is told of every new id, before the answer, and of nobody else’s', async () => {
  const { rotated, start } = listed();
  const app = await start();
  const events: object[] = [];
  app.secondFactor.on('session_rotated', (facts) => events.push(facts));
  const agent = app.agent();
  const [first, second] = [app.agent(), app.agent()];
  const passing: [path: string, pass: () => Promise<unknown>][] = [
    [
      confirm,
      async () => {
        const answer = await agent.post(confirm).send({ code: newestCode(app) });
        codes = answer.body.recoveryCodes as string[];
      },
    ],
    [
      verify,
      async () =>
        agent
          .post(verify)
          .send({ code: newestCode(app) })
          .expect(200),
    ],
    [
      '/own/verify',
      async () =>
        agent
          .post('/own/verify')
          .send({ code: newestCode(app) })
          .expect(302),
    ],
    [recovery, async () => agent.post(recovery).send({ recoveryCode: codes[0] }).expect(200)],
    ['/open', async () => agent.post('/open').send({}).expect(200)],
  ];
  let codes: string[] = [];
  await signIn(agent, 'C');
  await agent.post(enrollment).send({ phone: '+12065550177' }).expect(202);
  for (const [path, pass] of passing) {
    if (path === verify || path === '/own/verify') {
      await app.clock.advance(60);
      await agent.post(challenge).send({}).expect(202);
    }
    const before = sessionIdIn(cookieFrom(agent));
    rotated.length = 0;
    await pass();
    expect(rotated).toEqual([[before, sessionIdIn(cookieFrom(agent)), path]]);
  }
  expect(events).toHaveLength(passing.length);
  expect(events[0]).toEqual({ at: expect.any(Number), userId: 'id-of-C', ip: '127.0.0.1' });
  expect(JSON.stringify(events)).not.toContain(sessionIdIn(cookieFrom(agent)));
  rotated.length = 0;
  // A sign-in is the app's own, and it knows of it; so is what is refused, or asked again.
  const code = await pending(app, first);
  await pending(app, second, 'B');
  await second.post(verify).send({ code }).expect(401);
  expect(rotated).toEqual([]);
  const post = jsonPost(verify, cookieFrom(first), { code });
  await atOnce(app.url, [post, post]);
  expect(rotated).toHaveLength(1);
});

test('[S73] an app that cannot take the new id in keeps the old one: 503, and the code is still good', async () => {
  let fails = 1;
  const seen: string[] = [];
  const app = await startApp({
    before: (each) => each.set('env', 'production'),
    factor: {
      onRotate: async (req: { sessionID: string }) => {
        seen.push(req.sessionID);
        await Promise.resolve();
        fails -= 1;
        if (fails >= 0) throw new Error('the list is away');
      },
    },
  });
  const agent = app.agent();
  const code = await pending(app, agent);
  const before = cookieFrom(agent);
  await agent.post(verify).send({ code }).expect(503);
  expect(sessionIdIn(cookieFrom(agent))).toBe(sessionIdIn(before));
  await app.clock.advance(30);
  await agent.get('/secret').expect(401);
  expect(await isSignedIn(app, before)).toBe(true);
  await agent.post(verify).send({ code }).expect(200);
  await agent.get('/secret').expect(200);
  expect(seen).toHaveLength(2);
  expect(seen[1]).toBe(sessionIdIn(cookieFrom(agent)));
  expect(
    await new Promise((resolve) => app.store.get(seen[0]!, (_, found) => resolve(found))),
  ).toBe(undefined);
});

test('[S177] the second of two answers waits until the app has taken the new id in', async () => {
  const list = hold();
  const app = await startApp({
    factor: {
      onRotate: async () => {
        list.enter();
        await list.released;
      },
    },
  });
  const agent = app.agent();
  const code = await pending(app, agent);
  const post = jsonPost(verify, cookieFrom(agent), { code });
  const answers = Promise.all([raw(app.url, post), raw(app.url, post)]);
  let early = true;
  void answers.then(() => (early = false));
  await list.entered;
  await agent.get('/open').expect(200);
  expect(early).toBe(true);
  list.release();
  const [one, two] = await answers;
  expect([one.status, two.status]).toEqual([200, 200]);
  expect(cookieSetBy(one)).toBe(cookieSetBy(two));
});

describe('the cookie of a session', () => {
  const attributesOf = ({ headers }: RawAnswer): string => {
    const line = /^set-cookie: connect\.sid=[^;]+; (.*)$/im.exec(headers)?.[1] ?? '';
    return line.replace(/Expires=[^;]+/, 'Expires').trim();
  };
  const shop: TestAppOptions = {
    session: { proxy: true, cookie: { path: '/', sameSite: 'lax' } },
    before: (app) => app.set('trust proxy', true),
    after: (app) => {
      app.post('/open', (req, res) => {
        Object.assign(req.session.cookie, req.body);
        // Written anew, so that the answer brings it.
        req.session.regenerate(() => {
          Object.assign(req.session.cookie, req.body);
          Object.assign(req.session, { passport: { user: 'A' } });
          res.json({});
        });
      });
    },
  };

  test.each([
    ['domain', { domain: 'acme.example' }, /Domain=acme\.example/],
    ['path', { path: '/second-factor' }, /Path=\/second-factor/],
    ['sameSite', { sameSite: 'strict' }, /SameSite=Strict/],
    ['sameSite none', { sameSite: 'none' }, /SameSite=None/],
    ['httpOnly', { httpOnly: false }, /^(?!.*HttpOnly)/],
    ['secure', { secure: true }, /Secure/],
    ['priority', { priority: 'high' }, /Priority=High/],
    ['partitioned', { partitioned: true, secure: true }, /Partitioned/],
    ['maxAge', { maxAge: 3_600_000 }, /Expires/],
  ])('[S190] keeps its own %s with its new id', async (_, attributes, expected) => {
    const app = await startApp(shop);
    const agent = app.agent();
    await signIn(agent);
    const https = { 'x-forwarded-proto': 'https' };
    const post = (path: string, cookie: string, body: object) => {
      const request = jsonPost(path, cookie, body);
      return raw(app.url, { ...request, headers: { ...request.headers, ...https } });
    };
    const given = await post('/open', cookieFrom(agent), attributes);
    const cookie = cookieSetBy(given) ?? '';
    expect(attributesOf(given)).toMatch(expected);
    // What express-session made of it: a millisecond may pass while it reckons.
    const ageOf = async (id: string) =>
      ((await stored(app.store, id))?.cookie as { originalMaxAge: unknown }).originalMaxAge;
    const age = await ageOf(cookie);
    expect(age === null).toBe(!('maxAge' in attributes));
    expect((await post(challenge, cookie, {})).status).toBe(202);
    const answer = await post(verify, cookie, { code: newestCode(app) });
    expect([answer.status, attributesOf(answer)]).toEqual([200, attributesOf(given)]);
    expect(cookieSetBy(answer)).not.toBe(cookie);
    expect(await ageOf(cookieSetBy(answer) ?? '')).toBe(age);
  });

  test.each([
    ['that was under way', true],
    ['that comes after it, in the old session', false],
  ])(
    '[S177] no answer %s brings the old one back, where the app renews it each time',
    async (_, early) => {
      const gate = hold();
      const app = await startApp({
        session: { rolling: true },
        after: (each) => {
          each.post('/open', async (req, res) => {
            gate.enter();
            await gate.released;
            Object.assign(req.session, { slow: 'was here' });
            res.json({});
          });
        },
      });
      const agent = app.agent();
      const code = await pending(app, agent);
      const before = cookieFrom(agent);
      const slow = early ? raw(app.url, jsonPost('/open', before, {})) : undefined;
      if (early) await gate.entered;
      await agent.post(verify).send({ code }).expect(200);
      gate.release();
      const answer = await (slow ?? raw(app.url, jsonPost('/open', before, {})));
      expect([answer.status, cookieSetBy(answer)]).toEqual([200, undefined]);
      // The new one is renewed as ever.
      const next = await raw(app.url, { path: '/secret', cookie: cookieFrom(agent) });
      const [renewed, session] = [cookieSetBy(next) ?? '', cookieFrom(agent)].map(sessionIdIn);
      expect([next.status, renewed]).toEqual([200, session]);
    },
  );
});

describe('while the counter is away', () => {
  let away: boolean;
  let app: TestApp;
  beforeEach(async () => {
    away = false;
    const clock = testClock();
    const inner = memoryCounter({ clock });
    const counter: Counter = {
      settle: (wish) =>
        away ? Promise.reject(new Error('connection refused')) : inner.settle(wish),
    };
    app = await startApp({ clock, factor: { counter } });
  });

  test('[S134] a user without a second factor signs in and out, again and again', async () => {
    const agent = app.agent();
    away = true;
    for (const round of [1, 2, 3]) {
      await signIn(agent, 'C');
      await agent.get('/enforced').expect(200);
      await signIn(agent, 'C');
      await agent.post('/plant').send({ round }).expect(200);
      await agent.post('/logout').send({}).expect(200);
      expect((await agent.get('/status')).body.amr).toEqual([]);
    }
  });

  test('[S134] [S187] who is half signed in signs out, and no code opens that session when it is back', async () => {
    for (const path of [verify, '/own/verify']) {
      const agent = app.agent();
      const code = await pending(app, agent);
      const cookie = cookieFrom(agent);
      const finish = await slowPost(app, path, cookie, { code });
      away = true;
      await agent.post('/logout').send({}).expect(200);
      expect(await isSignedIn(app, cookie)).toBe(false);
      away = false;
      // Until then no write of a session waits for the counter.
      await app.clock.advance(10);
      const answer = await finish();
      expect(answer.status).not.toBe(200);
      for (const each of [cookie, cookieSetBy(answer) ?? cookie]) {
        expect(await knock(app, each)).toBe(401);
        expect(await isSignedIn(app, each)).toBe(false);
      }
      await app.clock.advance(60);
    }
  });

  test('[S134] who is verified is told that the sign-out was not wholly done, and is out', async () => {
    const agent = app.agent();
    await verified(app, agent);
    const cookie = cookieFrom(agent);
    away = true;
    await agent.post('/logout').send({}).expect(503);
    expect(await knock(app, cookie)).toBe(401);
  });
});
