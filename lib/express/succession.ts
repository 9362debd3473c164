import type { Requester } from '../core/core';
import { eventFacts } from '../core/emit';
import type { Mark } from '../core/account';
import { goOnPlace, keepSuccessor, successorOf } from '../core/sessions';
import { own } from '../core/untrusted';
import { heldOf, type Held } from '../ports/counter';
import type { Successor } from '../ports/session-store';
import { repeatedId } from '../stores/left-sessions';
import { storeCall } from '../time-limit';
import type { Edge } from './edge';
import type { HttpRequest, HttpSession } from './http';
import { interruptedBy } from './interrupted';
import { rememberBrowser } from './requester';
import {
  changeState,
  KEY,
  keepMark,
  markIn,
  markOf,
  nextSession,
  saveSession,
  sessionOf,
  storedSession,
  type NextSession,
} from './session-state';

/** How long the session before stays beside the one that a typed code opened, in milliseconds. */
export const REPEATABLE = 10_000;

interface Succession {
  mark: Mark;
  /** How long the session before stays as it was, without a mark; milliseconds. */
  overlap: number;
  /** See `SessionState`: recovery codes of this session that wait to be kept come along. */
  codesFrom?: string | undefined;
  /** What may be typed again meanwhile, to get to the same session. */
  repeatable?:
    | ((before: string, after: string) => Pick<Successor, 'seal' | 'kind' | 'challengeId'>)
    | undefined;
  /** What else is over once the new session is kept. */
  finish?: (() => Promise<unknown>) | undefined;
  /** Gives back what counted the end of the session before. */
  undo: () => Promise<unknown>;
}

/** Counts that the session goes on; `undefined` where it has ended already, or goes on elsewhere. */
export async function goOn({ core }: Edge, sessionId: string): Promise<Held[] | undefined> {
  const take = [goOnPlace(core, sessionId)];
  const { ok, places } = await core.counter.settle({ take });
  return ok ? heldOf(take, places) : undefined;
}

/**
 * Every change of a session's id by the library: a session with a new id, the app's data kept, the
 * mark written and saved, and the live record, without which a mark is nothing. `goOn`, or the step
 * that spent a code, has counted before that the session before ends. That one stays for a moment, as
 * it was, and ends with the new one if that is sooner. Whatever fails on the way leaves the gate shut
 * and the session before as it was.
 *
 * Answers false where the user signed out meanwhile, by another request: then neither is left.
 */
export async function succeed(
  edge: Edge,
  req: HttpRequest,
  who: Requester,
  { mark, overlap, codesFrom, repeatable, finish, undo }: Succession,
): Promise<boolean> {
  const { core, sessions, settings } = edge;
  const before = {
    id: who.sessionId,
    session: sessionOf(req),
    wasVerified: markIn(req) !== undefined,
  };
  const interrupted = KEY in before.session ? interruptedBy(req, who.userId) : {};
  const goBack = await branched(req, undo);
  const { sessionID: id = '' } = req;
  const successor = { id, until: core.clock() + overlap, ...repeatable?.(before.id, id) };
  changeState(req, { codesFrom, ...interrupted });
  const { onRotate } = settings;
  try {
    await Promise.all([
      keepMark(edge, req, id, mark, { until: successor.until, ...before }),
      sessions.leave(before, onRotate === undefined ? successor : { ...successor, untold: true }),
    ]);
    sessions.known(sessionOf(req));
    const [alone] = await Promise.all([
      sessions.arrive(before, successor),
      finish?.().catch(() => undefined),
    ]);
    if (!alone) {
      goBack();
      return false;
    }
    if (onRotate !== undefined) {
      await storeCall('onRotate', () => onRotate(req, before.id));
      await keepSuccessor(core, before.id, successor);
    }
  } catch (error) {
    goBack();
    sessions.stay(before, successor);
    await undo().catch(() => undefined);
    // A store that hung may let it go yet, as it was told. Written after that, it is there again;
    // where somebody else has ended it, the write takes it away.
    void saveSession(req).catch(() => undefined);
    throw error;
  }
  rememberBrowser(core, req, who.userId);
  core.emit('session_rotated', eventFacts(core, who, {}));
  return true;
}

async function branched(
  req: HttpRequest,
  undo: Succession['undo'],
): Promise<ReturnType<typeof branchSession>> {
  try {
    return branchSession(req);
  } catch (error) {
    await undo().catch(() => undefined);
    throw error;
  }
}

/** Sessions that were made for their requests before anything was spent. */
const prepared = new WeakMap<HttpRequest, NextSession>();

/**
 * Makes the session that this request goes on with if it passes, before anything is spent for it: a `genid`
 * may give the id again that the session has.
 */
export function prepareSession(req: HttpRequest): void {
  const next = nextSession(req);
  if (next.sessionID === req.sessionID) throw repeatedId();
  prepared.set(req, next);
}

