import { RedisStore } from 'connect-redis';
import express, { type Express, type Request, type Response } from 'express';
import session from 'express-session';
import request from 'supertest';
import { createSecondFactor, mapEnrollments, outboxSender } from '../../lib';
import { readMark } from '../../lib/core/account';
import {
  newestCode,
  pending,
  PHONES,
  SECRET,
  signIn,
  startApp as start,
  verified,
  wrongCode,
  type Agent,
  type TestApp,
  type TestAppOptions,
} from '../helpers/app';
import { ROUTER } from '../helpers/paths';
import {
  cookieFrom,
  cookieSetBy,
  hold,
  htmlAgent,
  JSON_ONLY,
  knock,
  ROADS,
  sessionIdIn,
  stored,
} from '../helpers/web';
import { testClock } from '../helpers/clock';
import { faultsOf, type Operation } from '../helpers/faults';
import { LONG } from '../helpers/long';
import { atOnce, jsonPost, raw } from '../helpers/parallel';
import { onEachStore, type StoreKind } from '../helpers/stores';

// Express tells the console of every error while it runs as in production.
beforeEach(() => void jest.spyOn(console, 'error').mockImplementation(() => undefined));
afterEach(() => void jest.restoreAllMocks());

const { challenge } = ROUTER;
/** Seconds that the session before stays. */
const REPEATABLE = 10;

/** Routes that wait until the test lets them go on, and then change the session. */
function slowRoutes(gate: ReturnType<typeof hold>): NonNullable<TestAppOptions['after']> {
  return (app, secondFactor) => {
    const slow = async (req: Request, res: Response): Promise<void> => {
      gate.enter();
      await gate.released;
      Object.assign(req.session, { slow: 'was here' });
      res.send('slow');
    };
    app.get('/slow', secondFactor.require(), slow);
    // The path is on the allow list of the harness, so a pending session gets there, too.
    app.post('/open', slow);
  };
}

async function startOn(kind: StoreKind, options: TestAppOptions = {}): Promise<TestApp> {
  return start({ ...(await kind.make()), ...options });
}

async function passes(app: TestApp, agent: Agent, path: string, code: string): Promise<void> {
  const answer = await agent.post(path).send({ code });
  expect(ROADS.find((road) => road.path === path)?.passed(answer)).toBe(true);
  expect(await knock(app, cookieFrom(agent))).toBe(200);
}

