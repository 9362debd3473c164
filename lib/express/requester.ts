import { parse } from 'cookie';
import type { People } from '../core/admin/admin';
import type { Core, Requester } from '../core/core';
import { enrollmentDue } from '../core/enrollment';
import { equalInConstantTime, own, saidAtOnce } from '../core/untrusted';
import { SecondFactorError } from '../errors';
import { storeCall } from '../time-limit';
import { repeatedId } from '../stores/left-sessions';
import type { Edge } from './edge';
import { addressOf, addCookie, type HttpRequest, type HttpSession, languageOf } from './http';
import { lookForProxy, PROXY_HEADERS } from './trust-proxy';
import { tellOperator } from './operator';
import { nextSession, sessionOf } from './session-state';

/** What the gate asks of who is signed in: on each request, so it is no more than that. */
export type SignedInUser = Pick<Requester, 'user' | 'userId' | 'credentialsEpoch' | 'sessionId'>;

/** Who is signed in on this request, or `undefined`. The session must be there. */
export async function signedInUser(
  edge: Edge,
  req: HttpRequest,
): Promise<SignedInUser | undefined> {
  const signedIn = signedInOn(edge, req);
  if (signedIn === undefined) return undefined;
  const { user, session } = signedIn;
  // `req.user` is as old as the request, which its client may have held back; the epoch need not be.
  const { credentialsEpoch } = edge.settings;
  const epoch =
    credentialsEpoch === undefined
      ? ''
      : await storeCall('credentialsEpoch', () => credentialsEpoch(user));
  const id = userIdOf(edge, user);
  checkKind(edge, id, own(own(session, 'passport'), 'user'));
  return {
    user,
    userId: id,
    credentialsEpoch: epochFrom(epoch),
    sessionId: req.sessionID ?? '',
  };
}

/** The same, with all that is known of who asks and of where from. */
export async function requesterOf(edge: Edge, req: HttpRequest): Promise<Requester | undefined> {
  const user = await signedInUser(edge, req);
  return user && asRequester(edge, req, user);
}

export function asRequester(edge: Edge, req: HttpRequest, user: SignedInUser): Requester {
  return {
    request: req,
    say: () => languageOf(edge, req).sayText,
    lang: () => languageOf(edge, req).lang,
    known: () => isKnownBrowser(edge.core, req, user.userId),
    address: addressOf(req),
    ...user,
  };
}

/** The app's own name for this user. */
export function userIdOf({ settings: { userId = idOf } }: Edge, user: unknown): string {
  return idFrom('userId', saidAtOnce(userId(user)));
}

/** `user.id`, also where it is a getter of a class; but not what pollutes every object. */
function idOf(user: unknown): unknown {
  const { id } = user as { id?: unknown };
  return id === (Object.prototype as { id?: unknown }).id ? own(user, 'id') : id;
}

/** Whether anybody is; asks nothing of the app. */
export function isSignedIn(edge: Edge, req: HttpRequest): boolean {
  return signedInOn(edge, req) !== undefined;
}

/**
 * Who is signed in, and in which session. Express gives each request a prototype of its own, so V8 looks
 * anew for whatever is read of it: on the road of the gate each thing is read once.
 */
function signedInOn(edge: Edge, req: HttpRequest) {
  if (edge.hasSeenRequest !== true) {
    edge.hasSeenRequest = true;
    edge.atFirstRequest?.();
  }
  const session = sessionOf(req);
  const { headers, sessionStore, user } = req;
  checkMounts(edge, sessionStore, session, user);
  const passed = PROXY_HEADERS.find((name) => headers[name] !== undefined);
  if (passed !== undefined) lookForProxy(edge, req, passed);
  return (user ?? false) === false ? undefined : { user, session };
}

/**
 * Whether the browser came with a session that is over: it brings the name of one, signed as
 * express-session does it, and has another one now; or its user was still found in it. A guess from what
 * anybody may send: a sentence depends on it and nothing else.
 */
export function hasLostSession({ headers, sessionID, user }: HttpRequest): boolean {
  if (user !== undefined && user !== null && user !== false) return true;
  const ids = Object.values(parse(headers.cookie ?? '')).map(
    (value) => /^s:([^.]{16,})\.[A-Za-z0-9+/]{43}$/.exec(value ?? '')?.[1],
  );
  return ids.some((id) => id !== undefined && id !== sessionID);
}

