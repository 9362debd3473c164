import { SecondFactorError } from '../errors';
import { refuse, type Refusal } from '../core/outcomes';
import { isFresh, noteUse, recentAccount, requesterOf } from './account';
import type { Edge } from './edge';
import {
  isSafe,
  middleware,
  wantsPage,
  type HttpRequest,
  type HttpResponse,
  type Middleware,
} from './http';
import { brokenRefusal, redirect, sendRefusal } from './respond';
import { rememberPath } from './return-to';
import { changeState, saveSession } from './session-state';

export interface RequireOptions {
  /** The second factor must have been passed within so many seconds (step-up). */
  maxAge?: number | undefined;
  /** Where a browser is sent instead of the library's pages. */
  redirectTo?: string | undefined;
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
  const { maxAge, redirectTo } = options;
  return middleware(async (req, res, next) => {
    const refusal = await decide(edge, req, maxAge);
    if (refusal === undefined) {
      // What stands behind the gate must not come back from a cache after logout.
      if (!res.hasHeader('Cache-Control')) res.setHeader('Cache-Control', 'no-store');
      next();
      return;
    }
    await turnAway(edge, req, res, refusal, redirectTo);
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
    const refusal = await decide(edge, req, undefined);
    const passes =
      refusal === undefined ||
      refusal.code === 'not_authenticated' ||
      (refusal.code === 'enrollment_required' && !edge.settings.enrollmentRequired) ||
      isAllowed(allowed, req, refusal);
    if (passes) next();
    else await turnAway(edge, req, res, refusal, redirectTo);
  });
}

/** The path both as it was sent and as Express will route it: a rewrite must not slip through. */
function isAllowed(allowed: ReadonlySet<string>, req: HttpRequest, refusal: Refusal): boolean {
  if (refusal.code === 'store_unavailable' || refusal.code === 'misconfigured') return false;
  const sent = (req.originalUrl ?? '').split('?', 1)[0] ?? '';
  const routed = `${req.baseUrl ?? ''}${req.path ?? ''}`;
  return sent === routed && allowed.has(sent);
}

async function decide(
  edge: Edge,
  req: HttpRequest,
  maxAge: number | undefined,
): Promise<Refusal | undefined> {
  try {
    const who = requesterOf(edge, req);
    if (who === undefined) return refuse('not_authenticated');
    const account = await recentAccount(edge, req, who);
    if (account.enrollment === undefined) return refuse('enrollment_required');
    const { mark } = account;
    if (mark === undefined || !isFresh(edge, account, maxAge ?? Infinity)) {
      return refuse('second_factor_required');
    }
    noteUse(edge, req, mark);
    return undefined;
  } catch (error) {
    // A gate that cannot see stays shut.
    return brokenRefusal(edge, req, error);
  }
}

async function turnAway(
  edge: Edge,
  req: HttpRequest,
  res: HttpResponse,
  refusal: Refusal,
  redirectTo: string | undefined,
): Promise<void> {
  const { loginPath, mountPath } = edge.settings;
  if (!wantsPage(req) || refusal.code === 'store_unavailable') {
    sendRefusal(edge, req, res, refusal);
    return;
  }
  if (refusal.code === 'not_authenticated') {
    // Nothing is kept for strangers: they could fill the store.
    if (loginPath === undefined) sendRefusal(edge, req, res, refusal);
    else redirect(req, res, loginPath);
    return;
  }
  const target = redirectTo ?? `${mountPath}/`;
  if (isSafe(req) && req.originalUrl?.split('?', 1)[0] === target) {
    throw new SecondFactorError(
      'misconfigured',
      redirectTo === undefined
        ? `The gate was asked for ${mountPath}/. Mount router() there, above enforce(), or say with mountPath where it is.`
        : `The gate was asked for ${redirectTo}, where it sends browsers. Mount that page above it.`,
    );
  }
  try {
    rememberPath(req, mountPath);
    if (refusal.code === 'second_factor_required') {
      changeState(req, { stepUpSince: edge.core.clock() });
    }
    await saveSession(req);
  } catch (error) {
    sendRefusal(edge, req, res, brokenRefusal(edge, req, error));
    return;
  }
  redirect(req, res, target);
}
