import type { Clock } from '../ports/clock';
import type { Records } from '../ports/records';
import { recentLooks } from './records';

/**
 * The live record of each verified session: the id of its mark and, while they may still be there,
 * the sessions that it took the place of. It dies with the session, and nothing writes it back.
 */
export interface LiveRecords {
  /** The session is verified from now on, by the mark with this id. */
  begin: (sessionId: string, markId: string, expiresAt: number, before?: Before) => Promise<void>;
  /** Whether it still is. Asks the store at most once in ten seconds. */
  isLive: (sessionId: string, markId: string) => Promise<boolean>;
  /** It is no longer verified. */
  end: (sessionId: string) => Promise<void>;
  /** The sessions before it that may still be there, the last one first. */
  cameFrom: (sessionId: string) => Promise<readonly string[]>;
}

/** The session that another one takes the place of. */
export interface Before {
  id: string;
  wasVerified: boolean;
  /** Until when it stays; milliseconds since the epoch. */
  until: number;
}

interface LiveRecord {
  id: string;
  from?: readonly string[];
  /** Until when those may be there. */
  until?: number;
}

interface Keeping {
  records: Records;
  clock: Clock;
  /** Measures time within this process. */
  steady: Clock;
  /** Where the live record of a session lies. */
  keyOf: (sessionId: string) => string;
}

export function liveRecords({ records, clock, steady, keyOf }: Keeping): LiveRecords {
  const looks = recentLooks<unknown>(steady);
  const read = (sessionId: string): Promise<Partial<LiveRecord> | undefined> =>
    records.get(keyOf(sessionId)) as Promise<Partial<LiveRecord> | undefined>;
  const stillThere = ({ from = [], until = 0 }: Partial<LiveRecord> = {}): readonly string[] =>
    clock() < until ? from : [];

  return {
    cameFrom: async (sessionId) => stillThere(await read(sessionId)),
    begin: async (sessionId, markId, expiresAt, before) => {
      const record: LiveRecord = { id: markId };
      if (before !== undefined) {
        const { id, wasVerified, until } = before;
        // A verified one took the place of others, and its own record ends now.
        const earlier = wasVerified ? await read(id) : undefined;
        const others = stillThere(earlier);
        record.from = [id, ...others];
        record.until = others.length === 0 ? until : Math.max(until, earlier?.until ?? 0);
      }
      await records.set(keyOf(sessionId), record, expiresAt);
      void looks.keep(sessionId, Promise.resolve(markId));
    },
    isLive: async (sessionId, markId) => {
      const remembered = looks.recent(sessionId);
      if (remembered !== undefined && (await remembered) === markId) return true;
      const found = looks.keep(
        sessionId,
        read(sessionId).then((record) => record?.id),
      );
      const live = (await found) === markId;
      // An `end` meanwhile dropped the look: an answer that was on its way then is no news.
      if (!looks.isKept(sessionId, found)) return false;
      if (!live) looks.forget(sessionId);
      return live;
    },
    end: (sessionId) => looks.writing(sessionId, () => records.delete(keyOf(sessionId))),
  };
}