/** Setups in which everything seems to work and nothing is guarded, or nobody gets in. */
function checkMounts({ settings }: Edge, store: unknown, session: HttpSession, user: unknown) {
  if (store === undefined || (session as Partial<HttpSession>).cookie === undefined) {
    throw misconfigured(
      'req.session is not of express-session, although it has regenerate and save: it has no store. A session that lies in its cookie (cookie-session) cannot be ended. Mount session() of express-session with a store instead.',
    );
  }
  if (store !== settings.sessionStore) {
    throw misconfigured(
      'The option sessionStore is not the store that express-session uses. Hand the same object to both.',
    );
  }
  // Passport takes this away again where nobody is found under it.
  const signedIn = own(own(session, 'passport'), 'user') !== undefined;
  if (signedIn && (user === undefined || user === null)) {
    throw misconfigured(
      "Somebody is signed in, but req.user is not set. Mount passport.session() before anything of passport-sms-2fa, and leave Passport's userProperty at 'user'.",
    );
  }
}

/** What makes sessions and gave two ids to one request of somebody signed in. */
const makesNewIds = new WeakSet();

/**
 * A session that passes gets a new id. With a `genid` that gives the same one again it would end
 * itself, after the code was spent: asked of each post, before anything is done for it, until one is
 * seen to get two ids, which what goes by the request does not give. Whoever spends something makes the
 * next session before (`prepareSession`).
 */
export function checkNewIds(req: HttpRequest): void {
  const { generate } = req.sessionStore as { generate: object };
  if (makesNewIds.has(generate)) return;
  const [next, another] = [nextSession(req).sessionID, nextSession(req).sessionID];
  if ([next, another].includes(req.sessionID)) throw repeatedId();
  if (next !== another) makesNewIds.add(generate);
}

/** Of which kind each user was, as far as Passport's serialized user says; see `checkKind`. */
const kindsOf = new WeakMap<Edge, Map<string, string>>();
/** So many users are remembered by one process; the oldest goes first. */
const MOST_USERS = 10_000;

/**
 * An app that signs in users of two tables, such as customers and admins, serializes from which one a
 * user is. Where `userId` gives the bare id for both, customer 1 and admin 1 are one user here, and the
 * phone of one passes for the other [S175]. Whoever comes second gets no further; a user who shows no
 * kind is not compared.
 */
function checkKind(edge: Edge, id: string, serialized: unknown): void {
  const kind = kindIn(serialized, id);
  if (kind === undefined) return;
  const known = kindsOf.get(edge) ?? new Map<string, string>();
  kindsOf.set(edge, known);
  const before = known.get(id);
  if (before === kind) return;
  if (before === undefined) {
    const oldest = known.keys().next();
    if (known.size >= MOST_USERS && oldest.done !== true) known.delete(oldest.value);
    known.set(id, kind);
    return;
  }
  const says = `The option userId gave one id for two users whom Passport tells apart (${quoted(before)} and ${quoted(kind)} in req.session.passport.user): the phone of one would pass for the other.`;
  const cure =
    "Make it unique over everybody who signs in, such as (user) => user.kind + ':' + user.id. If it is one user whose kind has changed, serialize the id alone.";
  tellOperator(edge, 'SMS2FA_USER_ID', says, cure);
  throw misconfigured(`${says} ${cure}`);
}

