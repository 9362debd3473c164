import type { Clock } from '../ports/clock';
import { NO_LIMIT, type Counter } from '../ports/counter';
import type { Records } from '../ports/records';
import type { SessionStore } from '../ports/session-store';
import { storeCall } from '../store-call';
import { leftSessions, type Kin, type LeftSessions } from './left-sessions';
import { liveRecords, type Before, type LiveRecords } from './live-records';
import { answered, called, noteOf, withoutClientTimer } from './records';

/**
 * Which sessions are verified and which have ended, outside the sessions themselves.
 *
 * express-session writes a whole session back at the end of a request, so a slow one can bring a
 * destroyed session back, verified mark and all (express-session #632, #935). Two things say so
 * beside the session: the live record, which dies with it (`store.destroy`, which logout, regenerate
 * and rotation all call) and which nothing writes back; and a count of its end, for as long as a
 * request may hold an old copy.
 */
export interface FollowedSessions extends LeftSessions, LiveRecords {
  /** Also where it went on under another id. */
  hasEnded(sessionId: string): Promise<boolean>;
  /** Takes a session away that was refused because it has ended; not while it may stay. */
  discard(sessionId: string): Promise<void>;
  /** Others may know of it from now on: what is written of it is looked at as any other's. */
  known(session: object): void;
}

/** What the sessions are followed with. */
interface Following {
  store: SessionStore;
  counter: Counter;
  records: Records;
  clock: Clock;
  /** Measures time within this process. */
  steady: Clock;
  /** Where a record lies. */
  recordKey: (kind: 'live' | 'ended', sessionId: string) => string;
  kin: Kin;
  /** Whether the name is one of the library's own records, which are no sessions. */
  isRecord: (sessionId: unknown) => boolean;
}

/** How long the counter is left alone after it failed here, in milliseconds. */
const SKIPPED = 10_000;

/**
 * Follows the sessions of a store: its `destroy`, `set`, `get`, `regenerate` and `createSession` are
 * wrapped for this.
 */
