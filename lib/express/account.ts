import {
  accountEpoch,
  factorFingerprint,
  holding,
  passedWithin,
  readMark,
  type FactorAccess,
  type Mark,
} from '../core/account';
import { CLOCK_SKEW } from '../core/limits';
import { readEnrollment } from '../core/read-enrollment';
import type { Purpose } from '../core/outcomes';
import { sessionPrint, wasRevoked } from '../core/sessions';
import { own, saidAtOnce } from '../core/untrusted';
import { methodsIn } from '../options/check-features';
import type { Settings } from '../options/options';
import type { Enrollment, NewRecoveryCodes } from '../ports/enrollments';
import { storeCall, timeLimit } from '../time-limit';
import type { Edge } from './edge';
import type { HttpRequest } from './http';
import { wordsOf } from './operator';
import type { SignedInUser } from './requester';
import { heldTransaction } from './transactions';
import { changeState, stateOf, type SessionState } from './session-state';

/** A signed-in user's factor, and whether this session has passed it. */
export interface Account {
  enrollment: Enrollment | undefined;
  epoch: string;
  /** The mark of this session, where it holds; `undefined` is "not verified". */
  mark: Mark | undefined;
  /** What holds a verified session up; see `AccountState`. */
  transaction?: string | undefined;
}

/**
 * The account as the gate may see it: a mark may hold by an enrollment that is at most ten seconds
 * old, but nobody is turned away by an old one, and nobody without a mark passes by one.
 */
export async function recentAccount(
  edge: Edge,
  req: HttpRequest,
  who: SignedInUser,
): Promise<Account> {
  const state = stateOf(req);
  const whole = readMark(own(state, 'mark'));
  if (whole === undefined) return accountNow(edge, req, who);
  const recent = await edge.enrollments.recent(who.userId);
  const account = await accountWith(edge, req, who, state, whole, recent);
  return account.mark === undefined ? accountNow(edge, req, who) : account;
}

/** The account as it is now. */
export async function accountNow(
  edge: Edge,
  req: HttpRequest,
  who: SignedInUser,
): Promise<Account> {
  // No mark holds by what the user carries: it is as old as the request, which its client may have
  // held back.
  const state = stateOf(req);
  const whole = readMark(own(state, 'mark'));
  const carrier = whole === undefined ? who.user : undefined;
  const enrollment = readEnrollment(await edge.enrollments.get(who.userId, carrier));
  return accountWith(edge, req, who, state, whole, enrollment);
}

async function accountWith(
  edge: Edge,
  req: HttpRequest,
  who: SignedInUser,
  state: SessionState,
  whole: Mark | undefined,
  enrollment: Enrollment | undefined,
): Promise<Account> {
  const { core, settings } = edge;
  const epoch = accountEpoch(core.keyring, enrollment, who.credentialsEpoch);
  const none: Account = { enrollment, epoch, mark: undefined };
  if (whole === undefined) return none;
  const expected = {
    userId: who.userId,
    phone: factorFingerprint(core.keyring, enrollment),
    epoch,
    lifetimeMs: settings.limits.verifiedSession * 1_000,
  };
  const mark = holding(whole, enrollment, expected, core.clock());
  if (mark === undefined) return none;
  // Trust that the app no longer gives.
  if (mark.amr.length === 0 && settings.deviceLifetimeMs === undefined) return none;
  const isHeld = state.transaction !== undefined;
  const transaction = isHeld ? heldTransaction(edge, req, who.userId) : undefined;
  const holds =
    !isIdle(edge, state, mark) &&
    (await edge.sessions.isLive(who.sessionId, mark.id)) &&
    (enrollment !== undefined || !(await wasRevoked(core, who.userId, mark.verifiedAt)));
  return holds ? { enrollment, epoch, mark, transaction } : none;
}

/** Whether the session lay idle for too long, where the app wants idle sessions to end early. */
function isIdle({ core, settings }: Edge, { seenAt }: SessionState, mark: Mark): boolean {
  const { verifiedIdle, verifiedSession } = settings.limits;
  if (verifiedIdle >= verifiedSession) return false;
  return core.clock() - (seenAt ?? mark.verifiedAt) > verifiedIdle * 1_000;
}

/** Remembers that the session is in use; at most ten writes in the time it may lie idle. */
export function noteUse({ core, settings }: Edge, req: HttpRequest, mark: Mark): void {
  const { verifiedIdle, verifiedSession } = settings.limits;
  if (verifiedIdle >= verifiedSession) return;
  const now = core.clock();
  const since = now - (stateOf(req).seenAt ?? mark.verifiedAt);
  if (since > verifiedIdle * 100) changeState(req, { seenAt: now });
}

/**
 * Whether a code for this may come by mail. A step-up asks for what a mailbox does not prove, unless the
 * app says otherwise.
 */
export function mayBeMailed({ email }: Pick<Settings, 'email'>, purpose: Purpose): boolean {
  return email !== undefined && (purpose !== 'step-up' || email.stepUp === true);
}

