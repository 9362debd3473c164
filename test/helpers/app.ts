import { createServer, type Server } from 'node:http';
import express, { type Express, type RequestHandler } from 'express';
import session from 'express-session';
import passport from 'passport';
import { Strategy as LocalStrategy } from 'passport-local';
import request from 'supertest';
import {
  createSecondFactor,
  mapEnrollments,
  outboxSender,
  type Enrollment,
  type SecondFactor,
  type SecondFactorOptions,
} from '../../lib';
import { DEFAULT_LIMITS, type Limits } from '../../lib/core/limits';
import { testClock, type TestClock } from './clock';
import { holdAnswers } from './openapi';
import { FREE, MOUNT, OWN, ROUTER } from './paths';
import { listen } from './servers';

export interface User {
  id: string;
  username: string;
  passwordVersion: number;
  gone?: boolean;
}

export const PHONES = { A: '+12065550142', B: '+12065550143' } as const;
export const SECRET = 'a secret of the tests that is long enough';

/** What no second factor can do without, with nothing of it shared: no app is around it. */
export const fewestOptions = () => ({
  appName: 'Acme',
  secret: SECRET,
  sessionStore: new session.MemoryStore(),
  sender: outboxSender(),
  enrollments: mapEnrollments(new Map()),
});

export interface TestApp {
  app: Express;
  server: Server;
  url: string;
  clock: TestClock;
  outbox: ReturnType<typeof outboxSender>;
  store: session.Store;
  secondFactor: SecondFactor;
  authenticator: passport.Authenticator;
  /** `session()` and `passport.session()`, for requests that no route sees. */
  sessions: RequestHandler[];
  users: Map<string, User>;
  enrollments: Map<string, Enrollment>;
  /** A browser: keeps cookies, asks for JSON. */
  agent(): Agent;
  close(): Promise<void>;
}

export type Agent = ReturnType<typeof request.agent>;

export interface TestAppOptions {
  store?: session.Store;
  factor?: Partial<SecondFactorOptions<User>>;
  clock?: TestClock;
  /** Put routes in before the library's. */
  before?: (app: Express) => void;
  /** Put routes in after the gate. */
  after?: (app: Express, secondFactor: SecondFactor) => void;
  session?: Partial<session.SessionOptions>;
  enroll?: boolean;
  express?: typeof express;
}

/**
 * A small app with everything an app has: passwords, sessions, cookies, gated routes. It is closed
 * when the test is over.
 */
export async function startApp(options: TestAppOptions = {}): Promise<TestApp> {
  const store = options.store ?? new session.MemoryStore();
  const clock = options.clock ?? testClock();
  const outbox = outboxSender();
  const users = new Map<string, User>();
  for (const username of ['A', 'B', 'C']) {
    users.set(username, { id: `id-of-${username}`, username, passwordVersion: 1 });
  }
  const enrollments = new Map<string, Enrollment>();
  if (options.enroll !== false) {
    for (const name of ['A', 'B'] as const)
      enrollments.set(`id-of-${name}`, enrolled(PHONES[name]));
  }
  const secondFactor = createSecondFactor<User>({
    appName: 'Acme',
    domain: 'acme.example',
    secret: SECRET,
    sessionStore: store,
    sender: outbox,
    enrollments: mapEnrollments(enrollments),
    credentialsEpoch: (user) => user.passwordVersion,
    loginPath: '/login',
    clock,
    // What breaks on purpose is not for the console; without a logger warnings of the process are heard.
    logger: hearsWarnings() ? undefined : false,
    ...options.factor,
  });
  const authenticator = passwords(users, secondFactor);
  const sessions = session({
    store,
    secret: SECRET,
    resave: false,
    saveUninitialized: false,
    ...options.session,
  });
  const app = buildApp(options, secondFactor, authenticator, sessions);
  const server = createServer(app);
  // What an app answers by itself is its own.
  if (options.factor?.onRefused === undefined) holdAnswers(server);
  const { url, close } = await listen(server);
  return {
    app,
    server,
    url,
    clock,
    outbox,
    store,
    secondFactor,
    authenticator,
    sessions: [sessions, authenticator.session() as RequestHandler],
    users,
    enrollments,
    agent: () => request.agent(url).set('Accept', 'application/json'),
    close,
  };
}

export function enrolled(phone: string): Enrollment {
  return { phone, confirmedAt: 1, epoch: 'first', version: 1 };
}

/** Passwords, and the strategy of the library. */
function passwords(users: Map<string, User>, secondFactor: SecondFactor) {
  const authenticator = new passport.Passport();
  authenticator.use(
    new LocalStrategy((username, password, done) => {
      const user = users.get(username.toUpperCase());
      done(null, password === 'right' && user !== undefined && user.gone !== true ? user : false);
    }),
  );
  authenticator.serializeUser((user, done) => done(null, (user as User).username));
  authenticator.deserializeUser((username: string, done) => {
    const user = users.get(username);
    done(null, user === undefined || user.gone === true ? false : user);
  });
  authenticator.use(secondFactor.strategy());
  return authenticator;
}

