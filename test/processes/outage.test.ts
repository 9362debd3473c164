import { RedisStore } from 'connect-redis';
import session from 'express-session';
import { pending, startApp, wrongCode } from '../helpers/app';
import { jsonOf, startWorker, until, Visitor, type Worker } from '../helpers/cluster';
import { atOnce, jsonPost, type RawAnswer } from '../helpers/parallel';
import { ROUTER } from '../helpers/paths';
import {
  connect,
  dropCounts,
  hasRedis,
  countsAt,
  keptCounts,
  putCounts,
  startRedis,
  type RedisClient,
  type RedisServer,
} from '../helpers/redis-server';
import { isRecord } from '../helpers/stores';

/**
 * Redis goes away, hangs, is slow, refuses to write, comes back empty: the gate stays shut, every
 * answer comes in time, and afterwards the app works again without a restart.
 */
const { verify, challenge: send } = ROUTER;
/**
 * How long any answer may take, in milliseconds. The limits in the way are a second each; this only tells
 * an answer from none, however busy the machine is.
 */
const IN_TIME = 30_000;

const withRedis = hasRedis() ? describe : describe.skip;

/** A Redis that can be broken in every way, and mended. */
class Breakable {
  server!: RedisServer;

  async start(): Promise<void> {
    this.server = await startRedis();
  }

  async command(...args: string[]): Promise<void> {
    const client = await connect(this.server);
    await client.sendCommand(args);
    client.destroy();
  }

  async again(): Promise<void> {
    this.server = await startRedis(this.server.port);
  }
}

interface Outage {
  name: string;
  break: (redis: Breakable) => Promise<unknown>;
  mend: (redis: Breakable) => Promise<unknown>;
  /** What was read goes on being read; only writes fail. */
  reads?: boolean;
}

const OUTAGES: Outage[] = [
  { name: 'gone', break: ({ server }) => server.stop(), mend: (redis) => redis.again() },
  {
    name: 'hung',
    break: async ({ server }) => server.process.kill('SIGSTOP'),
    mend: async ({ server }) => server.process.kill('SIGCONT'),
  },
  {
    name: 'slow beyond the limit',
    break: (redis) => redis.command('CLIENT', 'PAUSE', '3400', 'ALL'),
    // Answered when the pause is over.
    mend: (redis) => redis.command('PING'),
  },
  {
    name: 'a read-only replica without its primary',
    break: async (redis) => {
      await redis.command('CONFIG', 'SET', 'replica-read-only', 'yes');
      await redis.command('REPLICAOF', '127.0.0.1', '1');
    },
    mend: (redis) => redis.command('REPLICAOF', 'NO', 'ONE'),
    reads: true,
  },
  {
    name: 'out of memory',
    break: async (redis) => {
      await redis.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
      await redis.command('CONFIG', 'SET', 'maxmemory', '1');
    },
    mend: (redis) => redis.command('CONFIG', 'SET', 'maxmemory', '0'),
    reads: true,
  },
];

