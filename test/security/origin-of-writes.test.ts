import type { Express } from 'express';
import passport from 'passport';
import type { EventName, SecondFactor } from '../../lib';
import { ROUTES } from '../../lib/express/router/router';
import {
  newestCode,
  pending,
  signIn,
  startApp,
  verified,
  type Agent,
  type TestApp,
} from '../helpers/app';
import { FOREIGN, viewOf, WELCOME, writeFrom, type Write } from '../helpers/origins';
import { raw } from '../helpers/parallel';
import { FREE, MOUNT, ROUTER } from '../helpers/paths';
import { cookieFrom } from '../helpers/web';

/** One write of the library: what must be there for it, and how it shows that it was done. */
interface Row {
  method?: 'POST' | 'DELETE';
  path: string;
  /** The status of the write that is carried out, and of a GET of the same path. */
  done: number;
  viewed: number;
  /** Brings a browser to where the write would work, and answers its body. */
  prepare: (app: TestApp, agent: Agent) => Promise<Prepared>;
}

interface Prepared {
  body?: Record<string, string>;
  /** What stands in the path for `:id`. */
  id?: string;
}

const UNUSED_PHONE = '+12065550177';

/** A user with a factor, who has signed in with the password. */
async function half(_app: TestApp, agent: Agent): Promise<Prepared> {
  await signIn(agent);
  return {};
}
/** The same, with a code on its way. */
async function asked(app: TestApp, agent: Agent): Promise<Prepared> {
  return { body: { code: await pending(app, agent) } };
}
/** A user who has passed. */
async function whole(app: TestApp, agent: Agent): Promise<Prepared> {
  await verified(app, agent);
  return {};
}
/** A user who has passed, with a code of a step-up on its way. */
async function stepping(app: TestApp, agent: Agent): Promise<Prepared> {
  await verified(app, agent);
  await agent.post(ROUTER.challenge).send({}).expect(202);
  return {};
}
/** A user without a factor, with a code on its way to a first phone. */
async function enrolling(app: TestApp, agent: Agent): Promise<Prepared> {
  await signIn(agent, 'C');
  await agent.post(ROUTER.enrollment).send({ phone: UNUSED_PHONE }).expect(202);
  return { body: { code: newestCode(app) } };
}
/** A user with recovery codes, who has signed in anew. */
async function recovering(app: TestApp, agent: Agent): Promise<Prepared> {
  await verified(app, agent);
  const { body } = await agent.post(ROUTER.recoveryCodes).send({}).expect(200);
  await agent.post('/logout').send({}).expect(200);
  await signIn(agent);
  return { body: { recoveryCode: (body as { recoveryCodes: string[] }).recoveryCodes[0]! } };
}
/** A user with new recovery codes, who has not yet said that they are kept. */
async function keeping(app: TestApp, agent: Agent): Promise<Prepared> {
  await verified(app, agent);
  await agent.post(ROUTER.recoveryCodes).send({}).expect(200);
  return {};
}
/** A user who trusts this browser. */
async function trusting(app: TestApp, agent: Agent): Promise<Prepared> {
  const code = await pending(app, agent);
  await agent.post(ROUTER.verify).send({ code, trustDevice: true }).expect(200);
  const { body } = await agent.get(ROUTER.devices).expect(200);
  return { id: (body as { devices: { id: string }[] }).devices[0]!.id };
}

const ROWS: Row[] = [
  { path: ROUTER.challenge, done: 202, viewed: 401, prepare: half },
  { path: `${ROUTER.challenge}/delete`, done: 204, viewed: 405, prepare: stepping },
  { method: 'DELETE', path: ROUTER.challenge, done: 204, viewed: 200, prepare: stepping },
  { path: ROUTER.verify, done: 200, viewed: 405, prepare: asked },
  {
    path: ROUTER.enrollment,
    done: 202,
    viewed: 405,
    prepare: async (_app, agent) => {
      await signIn(agent, 'C');
      return { body: { phone: UNUSED_PHONE } };
    },
  },
  { path: ROUTER.confirm, done: 200, viewed: 405, prepare: enrolling },
  { path: ROUTER.remove, done: 204, viewed: 405, prepare: whole },
  { method: 'DELETE', path: ROUTER.enrollment, done: 204, viewed: 405, prepare: whole },
  { path: ROUTER.recovery, done: 200, viewed: 405, prepare: recovering },
  { path: ROUTER.recoveryCodes, done: 200, viewed: 404, prepare: whole },
  { path: ROUTER.kept, done: 204, viewed: 405, prepare: keeping },
  { path: `${ROUTER.devices}/delete`, done: 204, viewed: 405, prepare: trusting },
  { method: 'DELETE', path: ROUTER.devices, done: 204, viewed: 200, prepare: trusting },
  { path: `${ROUTER.devices}/:id/delete`, done: 204, viewed: 405, prepare: trusting },
  { method: 'DELETE', path: `${ROUTER.devices}/:id`, done: 204, viewed: 405, prepare: trusting },
  { path: FREE.verify, done: 200, viewed: 405, prepare: asked },
  { path: FREE.challenge, done: 200, viewed: 405, prepare: half },
];

