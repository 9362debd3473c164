import type { Clock } from '../ports/clock';
import type { Records } from '../ports/records';
import type { SessionStore } from '../ports/session-store';
import { storeCall } from '../store-call';

/** The way express-session stores answer. */
export type Done = (error?: unknown, value?: unknown) => void;

/** Turns a call that answers by callback into a promise. A store may answer by both. */
export function called(call: (done: Done) => unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void =>
      reject(error instanceof Error ? error : new Error('the store reported an error'));
    const answer = call((error, value) => {
      // As express-session reads it: anything falsy is no error.
      if (error) fail(error);
      else resolve(value);
    });
    // What it rejects with is nobody's else, and would end the process.
    if (answer instanceof Promise) answer.catch(fail);
  });
}

/**
 * Answers by callback where there is one, else by the promise. The callback runs outside of the
 * promise: what it throws is the app's error, as it would be without the library. A failure that
 * nobody asked for is nobody's unhandled rejection.
 */
export function answered(work: Promise<unknown>, callback: Done | undefined): Promise<unknown> {
  if (callback === undefined) {
    work.catch(() => undefined);
    return work;
  }
  return work.then(
    () => void setImmediate(callback),
    (error: unknown) => void setImmediate(callback, error),
  );
}

/**
 * Keeps records in the app's own session store, beside its sessions. Every such store takes a
 * record that looks like a session: one with a `cookie`.
 */
export function sessionStoreRecords(store: SessionStore, clock: Clock, steady: Clock): Records {
  const looks = recentLooks<unknown>(steady);
  const forgetEnded = isMemoryStore(store) ? sweeper(store, clock) : undefined;
  const asked = withoutClientTimer(store);
  const Cookie = isRedisStore(store) ? UnwrittenCookie : RecordCookie;
  const get = (key: string): Promise<unknown> =>
    storeCall('sessionStore.get', async () => {
      const found = await called((done) => asked().get(key, done)).catch(noneIfMissing);
      // What express-session takes for no session is no record.
      return found ? contentOf(found) : undefined;
    });
  return {
    get,
    recent: (key) => looks.find(key, () => get(key)),
    set: (key, record, expiresAt) =>
      looks.writing(key, () =>
        storeCall('sessionStore.set', async () => {
          forgetEnded?.(key, expiresAt);
          const cookie = new Cookie(expiresAt, expiresAt - clock());
          await called((done) => asked().set(key, { cookie, sms2fa: record }, done));
        }),
      ),
    delete: (key) =>
      looks.writing(key, () =>
        storeCall('sessionStore.destroy', async () => {
          await called((done) => asked().destroy(key, done));
        }),
      ),
  };
}

/**
 * node-redis sets a timer for each command, for those that wait for a connection; it costs more than
 * all else of the command. Over connect-redis what goes out at once is asked for by a twin of
 * the store, whose client sets none; of a command that has gone out node-redis drops it anyway.
 */
export function withoutClientTimer(store: SessionStore): () => SessionStore {
  const { client } = store as { client?: Partial<NodeRedis> };
  if (!isRedisStore(store) || client?.withCommandOptions === undefined) return () => store;
  const value = client.withCommandOptions({ timeout: undefined });
  const twin = Object.create(store, { client: { value } }) as SessionStore;
  return () => (client.isReady === true ? twin : store);
}

interface NodeRedis {
  isReady: boolean;
  withCommandOptions(options: { timeout: undefined }): unknown;
}

/**
 * The cookie of a record, as express-session's own are for a store: some read `maxAge` for the
 * record's life, others `expires`, which is a `Date`; what is kept of it is what `toJSON` gives.
 */
class RecordCookie {
  readonly expires: Date;
  readonly originalMaxAge: number;
  readonly httpOnly = true;
  readonly path = '/';

  constructor(expiresAt: number, maxAge: number) {
    this.expires = new Date(expiresAt);
    this.originalMaxAge = maxAge;
  }

  get maxAge(): number {
    return this.originalMaxAge;
  }

  get data(): object {
    return this.toJSON();
  }

  toJSON(): object {
    return { originalMaxAge: this.originalMaxAge, expires: this.expires };
  }
}

