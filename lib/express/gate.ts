import { hasOwnPage } from '../core/amr';
import { refuse, type Problem, type Refusal } from '../core/outcomes';
import { enrollmentDue } from '../core/enrollment';
import type {
  DecideOptions,
  EnforceOptions,
  ProofOptions,
  RequireOptions,
} from '../options/verb-options';
import { allowedPaths, askedPath } from './paths';
import { isFresh, noteUse, recentAccount, type Account } from './account';
import { headersOf } from './assurance';
import type { Edge } from './edge';
import {
  middleware,
  type HttpRequest,
  type HttpResponse,
  type Middleware,
  languageOf,
} from './http';
import { sendsOnce } from './kept-post';
import { problemOf } from './problems';
import { asRequester, hasOwnFactor, signedInUser, type SignedInUser } from './requester';
import { brokenRefusal } from './respond';
import { forgetTransaction, refusedApproval } from './transactions';
import { passByDevice } from './trusted-device';
import { turnAway, wayInstead } from './turn-away';

/** For one route: lets nobody pass but a signed-in user who has passed the second factor. */
export function requireFactor(edge: Edge, options: RequireOptions): Middleware {
  const { redirectTo, resume = false } = options;
  return middleware(async (req, res, next) => {
    const arrivedAt = edge.core.clock();
    const refusal = await refusalOf(edge, req, options);
    if (refusal?.code === 'second_factor_required' && options.transaction === undefined) {
      forgetTransaction(req);
    }
    if (refusal === undefined) {
      if (resume !== false && !(await sendsOnce(edge, req, res))) return;
      keepFromCaches(res);
      next();
      return;
    }
    await turnAway(edge, req, res, { refusal, redirectTo, resume, arrivedAt });
  });
}

/** For `app.use`: whoever is signed in and enrolled must pass the second factor. */
export function enforceFactor(edge: Edge, options: EnforceOptions): Middleware {
  const { redirectTo } = options;
  const isAllowed = allowedPaths(options.allow ?? [], waysOut(edge, redirectTo));
  return middleware(async (req, res, next) => {
    const arrivedAt = edge.core.clock();
    const allowed = isAllowed(req);
    // There is nothing to ask, and no need to: such as a health check above `session()`.
    if (allowed && req.session === undefined) {
      next();
      return;
    }
    const refusal = await enforcedRefusal(edge, req);
    if (refusal === undefined || (allowed && refusal.code !== 'store_unavailable')) next();
    else await turnAway(edge, req, res, { refusal, redirectTo, resume: false, arrivedAt });
  });
}

/**
 * Who cannot pass must be able to sign out, and in as somebody else, also where the app's own routes
 * come after the gate. A sign-in form on the home page opens nothing: that page shows more than it.
 */
function waysOut({ settings }: Edge, redirectTo: string | undefined): (string | undefined)[] {
  const asked = (path: string | undefined) => askedPath(settings, path);
  // To Express `/app`, `/App` and `/app/` are one page, and so they are with any query.
  const page = (path: string | undefined) => path?.toLowerCase().replace(/\/+$/, '');
  const home = page(asked(settings.homePath));
  const ways = [settings.loginPath, settings.logoutPath].map(asked);
  return [asked(redirectTo), ...ways.filter((way) => page(way) !== home)];
}

/** Why `enforce()` holds a request up; it leaves strangers to the app's own login guard. */
async function enforcedRefusal(edge: Edge, req: HttpRequest): Promise<Refusal | undefined> {
  const refusal = await refusalOf(edge, req, {});
  if (refusal?.code === 'not_authenticated') return undefined;
  if (refusal?.code !== 'enrollment_required') return refusal;
  try {
    const { core, settings } = edge;
    const { required } = await enrollmentDue(settings.enrollment, req.user, core.clock());
    return required ? refusal : undefined;
  } catch (error) {
    return brokenRefusal(edge, req, error);
  }
}

/** Whether `enforce()` would let this request pass, whatever its path. */
export async function admits(edge: Edge, req: HttpRequest): Promise<boolean> {
  return (await enforcedRefusal(edge, req)) === undefined;
}

