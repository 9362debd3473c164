import { readMark, writtenMark, type Mark } from '../core/account';
import { refuse, type Refusal } from '../core/outcomes';
import { own } from '../core/untrusted';
import { SecondFactorError } from '../errors';
import type { SessionStore } from '../ports/session-store';
import { storeCall, STORE_TIME_LIMIT } from '../time-limit';
import { called, nothing, readFrom } from '../stores/calls';
import type { Before } from '../stores/live-records';
import type { Edge } from './edge';
import {
  middleware,
  type HttpRequest,
  type HttpResponse,
  type HttpSession,
  type Middleware,
} from './http';
import type { ProblemField } from '../pages/form-models';

/** The one key of the app's session that belongs to the library. */
export const KEY = 'sms2fa';

/** Sentences that a page says once of what has gone well. */
export type NoticeName =
  | 'notice.textedAgain'
  | 'notice.emailedAgain'
  | 'notice.confirmed'
  | 'notice.codesKept'
  | 'notice.off'
  | 'notice.browserRevoked'
  | 'notice.browsersRevoked';

interface Interruption {
  userId: string;
  at: number;
}

/** What the app says that a request would do; see `require({ transaction })`. */
interface HeldTransaction extends Interruption {
  words: string;
  /** Its method and path; a session of an older version does not say. */
  route?: string;
}

export interface KeptPost extends Interruption {
  /** Names this one form wherever it comes from: it is sent once. */
  id: string;
  /** The state of the account that it was sent in. */
  epoch: string;
  /** As browsers see it. */
  path: string;
  fields: [name: string, value: string][];
  /** What it would do, in the app's words. */
  words?: FormWords;
}

export interface FormWords {
  title: string;
  lines: [label: string, value: string][];
}

/** What the library keeps in a session. Gone after a rotation, but for what is put in again. */
export interface SessionState {
  /** See `markIn`. */
  mark?: unknown;
  /** What went wrong with a post; said once, on the page that it was redirected to. */
  problem?: Omit<Refusal, 'ok'> & {
    /** The field that it is about. */
    field?: ProblemField;
    /** The box beside the code was ticked, and stays so. */
    ticked?: boolean;
  };
  /** What went well with a post; said once, on the page that it was redirected to. */
  notice?: NoticeName;
  /** When this session last asked for a code: another one of the user's may have done so, too. */
  askedAt?: number;
  /** Where the user went with the code, for another tab that still asks for it. */
  wentTo?: { path: string; at: number };
  /** The number that was refused, as it was typed, for the next page that asks for one; not for long. */
  typed?: Interruption & { text: string };
  /** When the gate last let this session pass; kept only where idle sessions end early. */
  seenAt?: number;
  /** A form post that the gate interrupted: its page is told once, when the user is back. */
  interrupted?: Interruption;
  /** One that is kept, to be sent again when the user says so. */
  keptPost?: KeptPost;
  /** One that was kept and has been sent. */
  sentPost?: Interruption & { id: string };
  /** What the gate held up last, where that was one transaction: the next step-up is for it alone. */
  transaction?: HeldTransaction;
  /** When what is to come after the challenge was asked for: a path, or an interrupted post. */
  wantedAt?: number;
  /** A path that somebody asked for before the sign-in. */
  askedFor?: string;
  /** The user whose first text a page of this session was to ask for by itself. */
  askedAtOnce?: string;
  /**
   * The session that this one took the place of, in the words of the recovery codes that were made in
   * it and wait to be kept: they may be seen here, too.
   */
  codesFrom?: string;
  /** It was left for another one and stays until then; written by `stores/left-sessions.ts`. */
  leavesAt?: number;
  /** The gate asked for a step-up; the page shows the challenge although the session is verified. */
  stepUpSince?: number;
}

/** The session, or an error that says which middleware is missing. Never passes for "none". */
export function sessionOf(req: HttpRequest): HttpSession {
  const { session } = req;
  if (typeof session?.regenerate === 'function' && typeof session.save === 'function') {
    return session;
  }
  throw new SecondFactorError(
    'misconfigured',
    'There is no req.session of express-session. Mount it, and passport.session() after it, before anything of passport-sms-2fa.',
  );
}

/** The mark in the session, if what lies there is a whole one. */
export function markIn(req: HttpRequest): Mark | undefined {
  return markOf(req.session);
}

/** The same of a session as its store has it. */
export function markOf(session: unknown): Mark | undefined {
  return readMark(own(own(session, KEY), 'mark'));
}

export function stateOf(req: HttpRequest): SessionState {
  const state = own(req.session, KEY);
  return (typeof state === 'object' ? state : undefined) ?? {};
}

