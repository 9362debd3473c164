import { amrOf } from '../core/account';
import { hasOwnPage } from '../core/amr';
import type { Requester } from '../core/core';
import { refuse, type Refusal } from '../core/outcomes';
import type { SessionStore } from '../ports/session-store';
import { isFresh, noteUse, recentAccount, type Account } from './account';
import type { Edge } from './edge';
import { middleware, type HttpRequest, type Middleware } from './http';
import { forgetKeptPost } from './interrupted';
import { hasOwnFactor, requesterOf } from './requester';
import { brokenRefusal, sendRefusal } from './respond';
import { passByDevice } from './trusted-device';
import { turnAway } from './turn-away';

/** What a route wants to be proven. */
export interface ProofOptions {
  /** The second factor must have been passed within so many seconds (step-up). */
  maxAge?: number | undefined;
  /**
   * AMR values (RFC 8176), one of which must have been passed: `sms`, `email`, `recovery`, or what
   * the app said with `satisfy`, such as `otp`. Default: any second factor.
   */
  methods?: readonly string[] | undefined;
}

export interface RequireOptions extends ProofOptions {
  /** Where a browser is sent instead of the library's pages. */
  redirectTo?: string | undefined;
  /**
   * Keeps a form post that the gate interrupts (urlencoded, up to 4 kB, 5 minutes, in the session)
   * and sends it again when the user says so. Not for forms with passwords. Default: false; the
   * user goes back to the form's page, where `status(req).interrupted` says what happened.
   */
  resume?: boolean | undefined;
}

export interface EnforceOptions {
  /**
   * Paths that stay open to a session that has passed one factor only, such as `/logout`. Compared
   * letter by letter with the path as it was sent: nothing is decoded, folded or shortened.
   */
  allow?: readonly string[] | undefined;
  /** Where a browser is sent instead of the library's pages; stays open by itself. */
  redirectTo?: string | undefined;
}

/** For one route: lets nobody pass but a signed-in user who has passed the second factor. */
export function requireFactor(edge: Edge, options: RequireOptions): Middleware {
  const { redirectTo, resume = false } = options;
  return middleware(async (req, res, next) => {
    const refusal = await refusalOf(edge, req, options);
    if (refusal === undefined) {
      if (resume) forgetKeptPost(req);
      // What stands behind the gate must not come back from a cache after logout.
      if (!res.hasHeader('Cache-Control')) res.setHeader('Cache-Control', 'no-store');
      next();
      return;
    }
    await turnAway(edge, req, res, { refusal, redirectTo, resume });
  });
}

/** For `app.use`: whoever is signed in and enrolled must pass the second factor. */
export function enforceFactor(edge: Edge, options: EnforceOptions): Middleware {
  const { redirectTo } = options;
  const allowed = new Set([
    ...(options.allow ?? []),
    ...(redirectTo === undefined ? [] : [redirectTo]),
  ]);
  return middleware(async (req, res, next) => {
    const refusal = await refusalOf(edge, req, {});
    const passes =
      refusal === undefined ||
      refusal.code === 'not_authenticated' ||
      (refusal.code === 'enrollment_required' && !edge.settings.enrollmentRequired) ||
      isAllowed(allowed, req, refusal);
    if (passes) next();
    else await turnAway(edge, req, res, { refusal, redirectTo, resume: false });
  });
}

/** The path both as it was sent and as Express will route it: a rewrite must not slip through. */
function isAllowed(allowed: ReadonlySet<string>, req: HttpRequest, refusal: Refusal): boolean {
  if (refusal.code === 'store_unavailable' || refusal.code === 'misconfigured') return false;
  const sent = (req.originalUrl ?? '').split('?', 1)[0] ?? '';
  const routed = `${req.baseUrl ?? ''}${req.path ?? ''}`;
  return sent === routed && allowed.has(sent);
}

/** Why the request may not pass; `undefined` where it may. A gate that cannot see stays shut. */
export async function refusalOf(
  edge: Edge,
  req: HttpRequest,
  wanted: ProofOptions,
): Promise<Refusal | undefined> {
  try {
    const who = await requesterOf(edge, req);
    if (who === undefined) return refuse('not_authenticated');
    const account = await accountAtGate(edge, req, who);
    const { mark } = account;
    if (mark === undefined) return refuse(await missing(edge, who, account, wanted));
    if (!proves(edge, account, wanted)) return refuse('second_factor_required');
    noteUse(edge, req, mark);
    return undefined;
  } catch (error) {
    return brokenRefusal(edge, req, error);
  }
}

async function accountAtGate(edge: Edge, req: HttpRequest, who: Requester): Promise<Account> {
  const account = await recentAccount(edge, req, who);
  return account.mark === undefined ? passByDevice(edge, req, who, account) : account;
}

/** A user without any factor enrolls a phone, where that is of any use here. */
async function missing(
  edge: Edge,
  who: Requester,
  { enrollment }: Account,
  { methods }: ProofOptions,
): Promise<'enrollment_required' | 'second_factor_required'> {
  const byPhone = methods === undefined || methods.some(hasOwnPage);
  const none = enrollment === undefined && !(await hasOwnFactor(edge, who));
  return none && byPhone ? 'enrollment_required' : 'second_factor_required';
}

function proves(edge: Edge, account: Account, { maxAge, methods }: ProofOptions): boolean {
  const amr = amrOf(account.mark);
  const named = methods === undefined || methods.some((method) => amr.includes(method));
  return named && (maxAge === undefined || isFresh(edge, account, maxAge));
}

/**
 * Answers 503 while the session store is away, for the place between `session()` and
 * `passport.session()`: express-session lets a request pass without a session then, and Passport
 * makes an error 500 of it.
 */
export function requireStore(edge: Edge): Middleware {
  const isAway = watch(edge.settings.sessionStore);
  return (req, res, next) => {
    const request = req as HttpRequest;
    if (request.session === undefined && isAway()) {
      sendRefusal(edge, request, res, refuse('store_unavailable'));
    } else next();
  };
}

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
