import type { Refusal } from '../core/outcomes';
import { refusalOf, type ProofOptions } from './admission';
import type { Edge } from './edge';
import { middleware, type HttpRequest, type Middleware } from './http';
import { forgetKeptPost } from './interrupted';
import { turnAway } from './turn-away';

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
