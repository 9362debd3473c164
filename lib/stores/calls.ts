import type { Clock } from '../ports/clock';
import { RECORD_PREFIX, type SessionStore } from '../ports/session-store';
import { brokenStore, timeLimit, type Failed } from '../time-limit';

/*
 * How stores are asked: by callback, in time, with all that they call "none", over Redis without a timer of
 * its own for each command; and what the gate asks each time no more than once in ten seconds.
 */

/** The way express-session stores answer. */
export type Done = (error?: unknown, value?: unknown) => void;

/**
 * Turns a call that answers by callback into a promise of what `read` makes of the answer. The callback says
 * how it went: an `async` function may have come to its end before that. Only what such a promise is rejected
 * with counts, whichever is first, and is nobody's unhandled rejection. An error that `isNone` knows is no
 * error, but the answer that there is none.
 *
 * One promise, not one for each of these: a request asks several times.
 */
export function called<T>(
  call: (done: Done) => unknown,
  read: (value: unknown) => T = (value) => value as T,
  isNone: (error: unknown) => boolean = () => false,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const tell: Done = (error, value) => {
      try {
        // As express-session reads it: anything falsy is no error.
        if (!error) resolve(read(value));
        else if (isNone(error)) resolve(read(undefined));
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- in the store's words
        else reject(error);
      } catch (unread) {
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as it came
        reject(unread);
      }
    };
    // eslint-disable-next-line @typescript-eslint/prefer-nullish-coalescing -- anything falsy is none
    const fail = (error: unknown) => tell(error || new Error('it failed without an error'));
    try {
      const answer = call(tell);
      if (isPromise(answer)) answer.then(undefined, fail);
    } catch (error) {
      fail(error);
    }
  });
}

/**
 * Of any library. A query that is only carried out when somebody waits for it, as those of query
 * builders, is none: its `then` would carry it out once more.
 */
function isPromise(value: unknown): value is PromiseLike<unknown> {
  const { then, constructor } = (value ?? {}) as { then?: unknown; constructor?: unknown };
  return (
    typeof then === 'function' &&
    typeof (constructor as { reject?: unknown } | undefined)?.reject === 'function'
  );
}

/**
 * Stores of files say it so when there is no session, and express-session takes it for that. Not where it is
 * the unix socket of a database that is missing: what lies behind it nobody knows.
 */
function isMissing(error: unknown): boolean {
  const { code, syscall } = (error ?? {}) as { code?: unknown; syscall?: unknown };
  return code === 'ENOENT' && syscall !== 'connect';
}

/** What `read` makes of what lies there; `undefined` for all that express-session takes for none. */
export function readFrom<T = unknown>(
  store: SessionStore,
  id: string,
  read: (found: unknown) => T = (found) => found as T,
): Promise<T | undefined> {
  const found = (value: unknown): T | undefined => (value ? read(value) : undefined);
  return called((done) => store.get(id, done), found, isMissing);
}

/** Removes what lies there, if anything does. */
export function removeFrom(store: Pick<SessionStore, 'destroy'>, id: string): Promise<void> {
  return called((done) => store.destroy(id, done), nothing, isMissing);
}

/** What a call answers that only does something. */
export const nothing = (): void => undefined;

/**
 * How long the store may take over a session that the app has it keep, in milliseconds. It is often
 * the last step of an answer, and late is better than cut off.
 */
const APP_LIMIT = 5_000;

/**
 * Carries out for the app what it asks of its store: the callback is called once, in time, with an error of
 * status 503 where the store failed, whatever the store does instead of answering. It runs outside of any
 * promise: what it throws is the app's error, as it would be without the library. Without a callback the
 * answer is the promise; a failure that nobody asked for ends nothing.
 */
