import session from 'express-session';
import { mapEnrollments, outboxSender, type Enrollment } from '../../lib';
import {
  enrolled,
  newestCode,
  pending,
  PHONES,
  SECRET,
  signIn,
  startApp as start,
  verified,
  type Agent,
  type TestApp,
} from '../helpers/app';
import { faultsOf } from '../helpers/faults';
import { ROUTER } from '../helpers/paths';
import { onEachStore } from '../helpers/stores';
import { cookieFrom, cookieOf } from '../helpers/web';

const { challenge, verify, enrollment, confirm, recovery, recoveryCodes, kept, home } = ROUTER;
const ID = 'id-of-C';
const PHONE = '+12065550177';

/** Signs C in and has a code texted to a first phone. */
async function enrolling(app: TestApp, agent: Agent): Promise<string> {
  await signIn(agent, 'C');
  await agent.post(enrollment).send({ phone: PHONE }).expect(202);
  return newestCode(app);
}

/** Signs C in and confirms a first phone. */
async function enroll(app: TestApp, agent: Agent) {
  const code = await enrolling(app, agent);
  return agent.post(confirm).send({ code }).expect(200);
}

/** Asks for the code of the enrolled phone once more, in this session, and passes. */
async function stepUp(app: TestApp, agent: Agent): Promise<void> {
  await app.clock.advance(60);
  await agent.post(challenge).send({}).expect(202);
  await agent
    .post(verify)
    .send({ code: newestCode(app) })
    .expect(200);
}

const use = (agent: Agent, recoveryCode: unknown) => agent.post(recovery).send({ recoveryCode });

async function signedIn(app: TestApp, username = 'C'): Promise<Agent> {
  const agent = app.agent();
  await signIn(agent, username);
  return agent;
}

async function passed(app: TestApp, username = 'C'): Promise<Agent> {
  await app.clock.advance(60);
  const agent = app.agent();
  await verified(app, agent, username);
  return agent;
}

onEachStore('recovery codes that wait to be kept', (kind) => {
  test('[S178] the codes of a first phone are shown again in their session until they are kept', async () => {
    const app = await start(await kind.make());
    const agent = app.agent();
    const first = await enroll(app, agent);
    const codes = first.body.recoveryCodes as string[];
    expect(first.body).toEqual({
      enrolled: true,
      verified: true,
      recoveryCodes: codes,
      acknowledged: false,
    });
    expect(codes).toHaveLength(10);
    const again = { recoveryCodes: codes, acknowledged: false };
    for (let each = 0; each < 2; each += 1) {
      expect((await agent.get(recoveryCodes).expect(200)).body).toEqual(again);
    }
    const status = { recoveryCodesAcknowledged: false, recoveryCodesLeft: 10 };
    expect((await agent.get(home).expect(200)).body).toMatchObject(status);
    expect((await agent.get('/status')).body).toMatchObject({ recoveryCodesAcknowledged: false });
    // Also under another session id, with a factor passed anew.
    await stepUp(app, agent);
    await stepUp(app, agent);
    expect((await agent.get(recoveryCodes).expect(200)).body).toEqual(again);
    const held = await kind.dump(app.store);
    for (const code of codes) expect(held).not.toContain(code);

    await agent.post(kept).send({}).expect(204);
    await agent.post(kept).send({}).expect(204);
    expect((await agent.get(recoveryCodes).expect(404)).body.code).toBe('not_found');
    const after = (await agent.get(home).expect(200)).body;
    expect(after).toMatchObject({ recoveryCodesLeft: 10 });
    expect(after).not.toHaveProperty('recoveryCodesAcknowledged');
    expect((await agent.get('/status')).body).not.toHaveProperty('recoveryCodesAcknowledged');
    expect(app.enrollments.get(ID)).not.toHaveProperty('newRecoveryCodes');
    expect((await use(await signedIn(app), codes[4]).expect(200)).body.recoveryCodesLeft).toBe(9);
  });

  test('[S178] older codes are good until the new ones are kept, and no longer', async () => {
    const app = await start(await kind.make());
    const owner = await passed(app, 'A');
    const older = (await owner.post(recoveryCodes).send({}).expect(200)).body
      .recoveryCodes as string[];
    await owner.post(kept).send({}).expect(204);
    const made = (await owner.post(recoveryCodes).send({}).expect(200)).body;
    const newer = made.recoveryCodes as string[];
    expect(made.acknowledged).toBe(false);
    expect((await owner.get(recoveryCodes)).body).toEqual(made);
    const waits = await use(await signedIn(app, 'A'), newer[0]).expect(401);
    expect(waits.body.detail).toContain('Use one of the older ones.');
    const old = await use(await signedIn(app, 'A'), older[0]).expect(200);
    expect(old.body.recoveryCodesLeft).toBe(9);
    await owner.post(kept).send({}).expect(204);
    await use(await signedIn(app, 'A'), older[1]).expect(401);
    const now = await use(await signedIn(app, 'A'), newer[0]).expect(200);
    expect(now.body.recoveryCodesLeft).toBe(9);
  });
});

