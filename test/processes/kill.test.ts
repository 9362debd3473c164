import { createHmac } from 'node:crypto';
import { SECRET, wrongCode } from '../helpers/app';
import { KILL_POINTS, startWorker, Visitor, type KillPoint, type Worker } from '../helpers/cluster';
import {
  connect,
  dropCounts,
  hasRedis,
  keptCounts,
  putCounts,
  startRedis,
  type RedisClient,
  type RedisServer,
} from '../helpers/redis-server';

/**
 * A process dies (kill -9) between two steps of a verify. Whatever it left behind, the next process
 * must find the guess counted and the code spent, and nothing that opens the gate.
 */
const withRedis = hasRedis() ? describe : describe.skip;

const at = (point: KillPoint): number => KILL_POINTS.indexOf(point);
const RIGHT_CODES = KILL_POINTS.map((point) => [point] as const);
const WRONG_CODES = RIGHT_CODES.slice(0, at('spent'));

withRedis('a process that is killed', () => {
  let server: RedisServer;
  let redis: RedisClient;
  let survivor: Worker;
  let victim: Worker;
  let visitor: Visitor;
  let code: string;

  beforeAll(async () => {
    server = await startRedis();
    redis = await connect(server);
    victim = await startWorker(server.url);
  });
  beforeEach(async () => {
    await redis.flushAll();
    visitor = new Visitor();
    code = await visitor.pending(victim);
  });
  afterEach(() => expect(survivor.unhandled).toEqual([]));
  afterAll(async () => {
    await victim.stop();
    redis.destroy();
    await server.stop();
  });

  /** Sends a guess that its process does not live to answer, and starts the app again. */
  async function dieOf(guess: string, point: KillPoint): Promise<number> {
    victim.compares = 0;
    await victim.killAt(point);
    const answer = await visitor.verify(victim.url, guess).catch(() => undefined);
    expect(answer?.status).not.toBe(200);
    expect(await victim.ended).toBe('SIGKILL');
    const { compares } = victim;
    victim = survivor = await startWorker(server.url);
    return compares;
  }

  /** The one count of this kind that lies in Redis. */
  async function countOf(kind: string): Promise<number> {
    const found = (await keptCounts(redis)).filter(({ name }) => name.split('.')[0] === kind);
    expect(found.length).toBeLessThanOrEqual(1);
    return found[0]?.count ?? 0;
  }

  /** Every session that lies in Redis, with the cookie that would open it. */
  async function cookies(): Promise<string[]> {
    const ids = (await redis.keys('sess:*'))
      .map((key) => key.slice('sess:'.length))
      .filter((id) => !id.startsWith('sms2fa'));
    return ids.map((id) => {
      const signature = createHmac('sha256', SECRET).update(id).digest('base64').replace(/=+$/, '');
      return `connect.sid=${encodeURIComponent(`s:${id}.${signature}`)}`;
    });
  }

  /** How many sessions pass the gate, also those whose cookie nobody ever got. */
  async function open(): Promise<number> {
    let passed = 0;
    for (const cookie of await cookies()) {
      const knocker = new Visitor();
      knocker.cookie = cookie;
      if ((await knocker.knock(survivor.url)) === 200) passed += 1;
    }
    return passed;
  }

  /** The user asks for another text, later, and signs in with it. */
  async function signsInLater(): Promise<void> {
    await dropCounts(redis, ({ name }) => name === 'wait' || name === 'step');
    const next = await visitor.text(survivor);
    expect((await visitor.verify(survivor.url, next)).status).toBe(200);
    expect(await visitor.knock(survivor.url)).toBe(200);
  }

  test.each(RIGHT_CODES)(
    '[S138] [S22] killed with the right code (%s): counted, opened for nobody, used at most once',
    async (point) => {
      const compares = await dieOf(code, point);
      expect(compares).toBe(at(point) >= at('after the comparison') ? 1 : 0);
      const spent = at(point) >= at('spent');
      expect(await countOf('ended')).toBe(spent ? 1 : 0);
      // The failures end in the step that spends the code, and not before; so does the guess.
      expect(await countOf('fails')).toBe(spent ? 0 : 1);
      expect(await countOf('guess')).toBe(spent ? 0 : 1);

      expect(await visitor.knock(survivor.url)).toBe(401);
      // Without its live record a session is verified for nobody. With it, it is: but its cookie
      // never left the process that died.
      const orphan = point === 'both written' ? 1 : 0;
      expect(await open()).toBe(orphan);

      const before = visitor.cookie;
      const again = await visitor.verify(survivor.url, code);
      // Where all of the next session was kept, its user may be led to it; nowhere else.
      const led = !spent || (orphan === 1 && again.status === 200);
      expect(again.status).toBe(led ? 200 : 401);
      const more = new Visitor();
      more.cookie = before;
      expect((await more.verify(survivor.url, code)).status).toBe(led ? 200 : 401);
      if (led) expect(more.cookie).toBe(visitor.cookie);
      expect(await visitor.knock(survivor.url)).toBe(led ? 200 : 401);
      expect(await open()).toBe(spent ? orphan : 1);
      if (led) {
        visitor.cookie = before;
        expect(await visitor.knock(survivor.url)).toBe(401);
        return;
      }
      // The session of the user may have been rotated away under its cookie: a new sign-in.
      await visitor.signIn(survivor.url);
      expect(await visitor.knock(survivor.url)).toBe(401);
      await signsInLater();
    },
  );

  test.each(WRONG_CODES)(
    '[S138] [S22] killed with a wrong code (%s): no guess more than the five',
    async (point) => {
      let evaluated = await dieOf(wrongCode(code, 1), point);
      expect(await countOf('guess')).toBe(1);
      const status = await visitor.ask(survivor.url, '/second-factor');
      expect(status.json).toMatchObject({ verified: false, challenge: { attemptsLeft: 4 } });
      for (let each = 2; each <= 8; each += 1) {
        const { json } = await visitor.verify(survivor.url, wrongCode(code, each));
        expect(json.code).toBe(each <= 5 ? 'code_incorrect' : 'challenge_expired');
      }
      expect((await visitor.verify(survivor.url, code)).status).toBe(401);
      await survivor.heard();
      evaluated += survivor.compares;
      expect(evaluated).toBe(at(point) < at('after the comparison') ? 4 : 5);
      expect(await countOf('fails')).toBe(5);
      expect(await open()).toBe(0);
      await signsInLater();
    },
  );

  test('[S138] [S31] killed at the guess that locks: the lock is there', async () => {
    const { key, ends } = (await keptCounts(redis)).find((each) => each.key.includes(':u:'))!;
    await putCounts(redis, key, { fails: [9, ends] });
    await dieOf(wrongCode(code), 'counted');
    expect([await countOf('fails'), await countOf('lock')]).toEqual([10, 0]);
    // The process died before it could begin the lock. The next guess completes it, uncompared.
    const next = await visitor.verify(survivor.url, code);
    expect([next.status, next.json.code]).toEqual([429, 'too_many_attempts']);
    await survivor.heard();
    expect(survivor.compares).toBe(0);
    expect([await countOf('fails'), await countOf('lock')]).toEqual([10, 1]);
    expect((await visitor.verify(survivor.url, code)).status).toBe(429);
    expect(await open()).toBe(0);
  });

  test('[S138] [S139] killed when the code was spent, then all counts lost: one session at most', async () => {
    await dieOf(code, 'spent');
    for (const key of await redis.keys('sms2fa:*')) await redis.del(key);
    // Nobody got anything for the code yet; now somebody may, once, and never without a challenge.
    const before = visitor.cookie;
    const accepted = new Set<string | undefined>();
    for (let each = 0; each < 3; each += 1) {
      visitor.cookie = before;
      const { status } = await visitor.verify(survivor.url, code);
      if (status === 200) accepted.add(visitor.cookie);
    }
    expect(accepted.size).toBeLessThanOrEqual(1);
    expect(await open()).toBeLessThanOrEqual(1);
    for (const key of await redis.keys('sms2fa:*')) await redis.del(key);
    // The session that it opened, if any, is answered again; it opens no other.
    const answered = (await visitor.verify(survivor.url, code)).status;
    expect(answered).toBe(accepted.has(visitor.cookie) ? 200 : 401);
    expect(await open()).toBeLessThanOrEqual(1);
    const stranger = new Visitor();
    await stranger.signIn(survivor.url);
    expect((await stranger.verify(survivor.url, code)).status).toBe(401);
  });
});