onEachStore('sessions', (kind) => {
  for (const road of ROADS) {
    test(`[S58] the session id changes with the password and with the code, and the old ids are dead (${road.name})`, async () => {
      const app = await startOn(kind);
      const agent = app.agent();
      await agent.post('/cart').expect(200);
      const planted = cookieFrom(agent);
      const code = await pending(app, agent);
      const half = cookieFrom(agent);
      await passes(app, agent, road.path, code);
      const whole = cookieFrom(agent);
      expect(new Set([planted, half, whole].map(sessionIdIn)).size).toBe(3);
      for (const old of [planted, half]) expect(await knock(app, old)).toBe(401);
      await app.clock.advance(REPEATABLE);
      for (const old of [planted, half]) expect(await stored(app.store, old)).toBeUndefined();
    });

    test(`[S62] a slow request that ends after a step-up does not keep the old id verified (${road.name})`, async () => {
      const gate = hold();
      const app = await startOn(kind, { after: slowRoutes(gate) });
      const agent = app.agent();
      await verified(app, agent);
      const old = cookieFrom(agent);
      const slow = raw(app.url, { path: '/slow', cookie: old });
      await gate.entered;
      await agent.post(challenge).send({}).expect(202);
      await passes(app, agent, road.path, newestCode(app));
      gate.release();
      expect((await slow).status).toBe(200);
      expect(await knock(app, old)).toBe(401);
      await app.clock.advance(REPEATABLE);
      expect(await stored(app.store, old)).toBeUndefined();
      expect(await knock(app, old)).toBe(401);
      expect(await knock(app, cookieFrom(agent))).toBe(200);
    });

    test(`[S62] a slow request that ends after the code does not open the gate for the old id (${road.name})`, async () => {
      const gate = hold();
      const app = await startOn(kind, { after: slowRoutes(gate) });
      const agent = app.agent();
      const code = await pending(app, agent);
      const old = cookieFrom(agent);
      const slow = raw(app.url, jsonPost('/open', old, {}));
      await gate.entered;
      await passes(app, agent, road.path, code);
      gate.release();
      expect((await slow).status).toBe(200);
      expect(await knock(app, old)).toBe(401);
      await app.clock.advance(REPEATABLE);
      expect(await stored(app.store, old)).toBeUndefined();
      expect(await knock(app, old)).toBe(401);
      const again = await raw(app.url, jsonPost(ROUTER.verify, old, { code }));
      expect(again.status).toBe(401);
      expect(await knock(app, old)).toBe(401);
    });

    test(`[S63] a stale write of the session brings back neither a spent code nor guesses (${road.name})`, async () => {
      const gate = hold();
      const app = await startOn(kind, { after: slowRoutes(gate) });
      const agent = app.agent();
      const code = await pending(app, agent);
      const old = cookieFrom(agent);
      const slow = raw(app.url, jsonPost('/open', old, {}));
      await gate.entered;
      for (const step of [1, 2, 3]) {
        await agent.post(road.path).send({ code: wrongCode(code, step) });
      }
      gate.release();
      await slow;
      const left = (await agent.get('/second-factor').expect(200)).body.challenge.attemptsLeft;
      expect(left).toBe(2);
      await passes(app, agent, road.path, code);
      await app.clock.advance(REPEATABLE);
      for (const cookie of [old, cookieFrom(agent)]) {
        const again = await raw(app.url, jsonPost(ROUTER.verify, cookie, { code }));
        expect(again.status).toBe(401);
      }
      expect(await knock(app, old)).toBe(401);
    });

    test(`[S63] a stale write does not revive a challenge whose guesses are used up (${road.name})`, async () => {
      const gate = hold();
      const app = await startOn(kind, { after: slowRoutes(gate) });
      const agent = app.agent();
      const code = await pending(app, agent);
      const slow = raw(app.url, jsonPost('/open', cookieFrom(agent), {}));
      await gate.entered;
      for (const step of [1, 2, 3, 4, 5]) {
        await agent.post(road.path).send({ code: wrongCode(code, step) });
      }
      gate.release();
      await slow;
      expect(road.passed(await agent.post(road.path).send({ code }))).toBe(false);
      expect(await knock(app, cookieFrom(agent))).toBe(401);
    });

    test(`[S72] the app's own data survives the second rotation, a planted mark does not (${road.name})`, async () => {
      const app = await startOn(kind);
      const [agent, other] = [app.agent(), app.agent()];
      await verified(app, other, 'B');
      const foreign = (await stored(app.store, cookieFrom(other)))?.sms2fa;
      expect(foreign).toHaveProperty('mark');
      const code = await pending(app, agent);
      const planted = {
        sms2fa: foreign,
        secondFactor: 'theirs',
        returnTo: '/cart',
        messages: ['hi'],
      };
      await agent.post('/plant').send(planted).expect(200);
      await agent.post('/cart').expect(200);
      const answer = await agent.post(road.path).send({ code });
      expect(answer.body.returnTo ?? answer.headers.location).toBe('/cart');
      expect((await agent.get('/cart').expect(200)).body.cart).toEqual(['tea']);
      const after = await stored(app.store, cookieFrom(agent));
      expect(after?.messages).toEqual(['hi']);
      expect(after).not.toHaveProperty('returnTo');
      expect(readMark((after?.sms2fa as { mark: unknown }).mark)?.userId).toBe('id-of-A');
      expect(JSON.stringify(after?.sms2fa)).not.toContain('id-of-B');
      expect(await knock(app, cookieFrom(agent))).toBe(200);
    });

    test(`[S73] whichever store call of a verification fails, a failed answer leaves the gate shut (${road.name})`, async () => {
      for (const mode of ['error', 'late'] as const) {
        for (const operation of ['get', 'set', 'destroy'] as Operation[]) {
          await failEachCall(kind, road, operation, mode);
        }
      }
    });
  }

  async function failEachCall(
    kindOfStore: StoreKind,
    road: (typeof ROADS)[number],
    operation: Operation,
    mode: 'error' | 'late',
  ): Promise<void> {
    for (let k = 1, more = true; more; k += 1) {
      const made = await kindOfStore.make();
      const faults = faultsOf(made.store);
      const app = await start({ ...made, before: (each) => each.set('env', 'production') });
      const agent = app.agent();
      const code = await pending(app, agent);
      const old = cookieFrom(agent);
      faults.fail(operation, k, mode);
      const answer = await agent.post(road.path).send({ code });
      more = faults.fired();
      faults.heal();
      const what = { operation, mode, k };
      const passed = road.passed(answer);
      const open = (await knock(app, cookieFrom(agent))) === 200;
      expect({ ...what, open }).toEqual({ ...what, open: passed });
      expect({ ...what, old: await knock(app, old) }).toEqual({ ...what, old: 401 });
      if (!passed) {
        expect({ ...what, failed: answer.status >= 500 }).toEqual({ ...what, failed: true });
        expect(answer.text).not.toContain('10.0.0.7');
      }
      if (!passed) {
        // Nothing came of the code, so its own session may try it again, once; nobody else may.
        const post = jsonPost('/second-factor/verify', old, { code });
        const visitor = app.agent();
        await signIn(visitor);
        const stranger = cookieFrom(visitor);
        const other = await raw(app.url, jsonPost('/second-factor/verify', stranger, { code }));
        expect({ ...what, other: other.status }).toEqual({ ...what, other: 401 });
        const again = await atOnce(app.url, Array<typeof post>(8).fill(post));
        const successes = again.filter(({ status }) => status === 200);
        const sessions = new Set(successes.map((each) => sessionIdIn(cookieSetBy(each) ?? '')));
        // Also where the store had taken the session away before it failed: it is there again.
        expect({ ...what, again: sessions.size }).toEqual({ ...what, again: 1 });
      }
      expect(k).toBeLessThan(20);
      await app.close();
    }
  }

  test('[S59] a mark opens the gate for its own user only, even in the same session', async () => {
    const app = await startOn(kind);
    // The same phone and epochs: only the user id tells the two apart.
    app.enrollments.set('id-of-B', { ...app.enrollments.get('id-of-A')! });
    const agent = app.agent();
    await verified(app, agent, 'A');
    await agent.get('/secret').expect(200);
    await agent
      .post('/plant')
      .send({ passport: { user: 'B' } })
      .expect(200);
    await agent.get('/secret').expect(401);
    await agent.get('/enforced').expect(401);
    expect((await agent.get('/status')).body).toMatchObject({ verified: false, amr: ['pwd'] });
  });

  test('[S59] whoever signs in next does not inherit the mark, with or without the old session data', async () => {
    for (const path of ['/login', '/login-keeping']) {
      const app = await startOn(kind);
      const agent = app.agent();
      await verified(app, agent, 'A');
      await signIn(agent, 'B', path);
      await agent.get('/secret').expect(401);
      await agent.get('/enforced').expect(401);
      // Nor does the same user.
      await signIn(agent, 'A', path);
      await agent.get('/secret').expect(401);
    }
  });

  test('[S59] req.login of another user closes the gate', async () => {
    const app = await startOn(kind, {
      after: (each) => {
        each.post('/switch', (req, res, next) => {
          const user = { id: 'id-of-B', username: 'B', passwordVersion: 1 };
          req.login(user, { keepSessionInfo: true } as never, (error) =>
            error === undefined || error === null ? res.json({}) : next(error),
          );
        });
      },
    });
    const agent = app.agent();
    await verified(app, agent, 'A');
    await agent.post('/switch').send({}).expect(200);
    await agent.get('/secret').expect(401);
  });

  test('[S60] fields that other code puts into the session do not open the gate', async () => {
    const app = await startOn(kind);
    const [agent, passed] = [app.agent(), app.agent()];
    await verified(app, passed, 'A');
    const { mark } = (await stored(app.store, cookieFrom(passed)))?.sms2fa as { mark: unknown[] };
    await signIn(agent);
    // By its names, as it lay there before.
    const whole = readMark(mark)!;
    const plants: object[] = [
      { mfa: true },
      { secondFactor: 'totp' },
      { secondFactor: true, verified: true, twoFactor: 1, amr: ['mfa'] },
      { sms2fa: true },
      { sms2fa: 'verified' },
      { sms2fa: { mark: true } },
      { sms2fa: { mark: {} } },
      { sms2fa: { mark: { userId: 'id-of-A', verifiedAt: app.clock() } } },
      { sms2fa: { mark: [whole] } },
      // A whole and honest mark, but of another session.
      { sms2fa: { mark } },
      { sms2fa: { mark: whole } },
    ];
    for (const plant of plants) {
      await agent.post('/plant').send(plant).expect(200);
      await agent.get('/secret').expect(401);
      await agent.get('/enforced').expect(401);
    }
    for (const key of ['id', 'phone', 'epoch', 'verifiedAt', 'userId', 'amr']) {
      await passed
        .post('/plant')
        .send({ sms2fa: { mark: { ...whole, [key]: 'x' } } })
        .expect(200);
      if (key !== 'amr') await passed.get('/secret').expect(401);
    }
    for (const place of mark.keys()) {
      const other = mark.map((part, index) => (index === place ? 'x' : part));
      await passed
        .post('/plant')
        .send({ sms2fa: { mark: other } })
        .expect(200);
      await passed.get('/secret').expect(401);
    }
    for (const own of [whole, mark]) {
      await passed
        .post('/plant')
        .send({ sms2fa: { mark: own } })
        .expect(200);
      await passed.get('/secret').expect(200);
    }
  });

  test('[S61] after logout a new sign-in needs a new code, whatever logout keeps', async () => {
    for (const keep of [false, true]) {
      for (const path of ['/login', '/login-keeping']) {
        const app = await startOn(kind);
        const agent = app.agent();
        await verified(app, agent);
        const old = cookieFrom(agent);
        await agent.post('/logout').send({ keep }).expect(200);
        await agent.get('/secret').expect(401);
        expect(await knock(app, old)).toBe(401);
        await signIn(agent, 'A', path);
        await agent.get('/secret').expect(401);
        await agent.get('/enforced').expect(401);
      }
    }
  });

  test('[S61] a session that the app restores by hand after logout is not verified', async () => {
    const app = await startOn(kind);
    const agent = app.agent();
    await verified(app, agent);
    const before = await stored(app.store, cookieFrom(agent));
    await agent.post('/logout').send({ keep: true }).expect(200);
    await agent
      .post('/plant')
      .send({ sms2fa: before?.sms2fa, passport: { user: 'A' } })
      .expect(200);
    await agent.get('/secret').expect(401);
  });

  test('[S62] a slow request that ends after logout does not bring the verified session back', async () => {
    const gate = hold();
    const app = await startOn(kind, { after: slowRoutes(gate) });
    const agent = app.agent();
    await verified(app, agent);
    const old = cookieFrom(agent);
    const slow = raw(app.url, { path: '/slow', cookie: old });
    await gate.entered;
    await agent.post('/logout').send({}).expect(200);
    gate.release();
    expect((await slow).status).toBe(200);
    // The blind write of express-session at its end did not bring the session back.
    expect(await stored(app.store, old)).toBeUndefined();
    expect(await knock(app, old)).toBe(401);
    const transfer = await raw(app.url, jsonPost('/transfer', old, {}));
    expect(transfer.status).toBe(401);
    await app.clock.advance(11);
    expect(await knock(app, old)).toBe(401);
  });

  test('[S62] a verified session that comes back past the library, mark and all, is not verified', async () => {
    const made = await kind.make();
    // As another process writes it, or a store that carries a write out late.
    const set = made.store.set.bind(made.store);
    const app = await start(made);
    const agent = app.agent();
    await verified(app, agent);
    const old = cookieFrom(agent);
    const copy = await stored(app.store, old);
    expect(readMark((copy?.sms2fa as { mark: unknown }).mark)?.userId).toBe('id-of-A');
    await agent.post('/logout').send({}).expect(200);
    await new Promise<void>((resolve) => {
      set(sessionIdIn(old), copy as never, () => resolve());
    });
    expect(await stored(app.store, old)).toMatchObject({ passport: { user: 'A' } });
    for (const path of ['/secret', '/enforced']) expect(await knock(app, old, path)).toBe(401);
    await app.clock.advance(11);
    expect(await knock(app, old)).toBe(401);
  });

  test('[S62] a session that the app destroys by its id in the store does not come back', async () => {
    const gate = hold();
    const app = await startOn(kind, { after: slowRoutes(gate) });
    const agent = app.agent();
    await verified(app, agent);
    const old = cookieFrom(agent);
    const slow = raw(app.url, { path: '/slow', cookie: old });
    await gate.entered;
    await new Promise<void>((resolve, reject) => {
      app.store.destroy(sessionIdIn(old), (error) => {
        if (error === null || error === undefined) resolve();
        else reject(error as Error);
      });
    });
    gate.release();
    await slow;
    expect(await stored(app.store, old)).toBeUndefined();
    expect(await knock(app, old)).toBe(401);
  });

  test('[S62] logout on one server closes the gate of another within ten seconds', async () => {
    const gate = hold();
    const first = await startOn(kind, { after: slowRoutes(gate) });
    // Another store object over the same Redis, as another process would have.
    const store =
      'client' in first.store
        ? new RedisStore({ client: first.store.client as never })
        : first.store;
    const second = await start({ store, clock: first.clock });
    const agent = first.agent();
    await verified(first, agent);
    const old = cookieFrom(agent);
    expect(await knock(second, old)).toBe(200);
    const slow = raw(first.url, { path: '/slow', cookie: old });
    await gate.entered;
    expect((await raw(second.url, jsonPost('/logout', old, {}))).status).toBe(200);
    gate.release();
    await slow;
    expect(await stored(first.store, old)).toBeUndefined();
    expect(await knock(second, old)).toBe(401);
    await first.clock.advance(10);
    expect(await knock(first, old)).toBe(401);
  });

  test('[S68] whatever strangers request leaves nothing in the store and sets no cookie', async () => {
    const app = await startOn(kind);
    const paths = ['', '/', '/challenge', '/verify', '/enrollment', '/enrollment/verify']
      .concat(['/enrollment/delete', '/style.css', '/script.js', '/nothing'])
      .map((path) => `/second-factor${path}`)
      .concat(['/secret', '/api/secret', '/enforced', '/transfer', '/own/challenge', '/open']);
    const methods = ['GET', 'HEAD', 'POST', 'DELETE', 'PUT'];
    const accepts = ['text/html', 'application/json'];
    const bodies = [
      ['application/json', '{"code":"123456","phone":"+12065550142"}'],
      ['application/x-www-form-urlencoded', 'code=123456&phone=%2B12065550142'],
      ['text/plain', 'code=123456'],
    ];
    const all = methods.flatMap((method) =>
      paths.flatMap((path) =>
        accepts.flatMap((accept) =>
          (method === 'GET' || method === 'HEAD' ? [undefined] : bodies).map((body) => ({
            method,
            path,
            accept,
            body,
          })),
        ),
      ),
    );
    const statuses = new Set<number>();
    expect(all.length).toBeGreaterThan(300);
    for (let sent = 0; sent < (LONG ? 1_000 : all.length); sent += 50) {
      const batch = Array.from({ length: 50 }, (_, index) => all[(sent + index) % all.length]!);
      const answers = await Promise.all(
        batch.map(({ method, path, accept, body }) =>
          fetch(app.url + path, {
            method,
            redirect: 'manual',
            headers: { accept, ...(body === undefined ? {} : { 'content-type': body[0]! }) },
            body: body?.[1] ?? null,
          }).then(async (answer) => {
            await answer.arrayBuffer();
            return answer;
          }),
        ),
      );
      for (const answer of answers) {
        expect(answer.headers.getSetCookie()).toEqual([]);
        statuses.add(answer.status);
      }
    }
    expect([...statuses].filter((status) => status >= 500)).toEqual([]);
    expect((await kind.dump(app.store)).replace('{}', '')).toBe('');
    expect(app.outbox.messages).toEqual([]);
  });

  test('[S70] a verified session ends after 24 hours, however busy it is', async () => {
    const app = await startOn(kind);
    const agent = app.agent();
    await verified(app, agent);
    for (let minutes = 30; minutes < 24 * 60; minutes += 30) {
      await app.clock.advance(30 * 60);
      await agent.get('/secret').expect(200);
    }
    await app.clock.advance(30 * 60);
    await agent.get('/secret').expect(401);
    await agent.get('/enforced').expect(401);
    expect((await agent.get('/status')).body.verified).toBe(false);
  });

  test('[S76] a code is dead once the factor was removed in another browser', async () => {
    for (const road of ROADS) {
      const app = await startOn(kind);
      const [ua1, ua2] = [app.agent(), app.agent()];
      await verified(app, ua2);
      const code = await pending(app, ua1);
      await ua2.delete(ROUTER.enrollment).expect(204);
      const answer = await ua1.post(road.path).send({ code });
      expect(road.passed(answer)).toBe(false);
      expect(await stored(app.store, cookieFrom(ua1))).not.toHaveProperty('sms2fa.mark');
      // The gate follows the enrollment as it is now: there is none.
      const gate = await ua1.get('/secret').expect(403);
      expect(gate.body.code).toBe('enrollment_required');
      await ua1.get('/enforced').expect(200);
      expect((await ua2.get('/status')).body).toMatchObject({ enrolled: false, verified: false });
    }
  });

  test('[S76] a pending session cannot enroll another phone while a factor exists', async () => {
    const app = await startOn(kind);
    const agent = app.agent();
    await pending(app, agent);
    const phone = '+12065550199';
    const answer = await agent.post(ROUTER.enrollment).send({ phone }).expect(403);
    expect(answer.body.code).toBe('fresh_second_factor_required');
    expect(app.outbox.messages.map(({ to }) => to)).toEqual([PHONES.A]);
    await agent.delete(ROUTER.enrollment).expect(403);
    await agent.post(ROUTER.remove).send({}).expect(403);
    expect(app.enrollments.get('id-of-A')?.phone).toBe(PHONES.A);
  });
});

