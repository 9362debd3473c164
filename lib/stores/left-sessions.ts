import { SecondFactorError } from '../errors';
import type { Clock } from '../ports/clock';
import type { Count, Counter, Place } from '../ports/counter';
import type { SessionStore, Successor } from '../ports/session-store';
import { storeCall } from '../time-limit';
import { called, noteOf } from './calls';

/**
 * Sessions that went on under another id. For a while such a session stays as it was, without its
 * mark: what is under way with its cookie, and who did not get the answer that brought the new one,
 * are not signed out. Then it ends, and before that with the other one: whoever ends one ends both.
 */
export interface LeftSessions {
  /**
   * The session goes on as another one; its end has been counted. It stays until `successor.until`,
   * and can do no more than a session that knows the password.
   */
  leave(before: Left, successor: Successor): Promise<void>;
  /**
   * The other one is kept. False where somebody has signed out of the session before, meanwhile: then
   * neither is left.
   */
  arrive(before: Left, successor: Successor): Promise<boolean>;
  /** Nothing came of it: the session before stays, and is to be saved again. */
  stay(before: Left, successor: Successor): void;
  /** Asks the counter whether it has ended, and how. */
  endOf(sessionId: string): Promise<SessionEnd>;
}

/** A session that is left for another one. */
interface Left {
  id: string;
  session: object;
  wasVerified: boolean;
}

interface SessionEnd {
  /** Signed out of, or left for another one. */
  ended: boolean;
  /** It was left for another one, beside which it may stay for now; nobody has signed out of it. */
  stays: boolean;
  /** That one, as soon as it is known. */
  successor?: Successor | undefined;
}

/** What is known of sessions beside them, by their ids. */
export interface Kin {
  /** The place that a sign-out of a session takes; its end is counted under that key. */
  signOutPlace(sessionId: string): Place;
  /** What that count says. */
  endIn(end: Count | undefined): { wentOn: boolean; signedOut: boolean };
  keep(before: string, successor: Successor): Promise<void>;
  forget(before: string): Promise<void>;
  successorOf(sessionId: string): Promise<Successor | undefined>;
}

interface Leaving {
  set: SessionStore['set'];
  counter: Counter;
  clock: Clock;
  kin: Kin;
  /** Those that this process has seen to be left. */
  left: Set<string>;
  /** It is no longer verified. */
  end: (sessionId: string) => Promise<void>;
  /** Takes it away, without a count of its end. */
  takeAway: (sessionId: string) => Promise<unknown>;
  /** Whether it was signed out of while the counter was away. */
  hasEndNoted: (sessionId: string) => Promise<boolean>;
}

/** What follows the sessions needs of those that were left. */
interface Follower extends LeftSessions {
  /** Keeps what another request of the same moment wrote, for as long as the session stays. */
  put(sessionId: string, session: object, until: number): Promise<unknown>;
}

/** How long after its end was counted the next session may take to be known, in milliseconds. */
const ON_ITS_WAY = 2_000;

export function leftSessions(leaving: Leaving): Follower {
  const { set, counter, clock, kin, left, end, takeAway, hasEndNoted } = leaving;

  const put: Follower['put'] = (sessionId, session, until) =>
    called((done) => set(sessionId, asLeft(session, until), done));
  const endOf: Follower['endOf'] = async (sessionId) => {
    const { key, window } = kin.signOutPlace(sessionId);
    const { read } = await counter.settle({ read: [key] });
    const end = read.get(key);
    const { wentOn, signedOut } = kin.endIn(end);
    const goesOn = wentOn && !signedOut;
    const successor = goesOn ? await kin.successorOf(sessionId) : undefined;
    // The request that leaves it is on its way, or has died there.
    const age = window - (goesOn ? (end?.left ?? 0) : 0);
    const stays = successor === undefined ? age < ON_ITS_WAY : clock() < successor.until;
    return {
      ended: end !== undefined,
      stays,
      successor: stays ? successor : undefined,
    };
  };

  return {
    endOf,
    put,
    leave: async ({ id, session }, successor) => {
      noteOf(left, id);
      await Promise.all([
        storeCall('sessionStore.set', () => put(id, session, successor.until)),
        kin.keep(id, successor),
      ]);
    },
    arrive: async ({ id, wasVerified }, successor) => {
      const signedOut = kin.signOutPlace(id);
      // Read after all was kept: a sign-out counts first and looks for the other one then. Of the two
      // at least one sees the other.
      const [{ read }, isNoted] = await Promise.all([
        counter.settle({ read: [signedOut.key] }),
        hasEndNoted(id),
        wasVerified ? end(id) : undefined,
      ]);
      if (!isNoted && !kin.endIn(read.get(signedOut.key)).signedOut) return true;
      if (isNoted) await counter.settle({ take: [signedOut], lasting: true });
      await Promise.all([successor.id, id].flatMap((each) => [end(each), takeAway(each)]));
      return false;
    },
    stay: ({ id }, successor) => {
      left.delete(id);
      // Not waited for: what it forgets in this process it forgets at once.
      for (const undone of [end(successor.id), takeAway(successor.id), kin.forget(id)])
        void undone.catch(() => undefined);
    },
  };
}

/** The session as it is kept until it ends: the app's data, and nothing that the library knew. */
function asLeft(session: object, until: number): object {
  const { cookie = {} } = session as { cookie?: object };
  const kept = Object.create(Object.getPrototypeOf(cookie) as object) as object;
  return {
    ...session,
    cookie: Object.assign(kept, cookie, { expires: new Date(until) }),
    sms2fa: { leavesAt: until },
  };
}

/** A session that ends by its id takes the next one along, where that has the same. */
export function repeatedId(): SecondFactorError {
  return new SecondFactorError(
    'misconfigured',
    'The option genid of express-session gave a session the id that it has already. Leave it out, or make a new random id on each call.',
  );
}
