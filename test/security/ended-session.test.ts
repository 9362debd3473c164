import session from 'express-session';
import { memoryCounter, type Counter } from '../../lib';
import {
  newestCode,
  pending,
  signIn,
  startApp,
  verified,
  wrongCode,
  type TestApp,
} from '../helpers/app';
import { testClock } from '../helpers/clock';
import { jsonPost, raw } from '../helpers/parallel';
import { isSession, onEachStore } from '../helpers/stores';
import { cookieFrom, cookieSetBy, hold, knock, sessionIdIn, stored } from '../helpers/web';
import { slowPost } from './slow-post';

onEachStore('an ended session', (kind) => {
  let app: TestApp;
  beforeEach(async () => {
    app = await startApp(await kind.make());
  });

  test('[S62] a right code whose last byte comes after logout verifies nobody', async () => {
    const agent = app.agent();
    const code = await pending(app, agent);
    const finish = await slowPost(app, '/second-factor/verify', cookieFrom(agent), { code });
    const old = cookieFrom(agent);
    await agent.post('/logout').send({}).expect(200);
    const { status, headers } = await finish();
    expect(status).toBe(401);
    const given = cookieSetBy({ headers }) ?? old;
    for (const cookie of [old, given]) {
      const shut = await app.agent().get('/secret').set('Cookie', cookie);
      expect(shut.status).toBe(401);
    }
  });

  test('[S62] a wrong code that ends after logout does not sign the old cookie in again', async () => {
    const agent = app.agent();
    const code = await pending(app, agent);
    const finish = await slowPost(app, '/second-factor/verify', cookieFrom(agent), {
      code: wrongCode(code),
    });
    const old = cookieFrom(agent);
    await agent.post('/logout').send({}).expect(200);
    await finish();
    const status = await app.agent().get('/status').set('Cookie', old);
    expect(status.body).toEqual({ enrolled: false, verified: false, amr: [] });
    await app.agent().get('/second-factor').set('Cookie', old).expect(401);
  });

  test('[S62] a phone cannot be enrolled by a request that ends after logout', async () => {
    const agent = app.agent();
    await signIn(agent, 'C');
    await agent.post('/second-factor/enrollment').send({ phone: '+12065550199' }).expect(202);
    const code = newestCode(app);
    const finish = await slowPost(app, '/second-factor/enrollment/verify', cookieFrom(agent), {
      code,
    });
    await agent.post('/logout').send({}).expect(200);
    expect((await finish()).status).toBe(401);
    expect(app.enrollments.has('id-of-C')).toBe(false);
  });

  test('[S62] a session that an app writes back after its end is gone again', async () => {
    const agent = app.agent();
    await verified(app, agent);
    const old = cookieFrom(agent);
    const finish = await slowPost(app, '/plant', cookieFrom(agent), {
      flag: 'written by a slow request',
    });
    await agent.post('/logout').send({}).expect(200);
    await finish();
    await app.agent().get('/secret').set('Cookie', old).expect(401);
    expect((await app.agent().get('/status').set('Cookie', old)).body.enrolled).toBe(false);
  });
});

test('[S62] the gate is shut before the store destroys a session, and stays shut where that fails', async () => {
  const store = new session.MemoryStore();
  const destroy = store.destroy.bind(store);
  const { entered, enter, released, release } = hold();
  let broken = false;
  store.destroy = (sid, done) => {
    if (broken && isSession(sid)) {
      enter();
      void released.then(() => done?.(new Error('the disk is full')));
    } else destroy(sid, done);
  };
  const app = await startApp({ store });
  const agent = app.agent();
  await verified(app, agent);
  const cookie = cookieFrom(agent);
  expect(await knock(app, cookie)).toBe(200);
  broken = true;
  // By its id, as a list of sessions does it: a logout would take the user out of the session first.
  const ended = new Promise((resolve) => app.store.destroy(sessionIdIn(cookie), resolve));
  await entered;
  expect(await knock(app, cookie)).toBe(401);
  release();
  expect(await ended).toBeInstanceOf(Error);
  expect(await knock(app, cookie)).toBe(401);
});

test('[S62] a sign-out whose count is answered too late stays a sign-out', async () => {
  const clock = testClock();
  const inner = memoryCounter({ clock });
  const late = hold();
  const counter: Counter = {
    settle: async (wish) => {
      const settled = await inner.settle(wish);
      const ends =
        wish.take?.some(({ key, limit }) => key.endsWith('#ended') && limit > 1) === true;
      if (ends) await late.released;
      return settled;
    },
  };
  const app = await startApp({ clock, factor: { counter } });
  const agent = app.agent();
  const code = await pending(app, agent);
  const old = cookieFrom(agent);
  const finish = await slowPost(app, '/second-factor/verify', old, { code });
  await agent.post('/logout').send({}).expect(200);
  late.release();
  await new Promise((resolve) => setImmediate(resolve));
  const { status, headers } = await finish();
  expect(status).toBe(401);
  const given = cookieSetBy({ headers }) ?? old;
  await app.agent().get('/secret').set('Cookie', given).expect(401);
});

