import { RedisStore } from 'connect-redis';
import type { Express, NextFunction, Request, Response } from 'express';
import type session from 'express-session';
import { createClient } from 'redis';
import { redisCounter, type Counter } from '../../lib';
import * as codes from '../../lib/core/challenge/code';
import { startApp } from './app';
import type { TestClock } from './clock';
import type { KillPoint, Order, Said } from './cluster';
import { isRecord } from './stores';

/**
 * A process of its own that serves the test app on Redis, by the real time. Its environment says
 * where: `REDIS_URL`, and `COUNTER_URL` where the counts lie on a Redis of their own. `SILENCE` is
 * how long Redis may say nothing; then what waits for it fails, and the client connects anew.
 */

let killAt: KillPoint | undefined;

function tell(said: Said): void {
  process.send?.(said);
}

function pass(point: KillPoint): void {
  if (point === killAt) process.kill(process.pid, 'SIGKILL');
}

process.on('message', ({ id, killAt: point }: Order) => {
  killAt = point ?? killAt;
  tell({ what: 'done', id });
});
process.on('disconnect', () => process.exit());
process.on('unhandledRejection', (reason) => tell({ what: 'unhandled', message: String(reason) }));

const SILENCE = Number(process.env.SILENCE);
const PING_EVERY = SILENCE / 4;

/** A client as an app should have it: nothing waits for a Redis that is away, nothing hangs. */
async function redisClient(url: string, tell: (up: boolean) => void) {
  const client = createClient({
    url,
    disableOfflineQueue: true,
    socket: {
      connectTimeout: SILENCE,
      socketTimeout: SILENCE,
      reconnectStrategy: (retries) => Math.min(50 * (retries + 1), 200),
    },
  });
  client.on('ready', () => tell(true));
  client.on('error', () => tell(client.isReady));
  client.on('reconnecting', () => tell(false));
  await client.connect();
  // One ping at a time: it keeps a quiet connection awake, and shows a silent one.
  let asking = false;
  setInterval(() => {
    if (asking || !client.isReady) return;
    asking = true;
    const late = setTimeout(() => tell(false), SILENCE / 2);
    void client
      .ping()
      .then(
        () => tell(true),
        () => undefined,
      )
      .finally(() => {
        asking = false;
        clearTimeout(late);
      });
  }, PING_EVERY);
  return client;
}

async function sessionStore(url: string): Promise<session.Store> {
  let known = true;
  const client = await redisClient(url, (up) => {
    if (up === known) return;
    known = up;
    store.emit(up ? 'connect' : 'disconnect');
  });
  const store: session.Store = new RedisStore({ client });
  return dyingStore(store);
}

/** The counts on a Redis of their own; its client has no time limit, so the library's own counts. */
async function counterAt(url: string): Promise<Counter> {
  const client = createClient({
    url,
    disableOfflineQueue: true,
    socket: { reconnectStrategy: (retries) => Math.min(50 * (retries + 1), 200) },
  });
  client.on('error', () => undefined);
  await client.connect();
  return redisCounter({ sendCommand: (args) => client.sendCommand(args) });
}

function dyingCounter(counter: Counter): Counter {
  return {
    settle: async (wish) => {
      const settled = await counter.settle(wish);
      const taken = (wish.take ?? []).filter(({ by = 1 }) => by > 0);
      if (taken.some(({ key }) => key.includes('#guess.'))) pass('counted');
      // A sign-out takes two of it.
      if (taken.some(({ key, by = 1 }) => key.endsWith('#ended') && by === 1)) pass('spent');
      return settled;
    },
  };
}

function dyingStore(store: session.Store): session.Store {
  const set = store.set.bind(store);
  const written = new Set<KillPoint>();
  store.set = (sid, record, callback) => {
    const { mark } = (record as { sms2fa?: { mark?: unknown } }).sms2fa ?? {};
    let point: KillPoint | undefined;
    if (mark !== undefined) point = 'session saved';
    else if (isRecord(sid, 'live')) point = 'live record written';
    // The process dies of the one before the other one has left.
    const alone: KillPoint[] = ['session saved', 'live record written'];
    if (point !== undefined && killAt !== point && alone.some((each) => each === killAt)) return;
    set(sid, record, (error) => {
      if (point !== undefined) {
        pass(point);
        written.add(point);
        if (written.size === alone.length) pass('both written');
      }
      callback?.(error);
    });
  };
  return store;
}

function watchedComparison(): void {
  const { codesMatch } = codes;
  Object.assign(codes, {
    codesMatch: (expected: string, given: string) => {
      pass('before the comparison');
      tell({ what: 'compare' });
      const same = codesMatch(expected, given);
      pass('after the comparison');
      return same;
    },
  });
}

/** An answer that is whole stays whole, also where express-session could not write after it. */
function handleErrors(app: Express): void {
  app.use((error: { status?: number }, _req: Request, res: Response, next: NextFunction) => {
    if (!res.headersSent) res.status(error.status ?? 500).json({ code: 'the app’s own' });
    else if (!res.writableEnded) next(error);
  });
}

const realTime: TestClock = Object.assign(() => Date.now(), {
  advance: () => Promise.reject(new Error('the real time cannot be set')),
  set: () => undefined,
  onAdvance: () => undefined,
});

async function main(): Promise<void> {
  const { REDIS_URL, COUNTER_URL = REDIS_URL } = process.env;
  if (REDIS_URL === undefined || COUNTER_URL === undefined) throw new Error('REDIS_URL is missing');
  watchedComparison();
  const store = await sessionStore(REDIS_URL);
  let texts = 0;
  const app = await startApp({
    store,
    clock: realTime,
    after: handleErrors,
    factor: {
      // Real time goes on while processes start on a busy machine: none of these is over by then.
      limits: { resendWait: [240] },
      counter: dyingCounter(await counterAt(COUNTER_URL)),
      sender: {
        send: ({ to, body }) => {
          tell({ what: 'text', to, body });
          texts += 1;
          return Promise.resolve({ id: `${process.pid}-${texts}` });
        },
      },
    },
  });
  tell({ what: 'ready', port: Number(new URL(app.url).port) });
}

void main();
