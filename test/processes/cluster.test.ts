import { setTimeout } from 'node:timers/promises';
import { memoryCounter, type Counter } from '../../lib';
import { settleApart } from '../../lib/counters/settle-apart';
import type { Settlement, Wish } from '../../lib/ports/counter';
import { signIn, startApp, wrongCode } from '../helpers/app';
import { cookieIn, jsonOf, startCluster, Visitor, type Cluster } from '../helpers/cluster';
import { LONG } from '../helpers/long';
import { atOnce, jsonPost, type RawAnswer, type RawRequest } from '../helpers/parallel';
import { sessionsOf } from '../helpers/web';
import { ROUTER } from '../helpers/paths';
import {
  connect,
  hasRedis,
  startRedis,
  type RedisClient,
  type RedisServer,
} from '../helpers/redis-server';
import { hold } from '../helpers/web';

/**
 * Four processes serve one app on one Redis, as behind a load balancer. What must happen once must
 * happen once over all of them.
 */
const ROUNDS = LONG ? 50 : 1;
const { verify, challenge: send } = ROUTER;

/** What two processes on a Redis Cluster may come to: each would take one of the two waits first. */
test('[S42] of two parallel sends whose waits cross one texts', async () => {
  const inner = memoryCounter();
  const crossing = hold();
  let seen = 0;
  // A cluster takes what is counted of each subject by itself.
  const settle = async (wish: Wish): Promise<Settlement> => {
    const isPhone = wish.take?.some(({ key }) => /p:[^#]+#wait$/.test(key)) === true;
    if (!isPhone) return inner.settle(wish);
    seen += 1;
    const first = seen === 1;
    // Where they do not cross, the other one never comes.
    if (first) await Promise.race([crossing.released, setTimeout(300)]);
    const settled = await inner.settle(wish);
    if (!first) crossing.release();
    return settled;
  };
  const counter: Counter = { settle: (wish) => settleApart(wish, settle) };
  const app = await startApp({ factor: { counter } });
  try {
    const agent = app.agent();
    await signIn(agent);
    await Promise.all([1, 2].map(() => agent.post(send).send({}).then()));
    expect(seen).toBeGreaterThan(0);
    expect(app.outbox.messages).toHaveLength(1);
  } finally {
    await app.close();
  }
});

const withRedis = hasRedis() ? describe : describe.skip;

withRedis('four processes', () => {
  let server: RedisServer;
  let redis: RedisClient;
  let cluster: Cluster;

  beforeAll(async () => {
    server = await startRedis();
    redis = await connect(server);
    cluster = await startCluster(server.url);
  });
  beforeEach(async () => {
    await redis.flushAll();
    for (const worker of cluster.workers) worker.texts.length = worker.compares = 0;
  });
  afterEach(() => {
    expect(cluster.workers.flatMap(({ unhandled }) => unhandled)).toEqual([]);
    expect(cluster.workers.every((worker) => worker.alive())).toBe(true);
  });
  afterAll(async () => {
    await cluster.stop();
    redis.destroy();
    await server.stop();
  });

  /** The requests in turns to the four processes, all of them in the same moment. */
  async function spread(requests: RawRequest[]): Promise<RawAnswer[]> {
    const { workers } = cluster;
    const answers = await Promise.all(
      workers.map(({ url }, index) =>
        atOnce(
          url,
          requests.filter((_, each) => each % workers.length === index),
        ),
      ),
    );
    return answers.flat();
  }

  async function pending(): Promise<{ visitor: Visitor; cookie: string; code: string }> {
    const visitor = new Visitor();
    const code = await visitor.pending(cluster.workers[0]!);
    return { visitor, cookie: visitor.cookie!, code };
  }

  const times = (amount: number, request: (each: number) => RawRequest): RawRequest[] =>
    Array.from({ length: amount }, (_, each) => request(each));

  /** Sessions in Redis that are verified: the mark is there and its live record, too. */
  async function verifiedSessions(): Promise<number> {
    const values = await Promise.all((await redis.keys('sess:*')).map((key) => redis.get(key)));
    const records = values.map((value) => JSON.parse(value ?? '{}').sms2fa ?? {});
    // Both begin with the id of the mark.
    const live = new Set(records.map((each) => each[0] as unknown));
    return records.filter(({ mark }) => mark !== undefined && live.has(mark[0])).length;
  }

  async function gatesOpen(answers: RawAnswer[], cookie: string): Promise<number> {
    const given = new Set(answers.flatMap((answer) => cookieIn(answer) ?? []));
    const cookies = [cookie, ...given];
    const headers = { accept: 'application/json' };
    const looks = await Promise.all(
      cluster.workers.map(({ url }) =>
        atOnce(
          url,
          cookies.map((each) => ({ path: '/secret', cookie: each, headers })),
        ),
      ),
    );
    const open = looks.map((each) => each.filter(({ status }) => status === 200).length);
    // Every process sees the same.
    expect(new Set(open).size).toBe(1);
    return open[0]!;
  }

  const rounds = Array.from({ length: ROUNDS }, (_, index) => index + 1);

  test.each(rounds)(
    '[S21] of 200 parallel wrong guesses over four processes five are evaluated (round %i)',
    async () => {
      const { visitor, cookie, code } = await pending();
      const answers = await spread(
        times(200, (each) => jsonPost(verify, cookie, { code: wrongCode(code, each + 1) })),
      );
      expect((await cluster.report()).compares).toBe(5);
      const told = answers.map((answer) => jsonOf(answer).code);
      expect(told.filter((each) => each === 'code_incorrect')).toHaveLength(5);
      expect(told.filter((each) => each === 'challenge_expired')).toHaveLength(195);
      expect((await visitor.verify(cluster.workers[3]!.url, code)).status).toBe(401);
      expect(await verifiedSessions()).toBe(0);
    },
  );

  test.each(rounds)(
    '[S6] [S177] of 200 parallel right codes over four processes all that are accepted lead to one session (round %i)',
    async () => {
      const { cookie, code } = await pending();
      const answers = await spread(times(200, () => jsonPost(verify, cookie, { code })));
      expect(sessionsOf(answers)).toHaveLength(1);
      expect(answers.filter(({ status }) => status !== 200 && status !== 401)).toEqual([]);
      expect((await cluster.report()).compares).toBeLessThanOrEqual(5);
      expect(await verifiedSessions()).toBe(1);
      expect(await gatesOpen(answers, cookie)).toBe(1);
    },
  );

  test.each(rounds)(
    '[S6] [S21] the right code among 200 parallel guesses over four processes buys nothing (round %i)',
    async () => {
      const { cookie, code } = await pending();
      const answers = await spread(
        times(200, (each) => jsonPost(verify, cookie, { code: wrongCode(code, each % 8) })),
      );
      const accepted = sessionsOf(answers).length;
      expect(accepted).toBeLessThanOrEqual(1);
      expect((await cluster.report()).compares).toBeLessThanOrEqual(5);
      expect(await verifiedSessions()).toBe(accepted);
      expect(await gatesOpen(answers, cookie)).toBe(accepted);
    },
  );

  test.each(rounds)(
    '[S42] of 50 parallel sends over four processes one texts (round %i)',
    async () => {
      const visitor = new Visitor();
      await visitor.signIn(cluster.workers[0]!.url);
      const answers = await spread(times(50, () => jsonPost(send, visitor.cookie!, {})));
      const { texts } = await cluster.report();
      expect(texts).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 429)).toHaveLength(49);
    },
  );

  test.each(rounds)(
    '[S42] of 50 parallel sends from four sessions over four processes one texts (round %i)',
    async () => {
      const visitors = cluster.workers.map(() => new Visitor());
      for (const visitor of visitors) await visitor.signIn(cluster.workers[0]!.url);
      const answers = await spread(
        times(50, (each) => jsonPost(send, visitors[(each >> 2) % 4]!.cookie!, {})),
      );
      expect((await cluster.report()).texts).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    },
  );

  test('[S36] restarting all processes midway gives no guess and no text back', async () => {
    const { visitor, code } = await pending();
    for (const [index, { url }] of cluster.workers.slice(0, 3).entries()) {
      const { json } = await visitor.verify(url, wrongCode(code, index + 1));
      expect(json).toMatchObject({ code: 'code_incorrect', attemptsLeft: 4 - index });
    }
    await cluster.restart();
    const [first, second, third, fourth] = cluster.workers.map(({ url }) => url);
    expect((await visitor.ask(first!, send, {})).status).toBe(429);
    expect((await visitor.verify(second!, wrongCode(code, 4))).json.attemptsLeft).toBe(1);
    expect((await visitor.verify(third!, wrongCode(code, 5))).json.attemptsLeft).toBe(0);
    expect((await visitor.verify(fourth!, code)).status).toBe(401);
    const { compares, texts } = await cluster.report();
    expect([compares, texts.length]).toEqual([5, 1]);
    expect(await visitor.knock(first!)).toBe(401);
  });

  test('[S36] [S177] one code is right at a process that never sent it, and leads to one session', async () => {
    const { visitor, cookie, code } = await pending();
    await cluster.restart();
    const old = new Visitor();
    old.cookie = cookie;
    const stranger = new Visitor();
    await stranger.signIn(cluster.workers[0]!.url);
    expect((await visitor.verify(cluster.workers[2]!.url, code)).status).toBe(200);
    const session = visitor.cookie;
    for (const { url } of cluster.workers) {
      expect(await visitor.knock(url)).toBe(200);
      expect((await stranger.verify(url, code)).status).toBe(401);
      expect(await old.knock(url)).toBe(401);
      // The same session may ask again, at any process, and is led to the same one.
      const again = new Visitor();
      again.cookie = cookie;
      expect((await again.verify(url, code)).status).toBe(200);
      expect(again.cookie).toBe(session);
    }
  });
});