withRedis('when Redis fails', () => {
  const sessions = new Breakable();
  const counts = new Breakable();
  /** One has everything on one Redis, the other its counts on a Redis of their own. */
  let plain: Worker;
  let split: Worker;

  beforeAll(async () => {
    await Promise.all([sessions.start(), counts.start()]);
    plain = await startWorker(sessions.server.url, { silence: 1_000 });
    const counterUrl = counts.server.url;
    split = await startWorker(sessions.server.url, { counterUrl, silence: 1_000 });
  });
  beforeEach(async () => {
    await sessions.command('FLUSHALL');
    await counts.command('FLUSHALL');
  });
  afterEach(() => {
    for (const worker of [plain, split]) {
      expect(worker.unhandled).toEqual([]);
      expect(worker.alive()).toBe(true);
    }
  });
  afterAll(async () => {
    await Promise.all([plain, split].map((worker) => worker.stop()));
    await Promise.all([sessions, counts].map(({ server }) => server.stop()));
  });

  async function users(worker: Worker) {
    const [visitor, verified] = [new Visitor(), new Visitor()];
    const code = await visitor.pending(worker, 'A');
    const { status } = await verified.verify(worker.url, await verified.pending(worker, 'B'));
    expect([status, await verified.knock(worker.url)]).toEqual([200, 200]);
    return { pending: visitor, verified, code };
  }

  /** Answers with how long they took. */
  async function timed<T>(work: Promise<T>): Promise<T> {
    const began = Date.now();
    const answer = await work;
    expect(Date.now() - began).toBeLessThan(IN_TIME);
    return answer;
  }

  const looks = (cookie: string) => ({ path: '/secret', cookie, headers: JSON_ONLY });

  /** Many verifies, sends and knocks of a user at once, in two waves, all answered in time. */
  async function storm({ url }: Worker, cookie: string, code: string): Promise<RawAnswer[]> {
    const wave = [
      ...Array.from({ length: 4 }, () => jsonPost(verify, cookie, { code })),
      ...Array.from({ length: 4 }, () => looks(cookie)),
      jsonPost(send, cookie, {}),
    ];
    const first = await timed(atOnce(url, wave));
    return [...first, ...(await timed(atOnce(url, wave)))];
  }

  function expect503({ status, headers, body }: RawAnswer, byLibrary: boolean): void {
    expect(status).toBe(503);
    const type = /^content-type: ([^;\r]+)/im.exec(headers)?.[1] ?? '';
    if (!byLibrary && type !== 'application/problem+json') return;
    expect(type).toBe('application/problem+json');
    expect(jsonOf({ body } as RawAnswer)).toMatchObject({ status: 503, code: 'store_unavailable' });
  }

  /** Whoever has to wait is told so without a write: nothing is taken where a place is full. */
  const mustWait = (answer: RawAnswer): boolean => jsonOf(answer).code === 'resend_too_soon';

  /** The app serves again: a user who has done nothing yet signs in. */
  async function worksAgain(worker: Worker): Promise<void> {
    await until('the app works again', async () => {
      const { status } = await new Visitor().ask(worker.url, '/login', {
        username: 'C',
        password: 'right',
      });
      return status === 200;
    });
    const newcomer = new Visitor();
    await newcomer.signIn(worker.url, 'C');
    // Signing in needs no counter; what is told of the second factor is read there.
    await until('the counter answers again', async () => {
      return (await newcomer.ask(worker.url, '/second-factor')).status === 200;
    });
    const asked = { phone: '+12065550188' };
    const { status } = await newcomer.ask(worker.url, ROUTER.enrollment, asked);
    expect(status).toBe(202);
    await worker.heard();
    const code = /^(\d+) is your/.exec(worker.texts.at(-1)!.body)![1]!;
    // The enrollment itself is this process's own: what counts is that the code is answered.
    const path = ROUTER.confirm;
    const wrong = await newcomer.ask(worker.url, path, { code: wrongCode(code) });
    expect(wrong.json).toMatchObject({ code: 'code_incorrect', attemptsLeft: 4 });
  }

  /** What a code is worth after the outage: one sign-in at most, and the gate agrees. */
  async function stillAtMostOnce(worker: Worker, visitor: Visitor, code: string): Promise<void> {
    const sessions = new Set<string | undefined>();
    for (let each = 0; each < 3; each += 1) {
      // Asked again within ten seconds it is the same success, in the same session [S177].
      const { status } = await visitor.verify(worker.url, code);
      if (status === 200) sessions.add(visitor.cookie);
    }
    expect(sessions.size).toBeLessThanOrEqual(1);
    expect(await visitor.knock(worker.url)).toBe(sessions.size === 1 ? 200 : 401);
  }

  test.each(OUTAGES)(
    '[S134] everything on one Redis, which is $name: 503 in time, and the gate stays shut',
    async ({ break: breakIt, mend, reads = false }) => {
      const { pending: visitor, verified, code } = await users(plain);
      const texts = plain.texts.length;
      await breakIt(sessions);
      try {
        for (const answer of await storm(plain, visitor.cookie!, code)) {
          const gate = answer.body.includes('second_factor_required');
          if (reads && gate) expect(answer.status).toBe(401);
          else if (reads && mustWait(answer)) expect(answer.status).toBe(429);
          else expect503(answer, reads);
        }
        expect(await timed(verified.knock(plain.url))).toBe(reads ? 200 : 503);
        expect(plain.texts).toHaveLength(texts);
      } finally {
        await mend(sessions);
      }
      await worksAgain(plain);
      expect(await visitor.knock(plain.url)).toBe(401);
      await stillAtMostOnce(plain, visitor, code);
    },
  );

  test.each(OUTAGES)(
    '[S134] the counter alone is $name: verify 503 in time, and the gate is as it was',
    async ({ break: breakIt, mend, reads = false }) => {
      const { pending: visitor, verified, code } = await users(split);
      const texts = split.texts.length;
      await breakIt(counts);
      try {
        for (const answer of await storm(split, visitor.cookie!, code)) {
          if (answer.body.includes('second_factor_required')) expect(answer.status).toBe(401);
          else if (reads && mustWait(answer)) expect(answer.status).toBe(429);
          else expect503(answer, true);
        }
        expect(await timed(verified.knock(split.url))).toBe(200);
        expect(split.texts).toHaveLength(texts);
      } finally {
        await mend(counts);
      }
      await worksAgain(split);
      expect(await visitor.knock(split.url)).toBe(401);
      await stillAtMostOnce(split, visitor, code);
    },
  );

  test('[S134] the session store alone is gone: verify and gate 503, nothing is counted', async () => {
    const { pending: visitor, verified, code } = await users(split);
    const client = await connect(counts.server);
    const guesses = async () =>
      (await keptCounts(client)).filter(({ name }) => name.startsWith('guess.'));
    const before = await guesses();
    await sessions.server.stop();
    for (const answer of await storm(split, visitor.cookie!, code)) expect503(answer, false);
    expect(await timed(verified.knock(split.url))).toBe(503);
    const after = await guesses();
    client.destroy();
    await sessions.again();
    expect(after).toEqual(before);
    await worksAgain(split);
    // The sessions are lost, and with them everything that they had opened.
    expect(await verified.knock(split.url)).toBe(401);
    expect((await visitor.verify(split.url, code)).status).toBe(401);
  });

  test('[S134] a store that hangs as the session is verified: 503 in time', async () => {
    const store = new session.MemoryStore();
    let hung = false;
    const [set, destroy] = [store.set.bind(store), store.destroy.bind(store)];
    // What express-session itself writes at the end of an answer has more time.
    store.set = (sid, record, callback) => {
      hung ||= isRecord(sid, 'live');
      if (!hung || !sid.startsWith('sms2fa')) set(sid, record, callback);
    };
    store.destroy = (sid, callback) => {
      if (!hung || !sid.startsWith('sms2fa')) destroy(sid, callback);
    };
    const app = await startApp({ store });
    try {
      const agent = app.agent();
      const code = await pending(app, agent);
      const answer = await timed(agent.post(verify).send({ code }).then());
      expect(answer.status).toBe(503);
    } finally {
      await app.close();
    }
  });

  test('[S134] a client as connect-redis shows it, whose Redis is killed: 503 in time from session() on', async () => {
    const redis = new Breakable();
    await redis.start();
    const client = await connect(redis.server);
    const app = await startApp({ store: new RedisStore({ client }) });
    const agent = app.agent();
    const code = await pending(app, agent);
    await agent.post(verify).send({ code }).expect(200);
    await redis.server.stop();
    try {
      // Also where no gate stands: express-session itself cannot load the session.
      const paths = ['/', '/secret', '/status'];
      const answers = await timed(Promise.all(paths.map((path) => agent.get(path).then())));
      expect(answers.map(({ status }) => status)).toEqual([503, 503, 503]);
      await redis.again();
      await until('the client is back', async () => client.isReady);
      await agent.get('/').expect(200);
      await agent.get('/secret').expect(401);
    } finally {
      client.destroy();
      await redis.server.stop();
    }
  });

  test('[S134] slow within the limit: late, but right', async () => {
    const { pending: visitor, code } = await users(plain);
    await sessions.command('CLIENT', 'PAUSE', '400', 'ALL');
    expect((await visitor.verify(plain.url, code)).status).toBe(200);
    await sessions.command('CLIENT', 'PAUSE', '400', 'ALL');
    expect(await visitor.knock(plain.url)).toBe(200);
  });

  test('[S139] failing over to an empty Redis: nobody passes on what was there before', async () => {
    const { pending: visitor, verified, code } = await users(plain);
    await sessions.server.stop();
    await sessions.again();
    await worksAgain(plain);
    for (const each of [visitor, verified]) {
      expect(await each.knock(plain.url)).toBe(401);
      expect((await each.verify(plain.url, code)).status).toBe(401);
    }
    const again = new Visitor();
    const next = await again.pending(plain, 'B');
    expect(next).not.toBe(code);
    expect((await again.verify(plain.url, next)).status).toBe(200);
    expect(await again.knock(plain.url)).toBe(200);
  });

  describe('[S139] lost counts', () => {
    let redis: RedisClient;
    beforeAll(async () => {
      redis = await connect(counts.server);
    });
    afterAll(() => redis.destroy());

    const guesses = async (visitor: Visitor, code: string, amount: number) => {
      await split.heard();
      const before = split.compares;
      for (let each = 1; each <= amount; each += 1) {
        expect((await visitor.verify(split.url, wrongCode(code, each))).status).toBe(401);
      }
      await split.heard();
      return split.compares - before;
    };

    test.each(['DEL of every key', 'FLUSHALL'])(
      '[S139] %s gives a challenge one fresh budget, no more',
      async (how) => {
        const visitor = new Visitor();
        const code = await visitor.pending(split);
        expect(await guesses(visitor, code, 4)).toBe(4);
        if (how === 'FLUSHALL') await redis.flushAll();
        else await redis.del(await redis.keys('*'));
        expect(await guesses(visitor, code, 9)).toBe(5);
        // The challenge is gone with its last guess: another loss brings nothing back.
        await redis.flushAll();
        expect(await guesses(visitor, code, 3)).toBe(0);
        expect((await visitor.verify(split.url, code)).status).toBe(401);
        expect(await visitor.knock(split.url)).toBe(401);
      },
    );

    test('[S139] a code that was accepted is not accepted again when the counts are lost', async () => {
      const visitor = new Visitor();
      const code = await visitor.pending(split);
      const before = visitor.cookie!;
      expect((await visitor.verify(split.url, code)).status).toBe(200);
      await redis.flushAll();
      // The session that it opened is answered again, and nothing comes of it.
      expect((await visitor.verify(split.url, code)).status).toBe(200);
      expect(await visitor.knock(split.url)).toBe(200);
      visitor.cookie = before;
      expect((await visitor.verify(split.url, code)).status).toBe(401);
      expect(await visitor.knock(split.url)).toBe(401);
    });

    test('[S139] nobody is accepted without a challenge, whatever is lost', async () => {
      const visitor = new Visitor();
      const code = await visitor.pending(split);
      const records = await connect(sessions.server);
      await records.del(await records.keys('sess:sms2fa*'));
      records.destroy();
      await redis.flushAll();
      expect((await visitor.verify(split.url, code)).status).toBe(401);
      expect(await visitor.knock(split.url)).toBe(401);
    });

    const END = Date.now() + 400_000_000;
    const CORRUPT = ['x', [-5, END], [1.5, END], ['2', END], [1e20, END], [2, 1e20], [], 'a list'];
    /** Puts this in place of a count; a list in place of all that is counted of its subject. */
    const corrupt = async (key: string, name: string, value: unknown): Promise<void> => {
      if (value === 'a list') {
        await redis.del(key);
        await redis.rPush(key, 'x');
      } else await putCounts(redis, key, { [name]: value });
      await redis.pExpire(key, 400_000_000);
    };

    test.each(CORRUPT)('[S135] a count that reads %p counts as spent', async (value) => {
      for (const kind of ['guess', 'fails', 'ended']) {
        await redis.flushAll();
        const visitor = new Visitor();
        const code = await visitor.pending(split);
        // One wrong guess makes the counts, the one of the right code is made here.
        await visitor.verify(split.url, wrongCode(code));
        const counts = await keptCounts(redis);
        const guess = counts.find(({ name }) => name.startsWith('guess.'))!;
        const fails = counts.find(({ name }) => name === 'fails')!;
        const ended = { key: guess.key, name: 'ended' };
        const { key, name } = { guess, fails, ended }[kind]!;
        await corrupt(key, name, value);
        const { status } = await visitor.verify(split.url, code);
        expect([kind, status]).toEqual([kind, kind === 'fails' ? 429 : 401]);
        expect(await visitor.knock(split.url)).toBe(401);
      }
    });

    test('[S135] a lock that cannot be read holds', async () => {
      const visitor = new Visitor();
      const code = await visitor.pending(split);
      await visitor.verify(split.url, wrongCode(code));
      const { key } = (await keptCounts(redis)).find(({ name }) => name === 'fails')!;
      await putCounts(redis, key, { lock: 'x' });
      expect((await visitor.verify(split.url, code)).status).toBe(429);
    });

    test.each(CORRUPT)('[S135] a send count that reads %p sends nothing', async (value) => {
      const first = new Visitor();
      await first.pending(split);
      await split.heard();
      const texts = split.texts.length;
      const dropWaits = () => dropCounts(redis, ({ name }) => name === 'wait');
      // What is counted of a session, and that it was texted, limits nothing of another one.
      const counts = (await keptCounts(redis)).filter(
        ({ key, name }) => !key.includes(':s:') && !/^c\d\./.test(name),
      );
      expect(counts.length).toBeGreaterThan(6);
      for (const { key, name } of counts) {
        const kept = await countsAt(redis, key);
        await dropWaits();
        await corrupt(key, name, value);
        const visitor = new Visitor();
        await visitor.signIn(split.url);
        const { status } = await visitor.ask(split.url, send, {});
        // A phone of which nothing can be read may have said STOP.
        const refused = value === 'a list' && key.includes(':p:') ? 409 : 429;
        expect([key, name, status]).toEqual([key, name, refused]);
        await redis.del(key);
        await putCounts(redis, key, kept!);
        await redis.pExpire(key, 60_000);
      }
      await split.heard();
      expect(split.texts).toHaveLength(texts);
    });
  });
});

const JSON_ONLY = { accept: 'application/json' };