const EVENTS: EventName[] = [
  'sent',
  'send_refused',
  'verified',
  'failed',
  'locked',
  'enrolled',
  'replaced',
  'removed',
  'recovery_used',
  'recovery_codes_replaced',
  'device_trusted',
  'device_revoked',
  'notice',
];

/** The strategy and `challenge()`, on routes that take every method. */
function everyMethod(app: Express, secondFactor: SecondFactor): void {
  const authenticator = new passport.Passport();
  authenticator.use(secondFactor.strategy());
  app.all(FREE.verify, authenticator.authenticate('sms-2fa'), (_req, res) => void res.json({}));
  app.all(FREE.challenge, secondFactor.challenge(), (_req, res) => void res.json({}));
}

interface Ready {
  app: TestApp;
  write: Write;
  /** Everything that a write could have changed: texts, factors, what sessions keep, what was told. */
  state: () => string;
}

async function ready({ method = 'POST', path, prepare }: Row): Promise<Ready> {
  const app = await startApp({
    factor: { trustedDevices: { days: 30 } },
    after: everyMethod,
  });
  const agent = app.agent();
  const { body = {}, id = '' } = await prepare(app, agent);
  // Nothing is refused because it comes too soon.
  await app.clock.advance(31);
  let told: string[] = [];
  for (const name of EVENTS) app.secondFactor.on(name, () => (told = [...told, name]));
  const { sessions } = app.store as unknown as { sessions: Record<string, string> };
  const kept = (): unknown[] =>
    Object.entries(sessions).map(([sid, text]) => {
      const { cookie, ...rest } = JSON.parse(text) as Record<string, unknown>;
      return [sid, rest];
    });
  const write = { method, path: path.replace(':id', id), cookie: cookieFrom(agent), body };
  const state = () =>
    JSON.stringify([app.outbox.messages, [...app.enrollments.entries()], kept(), told]);
  return { app, write, state };
}

const title = ({ method = 'POST', path }: Row): string => `${method} ${path}`;

test.each(ROWS.map((row) => [title(row), row] as const))(
  '[S116] %s from another site, and the view of its path, send and change nothing; then it is carried out',
  async (_title, row) => {
    const { app, write, state } = await ready(row);
    const before = state();
    for (const origin of FOREIGN) {
      const { status, headers } = await raw(app.url, writeFrom(origin, app.url, write));
      expect([origin.name, status]).toEqual([origin.name, 403]);
      expect(headers).not.toMatch(/^set-cookie:/im);
      expect([origin.name, state()]).toEqual([origin.name, before]);
    }
    for (const method of ['GET', 'HEAD'] as const) {
      const { status, headers } = await raw(app.url, viewOf(method, write));
      expect([method, status]).toEqual([method, row.viewed]);
      expect(headers).not.toMatch(/^set-cookie:/im);
      expect([method, state()]).toEqual([method, before]);
    }
    const { status } = await raw(app.url, writeFrom(WELCOME[0]!, app.url, write));
    expect(status).toBe(row.done);
    expect(state()).not.toBe(before);
  },
);

test.each(ROWS.map((row) => [title(row), row] as const))(
  '[S116] %s passes from every page of this site, and from clients that are no browsers',
  async (_title, row) => {
    for (const origin of WELCOME.slice(1)) {
      const { app, write, state } = await ready(row);
      const before = state();
      const { status } = await raw(app.url, writeFrom(origin, app.url, write));
      expect([origin.name, status]).toEqual([origin.name, row.done]);
      expect(state()).not.toBe(before);
    }
  },
);

test('[S116] the table above has every write of the router', async () => {
  const app = await startApp();
  const writes: string[] = [];
  for (const path of Object.keys(ROUTES)) {
    const answer = await app.agent().put(`${MOUNT}${path}`).expect(405);
    const methods = (answer.headers.allow ?? '').split(', ');
    const changing = methods.filter((method) => method !== 'GET' && method !== 'HEAD');
    writes.push(...changing.map((method) => `${method} ${MOUNT}${path}`));
  }
  expect(writes.sort()).toEqual(
    ROWS.map(title)
      .filter((each) => each.includes(MOUNT))
      .sort(),
  );
});