/**
 * Whether the second factor was passed within the last `maxAgeSeconds` in this session, by one of
 * these methods where any are named. A trusted device passes nothing: it only stands in.
 */
export function isFresh(
  { core, settings }: Edge,
  { mark }: Account,
  maxAgeSeconds: number,
  methods?: readonly string[],
): boolean {
  const ageMs = maxAgeSeconds * 1_000;
  const isStepUp = Number.isFinite(maxAgeSeconds);
  const except = isStepUp && !mayBeMailed(settings, 'step-up') ? 'email' : undefined;
  return mark !== undefined && passedWithin(mark, core.clock(), { methods, ageMs, except });
}

/** What this session may do with the factor. */
export function factorAccess({ core, settings }: Edge, account: Account): FactorAccess {
  const { enrollment, epoch, mark } = account;
  const ageMs = settings.limits.factorChangeMaxAge * 1_000;
  // A mailed code is a way in, no authenticator (NIST SP 800-63B-4 §3.1.3.1): it changes no factor.
  const freshly = { ageMs, except: 'email' };
  const fresh = mark !== undefined && passedWithin(mark, core.clock(), freshly);
  // Whoever has passed without a phone has passed a factor of the app's own.
  const ownFactor = enrollment === undefined && mark !== undefined;
  return { enrollment, epoch, fresh, ...(ownFactor ? { ownFactor } : {}) };
}

/**
 * The recovery codes that wait to be kept, where they were made in this session or in one that it
 * took the place of. To any other session of the user, that of a thief among them, they are not
 * shown: nobody would learn of it.
 */
export function codesMadeHere(
  { core }: Edge,
  req: HttpRequest,
  sessionId: string,
  enrollment: Enrollment | undefined,
): NewRecoveryCodes | undefined {
  const set = enrollment?.newRecoveryCodes;
  if (set === undefined) return undefined;
  const here = [sessionPrint(core, sessionId), stateOf(req).codesFrom];
  return here.includes(set.session) ? set : undefined;
}

/** How a user signed in, as far as the app says: AMR values, and when. */
export interface SignedIn {
  amr: readonly string[];
  at: number | undefined;
}

/** How the user of this request signed in. Where the app cannot say, nothing is claimed. */
export async function signedInBy(edge: Edge, req: HttpRequest): Promise<SignedIn> {
  const { firstFactor, freshLogin } = edge.settings;
  let amr: readonly string[];
  let at: unknown;
  if (typeof firstFactor === 'function') {
    const said = await asked(edge, 'firstFactor', () => firstFactor(req.user, req));
    amr = methodsIn(own(said, 'amr') ?? said) ?? [];
    at = own(said, 'at');
  } else amr = firstFactor;
  if (freshLogin !== undefined) {
    at ??= await asked(edge, 'signedInAt', () => freshLogin.signedInAt(req));
  }
  return { amr, at: past(at, edge.core.clock()) };
}

async function asked(edge: Edge, name: string, ask: () => unknown): Promise<unknown> {
  try {
    return await storeCall(name, ask);
  } catch (error) {
    const cure = 'Until it answers nothing is claimed of the first factor.';
    edge.core.tell?.('error', name, `${wordsOf(error)} ${cure}`);
    return undefined;
  }
}

/** A time of the app's that has been; a little ahead is a clock that differs. */
function past(at: unknown, now: number): number | undefined {
  const time = Number(at ?? NaN);
  return time > 0 && time <= now + CLOCK_SKEW ? Math.min(time, now) : undefined;
}

/** How long the app may take to say when the user signed in, in milliseconds. */
const TIME_LIMIT = 1_500;

/** Whether the user signed in recently enough, where the app asks for that (ASVS 7.5.1). */
export async function signedInFreshly(
  { settings, core }: Edge,
  req: HttpRequest,
): Promise<boolean> {
  const { freshLogin } = settings;
  if (freshLogin === undefined) return true;
  const at: unknown = await timeLimit(freshLogin.signedInAt(req), TIME_LIMIT);
  const age = core.clock() - Number(at ?? NaN);
  return age >= 0 && age <= freshLogin.seconds * 1_000;
}

/** What the header takes between its quotes, without the blank that lies between two values. */
const ACR = /^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/;

/** The `acr` of these AMR values; none where the app's own answer cannot be said. */
export function acrFor(edge: Edge, amr: readonly string[]): string | undefined {
  try {
    const acr = saidAtOnce(edge.settings.acr([...amr]));
    if (acr === undefined || (typeof acr === 'string' && ACR.test(acr))) return acr;
    const cure = 'Give a text of printable ASCII without blanks, quotes and backslashes.';
    edge.core.tell?.('error', 'acr', `acr gave something that is no value of acr. ${cure}`);
  } catch (error) {
    edge.core.tell?.(
      'error',
      'acr',
      `acr failed: ${wordsOf(error)} No acr is said until it answers.`,
    );
  }
  return undefined;
}