test('[S62] a session that ends while the store writes it is gone once it is written', async () => {
  const store = new session.MemoryStore();
  const set = store.set.bind(store);
  const { entered, enter, released, release } = hold();
  let slow = false;
  store.set = (sid, kept, done) => {
    if (slow && isSession(sid)) {
      slow = false;
      enter();
      void released.then(() => set(sid, kept, done));
    } else set(sid, kept, done);
  };
  const app = await startApp({ store });
  const agent = app.agent();
  await verified(app, agent);
  const cookie = cookieFrom(agent);
  slow = true;
  const write = raw(app.url, jsonPost('/plant', cookie, { flag: 'written late' }));
  await entered;
  await agent.post('/logout').send({}).expect(200);
  // Longer than any request takes.
  await app.clock.advance(3_000);
  release();
  expect((await write).status).toBe(200);
  expect(await stored(app.store, cookie)).toBeUndefined();
  const status = await app.agent().get('/status').set('Cookie', cookie).expect(200);
  expect(status.body).toEqual({ enrolled: false, verified: false, amr: [] });
});

describe('while the counter is away', () => {
  let app: TestApp;
  let asked: number;
  let away: boolean;
  beforeEach(async () => {
    [asked, away] = [0, false];
    const clock = testClock();
    const counter = memoryCounter({ clock });
    const perhaps = <T>(call: () => Promise<T>): Promise<T> => {
      asked += 1;
      return away ? Promise.reject(new Error('connection refused')) : call();
    };
    app = await startApp({
      clock,
      factor: {
        counter: {
          settle: (wish) => perhaps(() => counter.settle(wish)),
        },
      },
    });
  });

  test('the app’s own writes of sessions go on, and it is asked again after ten seconds only', async () => {
    const agent = app.agent();
    await signIn(agent);
    away = true;
    const writes: boolean[] = [];
    for (const pause of [0, 0, 9, 1]) {
      await app.clock.advance(pause);
      asked = 0;
      await agent.post('/plant').send({ pause }).expect(200);
      writes.push(asked > 0);
    }
    expect(writes).toEqual([true, false, false, true]);
    expect(await stored(app.store, cookieFrom(agent))).toMatchObject({ pause: 1 });
  });

  test('[S62] a session is destroyed, and that its end could not be noted is said', async () => {
    const agent = app.agent();
    await verified(app, agent);
    const cookie = cookieFrom(agent);
    away = true;
    const ended = new Promise((resolve) => app.store.destroy(sessionIdIn(cookie), resolve));
    expect(await ended).toBeInstanceOf(Error);
    expect(await stored(app.store, cookie)).toBeUndefined();
    expect(await knock(app, cookie)).toBe(401);
  });
});

test('[S62] a session that ended without an answer is not signed in any longer, once it is refused', async () => {
  const inner = memoryCounter();
  let lost = false;
  const counter: Counter = {
    settle: async (wish) => {
      const settled = await inner.settle(wish);
      const spends = wish.take?.some(({ key, by }) => key.endsWith('#ended') && by === 1);
      if (lost || spends !== true) return settled;
      lost = true;
      throw new Error('the connection broke before the answer');
    },
  };
  const app = await startApp({ factor: { counter } });
  try {
    const agent = app.agent();
    const code = await pending(app, agent);
    const cookie = cookieFrom(agent);
    await agent.post('/second-factor/verify').send({ code }).expect(503);
    await agent.post('/second-factor/verify').send({ code }).expect(401);
    expect(await stored(app.store, cookie)).toBeUndefined();
    await signIn(agent);
    await agent.get('/second-factor').expect(200);
  } finally {
    await app.close();
  }
});

test('[S75] [S94] a removal that was meant for another number does not remove the new one', async () => {
  const app = await startApp();
  try {
    const [thief, owner] = [app.agent(), app.agent()];
    await verified(app, thief);
    await verified(app, owner);
    await owner.post('/second-factor/enrollment').send({ phone: '+12065550199' }).expect(202);
    const before = app.enrollments.get('id-of-A')!;
    await owner
      .post('/second-factor/enrollment/verify')
      .send({ code: newestCode(app) })
      .expect(200);
    await thief.delete('/second-factor/enrollment').expect(403);
    expect(app.enrollments.get('id-of-A')).toMatchObject({ phone: '+12065550199' });
    expect(app.enrollments.get('id-of-A')!.version).toBeGreaterThan(before.version);
  } finally {
    await app.close();
  }
});