function bare(
  build: (app: Express, secondFactor: ReturnType<typeof factor>) => void,
  store: session.Store = new session.MemoryStore(),
): Express {
  const app = express();
  app.set('env', 'production');
  build(app, factor(store));
  return app;
}

function factor(sessionStore: session.Store) {
  return createSecondFactor({
    appName: 'Acme',
    secret: SECRET,
    sessionStore,
    sender: outboxSender(),
    enrollments: mapEnrollments(new Map()),
  });
}

test('[S66] a gate that stands before the session middleware stays shut and says so to nobody', async () => {
  const marker = (_req: Request, res: Response): void => void res.send('the secret marker');
  const gated: [string, Express][] = [
    ['enforce', bare((app, factorOfApp) => app.use(factorOfApp.enforce(), marker))],
    [
      'enforce with a path left open',
      bare((app, f) => app.use(f.enforce({ allow: ['/healthz'] }), marker)),
    ],
    ['require', bare((app, factorOfApp) => app.use(factorOfApp.require(), marker))],
    ['router', bare((app, factorOfApp) => app.use('/second-factor', factorOfApp.router()))],
    ['challenge', bare((app, factorOfApp) => app.use(factorOfApp.challenge(), marker))],
  ];
  for (const [name, app] of gated) {
    for (const accept of ['text/html', 'application/json']) {
      const answer = await request(app)
        .post(name === 'router' ? '/second-factor/verify' : '/')
        .set('Accept', accept)
        .send();
      expect([name, answer.status]).toEqual([name, 500]);
      expect(answer.text).not.toMatch(/secret marker|passport-sms-2fa|session|\bat \S+:\d+/);
    }
  }
});

