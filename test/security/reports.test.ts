import { mapEnrollments, type Enrollments } from '../../lib';
import { startCalledApp, type CalledApp, type CalledAppOptions } from '../express/carrier-calls';
import {
  enrolled,
  newestCode,
  pending,
  PHONES,
  signIn,
  verified,
  type Agent,
} from '../helpers/app';
import { atOnce, jsonPost } from '../helpers/parallel';
import { ROUTER } from '../helpers/paths';
import { onEachStore } from '../helpers/stores';
import { cookieFrom, hold, knock } from '../helpers/web';
import { TrustingBrowser } from './trusting-browser';

/* NO, the answer to a code that somebody else asked for: what it ends, and what it leaves. */

const { challenge: send, verify, enrollment: enroll, recovery, recoveryCodes } = ROUTER;
let app: CalledApp;
afterEach(() => app.close());

const trusting: CalledAppOptions = { factor: { trustedDevices: { days: 30 } } };
const no = async (phone: string = PHONES.A) =>
  expect((await app.answer('NO', phone)).status).toBe(200);
const reports = () =>
  app.told('reported').map(({ userId, newest, codeUsed, earlierCodeUsed }) => ({
    user: userId.slice(-1),
    newest,
    codeUsed,
    earlierCodeUsed,
  }));
const untold = { codeUsed: false, earlierCodeUsed: false };

/** Somebody who signs in as this user, types a number in and has it texted. */
async function typeIn(username: string, phone: string): Promise<Agent> {
  const agent = app.agent();
  await signIn(agent, username);
  await agent.post(enroll).send({ phone }).expect(202);
  return agent;
}

/** Passes a code that is asked for after the last one could have been. */
async function inside(username = 'A'): Promise<Agent> {
  await app.clock.advance(31);
  const agent = app.agent();
  await verified(app, agent, username);
  return agent;
}

