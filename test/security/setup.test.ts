import express from 'express';
import session from 'express-session';
import passport from 'passport';
import request from 'supertest';
import {
  createSecondFactor,
  mapEnrollments,
  outboxSender,
  type Enrollment,
  type SecondFactorOptions,
} from '../../lib';
import { enrolled, fewestOptions, PHONES, SECRET } from '../helpers/app';

interface Mounted {
  app: express.Express;
  secondFactor: ReturnType<typeof createSecondFactor>;
  store: session.Store;
}

/** An app whose developer mounts things as the test says; errors show their sentence. */
function appWith(
  mount: (given: Mounted & { authenticator: passport.Authenticator }) => void,
  options: Partial<SecondFactorOptions> = {},
): express.Express {
  const store = new session.MemoryStore();
  const secondFactor = createSecondFactor({
    appName: 'Acme',
    secret: SECRET,
    sessionStore: store,
    sender: outboxSender(),
    enrollments: mapEnrollments(new Map([['u', enrolled(PHONES.A)]])),
    // What is set up wrong on purpose is not for the console.
    logger: jest.isMockFunction(Reflect.get(process, 'emitWarning')) ? undefined : false,
    ...options,
  });
  const authenticator = new passport.Passport();
  authenticator.serializeUser((user, done) => done(null, (user as { id: string }).id));
  authenticator.deserializeUser((id, done) => done(null, { id }));
  const app = express();
  mount({ app, secondFactor, store, authenticator });
  app.get('/secret', (_req, res) => void res.send('the secret marker'));
  app.use(
    (error: Error, _req: express.Request, res: express.Response, _next: express.NextFunction) => {
      res.status((error as { status?: number }).status ?? 500).send(error.message);
    },
  );
  return app;
}
const sessions = (store: session.Store) =>
  session({ store, secret: SECRET, resave: false, saveUninitialized: false });

test('[S66] without a session the gate answers 500 and says what to mount', async () => {
  const app = appWith(({ app: target, secondFactor }) => target.use(secondFactor.enforce()));
  const answer = await request(app).get('/secret').expect(500);
  expect(answer.text).toMatch(
    /no req\.session of express-session\. Mount it, and passport\.session\(\) after it/,
  );
});

test('[S66] a session that is not of express-session is told from a store that is away', async () => {
  const app = appWith(({ app: target, secondFactor }) => {
    target.use((req, _res, next) => {
      Object.assign(req, { session: {}, user: { id: 'u' } });
      next();
    });
    target.use(secondFactor.enforce());
  });
  await request(app)
    .get('/secret')
    .expect(500, /express-session/);
});

test('[S66] enforce() above passport.session() does not let the signed-in pass unseen', async () => {
  const app = appWith(({ app: target, secondFactor, store, authenticator }) => {
    target.use(sessions(store));
    target.post('/login', authenticator.session() as never, (req, res, next) => {
      req.login({ id: 'u' }, (error) => (error === undefined ? res.send('ok') : next(error)));
    });
    target.use(secondFactor.enforce(), authenticator.session() as never);
  });
  const agent = request.agent(app);
  await agent.get('/secret').expect(200);
  await agent.post('/login').expect(200);
  await agent
    .get('/secret')
    .expect(500, /req\.user is not set\. Mount passport\.session\(\) before/);
});

test('[S66] a session store that is not the one of express-session is refused at the first request', async () => {
  const app = appWith(({ app: target, secondFactor }) => {
    target.use(sessions(new session.MemoryStore()));
    target.use(secondFactor.require());
  });
  await request(app)
    .get('/secret')
    .expect(500, /not the store that express-session uses/);
});

/** What a session in a cookie looks like with the usual lines that make Passport take it. */
const polyfilled = (more: object) => (req: express.Request, _res: unknown, next: () => void) => {
  const done = (then: () => void): void => then();
  Object.assign(req, { session: { regenerate: done, save: done, ...more }, user: { id: 'u' } });
  next();
};

