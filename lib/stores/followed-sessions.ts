import type { Clock } from '../ports/clock';
import { NO_LIMIT, type Counter, type Place } from '../ports/counter';
import type { Records } from '../ports/records';
import type { SessionStore } from '../ports/session-store';
import { storeCall } from '../store-call';
import { called, recentLooks, type Done } from './records';

/**
 * Which sessions are verified and which have ended, outside the sessions themselves.
 *
 * express-session writes a whole session back at the end of a request, so a slow one can bring a
 * destroyed session back, verified mark and all (express-session #632, #935). Two things say so
 * beside the session: the live record, which dies with it (`store.destroy`, which logout, regenerate
 * and rotation all call) and which nothing writes back; and a count of its end, for as long as a
 * request may hold an old copy.
 */
export interface FollowedSessions {
  /** The session is verified from now on, by the mark with this id. */
  begin(sessionId: string, markId: string, expiresAt: number): Promise<void>;
  /** Whether it still is. Asks the store at most once in ten seconds. */
  isLive(sessionId: string, markId: string): Promise<boolean>;
  /** It is no longer verified. */
  end(sessionId: string): Promise<void>;
  hasEnded(sessionId: string): Promise<boolean>;
  /** Takes a session away that nobody has got to know, or that has ended. */
  discard(sessionId: string): Promise<void>;
  /**
   * Destroys a session that has ended because another one took its place. False where somebody else
   * has ended it as well, meanwhile.
   */
  replace(sessionId: string, wasVerified: boolean): Promise<boolean>;
}

/** What the sessions are followed with. */
interface Following {
  store: SessionStore;
  counter: Counter;
  records: Records;
  /** Measures time within this process. */
  steady: Clock;
  /** Where a record lies. */
  recordKey: (kind: 'live', sessionId: string) => string;
  /** The place that the end of a session takes; limit one. */
  endPlace: (sessionId: string) => Place;
  /** Whether the name is one of the library's own records, which are no sessions. */
  isRecord: (sessionId: unknown) => boolean;
}

/** How long the counter is left alone after it failed here, in milliseconds. */
const SKIPPED = 10_000;
const MOST_REMEMBERED = 10_000;

/**
 * Follows the sessions of a store: its `destroy`, `set`, `regenerate` and `createSession` are wrapped
 * for this.
 */