/** What a serialized user calls the table it is from. No role: that of a user may change. */
const KIND_NAMES = [
  'kind',
  'type',
  'userKind',
  'userType',
  'user_type',
  'accountType',
  'account_type',
  'model',
  'table',
  'collection',
];
/** `admin:` before an id or `:admin` after it. Digits may be a version or an epoch. */
const KIND_BESIDE_ID = /^(?:[A-Za-z]+[:/|#@_-]|[:/|#@_-][A-Za-z]+)$/;

function kindIn(serialized: unknown, id: string): string | undefined {
  if (typeof serialized === 'string') {
    const before = serialized.endsWith(id) ? serialized.slice(0, -id.length) : undefined;
    const beside = before ?? (serialized.startsWith(id) ? serialized.slice(id.length) : '');
    return KIND_BESIDE_ID.test(beside) ? beside : undefined;
  }
  if (Array.isArray(serialized)) {
    const [word, ...others] = serialized.filter((each) => String(each) !== id) as unknown[];
    return typeof word === 'string' && others.length === 0 ? word : undefined;
  }
  for (const name of KIND_NAMES) {
    const kind = own(serialized, name);
    if (typeof kind === 'string' || typeof kind === 'number') return String(kind);
  }
  return undefined;
}

function quoted(kind: string): string {
  return JSON.stringify(kind.slice(0, 32));
}

function idFrom(option: string, id: unknown): string {
  if (typeof id === 'string' && id !== '') return id;
  if (typeof id === 'bigint' || Number.isFinite(id)) return String(id);
  throw misconfigured(
    `The option ${option} gave ${id === '' ? 'an empty string' : kindOf(id)} for req.user. It must give something stable, a string or a number, and not a promise of one; the default of userId is user.id.`,
  );
}

function epochFrom(epoch: unknown): string {
  return epoch === '' ? '' : idFrom('credentialsEpoch', epoch);
}

function kindOf(value: unknown): string {
  return value instanceof Promise ? 'a promise' : String(value === null ? null : typeof value);
}

function misconfigured(message: string): SecondFactorError {
  return new SecondFactorError('misconfigured', message);
}

/** The longest that browsers keep a cookie (RFC 6265bis §5.5), in seconds. */
const COOKIE_LIFETIME = 400 * 86_400;

/**
 * The user's own cookie in each browser in which they have passed. It proves nothing but that: a few
 * of a day's texts are kept for who brings it, so that a stranger who has the password, or another
 * account with the same phone, cannot use up all of them [S171]. It signs nobody in, opens no gate and
 * spares no code.
 */
function knownCookie({ keyring }: Core, userId: string): string {
  return `sms2fa-known-${keyring.digest('known', userId)}`;
}

/** Signed with the app's secret: only a browser that was told it has it. */
function knownValue({ keyring }: Core, userId: string): string {
  return keyring.fingerprint('known browser', userId);
}

/** Whether this user has passed in this browser before. */
export function isKnownBrowser(core: Core, req: HttpRequest, userId: string): boolean {
  const name = knownCookie(core, userId);
  const { cookie = '' } = req.headers;
  const given = cookie.includes(name) ? parse(cookie)[name] : undefined;
  return given !== undefined && equalInConstantTime(knownValue(core, userId), given);
}

/** Marks the browser in which the user has just passed. */
export function rememberBrowser(core: Core, req: HttpRequest, userId: string): void {
  const { res } = req;
  if (res === undefined || res.headersSent || isKnownBrowser(core, req, userId)) return;
  const name = knownCookie(core, userId);
  // As the app says of its session: it must come back wherever that one does.
  const isSecure = req.session?.cookie.secure === true || req.secure === true;
  const secure = isSecure ? 'Secure; ' : '';
  // Both are letters and digits: nothing is to be escaped.
  const pair = `${name}=${knownValue(core, userId)}`;
  addCookie(
    res,
    name,
    `${pair}; Max-Age=${COOKIE_LIFETIME}; Path=/; HttpOnly; ${secure}SameSite=Lax`,
  );
}

/** Whether the user has a second factor of the app's own. An app that cannot say shuts the gate. */
export async function hasOwnFactor(
  { settings }: Pick<Edge, 'settings'>,
  who: Pick<Requester, 'user'>,
): Promise<boolean> {
  const ask = settings.hasOwnFactor;
  if (ask === undefined) return false;
  const answer = await storeCall('hasOwnFactor', () => ask(who.user));
  // Anything but a plain "no" counts as "yes": the careful side.
  return answer !== false;
}

/** What the app says of users without a request. */
export function peopleOf(edge: Edge): People {
  const { core, settings } = edge;
  return {
    userIdOf: (user) => userIdOf(edge, user),
    due: (user) => enrollmentDue(settings.enrollment, user, core.clock()),
    hasOwnFactor: (user) => hasOwnFactor(edge, { user }),
  };
}
