import { createServer } from 'node:http';
import express, { type Request, type RequestHandler } from 'express';
import session from 'express-session';
import { Passport, Strategy } from 'passport';
import request from 'supertest';
import { openDatabase, type Database } from '../../example-app/src/accounts/database';
import { createAccounts } from '../../example-app/src/accounts/accounts';
import { createPasswords } from '../../example-app/src/accounts/passwords';
import { createUsers } from '../../example-app/src/accounts/users';
import { createApp } from '../../example-app/src/app';
import { outboxSender } from 'passport-sms-2fa';
import { expectHalfWay, PASSWORD } from './bank';
import { BOBS_PHONE, createDemoUsers } from '../../example-app/src/accounts/demo-users';
import { codeIn } from '../helpers/app';
import { listen, type Listening } from '../helpers/servers';

/** Believes the header of a partner, as a single sign-on would. */
class PartnerStrategy extends Strategy {
  override readonly name = 'partner';

  constructor(private readonly find: (username: string) => object | undefined) {
    super();
  }

  override authenticate(req: Request): void {
    const user = this.find(req.get('X-Partner-User') ?? '');
    if (user) this.success(user);
    else this.fail(401);
  }
}

const SECRET = 'session secret of a test, long enough';
const cost = { N: 1_024, r: 8, p: 1 };

let database: Database;
let server: Listening;
let url: string;
const outbox = outboxSender();

beforeEach(async () => {
  database = openDatabase(':memory:');
  await createDemoUsers(database, cost);
  const sessionStore = new session.MemoryStore();
  const users = createUsers(
    database,
    createPasswords(cost),
    createAccounts(database, () => Date.now()),
  );
  const passport = new Passport();
  passport.use(new PartnerStrategy((username) => users.findByName(username)));
  // What the bank itself keeps in a session.
  passport.serializeUser((user, done) => done(null, user));

  const app = express();
  const sessions = session({
    store: sessionStore,
    secret: SECRET,
    name: 'bank',
    resave: false,
    saveUninitialized: false,
  });
  const answer: RequestHandler = (_req, res) => void res.json({ signedIn: true });
  app.post('/login/partner', sessions, passport.authenticate('partner') as RequestHandler, answer);
  const signInBob: RequestHandler = (req, _res, next) =>
    req.logIn(users.findByName('bob') as Express.User, next);
  app.post(
    '/login/direct',
    sessions,
    passport.initialize() as RequestHandler,
    passport.session() as RequestHandler,
    signInBob,
    answer,
  );
  app.use(
    createApp({
      database,
      sessionStore,
      sender: outbox,
      secrets: { session: SECRET, secondFactor: 'second factor secret, long enough too' },
      passwordCost: cost,
    }),
  );
  server = await listen(createServer(app));
  ({ url } = server);
});
afterEach(async () => {
  await server.close();
  database.close();
});

test.each(['/login/partner', '/login/direct'])(
  '[S80] a login by another road, %s, ends before the gate as well',
  async (path) => {
    const agent = request.agent(url).set('Accept', 'application/json');
    await agent.post(path).set('X-Partner-User', 'bob').send({}).expect(200);
    await expectHalfWay(agent);
    await agent.post('/transfer').send({ to: 'alice', amount: '1' }).expect(401);
    await agent.post('/password').send({ current: PASSWORD, password: PASSWORD }).expect(401);
    await agent.post('/second-factor/challenge').send({}).expect(202);
    const code = codeIn(outbox.last(BOBS_PHONE)?.body ?? '');
    await agent.post('/second-factor/verify').send({ code }).expect(200);
    await agent.get('/api/account').expect(200);
  },
);
