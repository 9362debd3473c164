import type { Clock } from '../ports/clock';
import type { Counter } from '../ports/counter';
import type { SessionStore } from '../ports/session-store';
import { missingRightIn } from '../server-failures';
import { storeCall, STORE_TIME_LIMIT, type Failed } from '../time-limit';
import {
  answered,
  called,
  callbackIn,
  followTouches,
  isRecordKey,
  noteOf,
  removeFrom,
  verbsOf,
  withoutClientTimer,
  type Verb,
} from './calls';
import { leftSessions, repeatedId, type Kin, type LeftSessions } from './left-sessions';
import {
  isUnseen,
  leavesAt,
  liveRecords,
  keptMark,
  withholdCookie,
  type Before,
  type LiveRecords,
  type LoadedMark,
  type LoadingRequest,
} from './live-records';
import type { StoredRecords } from './records';

/**
 * Which sessions are verified and which have ended, outside the sessions themselves.
 *
 * express-session writes a whole session back at the end of a request, so a slow one can bring a
 * destroyed session back, verified mark and all (express-session #632, #935). Two things say so
 * beside the session: the live record, which dies with it (`store.destroy`, which logout, regenerate
 * and rotation all call) and which nothing writes back; and a count of its end, for as long as a
 * request may hold an old copy.
 */
export interface FollowedSessions extends LeftSessions, Omit<LiveRecords, 'renew'> {
  /** Also where it went on under another id. */
  hasEnded(sessionId: string): Promise<boolean>;
  /** Takes a session away that was refused because it has ended; not while it may stay. */
  discard(sessionId: string): Promise<void>;
  /** Others may know of it from now on: what is written of it is looked at as any other's. */
  known(session: object): void;
  /** Tells the store that the session is in use, before express-session does; see `followTouches`. */
  touch(sessionId: string, session: object): void;
}

/** What the sessions are followed with. */
interface Following {
  store: SessionStore;
  counter: Counter;
  records: StoredRecords;
  clock: Clock;
  /** Measures time within this process. */
  steady: Clock;
  /** How long a mark is good for, in milliseconds. */
  lifetime: number;
  /** Where a record lies. */
  recordKey: (kind: 'live' | 'ended', sessionId: string) => string;
  kin: Kin;
  /** The mark of a session, if it is a whole one. */
  readMark: (mark: unknown) => LoadedMark | undefined;
  /** Whether all marks of the user that are as old as that were revoked, as the store has it now. */
  isRevoked: (userId: string, verifiedAt: number) => Promise<boolean>;
  failed: Failed;
}

/** How long the counter is left alone after it failed here, in milliseconds. */
const SKIPPED = 10_000;

/**
 * Follows the sessions of a store: its `destroy`, `set`, `get`, `touch`, `regenerate` and
 * `createSession` are wrapped for this.
 */
