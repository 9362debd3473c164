import { RedisStore } from 'connect-redis';
import type { ErrorRequestHandler } from 'express';
import { createClient } from 'redis';
import { redisCounter } from '../../lib';
import { signIn, startApp, verified, type TestApp } from '../helpers/app';
import { testClock } from '../helpers/clock';
import { ROUTER } from '../helpers/paths';
import { hasRedis, ownRedis, type RedisClient } from '../helpers/redis-server';

/** What connect-redis is granted by docs/counters.md. */
const RIGHTS = ['get', 'set', 'expire', 'del'];

(hasRedis() ? describe : describe.skip)('a user of the session store lacks a right', () => {
  const redis = ownRedis();
  let limited: RedisClient;
  let app: TestApp;
  /** What the logger got, what the event carried, and what the app's own error handler got. */
  let lines: string[];
  let events: string[];
  let errors: string[];

  const acl = (...rules: string[]) =>
    redis.client.sendCommand(['ACL', 'SETUSER', 'bank', ...rules]);
  const handler: ErrorRequestHandler = (error: Error & { status?: number }, _req, res, _next) => {
    errors.push(`${error.status ?? 500} ${error.message}`);
    if (!res.headersSent) res.status(error.status ?? 500).end();
  };
  beforeEach(async () => {
    [lines, events, errors] = [[], [], []];
    await redis.client.flushAll();
    const all = [...RIGHTS.map((right) => `+${right}`), '~sess:*'];
    await acl('on', '>a-password', 'reset', 'on', '>a-password', 'resetchannels', ...all);
    limited = createClient({ url: redis.server.url, username: 'bank', password: 'a-password' });
    limited.on('error', () => undefined);
    await limited.connect();
    const say = (line: string) => void lines.push(line);
    // The counter may all: what is missing is missed by the store alone.
    const counter = redisCounter({ sendCommand: (args) => redis.client.sendCommand(args) });
    app = await startApp({
      store: new RedisStore({ client: limited }),
      factor: { counter, logger: { warn: say, error: say } },
      clock: testClock(Date.now()),
      session: { cookie: { maxAge: 600_000 } },
      after: (express) => express.use(handler),
    });
    app.secondFactor.on('store_failed', ({ error }) => void events.push(String(error)));
  });
  afterEach(() => limited.destroy());

  const gives = (right: string) => new RegExp(`needs: ACL SETUSER \\S+ \\+${right} \\(docs`);
  const said = () => new Promise((resolve) => setImmediate(resolve));

  test('with all of them an app signs in, sends, verifies, passes and signs out, and nothing is said', async () => {
    const agent = app.agent();
    await verified(app, agent);
    await agent.get('/secret').expect(200);
    await agent.post('/logout').send({}).expect(200);
    await app.secondFactor.check();
    await said();
    expect([lines, events, errors]).toEqual([[], [], []]);
  });

  test.each<[string, string, (agent: ReturnType<TestApp['agent']>) => Promise<unknown>, string]>([
    ['get', 'a request', (agent) => agent.get('/secret').expect(503), 'get'],
    ['set', 'a sign-out', (agent) => agent.post('/logout').send({}).expect(503), 'set'],
    ['del', 'a sign-out', (agent) => agent.post('/logout').send({}).expect(503), 'destroy'],
    ['expire', 'a request', (agent) => agent.get('/secret').expect(200), 'touch'],
  ])(
    '[S199] without +%s the line of %s says so, with the rule that gives it, and so does the error that the app gets',
    async (right, _what, ask, verb) => {
      const agent = app.agent();
      await verified(app, agent);
      await acl(`-${right}`);
      for (let again = 0; again < 2; again += 1) await ask(agent);
      await said();
      expect(lines).toHaveLength(1);
      const failed = `sessionStore.${verb} failed: NOPERM`;
      for (const told of [lines[0], events[0], errors[0]]) {
        expect(told).toMatch(gives(right));
        expect(told).toContain(failed);
      }
      expect([events.length, errors.length]).toEqual([2, 2]);
      // Who was let in was let in.
      expect(lines[0]?.includes('the gate stayed shut')).toBe(right === 'get');
      expect(lines[0]).not.toMatch(/See that|Make what is missing/);
    },
  );

  test('[S199] nobody signs in without +del, as Passport ends the session before: that is told, too', async () => {
    await acl('-del');
    await app.agent().post('/login').send({ username: 'A', password: 'right' }).expect(503);
    await said();
    expect(lines).toEqual([expect.stringMatching(gives('del'))]);
    expect(errors).toEqual([expect.stringMatching(/^503 sessionStore\.destroy failed: NOPERM/)]);
    expect(errors[0]).toMatch(gives('del'));
  });

  test('[S199] a sign-in of which two writes fail is an event for each of them, and one line', async () => {
    await acl('-set');
    await app.agent().post('/login').send({ username: 'A', password: 'right' }).expect(503);
    await said();
    expect(events).toEqual(
      Array(2).fill(expect.stringMatching(/sessionStore\.set failed: NOPERM/)),
    );
    expect(lines).toEqual([expect.stringMatching(gives('set'))]);
  });

  test('[S199] a code that cannot be kept is told once, with the rule, and is not sent', async () => {
    const agent = app.agent();
    await signIn(agent);
    await acl('-set');
    await agent.post(ROUTER.challenge).send({}).expect(503);
    await said();
    expect(app.outbox.last()).toBeUndefined();
    expect(lines).toEqual([expect.stringMatching(gives('set'))]);
    expect(lines[0]).toContain('and the gate stayed shut: sessionStore.set failed');
    expect(events).toHaveLength(1);
  });

  test('[S199] two rights that are missing are two lines in one minute', async () => {
    const agent = app.agent();
    await verified(app, agent);
    await acl('-del', '-expire');
    await agent.get('/secret').expect(200);
    await agent.post('/logout').send({}).expect(503);
    await said();
    expect(lines).toHaveLength(2);
    expect(lines.join()).toMatch(/\+expire.*\+del/s);
  });

  test.each([
    [['-get'], '+get'],
    [['-set'], '+set'],
    [['-expire', '-del'], '+expire +del'],
    [['-del'], '+del'],
    [['-get', '-set', '-expire', '-del'], '+get +set +expire +del'],
    [['resetkeys', '~other:*'], '~sess:*'],
    [['resetkeys', '~other:*', '-del'], '~sess:* +del'],
  ])(
    'check() finds it before a user does: after %j all that is missing is in one rule',
    async (rules, rule) => {
      await acl(...rules);
      await expect(app.secondFactor.check()).rejects.toMatchObject({
        code: 'misconfigured',
        findings: expect.arrayContaining([
          {
            check: 'store',
            state: 'wrong',
            says: expect.stringMatching(/^The session store does not work: .*NOPERM.*[^.]\.$/),
            cure: expect.stringMatching(
              new RegExp(
                `^Run ACL SETUSER \\S+ ${rule.replace(/[~+*]/g, '\\$&')} \\(docs/counters\\.md\\)\\.$`,
              ),
            ),
          },
        ]),
      });
    },
  );

  test('check() warns where nothing but the lengthening of sessions is missing: all else works', async () => {
    await acl('-expire');
    const found = (await app.secondFactor.check()).filter(({ check }) => check === 'store');
    expect(found).toEqual([
      {
        check: 'store',
        state: 'warning',
        says: expect.stringMatching(
          /^Sessions end while they are in use.*touch failed: NOPERM.*'expire' command/,
        ),
        cure: expect.stringMatching(/^Run ACL SETUSER \S+ \+expire \(docs\/counters\.md\)\.$/),
      },
    ]);
  });

  test('what lists sessions needs one right more, and one that reads them all another', async () => {
    const store = app.store as RedisStore;
    await store.set('id', { cookie: {} } as never);
    await acl('+scan');
    expect([await store.ids(), await store.length()]).toEqual([['id'], 1]);
    await expect(store.all()).rejects.toThrow(/NOPERM.*mget/i);
    await acl('+mget');
    expect(await store.all()).toHaveLength(1);
    await acl('-mget');
    await store.clear();
    expect(await store.ids()).toEqual([]);
  });
});