test.each([
  ['with regenerate and save put in', {}],
  ['with a cookie put in, too', { cookie: {} }],
])(
  '[S66] a session that lies in its cookie, %s, is refused at the first request',
  async (_, more) => {
    const kept = new Map<string, Enrollment>();
    const app = appWith(
      ({ app: target, secondFactor, authenticator }) => {
        authenticator.use(secondFactor.strategy());
        target.use(polyfilled(more));
        target.use('/second-factor', secondFactor.router());
        target.post('/own', authenticator.authenticate('sms-2fa') as never);
        target.use(secondFactor.enforce());
      },
      { enrollments: mapEnrollments(kept) },
    );
    const words = /not of express-session, although it has regenerate and save/;
    await request(app).get('/secret').expect(500, words);
    await request(app).get('/second-factor').expect(500, words);
    for (const path of ['/second-factor/enrollment', '/second-factor/enrollment/verify', '/own']) {
      await request(app).post(path).send({ phone: PHONES.A, code: '123456' }).expect(500, words);
    }
    expect(kept.size).toBe(0);
  },
);

test.each<[string, (req: express.Request) => string]>([
  ['is always the same', () => 'always'],
  ['goes by the client', (req) => `by ${req.get('user-agent')}`],
])('[S66] a genid that %s is told at the first sign-in', async (_, genid) => {
  const app = appWith(({ app: target, store, authenticator }) => {
    const options = { store, secret: SECRET, resave: false, saveUninitialized: false };
    target.use(session({ ...options, genid }), authenticator.session() as never);
    target.post('/login', (req, res, next) => {
      req.login({ id: 'u' }, (error) => (error === undefined ? res.send('ok') : next(error)));
    });
  });
  await request(app)
    .post('/login')
    .expect(500, /The option genid of express-session gave/);
});

test.each<[string, (req: express.Request) => string]>([
  ['goes by the user, once there is one', (req) => req.user === undefined ? String(Math.random()) : 'of u'], // prettier-ignore
])('[S66] a genid that %s is told before anything is sent or kept', async (_, genid) => {
  const outbox = outboxSender();
  const kept = new Map<string, Enrollment>();
  const app = appWith(
    ({ app: target, secondFactor, store, authenticator }) => {
      const options = { store, secret: SECRET, resave: false, saveUninitialized: false };
      target.use(session({ ...options, genid }), authenticator.session() as never);
      target.post('/login', (req, res, next) => {
        req.user = { id: 'u' };
        req.login({ id: 'u' }, (error) => (error === undefined ? res.send('ok') : next(error)));
      });
      target.post('/passkey', (req, res, next) => {
        secondFactor.satisfy(req, ['hwk']).then(() => res.send('ok'), next);
      });
      target.use('/second-factor', secondFactor.router());
    },
    { sender: outbox, enrollments: mapEnrollments(kept) },
  );
  const agent = request.agent(app).set('User-Agent', 'x');
  await agent.post('/login').expect(200);
  const words = /The option genid of express-session gave a session the id that it has already/;
  await agent.post('/second-factor/enrollment').send({ phone: PHONES.A }).expect(500, words);
  await agent.post('/passkey').expect(500, words);
  // Nothing of that session was ended.
  await agent.post('/passkey').expect(500, words);
  expect([outbox.messages.length, kept.size]).toEqual([0, 0]);
});

test('[S66] what gave two ids to one request is asked again only for the session that a code leads to, before the code counts', async () => {
  const outbox = outboxSender();
  const kept = new Map<string, Enrollment>();
  let asked = 0;
  let repeats = false;
  const genid = (req: express.Request): string => {
    asked += 1;
    return repeats ? req.sessionID : String(Math.random());
  };
  const app = appWith(
    ({ app: target, secondFactor, store, authenticator }) => {
      const options = { store, secret: SECRET, resave: false, saveUninitialized: false };
      target.use(session({ ...options, genid }), authenticator.session() as never);
      target.post('/login', (req, res, next) => {
        req.login({ id: 'u' }, (error) => (error === undefined ? res.send('ok') : next(error)));
      });
      target.use('/second-factor', secondFactor.router());
    },
    { sender: outbox, enrollments: mapEnrollments(kept) },
  );
  const agent = request.agent(app);
  const post = (path: string, body: object) => agent.post(`/second-factor${path}`).send(body);
  await agent.post('/login').expect(200);
  asked = 0;
  await post('/enrollment', { phone: 'none' }).expect(422);
  expect(asked).toBe(2);
  await post('/enrollment', { phone: PHONES.A }).expect(202);
  expect(asked).toBe(2);
  const code = /\d{6}/.exec(outbox.messages[0]?.body ?? '')?.[0];
  repeats = true;
  const words = /The option genid of express-session gave a session the id that it has already/;
  await post('/enrollment/verify', { code }).expect(500, words);
  expect([asked, kept.size]).toEqual([3, 0]);
  repeats = false;
  const { body } = await post('/enrollment/verify', { code }).expect(200);
  expect([asked, kept.size]).toEqual([4, 1]);
  const [recoveryCode] = (body as { recoveryCodes: string[] }).recoveryCodes;
  await post('/recovery-codes/kept', {}).expect(204);
  await agent.post('/login').expect(200);
  repeats = true;
  await post('/recovery', { recoveryCode }).expect(500, words);
  repeats = false;
  await post('/recovery', { recoveryCode }).expect(200);
});

