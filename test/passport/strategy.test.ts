import type { RequestHandler } from 'express';
import passport from 'passport';
import { Strategy as LocalStrategy } from 'passport-local';
import { memoryCounter } from '../../lib';
import { pending, startApp, wrongCode, type Agent, type TestApp } from '../helpers/app';
import { OWN } from '../helpers/paths';
import { cookieFrom, JSON_ONLY, stored } from '../helpers/web';

/** One route for both, as some apps have it. */
function startBoth(strategies: string[], options: object): Promise<TestApp> {
  const authenticator = new passport.Passport();
  authenticator.serializeUser((user, done) => done(null, (user as { username: string }).username));
  return startApp({
    after: (app, factor) => {
      authenticator.use(factor.strategy());
      authenticator.use(
        new LocalStrategy((username, password, done) =>
          done(null, password === 'right' && { id: `id-of-${username}`, username }),
        ),
      );
      app.post(
        '/open',
        authenticator.authenticate(strategies, options) as RequestHandler,
        (_req, res) => {
          res.json({});
        },
      );
    },
  });
}
const local = (agent: Agent, username = 'B') =>
  agent.post('/open').send({ username, password: 'right' });
/** Whether the session that an agent has knows its user: the gate asks for the factor, not the password. */
const isKept = async (agent: Agent): Promise<boolean> => {
  const { body } = await agent.get('/secret').set(JSON_ONLY);
  return (body as { code?: string }).code === 'second_factor_required';
};

describe.each([[['local', 'sms-2fa']], [['sms-2fa', 'local']]])(
  'one route for %j',
  (strategies) => {
    test.each<[string, object, boolean]>([
      ['no options', {}, true],
      ['session: true', { session: true }, true],
      ['session: false', { session: false }, false],
      ['session: false, frozen', Object.freeze({ session: false }), false],
    ])(
      'with %s keeps who signs in as it says, whoever posted before',
      async (_name, given, kept) => {
        const options = Object.isFrozen(given) ? given : { ...given };
        const app = await startBoth(strategies, options);
        const before = { ...options };
        const user = app.agent();
        const code = await pending(app, user);
        const status = strategies[0] === 'local' ? 400 : 401;
        await app.agent().post('/open').send({}).expect(status);
        const first = app.agent();
        await local(first).expect(200);
        expect(await isKept(first)).toBe(kept);
        // One passes the factor while others sign in.
        const others = [1, 2, 3].map(() => app.agent());
        const [passed] = await Promise.all([
          user.post('/open').send({ code }),
          ...others.map((agent) => local(agent).expect(200)),
        ]);
        expect(passed.status).toBe(200);
        await user.get('/secret').expect(200, 'the secret marker');
        for (const agent of others) expect(await isKept(agent)).toBe(kept);
        expect(options).toEqual(before);
      },
    );
  },
);

type Told = Record<'code' | 'message' | 'detail', string | undefined>;

/** A route that has its own answer to what the strategy says. */
function startTelling(options: object = {}, counter = memoryCounter()): Promise<TestApp> {
  const authenticator = new passport.Passport();
  return startApp({
    factor: { counter },
    after: (app, factor) => {
      authenticator.use(factor.strategy());
      app.all('/open', (req, res, next) => {
        const told = (error: Told | null, user: unknown, info?: Told, status?: number) => {
          const { code, message, detail } = info ?? error ?? ({} as Partial<Told>);
          res.json({ passed: Boolean(user), code, message, detail, status });
        };
        const handler = authenticator.authenticate('sms-2fa', options, told) as RequestHandler;
        handler(req, res, next);
      });
    },
  });
}

test('a callback is told what is wrong, with a message for the session of who is signed in only', async () => {
  const app = await startTelling();
  const agent = app.agent();
  const code = await pending(app, agent);
  const post = async (who: Agent, given: string) =>
    (await who.post('/open').send({ code: given }).expect(200)).body as Record<string, unknown>;
  const wrong = await post(agent, wrongCode(code));
  expect(wrong).toMatchObject({ passed: false, code: 'code_incorrect', status: 401 });
  expect(wrong.message).toBe(wrong.detail);
  const stranger = await post(app.agent(), code);
  expect(stranger).toMatchObject({ code: 'not_authenticated', status: 401 });
  expect(stranger).not.toHaveProperty('message');
  const { body } = await agent.put('/open').send({ code }).expect(200);
  expect(body).toMatchObject({ code: 'method_not_allowed', status: 405 });
  expect(await post(agent, code)).toEqual({ passed: true });
});

test('where the counter is away the callback is told of an error, and of no user', async () => {
  const counter = memoryCounter();
  const app = await startTelling({}, counter);
  const agent = app.agent();
  const code = await pending(app, agent);
  const settle = jest.spyOn(counter, 'settle').mockRejectedValue(new Error('away'));
  const { body } = await agent.post('/open').send({ code }).expect(200);
  expect(body).toMatchObject({ passed: false, code: 'store_unavailable' });
  settle.mockRestore();
  expect((await agent.post('/open').send({ code }).expect(200)).body).toEqual({ passed: true });
});

test('a wrong code leaves its message in the session, and that of a stranger leaves none', async () => {
  const app = await startApp();
  const agent = app.agent();
  const code = await pending(app, agent);
  await agent
    .post(OWN.verify)
    .send({ code: wrongCode(code) })
    .expect(302);
  const { messages } = (await stored(app.store, cookieFrom(agent))) as { messages?: string[] };
  expect(messages).toEqual([expect.stringContaining('code')]);
  const { headers } = await app.agent().post(OWN.verify).send({ code }).expect(302);
  expect(headers['set-cookie']).toBeUndefined();
});

test('frozen options are a mistake of the app, and its error handler can tell', async () => {
  const app = await startTelling(Object.freeze({}));
  const { body } = await app.agent().post('/open').send({}).expect(200);
  expect(body).toMatchObject({ passed: false, code: 'misconfigured' });
});

test('frozen options are told before the code is looked at', async () => {
  jest.spyOn(console, 'error').mockImplementation(() => undefined);
  const app = await startBoth(['sms-2fa'], Object.freeze({}));
  const agent = app.agent();
  const code = await pending(app, agent);
  const answer = await agent.post('/open').send({ code }).expect(500);
  expect(answer.text).toContain('are frozen. Give it an object that is not frozen');
  await agent.post('/second-factor/verify').send({ code }).expect(200);
});
