import express, { type RequestHandler } from 'express';
import session from 'express-session';
import passport from 'passport';
import { mapEnrollments, type Enrollment, type Enrollments, type SecondFactor } from '../../lib';
import {
  enrolled,
  newestCode,
  pending,
  PHONES,
  SECRET,
  startApp,
  verified,
  type Agent,
  type TestApp,
  type User,
} from '../helpers/app';
import type { RawAnswer } from '../helpers/parallel';
import { MOUNT, ROUTER } from '../helpers/paths';
import { cookieFrom, knock } from '../helpers/web';
import { slowPost } from './slow-post';

/** `req.user` as a request has it: as old as the request, with all that the app's row has. */
interface Row extends User {
  enrollment?: Enrollment | undefined;
}

const THIEF = '+12065550199';
const { enrollment: enroll } = ROUTER;

let app: TestApp;
let kept: Map<string, Enrollment>;
/** What changes with the password; looked up, not carried by the user. */
let epochs: Map<string, number>;
let done: string[];

/** The library, mounted in all the ways that apps parse bodies in. */
function mount(routes: express.Router, secondFactor: SecondFactor, users: TestApp['users']): void {
  const authenticator = new passport.Passport();
  authenticator.deserializeUser((username: string, loaded) => {
    const user = users.get(username)!;
    loaded(null, { ...user, enrollment: kept.get(user.id) } satisfies Row);
  });
  authenticator.use(secondFactor.strategy());
  const carryOut: RequestHandler = (req, res) => {
    done.push(req.originalUrl);
    res.json({});
  };
  const verify = authenticator.authenticate('sms-2fa', { successRedirect: '/in' });
  const router = secondFactor.router();
  /** There are two of it here, and browsers know of one place only. */
  const moved: RequestHandler = (req, res, next) => {
    req.baseUrl = MOUNT;
    req.originalUrl = `${MOUNT}${req.url}`;
    router(req, res, next);
  };
  routes.use(
    session({ store: app.store, secret: SECRET, resave: false, saveUninitialized: false }),
    authenticator.session(),
  );
  routes.use('/own-parser/second-factor', moved);
  routes.use('/own-parser/strategy', verify);
  routes.use(express.json());
  routes.use('/parsed/second-factor', moved);
  routes.use('/parsed/strategy', verify);
  routes.use('/parsed/required', secondFactor.require(), carryOut);
  routes.use('/parsed/enforced', secondFactor.enforce(), carryOut);
}

beforeEach(async () => {
  done = [];
  kept = new Map([['id-of-A', enrolled(PHONES.A)]]);
  epochs = new Map([['id-of-A', 1]]);
  const inner = mapEnrollments(kept);
  const enrollments: Enrollments = {
    ...inner,
    get: async (userId, user) => (user as Row | undefined)?.enrollment ?? inner.get(userId),
  };
  const routes = express.Router();
  app = await startApp({
    before: (each) => void each.use('/held', routes),
    factor: { enrollments, credentialsEpoch: ({ id }) => Promise.resolve(epochs.get(id) ?? 0) },
  });
  mount(routes, app.secondFactor, app.users);
});

const hold = (agent: Agent, path: string, body?: object) =>
  slowPost(app, `/held${path}`, cookieFrom(agent), body);
const changePassword = (): void => void epochs.set('id-of-A', 2);
const revoke = (): Promise<void> => app.secondFactor.admin.revoke('id-of-A', { operator: 'Eve' });
/** The cookie that the browser has after the answer. */
const cookieAfter = (agent: Agent, { headers }: RawAnswer): string =>
  /^set-cookie: (connect[^;]+)/im.exec(headers)?.[1] ?? cookieFrom(agent);

async function verifiedAgent(): Promise<Agent> {
  const agent = app.agent();
  await verified(app, agent);
  return agent;
}

describe.each(['own-parser', 'parsed'])('a body that is held back (%s)', (road) => {
  test('[S13] [S94] no phone is replaced by a request of before the password was changed', async () => {
    const thief = await verifiedAgent();
    await thief.post(enroll).send({ phone: THIEF }).expect(202);
    const body = { code: newestCode(app, THIEF) };
    const finish = await hold(thief, `/${road}${enroll}/verify`, body);
    changePassword();
    const answer = await finish();
    expect([401, 403]).toContain(answer.status);
    expect(kept.get('id-of-A')).toEqual(enrolled(PHONES.A));
    expect(await knock(app, cookieAfter(thief, answer))).toBe(401);
  });

  test.each([
    [ROUTER.verify, 200],
    ['/strategy', 302],
  ])('[S13] nor is a sign-in finished by one, at %s', async (path, status) => {
    const thief = app.agent();
    const finish = await hold(thief, `/${road}${path}`, { code: await pending(app, thief) });
    changePassword();
    const answer = await finish();
    expect(answer.status).toBe(401);
    expect(await knock(app, cookieAfter(thief, answer))).toBe(401);

    await app.clock.advance(60);
    const owner = app.agent();
    const code = await pending(app, owner);
    const passed = await (await hold(owner, `/${road}${path}`, { code }))();
    expect(passed.status).toBe(status);
    expect(await knock(app, cookieAfter(owner, passed))).toBe(200);
  });

  test.each([
    [ROUTER.challenge, 202],
    [ROUTER.recoveryCodes, 403],
  ])(
    '[S62] [S75] what the user of an old request carries opens no gate after a revocation, by %s',
    async (path, status) => {
      const [thief, other] = [await verifiedAgent(), app.agent()];
      await app.clock.advance(60);
      await verified(app, other);
      const finish = await hold(thief, `/${road}${path}`);
      await revoke();
      expect((await finish()).status).toBe(status);
      for (const agent of [thief, other]) {
        for (const gate of ['/secret', '/enforced']) {
          expect(await knock(app, cookieFrom(agent), gate)).toBe(401);
        }
      }
    },
  );
});

describe.each(['required', 'enforced'])('a gate below a parser (%s)', (gate) => {
  const path = `/parsed/${gate}`;

  test('[S13] a request of before the password was changed does not pass', async () => {
    const thief = await verifiedAgent();
    const finish = await hold(thief, path);
    changePassword();
    expect((await finish()).status).toBe(401);
    expect(done).toEqual([]);
  });

  test('[S62] [S105] a request of before a revocation does not pass by what its user carries', async () => {
    const thief = await verifiedAgent();
    const finish = await hold(thief, path);
    await revoke();
    expect((await finish()).status).toBe(401);
    expect(done).toEqual([]);
    expect(await knock(app, cookieFrom(thief))).toBe(401);
  });

  test('a slow request of nobody who was thrown out passes', async () => {
    const finish = await hold(await verifiedAgent(), path);
    expect((await finish()).status).toBe(200);
    expect(done).toEqual([`/held${path}`]);
  });
});
