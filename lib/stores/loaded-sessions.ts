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

/** What the library keeps in a session, as far as its followers read it. */
interface OwnPart {
  mark?: { id?: unknown; verifiedAt?: unknown } | null;
  leavesAt?: unknown;
}

function ownPart(data: unknown): OwnPart | null | undefined {
  return (data as { sms2fa?: OwnPart | null } | null | undefined)?.sms2fa;
}

/** The mark of a verified session: its id, and when it was made. */
export function markIn(data: unknown): { id: string; verifiedAt: number } | undefined {
  const { id, verifiedAt } = ownPart(data)?.mark ?? {};
  const isWhole = typeof id === 'string' && typeof verifiedAt === 'number';
  return isWhole ? { id, verifiedAt } : undefined;
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