export function followSessions(following: Following): FollowedSessions {
  const { store, counter, records, clock, steady, recordKey, kin, isRecord } = following;
  const destroy = store.destroy.bind(store);
  // eslint-disable-next-line @typescript-eslint/unbound-method -- records go by a twin of the store
  const own = { destroy: store.destroy, set: store.set, get: store.get, touch: store.touch };
  const asked = withoutClientTimer(store);
  const set: SessionStore['set'] = (...given) => own.set.apply(asked(), given);
  const get: SessionStore['get'] = (...given) => own.get.apply(asked(), given);
  /** Verified sessions that this process has seen. */
  const verified = new Set<string>();
  /** Sessions that this process has seen to be left for another one. */
  const left = new Set<string>();
  /** Ids that are about to be given up by the request that made them. */
  const unseen = new Set<string>();
  /** Sessions that were loaded: what is written of them may be an old copy. */
  const loaded = new WeakSet<object>();

  const live = liveRecords({ records, clock, steady, keyOf: (id) => recordKey('live', id) });
  const { end } = live;
  /** The end of a session that could not be counted is noted beside it. */
  const noteEnd = (sessionId: string): Promise<void> => {
    const until = clock() + kin.endPlace(sessionId).window;
    return records.set(recordKey('ended', sessionId), { at: clock() }, until);
  };
  const hasEndNoted = async (sessionId: string): Promise<boolean> =>
    (await records.get(recordKey('ended', sessionId))) !== undefined;
  const takeAway = (sessionId: string): Promise<unknown> =>
    storeCall('sessionStore.destroy', () => called((done) => destroy(sessionId, done)));
  const leaving = leftSessions({ set, counter, clock, kin, left, end, takeAway, hasEndNoted });

  /**
   * What shuts the gate, before anything is destroyed: it is shut even where that fails. Answers
   * with the sessions on both sides of this one, which end with it.
   */
  const shut = async (sessionId: string): Promise<string[]> => {
    const wentOn = kin.wentOnKey(sessionId);
    const [counted, ended] = await Promise.allSettled([
      // Lasting: the session is destroyed all the same, and a late answer must not bring it back.
      counter.settle({
        read: [wentOn],
        take: [{ ...kin.endPlace(sessionId), limit: NO_LIMIT }],
        lasting: true,
      }),
      endAfterLook(sessionId),
    ]);
    if (ended.status === 'rejected') throw ended.reason as Error;
    if (counted.status === 'rejected') {
      if (verified.has(sessionId)) throw counted.reason as Error;
      // One that never was verified needs no count to end. What could come of a copy of it is a
      // session that a code opens, and who opens one looks for this note.
      await noteEnd(sessionId);
    } else if (!counted.value.read.has(wentOn)) return [...ended.value];
    // Looked for after the end was counted or noted.
    const next = await kin.successorOf(sessionId);
    return [...(next === undefined ? [] : [next.id]), ...ended.value];
  };
  const endAfterLook = async (sessionId: string): Promise<readonly string[]> => {
    const [found] = await Promise.allSettled([live.cameFrom(sessionId)]);
    // It ends, whatever the look said.
    await end(sessionId);
    if (found.status === 'rejected') throw found.reason as Error;
    return found.value;
  };
  /**
   * The same of all that one of them went on as, or came from: of a sign-out and a session that is
   * about to take the place of this one, either sees the other.
   */
  const shutAll = async (ids: readonly string[]): Promise<void> => {
    const seen = new Set(ids);
    const shutWithKin = async (id: string): Promise<void> => {
      const others = (await shut(id)).filter((each) => !seen.has(each));
      for (const other of others) seen.add(other);
      await Promise.all(others.flatMap((other) => [shutWithKin(other), takeAway(other)]));
    };
    const shutting = await Promise.allSettled(ids.map(shutWithKin));
    const failed = shutting.find((each) => each.status === 'rejected');
    if (failed !== undefined) throw failed.reason as Error;
  };
  const destroyAll = async (ids: readonly string[], given: string): Promise<void> => {
    const [shutting] = await Promise.allSettled([shutAll(ids)]);
    await called((done) => destroy(given, done));
    if (shutting.status === 'rejected') throw shutting.reason as Error;
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
  const standingUnlessDown = async (sessionId: string): ReturnType<typeof leaving.standing> => {
    const unknown = { ended: false, stays: false };
    if (steady() < skipUntil) return unknown;
    return leaving.standing(sessionId).catch(() => {
      skipUntil = steady() + SKIPPED;
      return unknown;
    });
  };
  const write = async (sessionId: string, session: object): Promise<void> => {
    const isNew = !loaded.has(session) && isUnseen(session);
    await called((done) => set(sessionId, session, done));
    if (isNew) return;
    // Looked at after the write: looked at before, an end in between would be missed. Where the
    // counter does not answer the write stands; verifying asks again, and fails closed.
    const { ended, stays, successor } = await standingUnlessDown(sessionId);
    if (successor !== undefined) await leaving.put(sessionId, session, successor.until);
    else if (ended && !stays) await called((done) => destroy(sessionId, done));
  };
  store.set = function (sessionId, session: object, callback) {
    return isRecord(sessionId)
      ? own.set.call(this, sessionId, session, callback)
      : answered(write(sessionId, session), callback);
  };
  store.get = function (sessionId, callback) {
    if (isRecord(sessionId)) return own.get.call(this, sessionId, callback);
    const present = (data: unknown): unknown => {
      const until = leavesAt(data);
      if (until === undefined || clock() < until) return data;
      // The store lets it go on time, if nobody touches it; here nobody gets it any more.
      void takeAway(sessionId).catch(() => undefined);
      return undefined;
    };
    // Some stores answer by a promise where there is no callback.
    return typeof callback === 'function'
      ? get(sessionId, (error, data) => callback(error, present(data)))
      : Promise.resolve(get(sessionId, callback)).then(present);
  };

  const { touch } = own;
  if (touch !== undefined) store.touch = (...given) => touch.apply(asked(), given);

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
      const request = req as LoadingRequest;
      const { sessionID: id } = request;
      if (typeof id === 'string') {
        if (hasMark(data)) noteOf(verified, id);
        if (leavesAt(data) !== undefined) noteOf(left, id);
        withholdCookie(request, left);
      }
      return session;
    };
  }

  return {
    ...leaving,
    ...live,
    begin: (sessionId, markId, expiresAt, before?: Before) => {
      noteOf(verified, sessionId);
      return live.begin(sessionId, markId, expiresAt, before);
    },
    hasEnded: async (sessionId) => (await leaving.standing(sessionId)).ended,
    discard: async (sessionId) => {
      const { ended, stays } = await leaving.standing(sessionId);
      // Not one that is open again: who was about to leave it has given that up.
      if (ended && !stays) await Promise.all([end(sessionId), takeAway(sessionId)]);
    },
    known: (session) => {
      loaded.add(session);
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

/** Until when a session stays that was left for another one. */
function leavesAt(data: unknown): number | undefined {
  const until = (data as { sms2fa?: { leavesAt?: unknown } } | null | undefined)?.sms2fa?.leavesAt;
  return typeof until === 'number' ? until : undefined;
}

/** What express-session has set up of a request when it loads its session. */
interface LoadingRequest {
  sessionID?: unknown;
  res?: { writeHead?: unknown };
}

/**
 * An answer of a session that was left must not bring its cookie (`rolling: true`, a changed session
 * with a `maxAge`): where it came after the new one, the browser would go back to the old. To
 * express-session a request without an id has no session to tell of.
 */
function withholdCookie(req: LoadingRequest, left: ReadonlySet<string>): void {
  const { res } = req;
  if (typeof res?.writeHead !== 'function') return;
  const writeHead = res.writeHead as (...args: unknown[]) => unknown;
  res.writeHead = function (this: unknown, ...args: unknown[]): unknown {
    const id = req.sessionID;
    if (typeof id !== 'string' || !left.has(id)) return writeHead.apply(this, args);
    req.sessionID = undefined;
    try {
      return writeHead.apply(this, args);
    } finally {
      req.sessionID = id;
    }
  };
}