/** What connect-redis asks of a cookie it asks before it writes: Redis itself ends the record. */
class UnwrittenCookie extends RecordCookie {
  override toJSON(): object {
    return {};
  }
}

function isRedisStore(store: SessionStore): boolean {
  return store.constructor.name === 'RedisStore';
}

/** Stores of files say it so when there is no session, and express-session takes it for that. */
export function noneIfMissing(error: unknown): undefined {
  if ((error as { code?: unknown }).code === 'ENOENT') return undefined;
  throw error;
}

function contentOf(found: unknown): unknown {
  const content = (found as { sms2fa?: unknown }).sms2fa;
  if (typeof found === 'object' && typeof content === 'object' && content !== null) return content;
  throw new Error('the store answered with something that was not kept there');
}

/** express-session's own MemoryStore lets go of nothing that nobody asks for again. */
function isMemoryStore(store: SessionStore): boolean {
  return store.constructor.name === 'MemoryStore' && 'sessions' in store;
}

/** Removes records that have ended, a few with each that is written. */
function sweeper(store: SessionStore, clock: Clock): (key: string, expiresAt: number) => void {
  const ends = new Map<string, number>();
  return (key, expiresAt) => {
    ends.delete(key);
    ends.set(key, expiresAt);
    let looked = 0;
    for (const [each, end] of ends) {
      if (end <= clock()) {
        ends.delete(each);
        store.destroy(each, () => undefined);
      }
      looked += 1;
      if (looked === 4) break;
    }
  };
}

/**
 * A short memory for what the gate asks a store on every request. What this process writes, it sees
 * at once; what another one writes, within ten seconds. A look that failed is not remembered.
 */
interface RecentLooks<T> {
  /** What was found at most ten seconds ago, else what `ask` finds now. */
  find(key: string, ask: () => Promise<T>): Promise<T>;
  /** What was found at most ten seconds ago. */
  recent(key: string): Promise<T> | undefined;
  /** Remembers a look that begins now. */
  keep(key: string, found: Promise<T>): Promise<T>;
  /** Whether this very look is still the one that is remembered. */
  isKept(key: string, found: Promise<T>): boolean;
  forget(key: string): void;
  /** Forgets before and after a write: a look that began before it must not outlive it. */
  writing<Written>(key: string, write: () => Written | Promise<Written>): Promise<Written>;
}

const FRESH_FOR = 10_000;
const MOST_REMEMBERED = 10_000;

export function recentLooks<T>(clock: Clock): RecentLooks<T> {
  const looks = new Map<string, { freshUntil: number; found: Promise<T> }>();
  // One for all: a new one would walk over all that was deleted before the oldest, 8 µs of it. Whatever
  // it has come past was deleted, so it never ends before the looks do.
  const oldestFirst = looks.keys();

  const forget = (key: string): void => void looks.delete(key);
  const isKept = (key: string, found: Promise<T>): boolean => looks.get(key)?.found === found;
  const recent = (key: string): Promise<T> | undefined => {
    const look = looks.get(key);
    return look !== undefined && clock() < look.freshUntil ? look.found : undefined;
  };
  const keep = (key: string, found: Promise<T>): Promise<T> => {
    looks.delete(key);
    looks.set(key, { freshUntil: clock() + FRESH_FOR, found });
    found.catch(() => {
      if (isKept(key, found)) forget(key);
    });
    const oldest = looks.size > MOST_REMEMBERED ? oldestFirst.next() : undefined;
    if (oldest?.done === false) looks.delete(oldest.value);
    return found;
  };

  return {
    find: (key, ask) => recent(key) ?? keep(key, ask()),
    recent,
    keep,
    isKept,
    forget,
    writing: async (key, write) => {
      forget(key);
      try {
        return await write();
      } finally {
        forget(key);
      }
    },
  };
}

/** Remembers an id, and forgets the oldest where there are too many. */
export function noteOf(ids: Set<string>, id: string): void {
  ids.add(id);
  const oldest = ids.values().next();
  if (ids.size > MOST_REMEMBERED && oldest.done !== true) ids.delete(oldest.value);
}
