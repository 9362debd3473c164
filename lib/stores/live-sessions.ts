import type { Clock } from '../ports/clock';
import type { Records } from '../ports/records';
import { recentLooks } from './recent-looks';

/**
 * Which sessions are verified, outside the sessions themselves.
 *
 * express-session writes a whole session back at the end of a request, so a slow one can bring a
 * destroyed session back, verified mark and all. The record here dies with the session
 * (`store.destroy`, which logout, regenerate and rotation all call) and nothing writes it back.
 */
export interface LiveSessions {
  /** The session is verified from now on, by the mark with this id. */
  begin(sessionId: string, markId: string, expiresAt: number): Promise<void>;
  /** Whether it still is. Asks the store at most once in ten seconds. */
  isLive(sessionId: string, markId: string): Promise<boolean>;
  /** It is no longer. */
  end(sessionId: string): Promise<void>;
}

export function liveSessions(
  records: Records,
  clock: Clock,
  keyOf: (sessionId: string) => string,
): LiveSessions {
  /** The id of the mark in the live record. */
  const looks = recentLooks<unknown>(clock);
  const ask = async (key: string): Promise<unknown> =>
    ((await records.get(key)) as { id?: unknown } | undefined)?.id;

  return {
    begin: async (sessionId, markId, expiresAt) => {
      const key = keyOf(sessionId);
      await records.set(key, { id: markId }, expiresAt);
      void looks.keep(key, Promise.resolve(markId));
    },
    isLive: async (sessionId, markId) => {
      const key = keyOf(sessionId);
      const known = looks.recent(key);
      if (known !== undefined && (await known) === markId) return true;
      const found = looks.keep(key, ask(key));
      const live = (await found) === markId;
      // An `end` meanwhile dropped the look: an answer that was on its way then is no news.
      if (!looks.isKept(key, found)) return false;
      if (!live) looks.forget(key);
      return live;
    },
    end: (sessionId) => {
      const key = keyOf(sessionId);
      return looks.writing(key, () => records.delete(key));
    },
  };
}
