import { SecondFactorError } from '../errors';

/*
 * What is read of a session as express-session hands it over: to the store, from it, and beside the
 * request that it belongs to.
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
  mark?: Record<keyof LoadedMark, unknown> | null;
  leavesAt?: unknown;
}

function ownPart(data: unknown): OwnPart | null | undefined {
  return (data as { sms2fa?: OwnPart | null } | null | undefined)?.sms2fa;
}

/** The mark in a session, if it is a whole one. */
export function loadedMark(data: unknown): LoadedMark | undefined {
  const mark = ownPart(data)?.mark;
  const isWhole =
    typeof mark?.id === 'string' &&
    typeof mark.userId === 'string' &&
    typeof mark.verifiedAt === 'number';
  return isWhole ? (mark as LoadedMark) : undefined;
}

/** Whether there is anything like a mark. */
export function hasMark(data: unknown): boolean {
  return (ownPart(data)?.mark ?? undefined) !== undefined;
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

/** A session that ends by its id takes the next one along, where that has the same. */
export function repeatedId(): SecondFactorError {
  return new SecondFactorError(
    'misconfigured',
    'The option genid of express-session gave a session the id that it has already. Leave it out, or make a new random id on each call.',
  );
}
