import { connect } from 'node:net';
import {
  cookieHeader,
  newestCode,
  pending,
  signIn,
  startApp,
  verified,
  wrongCode,
  type Agent,
  type TestApp,
} from '../helpers/app';
import { onEachStore } from '../helpers/stores';

/** A request whose last byte the client keeps back, so that it holds an old copy of its session. */
async function slowPost(app: TestApp, agent: Agent, path: string, body: object) {
  const { hostname, port } = new URL(app.url);
  const cookie = cookieHeader(agent);
  const json = JSON.stringify(body);
  const head = [
    `POST ${path} HTTP/1.1`,
    `host: ${hostname}:${port}`,
    `cookie: ${cookie}`,
    'content-type: application/json',
    'accept: application/json',
    `content-length: ${json.length}`,
    'connection: close',
  ].join('\r\n');
  const socket = connect(Number(port), hostname);
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  // The request is under way once the session has been read for it.
  const read = new Promise<void>((resolve) => {
    const get = app.store.get.bind(app.store);
    app.store.get = (sid, done) => {
      app.store.get = get;
      get(sid, (...found) => {
        done(...found);
        setImmediate(resolve);
      });
    };
  });
  socket.write(`${head}\r\n\r\n${json.slice(0, -1)}`);
  await read;
  return async (): Promise<{ status: number; answer: string }> => {
    socket.write(json.slice(-1));
    await closed;
    return { status: Number(answer.split(' ')[1]), answer };
  };
}

onEachStore('an ended session', (kind) => {
  let app: TestApp;
  beforeEach(async () => {
    app = await startApp(await kind.make());
  });
  afterEach(() => app.close());

  test('[S62] a right code whose last byte comes after logout verifies nobody', async () => {
    const agent = app.agent();
    const code = await pending(app, agent);
    const finish = await slowPost(app, agent, '/second-factor/verify', { code });
    const old = cookieHeader(agent);
    await agent.post('/logout').send({}).expect(200);
    const { status, answer } = await finish();
    expect(status).toBe(401);
    const given = /set-cookie: ([^;]+)/i.exec(answer)?.[1] ?? old;
    for (const cookie of [old, given]) {
      const shut = await app.agent().get('/secret').set('Cookie', cookie);
      expect(shut.status).toBe(401);
    }
  });

  test('[S62] a wrong code that ends after logout does not sign the old cookie in again', async () => {
    const agent = app.agent();
    const code = await pending(app, agent);
    const finish = await slowPost(app, agent, '/second-factor/verify', { code: wrongCode(code) });
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
    const finish = await slowPost(app, agent, '/second-factor/enrollment/verify', { code });
    await agent.post('/logout').send({}).expect(200);
    expect((await finish()).status).toBe(401);
    expect(app.enrollments.has('id-of-C')).toBe(false);
  });

  test('[S62] a session that an app writes back after its end is gone again', async () => {
    const agent = app.agent();
    await verified(app, agent);
    const old = cookieHeader(agent);
    const finish = await slowPost(app, agent, '/plant', { flag: 'written by a slow request' });
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
