import { connect } from 'node:net';
import type { RequestHandler } from 'express';
import session from 'express-session';
import passport from 'passport';
import { pending, SECRET, startApp, type TestApp } from '../helpers/app';
import { FREE, ROUTER } from '../helpers/paths';
import { cookieFrom } from '../helpers/web';

/** Sends the beginning of a body and no more, and waits for the answer. */
async function halfPost(
  app: TestApp,
  path: string,
  type: string,
  cookie?: string,
): Promise<{ head: string; body: string }> {
  const { hostname, port, host } = new URL(app.url);
  const lines = [
    `POST ${path} HTTP/1.1`,
    `host: ${host}`,
    ...(cookie === undefined ? [] : [`cookie: ${cookie}`]),
    `content-type: ${type}`,
    'accept: application/json',
    'content-length: 100',
  ];
  const socket = connect(Number(port), hostname);
  socket.write(`${lines.join('\r\n')}\r\n\r\ncode`);
  let text = '';
  for await (const chunk of socket) {
    text += String(chunk);
    const [head = '', body] = text.split('\r\n\r\n');
    const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
    if (body !== undefined && body.length >= length) return { head, body };
  }
  throw new Error(`the connection ended after: ${text}`);
}

test('[S112] a body that never ends is refused after five seconds, its connection closed, and costs no guess', async () => {
  const app = await startApp();
  const agent = app.agent();
  const code = await pending(app, agent);
  const cookie = cookieFrom(agent);
  const answers = await Promise.all(
    ['application/json', 'application/x-www-form-urlencoded'].map((type) =>
      halfPost(app, ROUTER.verify, type, cookie),
    ),
  );
  for (const { head, body } of answers) {
    expect(head).toMatch(/^HTTP\/1\.1 400 /);
    expect(head).toMatch(/^connection: close$/im);
    expect(body).toContain('"code":"request_malformed"');
  }
  const { body } = await agent.get(ROUTER.home).expect(200);
  expect((body as { challenge: object }).challenge).toMatchObject({ attemptsLeft: 5 });
  await agent.post(ROUTER.verify).send({ code }).expect(200);
});

test('[S111] the body of a stranger is not waited for, on both roads', async () => {
  const store = new session.MemoryStore();
  const authenticator = new passport.Passport();
  const app = await startApp({
    store,
    // In front of the app's own parsers, which wait for every body.
    before: (routes) => {
      routes.post(
        FREE.verify,
        session({ store, secret: SECRET, resave: false, saveUninitialized: false }),
        authenticator.authenticate('sms-2fa') as RequestHandler,
      );
    },
  });
  authenticator.use(app.secondFactor.strategy());
  for (const path of [ROUTER.verify, FREE.verify]) {
    const { head } = await halfPost(app, path, 'application/json');
    expect(head).toMatch(/^HTTP\/1\.1 401 /);
    // It closes the connection where it gave a body up.
    expect(head).not.toMatch(/^connection: close$/im);
  }
});

describe('a body that is too large', () => {
  const body = { code: '123456', more: 'x'.repeat(20_000) };
  let app: TestApp;
  beforeEach(async () => {
    app = await startApp({
      after: (routes, secondFactor) => {
        const authenticator = new passport.Passport();
        authenticator.use(secondFactor.strategy());
        routes.post(FREE.verify, authenticator.authenticate('sms-2fa'), (_req, res) => {
          res.json({});
        });
      },
    });
  });

  test.each([ROUTER.verify, FREE.verify])(
    '[S111] is refused with the right code in it, which stays good (%s)',
    async (path) => {
      const agent = app.agent();
      const code = await pending(app, agent);
      await agent
        .post(path)
        .send({ ...body, code })
        .expect(413);
      await agent.post(path).send({ code }).expect(200);
    },
  );
});