test('[S66] a gate that stands before passport.session sees nobody, so a required route stays shut', async () => {
  const store = new session.MemoryStore();
  const app = bare((each, secondFactor) => {
    each.use(session({ store, secret: SECRET, resave: false, saveUninitialized: false }));
    each.use(secondFactor.require(), (_req: Request, res: Response) => void res.send('marker'));
  }, store);
  const answer = await request(app).get('/').set('Accept', 'application/json').expect(401);
  expect(answer.body.code).toBe('not_authenticated');
});

test('[S67] while the store is away everything behind the gate answers 503, and opens again after', async () => {
  const app = await start();
  const agent = app.agent();
  await verified(app, agent);
  app.store.emit('disconnect');
  for (const path of ['/secret', '/enforced', '/second-factor', '/open']) {
    const answer = await agent.get(path).expect(503);
    expect(answer.body).toMatchObject({ code: 'store_unavailable', status: 503 });
  }
  for (const { path } of ROADS) await agent.post(path).send({ code: '123456' }).expect(503);
  await htmlAgent(app).get('/secret').expect(503).expect('Content-Type', /html/);
  expect(app.outbox.messages).toHaveLength(1);
  app.store.emit('connect');
  await agent.get('/secret').expect(200);
});

test('[S67] a route that is behind the gate but not behind requireStore stays shut, too', async () => {
  const store = new session.MemoryStore();
  const app = bare((each, secondFactor) => {
    each.use(session({ store, secret: SECRET, resave: false, saveUninitialized: false }));
    each.use(secondFactor.enforce(), (_req: Request, res: Response) => void res.send('marker'));
  }, store);
  await request(app).get('/').expect(200);
  store.emit('disconnect');
  const answer = await request(app).get('/');
  expect(answer.status).toBeGreaterThanOrEqual(500);
  expect(answer.text).not.toContain('marker');
});