function buildApp(
  options: TestAppOptions,
  secondFactor: SecondFactor,
  authenticator: passport.Authenticator,
  sessions: RequestHandler,
): Express {
  const make = options.express ?? express;
  const app = make();
  options.before?.(app);
  app.use(sessions, secondFactor.requireStore(), authenticator.session());
  app.use(MOUNT, secondFactor.router());
  app.use(make.json(), make.urlencoded({ extended: true }));
  app.get('/', (_req, res) => void res.send('home'));
  app.post(
    '/login',
    authenticator.authenticate('local', { keepSessionInfo: false }),
    (req, res) => {
      res.json({ user: (req.user as User).username });
    },
  );
  app.post(
    '/login-keeping',
    authenticator.authenticate('local', { keepSessionInfo: true }),
    (_req, res) => {
      res.json({});
    },
  );
  // As the README has it for apps that send their users back to where they were.
  app.post(
    '/login-returning',
    authenticator.authenticate('local', {
      keepSessionInfo: true,
      successReturnToOrRedirect: '/',
    }),
  );
  app.post('/logout', (req, res, next) => {
    const keepSessionInfo = (req.body as { keep?: boolean } | undefined)?.keep === true;
    req.logout({ keepSessionInfo }, (error) => (error === undefined ? res.json({}) : next(error)));
  });
  app.post('/cart', (req, res) => {
    (req.session as unknown as Record<string, unknown>).cart = ['tea'];
    res.json({});
  });
  app.get('/cart', (req, res) => {
    res.json({ cart: (req.session as unknown as Record<string, unknown>).cart });
  });
  app.post('/plant', (req, res) => {
    Object.assign(req.session, req.body);
    res.json({});
  });
  app.get('/status', async (req, res) => {
    res.json(await secondFactor.status(req));
  });
  app.post(
    OWN.verify,
    authenticator.authenticate('sms-2fa', {
      successReturnToOrRedirect: '/home',
      failureRedirect: '/own',
      failureMessage: true,
    }),
  );
  app.post(OWN.challenge, secondFactor.challenge(), (_req, res) => {
    res.json((res.locals as { secondFactor: object }).secondFactor);
  });
  app.use(secondFactor.enforce({ allow: ['/open', ...Object.values(FREE)] }));
  app.get('/open', (_req, res) => void res.send('open'));
  app.get(['/secret', '/api/secret'], secondFactor.require(), (_req, res) => {
    res.send('the secret marker');
  });
  app.post('/transfer', secondFactor.require({ maxAge: 300 }), (_req, res) => {
    res.json({ transferred: true });
  });
  app.all('/enforced', (_req, res) => void res.send('the secret marker'));
  options.after?.(app, secondFactor);
  return app;
}

/** For tests in which one user passes again and again within an hour; budgets are not their subject. */
export const MANY_TEXTS = {
  sentPerUser: [{ count: 1_000, seconds: 3_600 }],
  sentPerPhone: [{ count: 1_000, seconds: 3_600 }],
} satisfies Partial<Limits>;

/** Signs in with the password. */
export async function signIn(agent: Agent, username = 'A', path = '/login'): Promise<void> {
  await agent.post(path).send({ username, password: 'right' }).expect(200);
}

/** The code in the newest text. */
export function newestCode(app: Pick<TestApp, 'outbox'>, to?: string): string {
  const text = app.outbox.last(to);
  if (text === undefined) throw new Error('no text was sent');
  return codeIn(text.body);
}

export function codeIn(body: string): string {
  // In English, or by the last line in any language.
  const code = /^(\d{6,10}) is your/.exec(body)?.[1] ?? /\n@\S+ #(\d{6,10})$/.exec(body)?.[1];
  if (code === undefined) throw new Error(`no code in: ${body}`);
  return code;
}

/** A code of the same length that is not this one. */
export function wrongCode(code: string, step = 1): string {
  return String((Number(code) + step) % 10 ** code.length).padStart(code.length, '0');
}

/** Wrong texted codes, over as many challenges as that takes; `agent` is signed in. */
export async function failTexted(app: TestApp, agent: Agent, times: number): Promise<void> {
  for (let failure = 0; failure < times; failure += 1) {
    if (failure % 5 === 0) {
      await app.clock.advance(60);
      await agent.post(ROUTER.challenge).send({}).expect(202);
    }
    const code = wrongCode(newestCode(app), 1 + (failure % 5));
    await agent.post(ROUTER.verify).send({ code }).expect(401);
  }
}

/** Signs in, asks for a text and returns its code. */
export async function pending(app: TestApp, agent: Agent, username = 'A'): Promise<string> {
  await signIn(agent, username);
  await agent.post(ROUTER.challenge).send({}).expect(202);
  return newestCode(app);
}

/** Signs in and passes the second factor; the next text may go out at once. */
export async function verified(app: TestApp, agent: Agent, username = 'A'): Promise<void> {
  const code = await pending(app, agent, username);
  await agent.post(ROUTER.verify).send({ code }).expect(200);
  await app.clock.advance(DEFAULT_LIMITS.waitAfterSuccess);
}

/** Whether a test listens to warnings of the process; in a process of its own there is no Jest. */
function hearsWarnings(): boolean {
  return typeof jest === 'object' && jest.isMockFunction(Reflect.get(process, 'emitWarning'));
}