/**
 * Gives the request a new session with the app's own data in it, so that an id an attacker planted or
 * saw before is worth nothing after (ASVS 7.2.4). What the library kept does not come along. The
 * session before stays as it is, until its end is somebody's wish: whatever fails on the way leaves
 * it to its user, and requests that are on their way with its cookie do not find themselves signed
 * out. Answers how to go back to it.
 */
function branchSession(req: HttpRequest): () => void {
  const before = sessionOf(req);
  const id = req.sessionID;
  const next = prepared.get(req) ?? nextSession(req);
  prepared.delete(req);
  if (next.sessionID === id) throw repeatedId();
  Object.assign(req, next);
  const goBack = (): void => {
    req.session = before;
    if (id !== undefined) req.sessionID = id;
  };
  carryOver(before, sessionOf(req));
  return goBack;
}

function carryOver(before: HttpSession, after: HttpSession): void {
  for (const [key, value] of Object.entries(before)) {
    if (key === 'cookie' || key === KEY || typeof value === 'function') continue;
    Object.defineProperty(after, key, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
  carryOverCookie(before.cookie, after.cookie);
}

const COOKIE_ATTRIBUTES = [
  'domain',
  'path',
  'sameSite',
  'httpOnly',
  'secure',
  'priority',
  'partitioned',
] as const;

/**
 * An app may have given this one session a cookie of its own: a longer life, another domain. With
 * another path or domain the browser would keep both cookies, and send the old one first.
 */
function carryOverCookie(before: HttpSession['cookie'], after: HttpSession['cookie']): void {
  for (const name of COOKIE_ATTRIBUTES) {
    if (after[name] !== before[name]) after[name] = before[name];
  }
  const { originalMaxAge } = before;
  if (after.originalMaxAge === originalMaxAge) return;
  after.maxAge = originalMaxAge;
  // What express-session reads back of it may be a millisecond less.
  after.originalMaxAge = originalMaxAge;
}

/** How long a repeated request waits for the first one, in milliseconds. */
const PATIENCE = 2_500;

/**
 * The session that took the place of this one, where it is still beside it. The request that went
 * first may be on its way yet: of two clicks in the same moment the browser keeps the second answer.
 */
export async function awaitSuccessor(
  { sessions }: Edge,
  sessionId: string,
  isOnItsWay?: () => Promise<boolean>,
): Promise<Successor | undefined> {
  return patiently(async () => {
    const { stays, successor } = await sessions.endOf(sessionId);
    const over = !stays && !(await isOnItsWay?.());
    return { found: successor?.untold === true ? undefined : successor, over };
  });
}

/** Where the session took the place of another one a moment ago: that one, and how it came to that. */
export async function originOf(
  { core, sessions }: Edge,
  sessionId: string,
): Promise<{ before: string; successor: Successor } | undefined> {
  const [before] = await sessions.cameFrom(sessionId);
  const successor = before === undefined ? undefined : await successorOf(core, before);
  if (before === undefined || successor?.id !== sessionId) return undefined;
  return core.clock() < successor.until ? { before, successor } : undefined;
}

/** The path that the user wanted when the session before was left. */
export async function takePathOf(edge: Edge, req: HttpRequest, before: string): Promise<void> {
  carryPath(own(await storedSession(edge, before), 'returnTo'), sessionOf(req));
}

/** The first answer took that path; the second one leads there, too. */
function carryPath(returnTo: unknown, after: HttpSession): void {
  if (returnTo !== undefined) after.returnTo ??= returnTo;
}

/**
 * Gives the request the session that took the place of its own. False where that is not there, or not
 * verified for this user.
 */
export async function adopt(
  edge: Edge,
  req: HttpRequest,
  who: Requester,
  { id }: Successor,
): Promise<boolean> {
  const { settings, sessions } = edge;
  const { sessionStore: store } = settings;
  const before = sessionOf(req);
  const found = await patiently(async () => {
    const data = await storedSession(edge, id);
    const mark = markOf(data);
    const isOwn = mark?.userId === who.userId && (await sessions.isLive(id, mark.id));
    return { found: isOwn ? data : undefined, over: store.createSession === undefined };
  });
  if (found === undefined) return false;
  req.sessionID = id;
  store.createSession?.(req, found);
  carryPath(before.returnTo, sessionOf(req));
  return true;
}

/** Asks again and again, until there is something, or it is over. */
async function patiently<T>(
  ask: () => Promise<{ found: T | undefined; over: boolean }>,
): Promise<T | undefined> {
  for (let waited = 0, pause = 5; ; waited += pause, pause = Math.min(pause * 2, 100)) {
    const { found, over } = await ask();
    if (found !== undefined || over || waited >= PATIENCE) return found;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