test('[S68] strangers who post to the Passport strategy leave nothing in the store either', async () => {
  const app = await start();
  for (const type of ['application/json', 'application/x-www-form-urlencoded', 'text/plain']) {
    const body = type.endsWith('json') ? '{"code":"123456"}' : 'code=123456';
    const headers = { accept: 'text/html', 'content-type': type };
    const answer = await raw(app.url, { method: 'POST', path: '/own/verify', headers, body });
    expect(answer.status).toBe(302);
    expect(answer.headers).not.toMatch(/^set-cookie/im);
  }
  expect(Object.keys((app.store as unknown as { sessions: object }).sessions)).toEqual([]);
});

test('[S70] a shorter life of a verified session counts from the code on, to the millisecond', async () => {
  const app = await start({ factor: { limits: { verifiedSession: 60 } } });
  const agent = app.agent();
  const code = await pending(app, agent);
  await agent.post(ROUTER.verify).send({ code }).expect(200);
  const at = app.clock();
  app.clock.set(at + 59_999);
  await agent.get('/secret').expect(200);
  app.clock.set(at + 60_000);
  await agent.get('/secret').expect(401);
});

test('[S70] a clock that was set back far does not revive a mark', async () => {
  const app = await start();
  const agent = app.agent();
  await verified(app, agent);
  app.clock.set(app.clock() - 3_600_000);
  await agent.get('/secret').expect(401);
});