onEachStore('what NO ends', (kind) => {
  test('[S188] a session that passed with the code, under each id that it has had', async () => {
    app = await startCalledApp(await kind.make());
    const thief = await inside();
    const first = cookieFrom(thief);
    // A step-up changes the id again.
    await app.clock.advance(301);
    await thief.post(send).send({}).expect(202);
    const { body } = await thief.get(send).expect(200);
    expect(body.purpose).toBe('step-up');
    await thief
      .post(verify)
      .send({ code: newestCode(app) })
      .expect(200);
    expect(cookieFrom(thief)).not.toBe(first);
    await no();
    for (const cookie of [first, cookieFrom(thief)]) expect(await knock(app, cookie)).toBe(401);
    expect((await thief.get('/status')).body).toMatchObject({ enrolled: false, amr: [] });
    expect(reports()).toEqual([
      { user: 'A', newest: true, codeUsed: true, earlierCodeUsed: false },
    ]);
  });

  test('[S188] a session that passed by a recovery code instead', async () => {
    app = await startCalledApp(await kind.make());
    const owner = await inside();
    const { body } = await owner.post(recoveryCodes).send({}).expect(200);
    await app.clock.advance(3_600);
    const thief = app.agent();
    await pending(app, thief);
    await thief.post(recovery).send({ recoveryCode: body.recoveryCodes[0] }).expect(200);
    expect(await knock(app, cookieFrom(thief))).toBe(200);
    await no();
    expect(await knock(app, cookieFrom(thief))).toBe(401);
    expect(await knock(app, cookieFrom(owner))).toBe(200);
    expect(reports()).toEqual([{ user: 'A', newest: true, ...untold }]);
  });

  test('[S188] a session that passed by a trusted device instead, and the trust in that browser', async () => {
    app = await startCalledApp({ ...trusting, ...(await kind.make()) });
    const owner = await new TrustingBrowser(app).trust();
    await app.clock.advance(3_600);
    const bystander = await new TrustingBrowser(app).trust();
    await app.clock.advance(3_600);
    // The thief has the password, and a copy of the device's cookie that is used after the text.
    const thief = await new TrustingBrowser(app).signIn();
    expect(await thief.status('POST', send, {})).toBe(202);
    const [[name, token] = ['', '']] = owner.deviceCookies();
    thief.take({ status: 200, headers: `set-cookie: ${name}=${token}`, body: '' });
    expect(await thief.knock()).toBe(200);
    await no();
    expect(await thief.knock()).toBe(401);
    expect(await (await thief.signIn()).knock()).toBe(401);
    expect(reports()).toEqual([{ user: 'A', newest: true, ...untold }]);
    // What else of the user is verified or trusted was not asked for by that session.
    expect(await bystander.knock()).toBe(200);
    expect(await (await bystander.signIn()).knock()).toBe(200);
  });

  test('[S188] trust that was given since the code came back, and no other', async () => {
    app = await startCalledApp({ ...trusting, ...(await kind.make()) });
    const owner = await new TrustingBrowser(app).trust();
    await app.clock.advance(3_600);
    const thief = await new TrustingBrowser(app).trust();
    await no();
    expect(await thief.knock()).toBe(401);
    expect(await (await thief.signIn()).knock()).toBe(401);
    expect(await owner.knock()).toBe(200);
    expect(await (await owner.signIn()).knock()).toBe(200);
  });

  test('[S189] a stranger who typed the number in; the sessions of its owner stay', async () => {
    app = await startCalledApp(await kind.make());
    const owner = await inside();
    await app.clock.advance(60);
    const stranger = await typeIn('C', PHONES.A);
    const code = newestCode(app);
    await no();
    expect(await knock(app, cookieFrom(owner))).toBe(200);
    expect((await stranger.get('/status')).body).toMatchObject({ amr: [] });
    await signIn(stranger, 'C');
    await stranger.post(`${enroll}/verify`).send({ code }).expect(401);
    expect(app.enrollments.has('id-of-C')).toBe(false);
    expect(reports()).toEqual([
      { user: 'C', newest: true, ...untold },
      { user: 'A', newest: false, codeUsed: true, earlierCodeUsed: false },
    ]);
    // What is told to the owner is of the owner's own text.
    const [, older] = app.told('notice');
    const textedAt = app.clock() - 70_000;
    expect(older).toMatchObject({ action: 'reported', userId: 'id-of-A', textedAt, newest: false });
  });

  test('[S189] a code that is asked for with the password, though another account covers its text', async () => {
    app = await startCalledApp(await kind.make());
    const thief = app.agent();
    const code = await pending(app, thief);
    await app.clock.advance(31);
    await typeIn('C', PHONES.A);
    app.enrollments.set('id-of-B', enrolled(PHONES.A));
    await app.clock.advance(31);
    await pending(app, app.agent(), 'B');
    await no();
    await thief.post(verify).send({ code }).expect(401);
    expect((await thief.get('/status')).body).toMatchObject({ amr: [] });
    expect(reports()).toEqual([
      { user: 'B', newest: true, ...untold },
      { user: 'C', newest: false, ...untold },
      { user: 'A', newest: false, ...untold },
    ]);
  });

  test('[S189] a code that came back and was covered is told, and its user ends all at once', async () => {
    app = await startCalledApp(await kind.make());
    const thief = await inside();
    await app.clock.advance(31);
    await typeIn('C', PHONES.A);
    await no();
    const [, older] = app.told('reported');
    expect(older).toMatchObject({ userId: 'id-of-A', newest: false, codeUsed: true });
    await app.secondFactor.admin.revoke('id-of-A', { operator: 'the link in the mail' });
    expect(await knock(app, cookieFrom(thief))).toBe(401);
  });

  test('[S189] somebody with the password; the session that the owner opened before stays', async () => {
    app = await startCalledApp(await kind.make());
    const owner = await inside();
    await app.clock.advance(60);
    const thief = app.agent();
    await pending(app, thief);
    await no();
    expect((await thief.get('/status')).body).toMatchObject({ amr: [] });
    expect(await knock(app, cookieFrom(owner))).toBe(200);
    expect(reports()).toEqual([
      { user: 'A', newest: true, codeUsed: false, earlierCodeUsed: true },
    ]);
  });
});

test('[S189] of two who share a phone NO ends the newest session, and asks the other one', async () => {
  app = await startCalledApp();
  app.enrollments.set('id-of-C', enrolled(PHONES.A));
  const [first, second] = [await inside('A'), await inside('C')];
  await no();
  expect(await knock(app, cookieFrom(second))).toBe(401);
  expect(await knock(app, cookieFrom(first))).toBe(200);
  expect(reports().map(({ user, newest }) => [user, newest])).toEqual([
    ['C', true],
    ['A', false],
  ]);
});

