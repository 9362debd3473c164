import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import session from 'express-session';
import passport from 'passport';
import {
  pending,
  SECRET,
  signIn,
  startApp,
  verified,
  type TestApp,
  type TestAppOptions,
} from '../helpers/app';
import { ROUTER } from '../helpers/paths';
import { raw } from '../helpers/parallel';
import { cookieFrom } from '../helpers/web';
import { mapEnrollments, type Enrollment, type ProofOptions } from '../../lib';
import { isRecord } from '../helpers/stores';

type Step = (
  req: IncomingMessage,
  res: ServerResponse,
  next: (error?: Error | null) => void,
) => void;

interface Setup {
  options?: TestAppOptions;
  proof?: () => ProofOptions;
  /** Middlewares that the upgrade leaves out. */
  without?: ('session' | 'passport')[];
}

/** An app whose websockets ask `isVerified`; `errors` is what the upgrade was refused with. */
async function start({ options = {}, proof = () => ({}), without = [] }: Setup = {}) {
  const app = await startApp(options);
  const authenticator = new passport.Passport();
  authenticator.deserializeUser((username: string, done) => done(null, app.users.get(username)));
  const { store } = app;
  const sessions = session({ store, secret: SECRET, resave: false, saveUninitialized: false });
  const steps: Step[] = [
    ...(without.includes('session') ? [] : [sessions as unknown as Step]),
    ...(without.includes('passport') ? [] : [authenticator.session() as unknown as Step]),
  ];
  const errors: unknown[] = [];
  const run = async (req: IncomingMessage): Promise<void> => {
    const res = new ServerResponse(req);
    for (const step of steps) {
      await new Promise<void>((resolve, reject) => {
        step(req, res, (error) => {
          if (error === undefined || error === null) resolve();
          else reject(error);
        });
      });
    }
  };
  app.server.on('upgrade', (req: IncomingMessage, socket: Duplex) => {
    const answer = (line: string): unknown =>
      socket.end(`HTTP/1.1 ${line}\r\nconnection: close\r\n\r\n`);
    run(req)
      .then(() => app.secondFactor.isVerified(req, proof()))
      .then((open) => answer(open ? '101 Switching Protocols' : '401 Unauthorized'))
      .catch((error: unknown) => {
        errors.push(error);
        answer('500 Internal Server Error');
      });
  });
  return { app, errors };
}

/** Asks for a websocket: 101 is open. */
async function upgrade(app: TestApp, cookie?: string): Promise<number> {
  const headers = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' };
  const request = cookie === undefined ? { headers } : { headers, cookie };
  return (await raw(app.url, { path: '/live', ...request })).status;
}

test('[S79] an upgrade is for the verified: strangers and pending sessions get 401', async () => {
  const { app, errors } = await start();
  const agent = app.agent();
  expect(await upgrade(app)).toBe(401);
  expect(await upgrade(app, 'connect.sid=s%3Aforged.signature')).toBe(401);
  await signIn(agent);
  expect(await upgrade(app, cookieFrom(agent))).toBe(401);
  await pending(app, agent);
  expect(await upgrade(app, cookieFrom(agent))).toBe(401);
  await app.clock.advance(60);
  await verified(app, agent);
  expect(await upgrade(app, cookieFrom(agent))).toBe(101);
  const before = cookieFrom(agent);
  await agent.post('/logout').send({}).expect(200);
  expect(await upgrade(app, before)).toBe(401);
  expect(errors).toEqual([]);
});

test('[S79] [S107] nothing that a client says opens an upgrade', async () => {
  const { app } = await start();
  const agent = app.agent();
  await pending(app, agent);
  await agent.post('/plant').send({ mfa: true, sms2fa: { verified: true, mark: { id: 'x' } } });
  expect(await upgrade(app, `${cookieFrom(agent)}; verified=true; sms2fa=1`)).toBe(401);
});

