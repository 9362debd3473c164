import type { Clock } from '../ports/clock';
import type { Counter } from '../ports/counter';
import type { SessionStore } from '../ports/session-store';
import { answered, called } from './callbacks';
import type { LiveSessions } from './live-sessions';

/** Which sessions have ended, for as long as a request may still hold an old copy of one. */
export interface EndedSessions {
  hasEnded(sessionId: string): Promise<boolean>;
}

/** Longer than a request takes; an old copy that comes back later meets no live record. */
const REMEMBERED = 3_600_000;

/** How long the counter is left alone after it failed here. */
const SKIPPED = 10_000;

/** What the library itself keeps in the session store is no session. */
const isRecord = (sid: string): boolean => sid.startsWith('sms2fa-');

/**
 * Follows the end of sessions, whoever ends them: logout, regenerate and rotation all call
 * `store.destroy` (express-session #632, #935). With a session ends what says that it is verified;
 * and a request that still holds an old copy can neither write it back nor verify with it.
 *
 * The store that the app hands over is changed for this: its `destroy` and `set` are wrapped.
 */
export function followSessions(
  store: SessionStore,
  counter: Counter,
  sessions: LiveSessions,
  clock: Clock,
  keyOf: (sessionId: string) => string,
): EndedSessions {
  const destroy = store.destroy.bind(store);
  const set = store.set.bind(store);
  const hasEnded = async (sid: string): Promise<boolean> =>
    (await counter.peek(keyOf(sid))) !== undefined;
  let skipUntil = 0;
  // The whole app writes sessions; a counter that hangs must not slow all of it down. What an old
  // copy could gain meanwhile is the password's half of a session: the live record is gone anyway.
  const unlessDown = async <T>(ask: () => Promise<T>, otherwise: T): Promise<T> => {
    if (clock() < skipUntil) return otherwise;
    return ask().catch(() => {
      skipUntil = clock() + SKIPPED;
      return otherwise;
    });
  };

  store.destroy = (sid, callback) => {
    if (isRecord(sid)) return destroy(sid, callback);
    const ending = async (): Promise<void> => {
      // First what shuts the gate, so that it is shut even where destroying the session fails.
      const shut = await Promise.allSettled([
        counter.add(keyOf(sid), REMEMBERED),
        sessions.end(sid),
      ]);
      await called((done) => destroy(sid, done));
      const failed = shut.find((each) => each.status === 'rejected');
      if (failed !== undefined) throw failed.reason as Error;
    };
    return answered(ending(), callback);
  };

  store.set = (sid, session, callback) => {
    if (isRecord(sid)) return set(sid, session, callback);
    const writing = async (): Promise<void> => {
      await called((done) => set(sid, session, done));
      // Looked at after the write: looked at before, an end in between would be missed. Where the
      // counter does not answer the write stands; verifying asks again, and fails closed.
      if (await unlessDown(() => hasEnded(sid), false)) await called((done) => destroy(sid, done));
    };
    return answered(writing(), callback);
  };
  return { hasEnded };
}
