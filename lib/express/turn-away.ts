import type { Refusal } from '../core/outcomes';
import { SecondFactorError } from '../errors';
import type { Edge } from './edge';
import { isSafe, wantsPage, type HttpRequest, type HttpResponse } from './http';
import { noteInterrupted, rememberPath, returnToResume } from './interrupted';
import { requesterOf } from './requester';
import { brokenRefusal, redirect, sendRefusal } from './respond';
import { changeState, saveSession } from './session-state';

interface Turning {
  refusal: Refusal;
  /** Where the app's own page is. */
  redirectTo: string | undefined;
  /** Whether an interrupted post is kept. */
  resume: boolean;
}

/** Answers a request that may not pass: an API client by its problem, a browser by a redirect. */
export async function turnAway(
  edge: Edge,
  req: HttpRequest,
  res: HttpResponse,
  { refusal, redirectTo, resume }: Turning,
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
    await rememberRequest(edge, req, resume);
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

/** Where the user wanted to go; of a form post, what can be had of it. */
async function rememberRequest(edge: Edge, req: HttpRequest, resume: boolean): Promise<void> {
  const { mountPath } = edge.settings;
  rememberPath(req, mountPath);
  const who = isSafe(req) ? undefined : await requesterOf(edge, req);
  if (who === undefined) return;
  const kept = await noteInterrupted(edge, req, who, resume);
  if (kept) returnToResume(req, mountPath);
}
