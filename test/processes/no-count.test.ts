import { RedisStore } from 'connect-redis';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import { memoryCounter, rateLimiterCounter, type Counter, type SimpleCounter } from '../../lib';
import { createKeyring } from '../../lib/core/keyring';
import { tellNoCount } from '../../lib/express/operator';
import { pending, PHONES, startApp, type TestApp, type TestAppOptions } from '../helpers/app';
import { testClock } from '../helpers/clock';
import { ROUTER } from '../helpers/paths';
import { hasRedis, ownRedis, putCounts } from '../helpers/redis-server';
import { simpleCounter } from '../helpers/simple-counter';

let lines: string[];
beforeEach(() => {
  lines = [];
});
const logger = {
  warn: (line: string) => void lines.push(`warn ${line}`),
  error: (line: string) => void lines.push(`error ${line}`),
};
const start = (options: TestAppOptions): Promise<TestApp> =>
  startApp({ ...options, factor: { logger, ...options.factor } });
const said = async (): Promise<string[]> => {
  await new Promise((resolve) => setImmediate(resolve));
  return lines;
};
/** What is said of such a subject, whole: nothing of whom it is. */
const lineOf = (whom: string, unlock = ''): string =>
  `error passport-sms-2fa: no_count: what is counted of ${whom} is no count, so each of its limits reads as used up. ` +
  `Find it and delete it${unlock}: docs/counters.md has the command. Where another app or version writes there, give each a prefix or a database of its own.`;
const OF_USER = lineOf('a user', ' (admin.unlock ends a lock that came of it)');

(hasRedis() ? describe : describe.skip)(
  'what lies in Redis where counts should be, and is none',
  () => {
    const redis = ownRedis();
    let app: TestApp;
    beforeEach(async () => {
      await redis.client.flushAll();
      app = await start({
        store: new RedisStore({ client: redis.client }),
        clock: testClock(Date.now()),
        factor: { limits: { overall: [{ count: 100, seconds: 3_600 }] } },
      });
    });
    const keyOf = async (kind: string): Promise<string> => {
      const [key = ''] = await redis.client.keys(`??????:sess:${kind}`);
      expect(key).not.toBe('');
      return key;
    };

    const FOREIGN: [string, (key: string) => Promise<unknown>][] = [
      ['a hash', (key) => redis.client.hSet(key, 'fails', '1')],
      ['a text', (key) => redis.client.set(key, 'somebody else’s')],
      ['half of it', async (key) => redis.client.set(key, '\x82\xa5fails')],
    ];

    test.each(FOREIGN)(
      '[S199] %s in place of a user is refused as before, and told in one line that does not say who it is',
      async (_, put) => {
        const agent = app.agent();
        const code = await pending(app, agent);
        const key = await keyOf('u:*');
        await redis.client.del(key);
        await put(key);
        expect(await said()).toEqual([]);
        for (let again = 0; again < 3; again += 1) {
          const { body } = await agent.post(ROUTER.verify).send({ code }).expect(429);
          expect(body).toMatchObject({ code: 'too_many_attempts', retryAfter: 31_536_000 });
        }
        expect(await said()).toEqual([OF_USER]);
        for (const secret of [key.slice(-16), 'id-of-A', PHONES.A.slice(-4), code]) {
          expect(lines.join()).not.toContain(secret);
        }
        await app.secondFactor.admin.unlock('id-of-A', { operator: 'Jo' });
        await agent.post(ROUTER.verify).send({ code }).expect(200);
        expect(await said()).toEqual([OF_USER]);
      },
    );

    test('[S199] one count of many that is none is told, too', async () => {
      const agent = app.agent();
      const code = await pending(app, agent);
      await putCounts(redis.client, await keyOf('u:*'), { fails: [-2, 9_999_999_999_999] });
      await agent.post(ROUTER.verify).send({ code }).expect(429);
      expect(await said()).toEqual([OF_USER]);
    });

    test.each([
      ['p:*', 409, lineOf('a confirmed phone')],
      ['a:*', 429, lineOf('an address of clients')],
      ['all', 429, lineOf('everybody together')],
    ])('[S199] so is one of %s: a text is answered %i', async (kind, status, line) => {
      const agent = app.agent();
      await pending(app, agent);
      const key = await keyOf(kind);
      await redis.client.set(key, 'something else');
      await app.clock.advance(61);
      await agent.post(ROUTER.challenge).send({}).expect(status);
      expect(await said()).toEqual([line]);
    });

    test('check() finds what all users share before they do', async () => {
      const clean = await app.secondFactor.check();
      expect(clean.filter(({ check }) => check === 'counter')).toEqual([]);
      await pending(app, app.agent());
      const everybody = await keyOf('all');
      const country = everybody.replace(/all$/, 'c:CA');
      for (const key of [everybody, country]) await redis.client.set(key, 'something else');
      const found = (await app.secondFactor.check()).filter(({ check }) => check === 'counter');
      expect(found).toEqual(
        [everybody, country].map((key) => ({
          check: 'counter',
          state: 'warning',
          says: `What lies under ${key} is no count, so that its limits read as used up, and texts are refused.`,
          cure: expect.stringMatching(/^Delete the key that ends so, .*\(docs\/counters\.md\)\.$/),
        })),
      );
      // One line of each: what check() has found is not met by a request.
      expect(await said()).toEqual(
        found.map(({ says }) => expect.stringContaining(`SMS2FA_CHECK: ${says}`) as unknown),
      );
    });

    const limited = async () => {
      const limiter = new RateLimiterRedis({
        ...{ points: 1, duration: 1, keyPrefix: 'limiter' },
        storeClient: redis.client,
        useRedisPackage: true,
      });
      const other = await start({ factor: { counter: rateLimiterCounter(limiter) } });
      const agent = other.agent();
      const code = await pending(other, agent);
      for (const key of await redis.client.keys('limiter:*')) await redis.client.del(key);
      // Any count of any user: what lies there is asked for by the next guess.
      const asked = jest.spyOn(limiter, 'get');
      await agent.post(ROUTER.verify).send({ code: '000000' });
      const names = asked.mock.calls.map(([name]) => `limiter:${String(name)}`);
      return { agent, code, names };
    };

    test('[S199] rate-limiter-flexible reads a text as no number: the same line', async () => {
      const { agent, code, names } = await limited();
      for (const name of names) await redis.client.set(name, 'something else', { PX: 60_000 });
      // Of the session, too: it reads as ended.
      await agent.post(ROUTER.verify).send({ code }).expect(401);
      expect(await said()).toEqual([OF_USER, lineOf('a session')]);
    });

    test('[S199] and fails over a hash: a line that says what lies there, not that the store is away', async () => {
      const { agent, code, names } = await limited();
      for (const name of names) {
        await redis.client.del(name);
        await redis.client.hSet(name, 'some', 'thing');
      }
      await agent.post(ROUTER.verify).send({ code }).expect(503);
      expect(await said()).toEqual([
        expect.stringMatching(
          /store_failed: a store has something else under a name of ours, .*WRONGTYPE.* See what else writes there.* docs\/counters\.md says how it is found\.$/,
        ),
      ]);
    });
  },
);