/** What a gate would do, for whoever answers by themselves. */
export type Decision =
  | { allowed: true }
  | {
      allowed: false;
      status: number;
      problem: Problem;
      /** Where a browser would go; left out where there is no such page, and while a store is away. */
      redirect?: string;
      /** What `require()` would send beside the document, such as `WWW-Authenticate` (RFC 9470). */
      headers: Record<string, string>;
    };

/**
 * The decision of `require()`, or of `enforce()`, without its answer. Where the client wants a page, what its user wanted
 * is remembered, and saved, as before a redirect.
 */
export async function decide(
  edge: Edge,
  req: HttpRequest,
  options: DecideOptions,
): Promise<Decision> {
  const { gate, redirectTo, methods } = options;
  const enforced = gate === 'enforce';
  const arrivedAt = edge.core.clock();
  const refusal = await (enforced ? enforcedRefusal(edge, req) : refusalOf(edge, req, options));
  if (refusal?.code === 'second_factor_required') forgetTransaction(req);
  if (refusal === undefined) {
    if (!enforced && req.res?.headersSent === false) keepFromCaches(req.res);
    return { allowed: true };
  }
  const hasPage = redirectTo !== undefined || methods === undefined || methods.some(hasOwnPage);
  const turning = { refusal, redirectTo, resume: false, arrivedAt };
  const way = hasPage ? await wayInstead(edge, req, turning) : { refusal };
  const problem = problemOf(way.refusal, languageOf(edge, req));
  const { redirect } = way;
  return {
    allowed: false,
    status: problem.status,
    problem,
    ...(redirect === undefined ? {} : { redirect }),
    headers: await headersOf(edge, req, way.refusal),
  };
}

/** What stands behind the gate must not come back from a cache after logout. */
function keepFromCaches(res: HttpResponse): void {
  if (!res.hasHeader('Cache-Control')) res.setHeader('Cache-Control', 'no-store');
}

/** Why the request may not pass; `undefined` where it may. A gate that cannot see stays shut. */
export async function refusalOf(
  edge: Edge,
  req: HttpRequest,
  wanted: ProofOptions & Pick<RequireOptions, 'transaction'>,
): Promise<Refusal | undefined> {
  try {
    const who = await signedInUser(edge, req);
    if (who === undefined) return refuse('not_authenticated');
    const account = await accountAtGate(edge, req, who);
    const { mark } = account;
    if (mark === undefined) return refuse(await missing(edge, who, account, wanted), { wanted });
    const { transaction } = wanted;
    if (transaction !== undefined) {
      const refusal = await refusedApproval(edge, req, mark, { ...wanted, transaction });
      if (refusal !== undefined) return refusal;
    } else if (!proves(edge, account, wanted)) return refuse('second_factor_required', { wanted });
    noteUse(edge, req, mark);
    return undefined;
  } catch (error) {
    return brokenRefusal(edge, req, error);
  }
}

async function accountAtGate(edge: Edge, req: HttpRequest, who: SignedInUser): Promise<Account> {
  const account = await recentAccount(edge, req, who);
  if (account.mark !== undefined) return account;
  return passByDevice(edge, req, asRequester(edge, req, who), account);
}

/** A user without any factor enrolls a phone, where that is of any use here. */
async function missing(
  edge: Edge,
  who: SignedInUser,
  { enrollment }: Account,
  { methods }: ProofOptions,
): Promise<'enrollment_required' | 'second_factor_required'> {
  const byPhone = methods === undefined || methods.some(hasOwnPage);
  const none = enrollment === undefined && !(await hasOwnFactor(edge, who));
  return none && byPhone ? 'enrollment_required' : 'second_factor_required';
}

/** One of the methods that the route names, passed as lately as it asks: each has its own time. */
function proves(edge: Edge, account: Account, { maxAge, methods }: ProofOptions): boolean {
  if (maxAge === undefined && methods === undefined) return true;
  return isFresh(edge, account, maxAge ?? Infinity, methods);
}
