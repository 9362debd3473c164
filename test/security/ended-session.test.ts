import {
  cookieHeader,
  newestCode,
  pending,
  signIn,
  startApp,
  verified,
  wrongCode,
  type TestApp,
} from '../helpers/app';
import { onEachStore } from '../helpers/stores';
import { slowPost } from './slow-post';

onEachStore('an ended session', (kind) => {
  let app: TestApp;
  beforeEach(async () => {
    app = await startApp(await kind.make());
  });

  test('[S62] a right code whose last byte comes after logout verifies nobody', async () => {
    const agent = app.agent();
    const code = await pending(app, agent);
    const finish = await slowPost(app, '/second-factor/verify', cookieHeader(agent), { code });
    const old = cookieHeader(agent);
    await agent.post('/logout').send({}).expect(200);
    const { status, headers } = await finish();
    expect(status).toBe(401);
    const given = /set-cookie: ([^;]+)/i.exec(headers)?.[1] ?? old;
    for (const cookie of [old, given]) {
      const shut = await app.agent().get('/secret').set('Cookie', cookie);
      expect(shut.status).toBe(401);
    }
  });

  test('[S62] a wrong code that ends after logout does not sign the old cookie in again', async () => {
    const agent = app.agent();
    const code = await pending(app, agent);
    const finish = await slowPost(app, '/second-factor/verify', cookieHeader(agent), {
      code: wrongCode(code),
    });
    const old = cookieHeader(agent);
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
    const finish = await slowPost(app, '/second-factor/enrollment/verify', cookieHeader(agent), {
      code,
    });
    await agent.post('/logout').send({}).expect(200);
    expect((await finish()).status).toBe(401);
    expect(app.enrollments.has('id-of-C')).toBe(false);
  });

  test('[S62] a session that an app writes back after its end is gone again', async () => {
    const agent = app.agent();
    await verified(app, agent);
    const old = cookieHeader(agent);
    const finish = await slowPost(app, '/plant', cookieHeader(agent), {
      flag: 'written by a slow request',
    });
    await agent.post('/logout').send({}).expect(200);
    await finish();
    await app.agent().get('/secret').set('Cookie', old).expect(401);
    expect((await app.agent().get('/status').set('Cookie', old)).body.enrolled).toBe(false);
  });
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