test('[S189] a step-up that another account covers loses its code and not its session', async () => {
  app = await startCalledApp();
  const owner = await inside();
  await app.clock.advance(301);
  await owner.post(send).send({}).expect(202);
  const code = newestCode(app);
  await app.clock.advance(31);
  await typeIn('C', PHONES.A);
  await no();
  expect(await knock(app, cookieFrom(owner))).toBe(200);
  await owner.post(verify).send({ code }).expect(401);
});

test('[S189] more texts from others than are remembered of one phone by default hide none', async () => {
  const many = [{ count: 100, seconds: 86_400 }];
  const limits = {
    resendWait: [15],
    unconfirmedPerPhone: many,
    unconfirmedPerAddress: many,
    phonesPerUser: many,
  };
  const wide = { textsPerUser: many, sentPerUser: many, sentPerPhone: many };
  app = await startCalledApp({ factor: { limits: { ...limits, ...wide } } });
  const thief = app.agent();
  const code = await pending(app, thief);
  for (let each = 0; each < 12; each += 1) {
    await app.clock.advance(200);
    await typeIn('C', PHONES.A);
  }
  await no();
  expect(reports().map(({ user }) => user)).toEqual(['C', 'A']);
  await thief.post(verify).send({ code }).expect(401);
  expect((await thief.get('/status')).body).toMatchObject({ amr: [] });
});

/** Answers NO at a step of a request, and lets that go on when the answer is carried out. */
async function crossing(step: 'before' | 'after'): Promise<{ status: number; cookies: string[] }> {
  app = await startCalledApp();
  const agent = app.agent();
  const code = await pending(app, agent);
  const { store } = app;
  const waiting = hold();
  const set = store.set.bind(store);
  let held = false;
  // The verified session is about to be kept, or just was.
  store.set = (sid, record, done) => {
    const mark = (record as { sms2fa?: { mark?: unknown } }).sms2fa?.mark;
    if (held || mark === undefined) {
      set(sid, record, done);
      return;
    }
    held = true;
    const goOn = (error?: unknown): void => {
      waiting.enter();
      void waiting.released.then(() =>
        step === 'before' ? set(sid, record, done) : done?.(error),
      );
    };
    if (step === 'before') goOn();
    else set(sid, record, goOn);
  };
  const before = cookieFrom(agent);
  const answering = atOnce(app.url, [jsonPost(verify, before, { code })]);
  await waiting.entered;
  await no();
  waiting.release();
  const [answer] = await answering;
  const given = /^set-cookie: ([^;]+)/im.exec(answer?.headers ?? '')?.[1];
  return { status: answer?.status ?? 0, cookies: given === undefined ? [before] : [before, given] };
}

test.each(['before', 'after'] as const)(
  '[S188] NO that comes %s the verified session is kept leaves none',
  async (step) => {
    const { status, cookies } = await crossing(step);
    expect(status).toBe(401);
    for (const cookie of cookies) expect(await knock(app, cookie)).toBe(401);
    expect(app.told('reported')).toMatchObject([{ newest: true, codeUsed: true }]);
  },
);

test('[S188] trust that is being written while NO comes is given to nobody', async () => {
  const kept = mapEnrollments(new Map([['id-of-A', enrolled(PHONES.A)]]));
  const writing = hold();
  const set: Enrollments['set'] = async (userId, enrollment, version) => {
    if (enrollment.devices?.length === 1) {
      writing.enter();
      await writing.released;
    }
    return kept.set(userId, enrollment, version);
  };
  const factor = { trustedDevices: { days: 30 }, enrollments: { ...kept, set } };
  app = await startCalledApp({ factor });
  const thief = await new TrustingBrowser(app).signIn();
  expect(await thief.status('POST', send, {})).toBe(202);
  const passing = thief.ask('POST', verify, { code: newestCode(app), trustDevice: true });
  await writing.entered;
  await no();
  writing.release();
  expect((await passing).set.filter((line) => line.startsWith('__Host-'))).toEqual([]);
  expect(await thief.knock()).toBe(401);
  expect((await kept.get('id-of-A'))?.devices).toEqual([]);
  expect(app.told('reported')).toMatchObject([{ newest: true, codeUsed: true }]);
});