export function followSessions(following: Following): FollowedSessions {
  const { store, counter, records, steady, recordKey, endPlace, isRecord } = following;
  /** The id of the mark in the live record, by session id. */
  const looks = recentLooks<unknown>(steady);
  const destroy = store.destroy.bind(store);
  const set = store.set.bind(store);
  // eslint-disable-next-line @typescript-eslint/unbound-method -- records go by a twin of the store
  const own = { destroy: store.destroy, set: store.set };
  /** Verified sessions that this process has seen. */
  const verified = new Set<string>();
  /** Ids that are about to be given up by the request that made them. */
  const unseen = new Set<string>();
  /** Sessions that were loaded: what is written of them may be an old copy. */
  const loaded = new WeakSet<object>();

  const noteVerified = (sessionId: string): void => {
    verified.add(sessionId);
    const oldest = verified.values().next();
    if (verified.size > MOST_REMEMBERED && oldest.done !== true) verified.delete(oldest.value);
  };
  const end = (sessionId: string): Promise<void> => {
    return looks.writing(sessionId, () => records.delete(recordKey('live', sessionId)));
  };
  const takeAway = (sessionId: string): Promise<unknown> =>
    storeCall('sessionStore.destroy', () => called((done) => destroy(sessionId, done)));
  const hasEnded = async (sessionId: string): Promise<boolean> => {
    const { key } = endPlace(sessionId);
    return (await counter.settle({ read: [key] })).read.has(key);
  };

  /** What shuts the gate, before anything is destroyed: it is shut even where that fails. */
  const shut = async (sessionId: string): Promise<void> => {
    const [counted, ended] = await Promise.allSettled([
      // Lasting: the session is destroyed all the same, and a late answer must not bring it back.
      counter.settle({ take: [{ ...endPlace(sessionId), limit: NO_LIMIT }], lasting: true }),
      end(sessionId),
    ]);
    if (ended.status === 'rejected') throw ended.reason as Error;
    // A session that never was verified needs no count to end: with its copy nobody gets far.
    if (counted.status === 'rejected' && verified.has(sessionId)) throw counted.reason as Error;
  };
  const destroyAll = async (ids: readonly string[], given: string): Promise<void> => {
    const shutting = await Promise.allSettled(ids.map(shut));
    await called((done) => destroy(given, done));
    const failed = shutting.find((each) => each.status === 'rejected');
    if (failed !== undefined) throw failed.reason as Error;
    for (const id of ids) verified.delete(id);
  };
  // Some stores take a list of ids.
  store.destroy = function (given, callback) {
    const ids = [given].flat().filter((id) => !isRecord(id) && !unseen.delete(id));
    if (ids.length === 0) return own.destroy.call(this, given, callback);
    return answered(destroyAll(ids, given), callback);
  };

  let skipUntil = -Infinity;
  // The whole app writes sessions; a counter that hangs must not slow all of it down. What an old
  // copy could gain meanwhile is the password's half of a session: the live record is gone anyway.
  const endedUnlessDown = async (sessionId: string): Promise<boolean> => {
    if (steady() < skipUntil) return false;
    return hasEnded(sessionId).catch(() => {
      skipUntil = steady() + SKIPPED;
      return false;
    });
  };
  const write = async (sessionId: string, session: object): Promise<void> => {
    const isNew = !loaded.has(session) && isUnseen(session);
    await called((done) => set(sessionId, session, done));
    // Looked at after the write: looked at before, an end in between would be missed. Where the
    // counter does not answer the write stands; verifying asks again, and fails closed.
    if (!isNew && (await endedUnlessDown(sessionId))) {
      await called((done) => destroy(sessionId, done));
    }
  };
  store.set = function (sessionId, session: object, callback) {
    return isRecord(sessionId)
      ? own.set.call(this, sessionId, session, callback)
      : answered(write(sessionId, session), callback);
  };

  // Passport takes a new id at each sign-in. The one before, where this very request made it, was
  // never anybody's: no copy of it can come back.
  const regenerate = store.regenerate?.bind(store);
  if (regenerate !== undefined) {
    store.regenerate = (req, done) => {
      const { session, sessionID } = req as { session?: object; sessionID?: unknown };
      const isNew = session !== undefined && !loaded.has(session) && isUnseen(session);
      if (isNew && typeof sessionID === 'string') unseen.add(sessionID);
      return regenerate(req, done);
    };
  }
  const create = store.createSession?.bind(store);
  if (create !== undefined) {
    store.createSession = (req, data) => {
      const session = create(req, data);
      if (typeof session === 'object' && session !== null) loaded.add(session);
      const id = (req as { sessionID?: unknown }).sessionID;
      if (typeof id === 'string' && hasMark(data)) noteVerified(id);
      return session;
    };
  }

  return {
    begin: async (sessionId, markId, expiresAt) => {
      noteVerified(sessionId);
      await records.set(recordKey('live', sessionId), { id: markId }, expiresAt);
      void looks.keep(sessionId, Promise.resolve(markId));
    },
    isLive: async (sessionId, markId) => {
      const remembered = looks.recent(sessionId);
      if (remembered !== undefined && (await remembered) === markId) return true;
      const found = looks.keep(
        sessionId,
        records
          .get(recordKey('live', sessionId))
          .then((record) => (record as { id?: unknown } | undefined)?.id),
      );
      const live = (await found) === markId;
      // An `end` meanwhile dropped the look: an answer that was on its way then is no news.
      if (!looks.isKept(sessionId, found)) return false;
      if (!live) looks.forget(sessionId);
      return live;
    },
    end,
    hasEnded,
    discard: async (sessionId) => {
      await Promise.all([end(sessionId), takeAway(sessionId)]);
    },
    replace: async (sessionId, wasVerified) => {
      const { key } = endPlace(sessionId);
      const [{ read }] = await Promise.all([
        counter.settle({ read: [key] }),
        takeAway(sessionId),
        wasVerified ? end(sessionId) : undefined,
      ]);
      return (read.get(key)?.count ?? 0) <= 1;
    },
  };
}

/**
 * Whether the id of a session was made by the request that writes it and has not left the server:
 * nobody can have ended it.
 */
function isUnseen(session: object): boolean {
  const { req } = session as { req?: { res?: { headersSent?: unknown } } };
  return req?.res?.headersSent === false;
}

function hasMark(data: unknown): boolean {
  const own = (data as { sms2fa?: { mark?: unknown } } | undefined)?.sms2fa;
  return own?.mark !== undefined;
}

/**
 * Answers by callback where there is one, else by the promise. The callback runs outside of the
 * promise: what it throws is the app's error, as it would be without the library. A failure that
 * nobody asked for is nobody's unhandled rejection.
 */
function answered(work: Promise<unknown>, callback: Done | undefined): Promise<unknown> {
  if (callback === undefined) {
    work.catch(() => undefined);
    return work;
  }
  return work.then(
    () => void setImmediate(callback),
    (error: unknown) => void setImmediate(callback, error),
  );
}