test('a gate that would send browsers to itself for ever says so', async () => {
  const app = appWith(({ app: target, secondFactor, store }) => {
    target.use(sessions(store), (req, _res, next) => {
      req.user = { id: 'u' };
      next();
    });
    target.use(secondFactor.enforce());
    // Where Express does not say at which path it is.
    target.use(express.Router().use('/2fa', secondFactor.router()));
  });
  const agent = request.agent(app).set('Accept', 'text/html');
  await agent.get('/secret').expect(302).expect('Location', '/second-factor/');
  await agent
    .get('/second-factor/')
    .expect(500, /Mount router\(\) at '\/second-factor', above enforce\(\), or say with mountPath/);
});

test('pages of the app’s own: enforce({ redirectTo }) sends there and leaves that page open', async () => {
  const app = appWith(({ app: target, secondFactor, store }) => {
    target.use(sessions(store), (req, _res, next) => {
      req.user = { id: 'u' };
      next();
    });
    target.use(secondFactor.enforce({ redirectTo: '/confirm' }));
    target.get('/confirm', (_req, res) => void res.send('own page'));
  });
  const agent = request.agent(app).set('Accept', 'text/html');
  await agent.get('/secret').expect(302).expect('Location', '/confirm');
  await agent.get('/confirm').expect(200, 'own page');
});

test.each([
  ['a promise', { userId: (async () => 'u') as never }, /userId gave a promise for req\.user/],
  ['nothing', { credentialsEpoch: (() => undefined) as never }, /credentialsEpoch gave undefined/],
  ['an id that is not there', { userId: (() => undefined) as never }, /userId gave undefined/],
  ['NaN', { userId: () => Number.NaN }, /userId gave number/],
])(
  '%s where an id or an epoch should be is an error of the server, not a weak mark',
  async (_what, options, said) => {
    const app = appWith(({ app: target, secondFactor, store }) => {
      target.use(sessions(store), (req, _res, next) => {
        req.user = { id: 'u' };
        next();
      });
      target.use(secondFactor.enforce());
    }, options);
    await request(app).get('/secret').expect(500, said);
  },
);