export function answered(
  { verb, failed, limit = APP_LIMIT }: { verb: string; failed: Failed; limit?: number },
  callback: Done | undefined,
  call: () => Promise<unknown>,
): Promise<unknown> {
  const work = timeLimit(call(), limit);
  const told = (error: unknown): unknown =>
    isMissing(error) ? error : failed(brokenStore(`sessionStore.${verb}`, error));
  if (callback === undefined) {
    const answer = work.catch((error: unknown) => {
      throw told(error);
    });
    answer.catch(() => undefined);
    return answer;
  }
  return work.then(
    (value) => {
      process.nextTick(callback, undefined, value);
    },
    (error: unknown) => {
      process.nextTick(callback, told(error));
    },
  );
}

/**
 * The callback among what a verb was given, and the same with another one in its place: a store may
 * take more than express-session gives it.
 */
export function callbackIn(given: readonly unknown[]): {
  callback: Done | undefined;
  withDone: (done: Done) => unknown[];
} {
  const at = given.findLastIndex((each) => typeof each === 'function');
  if (at >= 0) {
    return { callback: given[at] as Done, withDone: (done) => given.with(at, done) };
  }
  const others = given.filter((each) => each !== undefined && each !== null);
  return { callback: undefined, withDone: (done) => [...others, done] };
}

/** A verb of a store, for whatever it is given. */
export type Verb = (this: unknown, ...given: unknown[]) => unknown;

/** The store's own verbs: records go by a twin of the store. */
export function verbsOf(
  store: SessionStore,
): Record<'get' | 'set' | 'destroy', Verb> & { touch?: Verb } {
  const { get, set, destroy, touch } = store as unknown as Record<string, Verb>;
  return { get, set, destroy, ...(typeof touch === 'function' ? { touch } : {}) } as ReturnType<
    typeof verbsOf
  >;
}

/**
 * Has the store's `touch` go by here, with `noteUse` asked before. What this answers with tells the store
 * of a session before the end of its answer, when express-session does: along with what else is asked of
 * the store, it costs no wait. Only in Redis, where it does nothing but lengthen a life: a store that reads
 * and writes back would bring back a session that a hook of the app ends meanwhile. And only where
 * express-session has touched a session here: where it writes each of them (`resave`) there is nothing to
 * be saved. A session that was told of so is not told of again, unless that failed or its cookie has got
 * another lifetime since.
 */
export function followTouches(
  store: SessionStore,
  asked: () => SessionStore,
  noteUse: (sessionId: string, session: object) => void,
  failed: Failed,
): (sessionId: string, session: object) => void {
  const { touch } = verbsOf(store);
  if (touch === undefined) return () => undefined;
  /** The lifetimes that sessions were told with. */
  const told = new WeakMap<object, unknown>();
  let isAsked = false;
  store.touch = function (sessionId: string, session: object, ...rest: unknown[]) {
    if (isRecordKey(sessionId)) return touch.call(this, sessionId, session, ...rest);
    noteUse(sessionId, session);
    const { callback, withDone } = callbackIn(rest);
    isAsked = true;
    const lifetime = told.get(session);
    if (callback !== undefined && told.delete(session) && lifetime === lifetimeOf(session)) {
      // At once: express-session sends an answer in two parts where it has to wait.
      callback();
      return undefined;
    }
    return answered({ verb: 'touch', failed }, callback, () =>
      called((done) => touch.call(asked(), sessionId, session, ...withDone(done))),
    );
  };
  const lengthens = isRedisStore(store);
  return (sessionId, session) => {
    if (!isAsked || !lengthens) return;
    // A store goes by the end of the cookie, which express-session renews by this.
    (session as { touch?: () => unknown }).touch?.();
    const lifetime = lifetimeOf(session);
    called((done) => touch.call(asked(), sessionId, session, done)).then(
      () => told.set(session, lifetime),
      () => undefined,
    );
  };
}

function lifetimeOf(session: object): unknown {
  return (session as { cookie?: { originalMaxAge?: unknown } }).cookie?.originalMaxAge;
}

/** Whether a session id is none, but the name of a record: those that follow sessions leave it alone. */
export function isRecordKey(sessionId: unknown): boolean {
  return typeof sessionId === 'string' && sessionId.startsWith(RECORD_PREFIX);
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

export function isRedisStore(store: SessionStore): boolean {
  return store.constructor.name === 'RedisStore';
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