test('[S79] [S157] an upgrade can ask for a fresh second factor, and for a certain one', async () => {
  let proof: ProofOptions = { maxAge: 300 };
  const { app } = await start({ proof: () => proof });
  const agent = app.agent();
  const code = await pending(app, agent);
  await agent.post(ROUTER.verify).send({ code }).expect(200);
  const cookie = cookieFrom(agent);
  await app.clock.advance(300);
  expect(await upgrade(app, cookie)).toBe(101);
  await app.clock.advance(0.001);
  expect(await upgrade(app, cookie)).toBe(401);
  proof = { methods: ['otp'] };
  expect(await upgrade(app, cookie)).toBe(401);
  proof = { methods: ['otp', 'sms'] };
  expect(await upgrade(app, cookie)).toBe(101);
});

test('[S70] [S105] an upgrade follows the end of the session, by time and by the support desk', async () => {
  const { app } = await start();
  const agent = app.agent();
  await verified(app, agent);
  await app.secondFactor.admin.revoke('id-of-A', { operator: 'op' });
  expect(await upgrade(app, cookieFrom(agent))).toBe(401);
  await app.clock.advance(60);
  const code = await pending(app, agent);
  await agent.post(ROUTER.verify).send({ code }).expect(200);
  await app.clock.advance(24 * 3_600 - 1);
  expect(await upgrade(app, cookieFrom(agent))).toBe(101);
  await app.clock.advance(1);
  expect(await upgrade(app, cookieFrom(agent))).toBe(401);
});

test('[S79] [S134] while the enrollments cannot be read nobody is verified, and the app is told', async () => {
  const kept = new Map<string, Enrollment>();
  const map = mapEnrollments(kept);
  let down = false;
  const get: typeof map.get = async (...args) => {
    if (down) throw new Error('the database is away');
    return map.get(...args);
  };
  const { app, errors } = await start({
    options: { factor: { enrollments: { ...map, get } } },
  });
  for (const [id, enrollment] of app.enrollments) kept.set(id, enrollment);
  const agent = app.agent();
  await verified(app, agent);
  const told: unknown[] = [];
  app.secondFactor.on('store_failed', (event) => told.push(event));
  expect(await upgrade(app, cookieFrom(agent))).toBe(101);
  await app.clock.advance(11);
  down = true;
  expect(await upgrade(app, cookieFrom(agent))).toBe(401);
  expect(told).toHaveLength(1);
  down = false;
  expect(await upgrade(app, cookieFrom(agent))).toBe(101);
  expect(errors).toEqual([]);
});

test('[S79] [S134] while the live records cannot be read nobody is verified', async () => {
  const { app } = await start();
  const agent = app.agent();
  await verified(app, agent);
  const get = app.store.get.bind(app.store);
  app.store.get = (sid, done) => {
    if (isRecord(sid, 'live')) done(new Error('connection lost'));
    else get(sid, done);
  };
  await app.clock.advance(11);
  expect(await upgrade(app, cookieFrom(agent))).toBe(401);
});

test.each<[string, ('session' | 'passport')[], RegExp]>([
  ['the session middleware', ['session', 'passport'], /no req\.session of express-session/],
  ['passport.session()', ['passport'], /Mount passport\.session\(\)/],
])('[S66] [S79] without %s an upgrade is an error that says so', async (_what, without, words) => {
  const { app, errors } = await start({ without });
  const agent = app.agent();
  await verified(app, agent);
  expect(await upgrade(app, cookieFrom(agent))).toBe(500);
  expect(errors).toEqual([
    expect.objectContaining({ code: 'misconfigured', message: expect.stringMatching(words) }),
  ]);
});

test('[S66] [S79] a misspelt option of isVerified is an error, never an open door', async () => {
  const { app, errors } = await start({ proof: () => ({ maxage: 1 }) as ProofOptions });
  const agent = app.agent();
  await verified(app, agent);
  expect(await upgrade(app, cookieFrom(agent))).toBe(500);
  expect(errors[0]).toBeInstanceOf(TypeError);
});
