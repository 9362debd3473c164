import type { SessionStore } from '../ports/session-store';
import { brokenStore, timeLimit } from '../time-limit';

/** The way express-session stores answer. */
export type Done = (error?: unknown, value?: unknown) => void;

/**
 * Turns a call that answers by callback into a promise. The callback says how it went: an `async`
 * function may have come to its end before that. Only what such a promise is rejected with counts,
 * whichever is first, and is nobody's unhandled rejection.
 */
export function called(call: (done: Done) => unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      const nothing = new Error('it failed without an error');
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors, @typescript-eslint/prefer-nullish-coalescing -- in the store's words; anything falsy is none
      reject(error || nothing);
    };
    try {
      const answer = call((error, value) => {
        // As express-session reads it: anything falsy is no error.
        if (error) fail(error);
        else resolve(value);
      });
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

/** Stores of files say it so when there is no session, and express-session takes it for that. */
function noneIfMissing(error: unknown): undefined {
  if (isMissing(error)) return undefined;
  throw error;
}

/** Not where it is the unix socket of a database that is missing: what lies behind it nobody knows. */
function isMissing(error: unknown): boolean {
  const { code, syscall } = (error ?? {}) as { code?: unknown; syscall?: unknown };
  return code === 'ENOENT' && syscall !== 'connect';
}

/** What lies there; `undefined` for all that express-session takes for none. */
export async function readFrom(store: SessionStore, id: string): Promise<unknown> {
  const found = await called((done) => store.get(id, done)).catch(noneIfMissing);
  // eslint-disable-next-line @typescript-eslint/prefer-nullish-coalescing -- anything falsy is none
  return found || undefined;
}

/** Removes what lies there, if anything does. */
export async function removeFrom(store: Pick<SessionStore, 'destroy'>, id: string): Promise<void> {
  await called((done) => store.destroy(id, done)).catch(noneIfMissing);
}

/**
 * How long the store may take over a session that the app has it keep, in milliseconds. It is often
 * the last step of an answer, and late is better than cut off.
 */
const APP_LIMIT = 5_000;

/**
 * Carries out for the app what it asks of its store: the callback is called once, in time, with an
 * error of status 503 where the store failed, whatever the store does instead of answering. It runs
 * outside of any promise: what it throws is the app's error, as it would be without the library.
 * Without a callback the answer is the promise; a failure that nobody asked for ends nothing.
 */
export function answered(
  verb: string,
  callback: Done | undefined,
  call: () => Promise<unknown>,
  limit = APP_LIMIT,
): Promise<unknown> {
  const work = timeLimit(call(), limit).catch((error: unknown) => {
    throw isMissing(error) ? error : brokenStore(`sessionStore.${verb}`, error);
  });
  if (callback === undefined) {
    work.catch(() => undefined);
    return work;
  }
  return work.then(
    (value) => void setImmediate(callback, undefined, value),
    (error: unknown) => void setImmediate(callback, error),
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