/** Replaces parts of the state; `undefined` takes a part out. */
export function changeState(req: HttpRequest, change: Record<string, unknown>): void {
  const state = Object.fromEntries(
    Object.entries<unknown>({ ...stateOf(req), ...change }).filter(
      ([, value]) => value !== undefined,
    ),
  );
  const session = sessionOf(req);
  if (Object.keys(state).length > 0) session[KEY] = state;
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- the key is a constant
  else delete session[KEY];
}

/** A session as its store has it now: the one of a request is as old as the request. */
export function storedSession({ settings }: Edge, sessionId: string): Promise<unknown> {
  const { sessionStore: store } = settings;
  return storeCall('sessionStore.get', () => readFrom(store, sessionId));
}

/** Writes the session now, so that an answer never goes out before what it says is kept. */
export function saveSession(req: HttpRequest): Promise<void> {
  const save = (): Promise<void> => {
    const session = sessionOf(req);
    return called((done) => session.save(done), nothing);
  };
  return storeCall('session.save', save, SAVE_TIME_LIMIT);
}

/**
 * A counter that hangs within it meets its own limit first: then the write stands, and the session store
 * is not blamed for it.
 */
const SAVE_TIME_LIMIT = STORE_TIME_LIMIT + 250;

/**
 * A session that was saved is not written once more at the end of the answer, as express-session does
 * with each new id, unless it was changed: meanwhile others may have it, or have ended it.
 */
function saveChanges(session: HttpSession): void {
  const content = (): string => JSON.stringify({ ...session, cookie: undefined });
  const saved = content();
  const save = session.save.bind(session);
  Object.defineProperty(session, 'save', {
    configurable: true,
    enumerable: false,
    writable: true,
    value: (done?: (error?: unknown) => void) => {
      if (content() !== saved) save(done ?? (() => undefined));
      // At once: express-session sends an answer in two parts where it has to wait.
      else done?.();
      return session;
    },
  });
}

/** Writes the mark into the session and says outside of it that the session is verified. */
export async function keepMark(
  { core, settings, sessions }: Edge,
  req: HttpRequest,
  sessionId: string,
  mark: Mark,
  before: Before,
): Promise<void> {
  // What was passed elsewhere some time ago does not make this session idle since then.
  const isOld = core.clock() - mark.verifiedAt > 1_000;
  changeState(req, { mark: writtenMark(mark), seenAt: isOld ? core.clock() : undefined });
  try {
    const expiresAt = core.clock() + settings.limits.verifiedSession * 1_000;
    await Promise.all([saveSession(req), sessions.begin(sessionId, mark.id, expiresAt, before)]);
    saveChanges(sessionOf(req));
  } catch (error) {
    // express-session writes the session once more at the end of the answer: without the mark.
    changeState(req, { mark: undefined });
    void sessions.end(sessionId).catch(() => undefined);
    throw error;
  }
}

/** A session that is at hand for a request, with its id. */
export interface NextSession {
  session: HttpSession | undefined;
  sessionID: string | undefined;
}

/** Makes another session for the request, which keeps its own; express-session gives `generate` to every store. */
export function nextSession(req: HttpRequest): NextSession {
  const { session, sessionID, sessionStore } = req;
  (sessionStore as { generate: (req: HttpRequest) => void }).generate(req);
  const next = { session: req.session, sessionID: req.sessionID };
  // Not made on a copy that has the request as its prototype: that would slow down all that reads of it afterwards.
  Object.assign(req, { session, sessionID });
  return next;
}

/**
 * Answers 503 while the session store is away, for the place between `session()` and
 * `passport.session()`: express-session lets a request pass without a session then, and Passport
 * makes an error 500 of it. `answer` says it.
 */
export function requireStore(
  edge: Edge,
  answer: (edge: Edge, req: HttpRequest, res: HttpResponse, refusal: Refusal) => Promise<void>,
): Middleware {
  const isAway = watch(edge.settings.sessionStore);
  const refused = middleware((req, res) => {
    const error = new SecondFactorError('store_unavailable', DISCONNECTED);
    edge.core.emit('store_failed', { at: edge.core.clock(), ip: req.ip, error });
    return answer(edge, req, res, refuse('store_unavailable'));
  });
  // All requests of the app come through here.
  return (req, res, next) => {
    if ((req as HttpRequest).session !== undefined || !isAway()) next();
    else refused(req, res, next);
  };
}

const DISCONNECTED =
  'The session store has said that it is disconnected, and not yet that it is back.';

/** express-session's own words for a store that went away and came back. */
function watch(store: SessionStore): () => boolean {
  let away = false;
  store.on?.('disconnect', () => {
    away = true;
  });
  store.on?.('connect', () => {
    away = false;
  });
  return () => away;
}
