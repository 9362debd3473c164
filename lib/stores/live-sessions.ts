import type { Clock } from '../ports/clock';
import type { Records } from '../ports/records';

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

const LOOK_EVERY = 10_000;
const MOST_REMEMBERED = 10_000;

interface Look {
  markId: string;
  freshUntil: number;
  live: Promise<boolean>;
}

export function liveSessions(
  records: Records,
  clock: Clock,
  keyOf: (sessionId: string) => string,
): LiveSessions {
  const looks = new Map<string, Look>();

  const remember = (key: string, look: Look): void => {
    looks.delete(key);
    looks.set(key, look);
    if (looks.size <= MOST_REMEMBERED) return;
    const oldest = looks.keys().next();
    if (oldest.done !== true) looks.delete(oldest.value);
  };
  const ask = async (key: string, markId: string): Promise<boolean> => {
    const record = (await records.get(key)) as { id?: unknown } | undefined;
    return record?.id === markId;
  };

  return {
    begin: async (sessionId, markId, expiresAt) => {
      const key = keyOf(sessionId);
      await records.set(key, { id: markId }, expiresAt);
      remember(key, { markId, freshUntil: clock() + LOOK_EVERY, live: Promise.resolve(true) });
    },
    isLive: async (sessionId, markId) => {
      const key = keyOf(sessionId);
      const known = looks.get(key);
      if (known?.markId === markId && clock() < known.freshUntil) return known.live;
      const look = { markId, freshUntil: clock() + LOOK_EVERY, live: ask(key, markId) };
      // Remembered before the answer is there: an `end` meanwhile drops the look, and an answer
      // that was on its way then is not taken for news.
      remember(key, look);
      const forget = (): void => {
        if (looks.get(key) === look) looks.delete(key);
      };
      try {
        const live = await look.live;
        if (!live) forget();
        return live && looks.get(key) === look;
      } catch (error) {
        forget();
        throw error;
      }
    },
    end: async (sessionId) => {
      const key = keyOf(sessionId);
      looks.delete(key);
      await records.delete(key);
      looks.delete(key);
    },
  };
}