test('[S178] whoever wrote the first codes down and never said so gets in by them', async () => {
  const app = await start();
  const codes = (await enroll(app, app.agent())).body.recoveryCodes as string[];
  await app.clock.advance(86_400);
  const agent = await signedIn(app);
  expect((await use(agent, codes[7]).expect(200)).body.recoveryCodesLeft).toBe(9);
  expect((await agent.get(home)).body).not.toHaveProperty('recoveryCodesAcknowledged');
  await use(await signedIn(app), codes[7]).expect(401);
});

test('[S178] no other session sees the codes or keeps them: not of the user, not of a thief', async () => {
  const app = await start();
  const owner = app.agent();
  const codes = (await enroll(app, owner)).body.recoveryCodes as string[];
  const set = app.enrollments.get(ID)!.newRecoveryCodes!.id;
  const [thief, half] = [await passed(app), await signedIn(app)];
  expect((await thief.get(recoveryCodes).expect(404)).text).not.toContain(codes[0]);
  expect((await half.get(recoveryCodes).expect(403)).body.code).toBe(
    'fresh_second_factor_required',
  );
  await app.agent().get(recoveryCodes).expect(401);
  for (const body of [{}, { set }]) {
    expect((await thief.post(kept).send(body).expect(404)).body.code).toBe('not_found');
    expect((await half.post(kept).send(body).expect(401)).body.code).toBe('second_factor_required');
    await app.agent().post(kept).send(body).expect(401);
  }
  for (const wrong of [7, true, [set], { $ne: '' }]) {
    await owner.post(kept).send({ set: wrong }).expect(400);
  }
  await owner.post(kept).send({ set: 'another' }).expect(404);
  expect(app.enrollments.get(ID)!.newRecoveryCodes!.id).toBe(set);
  // But it may make others, of which the user is told; the first ones are gone then.
  const others = (await thief.post(recoveryCodes).send({}).expect(200)).body;
  await owner.get(recoveryCodes).expect(404);
  await owner.post(kept).send({ set }).expect(404);
  await owner.post(kept).send({}).expect(404);
  await use(await signedIn(app), codes[0]).expect(401);
  expect((await thief.get(recoveryCodes).expect(200)).body).toEqual(others);
});

test('[S178] codes are shown to a fresh factor only, and kept without one', async () => {
  const app = await start();
  const agent = app.agent();
  await enroll(app, agent);
  const stranger = await signedIn(app, 'A');
  await app.clock.advance(600);
  await agent.get(recoveryCodes).expect(200);
  await app.clock.advance(1);
  const refused = await agent.get(recoveryCodes).expect(403);
  expect(refused.body.code).toBe('fresh_second_factor_required');
  await agent.post(kept).send({}).expect(204);
  expect((await (await signedIn(app, 'B')).get(recoveryCodes).expect(403)).body.code).toBe(
    'fresh_second_factor_required',
  );
  await stranger.post(kept).send({}).expect(401);
  app.enrollments.delete('id-of-A');
  expect((await stranger.get(recoveryCodes).expect(403)).body.code).toBe('enrollment_required');
  expect((await stranger.post(kept).send({}).expect(403)).body.code).toBe('enrollment_required');
});

test('[S178] a trusted browser sees no codes and keeps none before a code was typed there', async () => {
  const app = await start({ factor: { trustedDevices: { days: 30 } } });
  const owner = app.agent();
  await enroll(app, owner);
  const trusting = app.agent();
  await app.clock.advance(60);
  const code = await pending(app, trusting, 'C');
  const answer = await trusting.post(verify).send({ code, trustDevice: true }).expect(200);
  const device = /__Host-[^;]+/.exec(String(answer.headers['set-cookie']))![0];
  const returning = await signedIn(app);
  const by = `${cookieFrom(returning)}; ${device}`;
  const page = await app.agent().get(home).set('Cookie', by).expect(200);
  expect(page.body).toMatchObject({ verified: true, amr: ['pwd'] });
  const cookie = cookieOf(page);
  await app.agent().get(recoveryCodes).set('Cookie', cookie).expect(403);
  await app.agent().post(kept).set('Cookie', cookie).send({}).expect(401);
});

