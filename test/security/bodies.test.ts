import { connect } from 'node:net';
import passport from 'passport';
import { cookieHeader, pending, startApp, type TestApp } from '../helpers/app';
import { FREE, ROUTER } from '../helpers/paths';

/** Sends half of a body, and waits for the server to end the connection. */
async function halfPost(app: TestApp, type: string, cookie: string): Promise<string> {
  const { hostname, port, host } = new URL(app.url);
  const head = [
    `POST ${ROUTER.verify} HTTP/1.1`,
    `host: ${host}`,
    `cookie: ${cookie}`,
    `content-type: ${type}`,
    'accept: application/json',
    'content-length: 100',
  ];
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.write(`${head.join('\r\n')}\r\n\r\ncode`);
  await new Promise((resolve) => socket.once('close', resolve));
  return Buffer.concat(chunks).toString();
}

test('[S112] a body that never ends is refused after five seconds, its connection closed, and costs no guess', async () => {
  const app = await startApp();
  const agent = app.agent();
  const code = await pending(app, agent);
  const cookie = cookieHeader(agent);
  const answers = await Promise.all(
    ['application/json', 'application/x-www-form-urlencoded'].map((type) =>
      halfPost(app, type, cookie),
    ),
  );
  for (const answer of answers) {
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toMatch(/^connection: close\r$/im);
    expect(answer).toContain('"code":"request_malformed"');
  }
  const { body } = await agent.get(ROUTER.home).expect(200);
  expect((body as { challenge: object }).challenge).toMatchObject({ attemptsLeft: 5 });
  await agent.post(ROUTER.verify).send({ code }).expect(200);
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
    '[S111] is not even looked at where nobody is signed in (%s)',
    async (path) => {
      await app.agent().post(path).send(body).expect(401);
    },
  );

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