test('[S73] a store that hangs gives 503 and a shut gate, also when it writes late', async () => {
  const cases = ROADS.flatMap((road) =>
    (
      [
        ['set', 1],
        ['set', 2],
        ['set', 3],
        ['set', 4],
        ['get', 2],
      ] as const
    ).map(([operation, k]) => ({ road, operation, k })),
  );
  await Promise.all(
    cases.map(async ({ road, operation, k }) => {
      const store = new session.MemoryStore();
      const faults = faultsOf(store);
      const app = await start({
        store,
        clock: testClock(),
        before: (each) => each.set('env', 'production'),
      });
      const agent = app.agent();
      const code = await pending(app, agent);
      const old = cookieFrom(agent);
      faults.fail(operation, k, 'hang');
      const answer = await agent.post(road.path).send({ code });
      expect([road.name, operation, k, answer.status]).toEqual([road.name, operation, k, 503]);
      expect(faults.fired()).toBe(true);
      faults.heal();
      await faults.release();
      expect(await knock(app, old)).toBe(401);
      expect(await knock(app, cookieFrom(agent))).toBe(401);
      await app.clock.advance(11);
      expect(await knock(app, cookieFrom(agent))).toBe(401);
    }),
  );
});

for (const road of ROADS) {
  test(`[S73] a verification that the store fails is told as the event store_failed (${road.name})`, async () => {
    const store = new session.MemoryStore();
    const faults = faultsOf(store);
    const app = await start({ store, before: (each) => each.set('env', 'production') });
    const told: string[] = [];
    app.secondFactor.on('store_failed', ({ error }) => told.push(String(error)));
    app.secondFactor.on('verified', () => told.push('verified'));
    const agent = app.agent();
    const code = await pending(app, agent);
    faults.fail('set', 1);
    await agent.post(road.path).send({ code }).expect(503);
    expect(told).toEqual([expect.stringContaining('sessionStore.set failed')]);
  });
}

test('[S73] the enrollment that the store cannot save the session for leaves the gate shut', async () => {
  for (const k of [1, 2]) {
    const store = new session.MemoryStore();
    const faults = faultsOf(store);
    const app = await start({ store });
    const agent = app.agent();
    await signIn(agent, 'C');
    await agent.post(ROUTER.enrollment).send({ phone: '+12065550177' }).expect(202);
    const code = newestCode(app);
    faults.fail('set', k);
    await agent.post(ROUTER.confirm).send({ code }).expect(503);
    faults.heal();
    await agent.get('/secret').expect(401);
    await raw(app.url, { path: '/secret', cookie: cookieFrom(agent), headers: JSON_ONLY }).then(
      ({ status }) => expect(status).toBe(401),
    );
  }
});