test('[S178] a write that was answered late enrolls, and the codes come with the answer', async () => {
  const map = new Map<string, Enrollment>();
  const base = mapEnrollments(map);
  let late = true;
  const app = await start({
    factor: {
      enrollments: {
        ...base,
        set: async (...write) => {
          const done = await base.set(...write);
          if (late) throw new Error('connection to 10.0.0.7 lost');
          return done;
        },
      },
    },
  });
  const agent = app.agent();
  const { body } = await enroll(app, agent);
  expect(body.recoveryCodes).toHaveLength(10);
  await agent.get('/secret').expect(200);
  await agent.post(kept).send({}).expect(204);
  late = false;
  await use(await signedIn(app), body.recoveryCodes[0]).expect(200);
});

test('[S178] where the session could not be kept after the phone was, the codes are seen later', async () => {
  let seen = 0;
  for (const operation of ['get', 'set'] as const) {
    // Of each call in turn, until none is left to fail.
    for (let k = 1, fired = true; fired; k += 1) {
      const store = new session.MemoryStore();
      const faults = faultsOf(store);
      const app = await start({ store });
      const agent = app.agent();
      const code = await enrolling(app, agent);
      faults.fail(operation, k);
      const answer = await agent.post(confirm).send({ code });
      fired = faults.fired();
      faults.heal();
      await app.clock.advance(60);
      if (answer.status === 200 || !app.enrollments.has(ID)) continue;
      expect(answer.status).toBe(503);
      await stepUp(app, agent);
      const shown = await agent.get(recoveryCodes).expect(200);
      await agent.post(kept).send({}).expect(204);
      const [first] = shown.body.recoveryCodes as string[];
      await use(await signedIn(app), first).expect(200);
      seen += 1;
    }
  }
  expect(seen).toBeGreaterThan(0);
});

test('[S178] a rotated secret shows and keeps the same codes, and one that is gone asks for new ones', async () => {
  const store = new session.MemoryStore();
  const enrollments = new Map<string, Enrollment>([['id-of-A', enrolled(PHONES.A)]]);
  const NEWER = 'a newer secret of the tests, long enough';
  const outbox = outboxSender();
  const withSecret = async (secret: string | string[]) =>
    start({
      store,
      factor: { secret, sender: outbox, enrollments: mapEnrollments(enrollments) },
    });
  const before = await withSecret(SECRET);
  const agent = before.agent();
  await signIn(agent, 'A');
  await agent.post(challenge).send({}).expect(202);
  const code = /^\d+/.exec(outbox.last()!.body)![0];
  await agent.post(verify).send({ code }).expect(200);
  const { body } = await agent.post(recoveryCodes).send({}).expect(200);
  const cookie = cookieFrom(agent);

  const after = await withSecret([NEWER, SECRET]);
  const shown = await after.agent().get(recoveryCodes).set('Cookie', cookie).expect(200);
  expect(shown.body).toEqual(body);

  const gone = await withSecret(NEWER);
  const half = await signedIn(gone, 'A');
  await use(half, body.recoveryCodes[0]).expect(401);
  expect((await gone.secondFactor.admin.status('id-of-A')).recoveryCodesLeft).toBe(0);

  await after.agent().post(kept).set('Cookie', cookie).send({}).expect(204);
  await use(half, body.recoveryCodes[0]).expect(200);
});

test('[S178] a new phone keeps the older codes until its own are kept', async () => {
  const app = await start();
  const agent = app.agent();
  const first = (await enroll(app, agent)).body.recoveryCodes as string[];
  await agent.post(kept).send({}).expect(204);
  await app.clock.advance(10);
  await agent.post(enrollment).send({ phone: '+12065550199' }).expect(202);
  const { body } = await agent
    .post(confirm)
    .send({ code: newestCode(app) })
    .expect(200);
  expect(body).toMatchObject({ acknowledged: false });
  await use(await signedIn(app), first[0]).expect(200);
  expect((await agent.get(recoveryCodes)).body.recoveryCodes).toEqual(body.recoveryCodes);
  await agent.post(kept).send({}).expect(204);
  await use(await signedIn(app), first[1]).expect(401);
  await use(await signedIn(app), body.recoveryCodes[0]).expect(200);
});

test('[S178] enrollments of before, with digests only, are read and counted as they were', async () => {
  const app = await start();
  const recovery = { salt: 'salt', digests: ['one', 'two'] };
  app.enrollments.set('id-of-A', { ...enrolled(PHONES.A), recoveryCodes: recovery });
  const agent = await passed(app, 'A');
  const { body } = await agent.get(home).expect(200);
  expect(body).toMatchObject({ recoveryCodesLeft: 2 });
  expect(body).not.toHaveProperty('recoveryCodesAcknowledged');
  await agent.get(recoveryCodes).expect(404);
  await agent.post(kept).send({}).expect(204);
  expect(app.enrollments.get('id-of-A')!.recoveryCodes).toEqual(recovery);
});