test('of each kind of subject the line says what it is', () => {
  const { subjects } = createKeyring(['a-secret-of-more-than-thirty-two-characters'], 'k3Jx0a:');
  const { namespace, everybody, ...others } = subjects;
  const named = Object.values(others).map((name) => name('+16045550142'));
  const told: string[] = [];
  const tell = tellNoCount((_level, _kind, line) => void told.push(line), namespace);
  for (const subject of [everybody, ...named]) tell(`${subject}#some`);
  expect(new Set(told).size).toBe(named.length + 1);
  expect(told.join()).not.toContain('somebody');
});

describe('what another counter answers for a count, and is none', () => {
  const NONE = [Number.NaN, '3', -1, 1.5, null, undefined];

  test.each(NONE)(
    '[S199] %p of a simple counter is told in the same line, and refused',
    async (count) => {
      const clock = testClock();
      const inner = simpleCounter(clock);
      let broken = false;
      const counter: SimpleCounter = {
        ...inner,
        peek: async (key) =>
          broken && key.endsWith('#lock')
            ? { count: count as number, expiresAt: clock() + 60_000 }
            : inner.peek(key),
      };
      const app = await start({ clock, factor: { counter } });
      const agent = app.agent();
      const code = await pending(app, agent);
      broken = true;
      await agent.post(ROUTER.verify).send({ code }).expect(429);
      expect(await said()).toEqual([OF_USER]);
    },
  );

  test.each(NONE)('[S199] so is %p of a whole one', async (count) => {
    const inner = memoryCounter();
    let broken = false;
    const counter: Counter = {
      settle: async (wish) => {
        const lock = wish.take?.find(({ key }) => key.endsWith('#lock'));
        if (!broken || lock === undefined) return inner.settle(wish);
        const none = { count: count as number, left: 1, ends: 1 };
        const places = new Map([[lock.key, none]]);
        return { ok: false, read: places, places, full: [lock] };
      },
    };
    const app = await start({ factor: { counter } });
    const agent = app.agent();
    const code = await pending(app, agent);
    broken = true;
    await agent.post(ROUTER.verify).send({ code }).expect(429);
    expect(await said()).toEqual([OF_USER]);
  });

  test('a memory, and counts that are full, say nothing', async () => {
    const app = await start({
      factor: { limits: { textsPerUser: [{ count: 1, seconds: 3_600 }] } },
    });
    const agent = app.agent();
    await pending(app, agent);
    await app.clock.advance(61);
    await agent.post(ROUTER.challenge).send({}).expect(429);
    expect(await said()).toEqual([]);
  });
});
