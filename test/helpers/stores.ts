import { RedisStore } from 'connect-redis';
import session from 'express-session';
import { testClock, type TestClock } from './clock';
import {
  age,
  connect,
  countsAt,
  hasRedis,
  startRedis,
  type RedisClient,
  type RedisServer,
} from './redis-server';

/** A session store of one kind, made anew for each test. */
export interface StoreKind {
  name: string;
  start(): Promise<void>;
  make(): Promise<{ store: session.Store; clock: TestClock }>;
  /** Every key and value the store holds, as text. */
  dump(store: session.Store): Promise<string>;
  /** Milliseconds that each record of the library still lives, by its key. */
  lives(store: session.Store, now: number): Promise<Map<string, number>>;
  stop(): Promise<void>;
}

function memory(): StoreKind {
  return {
    name: 'MemoryStore',
    start: () => Promise.resolve(),
    make: () => Promise.resolve({ store: new session.MemoryStore(), clock: testClock() }),
    dump: (store) =>
      Promise.resolve(JSON.stringify((store as unknown as { sessions: object }).sessions)),
    lives: (store, now) => {
      const { sessions } = store as unknown as { sessions: Record<string, string> };
      const records = Object.entries(sessions).filter(([key]) => key.startsWith('sms2fa'));
      const left = (kept: string): number => {
        const { cookie } = JSON.parse(kept) as { cookie: { expires: string } };
        return Date.parse(cookie.expires) - now;
      };
      return Promise.resolve(new Map(records.map(([key, kept]) => [key, left(kept)])));
    },
    stop: () => Promise.resolve(),
  };
}

function redis(): StoreKind {
  let server: RedisServer;
  let client: RedisClient;
  return {
    name: 'Redis',
    start: async () => {
      server = await startRedis();
      client = await connect(server);
    },
    make: async () => {
      await client.flushAll();
      const clock = testClock();
      clock.onAdvance((milliseconds) => age(client, milliseconds));
      return { store: new RedisStore({ client }), clock };
    },
    dump: async () => {
      const keys = await client.keys('*');
      const values = await Promise.all(
        keys.map(async (key) => {
          const counts = await countsAt(client, key);
          return counts === undefined ? client.get(key) : JSON.stringify(counts);
        }),
      );
      return keys.map((key, index) => `${key} ${values[index] ?? ''}`).join('\n');
    },
    // Redis itself ends them; -1 for one that has no end.
    lives: async () => {
      const keys = (await client.keys('*')).filter((key) => /sms2fa[a-z][0-9a-f]{25}$/.test(key));
      const left = await Promise.all(keys.map((key) => client.pTTL(key)));
      return new Map(keys.map((key, index) => [key.slice(-32), Number(left[index])]));
    },
    stop: async () => {
      client.destroy();
      await server.stop();
    },
  };
}

/** Runs a suite on MemoryStore and on connect-redis with a real Redis. */
export function onEachStore(title: string, suite: (kind: StoreKind) => void): void {
  const kinds = hasRedis() ? [memory(), redis()] : [memory()];
  for (const kind of kinds) {
    describe(`${title} (${kind.name})`, () => {
      beforeAll(() => kind.start());
      afterAll(() => kind.stop());
      suite(kind);
    });
  }
}

type Get = session.Store['get'];

/**
 * Makes reads of a store wait until `count` of those that match are in, then lets all go: every
 * read-modify-write race happens, every time.
 */
export function barrier(
  store: session.Store,
  count: number,
  matches: (sid: string) => boolean,
): void {
  const get: Get = store.get.bind(store);
  const waiting: (() => void)[] = [];
  let open = false;
  store.get = (sid, callback) => {
    if (open || !matches(sid)) {
      get(sid, callback);
      return;
    }
    waiting.push(() => get(sid, callback));
    if (waiting.length === count) {
      open = true;
      for (const go of waiting) go();
    }
  };
}

/** Session ids are what express-session asks for; records of the library begin with its name. */
export const isSession = (sid: string): boolean => !sid.startsWith('sms2fa');
/** What the library keeps in the session store, by the letter in its key. */
const RECORDS = {
  'sign-in': 'i',
  'step-up': 'u',
  enroll: 'e',
  replace: 'p',
  live: 'l',
  texted: 't',
  receipt: 'r',
} as const;
export const isRecord = (sid: string, kind: keyof typeof RECORDS): boolean =>
  new RegExp(`^sms2fa${RECORDS[kind]}[0-9a-f]{25}$`).test(sid);
export const isChallenge = (sid: string): boolean => isRecord(sid, 'sign-in');
