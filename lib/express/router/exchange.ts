import type { Requester } from '../../core/core';
import type { Refusal, RefusalCode } from '../../core/outcomes';
import type { Frame } from '../../pages/layout';
import { recoveryCodesPage } from '../../pages/recovery-codes-page';
import type { Edge } from '../edge';
import { wantsPage, type HttpRequest, type HttpResponse } from '../http';
import { guardHeaders, redirect, sendJson, sendPage, sendProblem, sendRefusal } from '../respond';
import { changeState, saveSession } from '../session-state';

/** One request to the router, of a user who is signed in. */
export interface Exchange {
  edge: Edge;
  req: HttpRequest;
  res: HttpResponse;
  who: Requester;
}

/** What a handler answers. */
export type Reply = Refusal | Success;

export interface Success {
  ok: true;
  status: number;
  /** For JSON. */
  document?: unknown;
  /** For browsers: what is shown, or where they go instead. */
  page?: string;
  location?: string;
}

export type Handler = (exchange: Exchange) => Promise<Reply>;

/** Said on a page of their own: they have nothing to do with the form that was sent. */
const OWN_PAGE = new Set<RefusalCode>([
  'cross_site_request',
  'not_authenticated',
  'request_too_large',
  'request_malformed',
  'not_found',
  'method_not_allowed',
  'store_unavailable',
]);

/**
 * Answers a post. A browser is redirected, with what went wrong kept for the page it comes to; that
 * is saved before the redirect goes out.
 */
export async function answerPost(exchange: Omit<Exchange, 'who'>, reply: Reply): Promise<void> {
  const { edge, req, res } = exchange;
  const home = `${edge.settings.mountPath}/`;
  if (!wantsPage(req)) {
    answerJson(res, reply);
    return;
  }
  if (!reply.ok) {
    if (OWN_PAGE.has(reply.code)) {
      sendRefusal(edge, req, res, reply);
      return;
    }
    const { code, attemptsLeft, retryAfter, detail } = reply;
    const due = code === 'fresh_second_factor_required' ? { stepUpSince: edge.core.clock() } : {};
    changeState(req, { problem: { code, attemptsLeft, retryAfter, detail }, ...due });
    await saveSession(req);
    redirect(req, res, home);
    return;
  }
  if (reply.page !== undefined) sendPage(res, reply.status, reply.page);
  else redirect(req, res, reply.location ?? home);
}

export function answerJson(res: HttpResponse, reply: Reply): void {
  if (!reply.ok) sendProblem(res, reply);
  else if (reply.document === undefined) {
    res.statusCode = reply.status;
    guardHeaders(res);
    res.end();
  } else sendJson(res, reply.status, reply.document);
}

/** What every page of this request knows. */
export function frameOf({ settings }: Edge, req: HttpRequest): Frame {
  const { appName, mountPath, homePath, logoutPath } = settings;
  // csurf, csrf-sync, csrf-csrf and lusca all offer the token this way.
  const token = typeof req.csrfToken === 'function' ? req.csrfToken() : undefined;
  const csrfToken = typeof token === 'string' ? token : undefined;
  return { appName, mountPath, homePath, logoutPath, csrfToken };
}

/**
 * New recovery codes, shown in the answer to the post that made them and nowhere else: a page that a
 * redirect leads to would have to find them somewhere.
 */
export function codesPage({ edge, req }: Exchange, codes: string[], next: string): string {
  return recoveryCodesPage({ ...frameOf(edge, req), codes, next });
}