export function followSessions(following: Following): FollowedSessions {
  const { store, counter, records, clock, steady, lifetime, recordKey, kin, isRevoked, failed } =
    following;
  const own = verbsOf(store);
  const destroy = own.destroy.bind(store);
  const asked = withoutClientTimer(store);
  const set: Verb = (...given) => own.set.apply(asked(), given);
  const get: Verb = (...given) => own.get.apply(asked(), given);
  /** Verified sessions that this process has seen. */
  const verified = new Set<string>();
  /** Sessions that this process has seen to be left for another one. */
  const left = new Set<string>();
  /** Ids that are about to be given up by the request that made them. */
  const unseen = new Set<string>();
  /** Sessions that were loaded: what is written of them may be an old copy. */
  const loaded = new WeakSet<object>();

  const live = liveRecords({
    records,
    clock,
    steady,
    lifetime,
    recordKey: (sessionId) => recordKey('live', sessionId),
    isOver: async (sessionId, { userId, verifiedAt }) =>
      (await leaving.endOf(sessionId)).ended || isRevoked(userId, verifiedAt),
  });
  const { end } = live;
  /** The end of a session that could not be counted is noted beside it. */
  const noteEnd = (sessionId: string): Promise<void> => {
    const until = clock() + kin.signOutPlace(sessionId).window;
    return records.set(recordKey('ended', sessionId), { at: clock() }, until);
  };
  const hasEndNoted = async (sessionId: string): Promise<boolean> =>
    (await records.get(recordKey('ended', sessionId))) !== undefined;
  const takeAway = (sessionId: string): Promise<unknown> =>
    storeCall('sessionStore.destroy', () => removeFrom({ destroy }, sessionId));
  const leaving = leftSessions({ set, counter, clock, kin, left, end, takeAway, hasEndNoted });

  /**
   * What shuts the gate, before anything is destroyed: it is shut even where that fails. Answers
   * with the sessions on both sides of this one, which end with it.
   */
  const shut = async (sessionId: string): Promise<string[]> => {
    const signedOut = kin.signOutPlace(sessionId);
    const [counted, ended] = await Promise.allSettled([
      // Lasting: the session is destroyed all the same, and a late answer must not bring it back.
      counter.settle({ take: [signedOut], lasting: true }),
      endAfterLook(sessionId),
    ]);
    if (ended.status === 'rejected') throw ended.reason as Error;
    // Whoever renewed the record meanwhile may have asked before the end was counted.
    if (records.lengthen !== undefined) await end(sessionId);
    if (counted.status === 'rejected') {
      if (verified.has(sessionId)) throw counted.reason as Error;
      // One that never was verified needs no count to end. What could come of a copy of it is a
      // session that a code opens, and who opens one looks for this note.
      await noteEnd(sessionId);
    } else if (!kin.endIn(counted.value.places.get(signedOut.key)).wentOn) return [...ended.value];
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
  const destroyAll = async (
    ids: readonly string[],
    destroyGiven: () => Promise<unknown>,
  ): Promise<unknown> => {
    const [shutting] = await Promise.allSettled([shutAll(ids)]);
    const answer = await destroyGiven();
    if (shutting.status === 'rejected') throw shutting.reason as Error;
    for (const id of ids) verified.delete(id);
    return answer;
  };
  // Some stores take a list of ids.
  store.destroy = function (given: string | string[], ...rest: unknown[]) {
    const sessions = [given].flat().filter((id) => !isRecordKey(id));
    if (sessions.length === 0) return own.destroy.call(this, given, ...rest);
    const ids = sessions.filter((id) => !unseen.delete(id));
    const { callback, withDone } = callbackIn(rest);
    const destroyGiven = () => called((done) => destroy(given, ...withDone(done)));
    // Of one that nobody has seen there is nothing to shut.
    const work = ids.length === 0 ? destroyGiven : () => destroyAll(ids, destroyGiven);
    return answered({ verb: 'destroy', failed }, callback, work);
  };

  let skipUntil = -Infinity;
  // The whole app writes sessions; a counter that hangs must not slow all of it down. What an old
  // copy could gain meanwhile is the password's half of a session: the live record is gone anyway.
  const endUnlessDown = async (sessionId: string): ReturnType<typeof leaving.endOf> => {
    const unknown = { ended: false, stays: false };
    if (steady() < skipUntil) return unknown;
    return leaving.endOf(sessionId).catch(() => {
      skipUntil = steady() + SKIPPED;
      return unknown;
    });
  };
  const write = async (
    sessionId: string,
    session: object,
    setGiven: () => Promise<unknown>,
  ): Promise<unknown> => {
    const isNew = !loaded.has(session) && isUnseen(session);
    const answer = await setGiven();
    if (isNew) return answer;
    noteUse(sessionId, session);
    // Looked at after the write: looked at before, an end in between would be missed. Where the
    // counter does not answer the write stands; verifying asks again, and fails closed.
    const { ended, stays, successor } = await endUnlessDown(sessionId);
    if (successor !== undefined) await leaving.put(sessionId, session, successor.until);
    else if (ended && !stays) await takeAway(sessionId);
    return answer;
  };
  store.set = function (sessionId: string, session: object, ...rest: unknown[]) {
    if (isRecordKey(sessionId)) return own.set.call(this, sessionId, session, ...rest);
    const { callback, withDone } = callbackIn(rest);
    const setGiven = () => called((done) => set(sessionId, session, ...withDone(done)));
    return answered({ verb: 'set', failed }, callback, () => write(sessionId, session, setGiven));
  };
  const noteUse = (sessionId: string, session: unknown): void => {
    const mark = following.readMark(keptMark(session));
    if (mark !== undefined) live.renew(sessionId, mark);
  };
  // Some stores call it a failure that a session is gone meanwhile; a right that is missing is one.
  const touch = followTouches(store, asked, noteUse, (error) =>
    missingRightIn(error.message) === undefined ? error : failed(error),
  );
  store.get = function (sessionId: string, ...rest: unknown[]) {
    if (isRecordKey(sessionId)) return own.get.call(this, sessionId, ...rest);
    const present = (data: unknown): unknown => {
      const until = leavesAt(data);
      if (until === undefined || clock() < until) return data;
      // The store lets it go on time, if nobody touches it; here nobody gets it any more.
      void takeAway(sessionId).catch(() => undefined);
      return undefined;
    };
    const { callback, withDone } = callbackIn(rest);
    // Nothing of the answer is there yet.
    const within = { verb: 'get', failed, limit: STORE_TIME_LIMIT };
    // Some stores answer by a promise where there is no callback.
    return answered(
      within,
      callback,
      callback === undefined
        ? async () => present(await get(sessionId, ...rest))
        : () => called((done) => get(sessionId, ...withDone(done)), present),
    );
  };

  // Passport takes a new id at each sign-in. The one before, where this very request made it, was
  // never anybody's: no copy of it can come back.
  const regenerate = store.regenerate?.bind(store);
  if (regenerate !== undefined) {
    store.regenerate = (req, done) => {
      const { session, sessionID } = req as { session?: object; sessionID?: unknown };
      const isNew = session !== undefined && !loaded.has(session) && isUnseen(session);
      if (isNew && typeof sessionID === 'string') unseen.add(sessionID);
      return regenerate(req, (error?: unknown) => {
        const isNext = (req as { sessionID?: unknown }).sessionID !== sessionID;
        done(error || isNext || sessionID === undefined ? error : repeatedId());
      });
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
        if (keptMark(data) !== undefined) noteOf(verified, id);
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
    hasEnded: async (sessionId) => (await leaving.endOf(sessionId)).ended,
    discard: async (sessionId) => {
      const { ended, stays } = await leaving.endOf(sessionId);
      // Not one that is open again: who was about to leave it has given that up.
      if (ended && !stays) await Promise.all([end(sessionId), takeAway(sessionId)]);
    },
    known: (session) => {
      loaded.add(session);
    },
    touch: (sessionId, session) => {
      if (loaded.has(session)) touch(sessionId, session);
    },
  };
}
