import type { Clock } from '../ports/clock';
import { recentLooks } from './calls';
import type { StoredRecords } from './records';

/**
 * The live records: each lies beside a verified session, repeats the id of its mark and dies with it.
 * While they may still be there, it names the sessions that this one took the place of. A mark without
 * a live record is nothing.
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
  /**
   * The store has just been told that the session is in use: its record is, too. Nobody waits for it.
   */
  renew: (sessionId: string, mark: LoadedMark) => void;
}

/** The session that another one takes the place of. */
export interface Before {
  id: string;
  wasVerified: boolean;
  /** Until when it stays; milliseconds since the epoch. */
  until: number;
}

interface LiveRecord {
  id?: string | undefined;
  /** Until when those may be there that it came from. */
  until?: number | undefined;
  from?: readonly string[] | undefined;
}

/** Written as a list, to be small. One that lies there by its names is read as well. */
function readLive(record: unknown): LiveRecord {
  // Of what is not there nothing is read from a polluted `Object.prototype`.
  const none = { id: undefined, until: undefined, from: undefined };
  if (!Array.isArray(record)) return { ...none, ...(record as LiveRecord | undefined) };
  const parts: unknown[] = record;
  const [id, until, ...from] = parts as [string?, number?, ...string[]];
  return { id, until, from };
}

interface Living {
  records: StoredRecords;
  clock: Clock;
  /** Measures time within this process. */
  steady: Clock;
  recordKey: (sessionId: string) => string;
  /** How long a mark is good for, in milliseconds. */
  lifetime: number;
  /** Whether the session has ended, or its mark was revoked, as is known beside it now. */
  isOver: (sessionId: string, mark: LoadedMark) => Promise<boolean>;
}

/** A record is renewed at most this often, in milliseconds. */
const RENEWED_EVERY = 30_000;
const MOST_REMEMBERED = 10_000;

export function liveRecords(living: Living): LiveRecords {
  const { records, clock, steady, recordKey, lifetime, isOver } = living;
  /** The id of the mark in the live record, by session id. */
  const looks = recentLooks<unknown>(steady);
  /** When it was last written or renewed here. */
  const renewed = new Map<string, number>();
  const noteRenewed = (sessionId: string): void => {
    if (renewed.size >= MOST_REMEMBERED) renewed.clear();
    renewed.set(sessionId, steady());
  };

  const stored = (sessionId: string): Promise<unknown> => records.get(recordKey(sessionId));
  const read = async (sessionId: string): Promise<LiveRecord> => readLive(await stored(sessionId));
  const stillThere = ({ from = [], until = 0 }: LiveRecord): readonly string[] =>
    clock() < until ? from : [];

  const end = (sessionId: string): Promise<void> => {
    return looks.writing(sessionId, () => records.delete(recordKey(sessionId)));
  };
  /**
   * Some stores read and write back to renew, and bring back what was deleted in between. So it is
   * asked before whether the session is over, and whether anybody can say so at all; and after:
   * whoever ends a session counts first, so of the two at least one sees the other. What nobody can be
   * sure of by then is ended. A note of a revocation may have no longer a life than the record in such
   * a store: none is renewed that outlives it.
   */
  const lengthen = async (sessionId: string, mark: LoadedMark): Promise<void> => {
    if (await isOver(sessionId, mark)) return end(sessionId);
    const record = await stored(sessionId);
    if (readLive(record).id !== mark.id) return;
    await records.lengthen?.(recordKey(sessionId), record as object, mark.verifiedAt + lifetime);
    if (await isOver(sessionId, mark).catch(() => true)) await end(sessionId);
  };

  return {
    cameFrom: async (sessionId) => stillThere(await read(sessionId)),
    begin: async (sessionId, markId, expiresAt, before) => {
      const record: unknown[] = [markId];
      if (before !== undefined) {
        const { id, wasVerified, until } = before;
        // A verified one took the place of others, and its own record ends now.
        const earlier = wasVerified ? await read(id) : {};
        record.push(Math.max(until, earlier.until ?? 0), id, ...stillThere(earlier));
      }
      await records.set(recordKey(sessionId), record, expiresAt);
      noteRenewed(sessionId);
      void looks.keep(sessionId, Promise.resolve(markId));
    },
    isLive: async (sessionId, markId) => {
      const remembered = looks.recent(sessionId);
      if (remembered !== undefined && (await remembered) === markId) return true;
      const found = looks.keep(
        sessionId,
        read(sessionId).then(({ id }) => id),
      );
      const live = (await found) === markId;
      // An `end` meanwhile dropped the look: an answer that was on its way then is no news.
      if (!looks.isKept(sessionId, found)) return false;
      if (!live) looks.forget(sessionId);
      return live;
    },
    end,
    renew: (sessionId, mark) => {
      if (records.lengthen === undefined) return;
      if (steady() - (renewed.get(sessionId) ?? -Infinity) < RENEWED_EVERY) return;
      noteRenewed(sessionId);
      void lengthen(sessionId, mark).catch(() => undefined);
    },
  };
}

/*
 * What a session says of itself, as express-session hands it over: to the store, from it, and beside the
 * request that it belongs to. Its mark is nothing without the live record.
 */

/**
 * Whether the id of a session was made by the request that writes it and has not left the server:
 * nobody can have ended it.
 */
export function isUnseen(session: object): boolean {
  const { req } = session as { req?: { res?: { headersSent?: unknown } } };
  return req?.res?.headersSent === false;
}

/** The mark of a verified session, as far as it is followed. */
export interface LoadedMark {
  id: string;
  userId: string;
  verifiedAt: number;
}

/** What the library keeps in a session, as far as its followers read it. */
interface OwnPart {
  mark?: unknown;
  leavesAt?: unknown;
}

function ownPart(data: unknown): OwnPart | null | undefined {
  return (data as { sms2fa?: OwnPart | null } | null | undefined)?.sms2fa;
}

/** What lies where a mark may be. */
export function keptMark(data: unknown): unknown {
  return ownPart(data)?.mark ?? undefined;
}

/** Until when a session stays that was left for another one. */
export function leavesAt(data: unknown): number | undefined {
  const until = ownPart(data)?.leavesAt;
  return typeof until === 'number' ? until : undefined;
}

/** What express-session has set up of a request when it loads its session. */
export interface LoadingRequest {
  sessionID?: unknown;
  res?: { writeHead?: unknown };
}

/**
 * An answer of a session that was left must not bring its cookie (`rolling: true`, a changed session
 * with a `maxAge`): where it came after the new one, the browser would go back to the old. To
 * express-session a request without an id has no session to tell of.
 */
export function withholdCookie(req: LoadingRequest, left: ReadonlySet<string>): void {
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