describe('two tables of users with equal ids', () => {
  interface Row {
    kind: string;
    id: number;
  }
  /** Signs in who is asked for, and serializes a user as the test says. */
  const bank = (serialize: (user: Row) => unknown, userId?: (user: Row) => string) => {
    const outbox = outboxSender();
    const enrollments = mapEnrollments(new Map());
    const options = { userId, sender: outbox, enrollments, loginPath: '/login' } as never;
    const app = appWith(({ app: target, secondFactor, store }) => {
      const authenticator = new passport.Passport();
      authenticator.serializeUser((user, done) => done(null, serialize(user as Row)));
      authenticator.deserializeUser((serialized, done) => {
        const text = JSON.stringify(serialized);
        done(null, { kind: text.includes('admin') ? 'admin' : 'customer', id: 1 });
      });
      target.use(sessions(store), authenticator.session() as never);
      target.post('/login/:kind', (req, res, next) => {
        const user = { kind: req.params.kind, id: 1 };
        req.login(user, (error) => (error === undefined ? res.send('ok') : next(error)));
      });
      target.use('/second-factor', secondFactor.router());
      target.use(secondFactor.enforce());
    }, options);
    const signedIn = async (kind: string) => {
      const agent = request.agent(app).set('Accept', 'application/json');
      await agent.post(`/login/${kind}`).expect(200);
      return agent;
    };
    return { outbox, signedIn };
  };
  const enroll = async ({ outbox, signedIn }: ReturnType<typeof bank>, kind: string) => {
    const agent = await signedIn(kind);
    await agent.post('/second-factor/enrollment').send({ phone: PHONES.A }).expect(202);
    const code = /\d{6}/.exec(outbox.last()?.body ?? '')?.[0];
    await agent.post('/second-factor/enrollment/verify').send({ code }).expect(200);
    return agent;
  };

  test.each<[string, (user: Row) => unknown]>([
    ['an object', ({ kind, id }) => ({ kind, id })],
    ['a text', ({ kind, id }) => `${kind}:${id}`],
  ])('[S175] the phone of customer 1 is no factor of admin 1: %s', async (_as, serialize) => {
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const both = bank(serialize);
    const customer = await enroll(both, 'customer');
    const admin = await both.signedIn('admin');
    const texts = both.outbox.messages.length;
    await admin.get('/secret').expect(500, /userId gave one id for two users/);
    await admin.get('/second-factor/').expect(500);
    await admin.post('/second-factor/challenge').send({}).expect(500);
    await admin.post('/second-factor/verify').send({ code: '123456' }).expect(500);
    expect(both.outbox.messages).toHaveLength(texts);
    await customer.get('/secret').expect(200);
    expect(warnings).toHaveBeenCalledTimes(1);
    warnings.mockRestore();
  });

  test('[S175] with an id that says the kind, as documented, each has a factor of their own', async () => {
    const both = bank(
      ({ kind, id }) => ({ kind, id }),
      (user) => `${user.kind}:${user.id}`,
    );
    const customer = await enroll(both, 'customer');
    const admin = await both.signedIn('admin');
    const status = await admin.get('/second-factor/').expect(200);
    expect(status.body).toMatchObject({ enrolled: false, verified: false });
    await customer.get('/secret').expect(200);
  });
});

test('the default userId reads a getter of a class, but nothing that pollutes every object', async () => {
  class Document {
    private readonly columns = { id: 'u' };
    get id() {
      return this.columns.id;
    }
  }
  const users: object[] = [new Document(), {}];
  const app = appWith(({ app: target, secondFactor, store }) => {
    target.use(sessions(store), (req, _res, next) => {
      req.user = users.shift();
      next();
    });
    target.use(secondFactor.enforce());
  });
  await request(app).get('/secret').expect(401);
  Object.assign(Object.prototype, { id: 'u' });
  try {
    await request(app)
      .get('/secret')
      .expect(500, /userId gave undefined/);
  } finally {
    Reflect.deleteProperty(Object.prototype, 'id');
  }
});

test('the page of a refusal says its title once, as its heading', async () => {
  const app = appWith(({ app: target, secondFactor, store, authenticator }) => {
    target.use(sessions(store), authenticator.session() as express.RequestHandler);
    target.use('/elsewhere', secondFactor.router());
    target.use('/second-factor', secondFactor.router());
    target.get('/page', secondFactor.require());
  });
  const answer = await request(app).get('/page').set('Accept', 'text/html').expect(401);
  const body = answer.text.slice(answer.text.indexOf('<body>'));
  expect(body).toContain('<h1>Not signed in</h1>');
  expect(body.match(/Not signed in/g)).toHaveLength(1);
  expect(body).toContain('Sign in first.');
});

const anyFactor = () =>
  createSecondFactor({
    ...fewestOptions(),
    logger: false,
  });
const functions = Object.entries(anyFactor()).flatMap(([name, value]) =>
  typeof value === 'function' ? [name] : [],
);

test.each(functions)('%s as a middleware, without parentheses, is told', async (name) => {
  const app = appWith(({ app: target, secondFactor }) => {
    target.use((secondFactor as unknown as Record<string, express.RequestHandler>)[name]!);
  });
  const answer = await request(app).get('/secret').expect(500);
  expect(answer.text).toMatch(`${name} `);
  expect(answer.text).toMatch(
    /Write \w+\(\), with parentheses|is no middleware: it answers nobody/,
  );
});

test('the functions of a second factor are those', () => {
  expect(functions.sort()).toEqual(
    'admits campaign challenge check decide enforce isVerified on require requireStore router satisfy status strategy trustIdentityProvider webhooks'.split(
      ' ',
    ),
  );
});
