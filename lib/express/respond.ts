import { refuse, type Refusal } from '../core/outcomes';
import { SecondFactorError } from '../errors';
import { messagePage } from '../pages/message-page';
import type { Edge } from './edge';
import { findingsOf } from './findings';
import { wordsOf } from './operator';
import { isSafe, wantsPage, type HttpRequest, type HttpResponse } from './http';
import { problemOf } from './problems';

/** Headers of every answer of the library: nothing of it is kept, guessed at or referred from. */
export function guardHeaders(res: HttpResponse): void {
  res.setHeader('Cache-Control', 'no-store');
  res.setHeader('Referrer-Policy', 'same-origin');
  res.setHeader('X-Content-Type-Options', 'nosniff');
}

export function sendJson(res: HttpResponse, status: number, document: unknown): void {
  send(res, status, 'application/json; charset=utf-8', JSON.stringify(document));
}

export function sendProblem(res: HttpResponse, refusal: Refusal): void {
  const problem = problemOf(refusal);
  refusalHeaders(res, refusal);
  send(res, problem.status, 'application/problem+json; charset=utf-8', JSON.stringify(problem));
}

/** Headers that a refusal carries, whatever its body. */
function refusalHeaders(res: HttpResponse, refusal: Refusal): void {
  if (refusal.retryAfter !== undefined) res.setHeader('Retry-After', String(refusal.retryAfter));
  if (refusal.allow !== undefined) res.setHeader('Allow', refusal.allow);
}

export function sendPage(res: HttpResponse, status: number, html: string): void {
  // The pages use their own two files; nothing else may run or frame. No form-action: Chromium holds
  // the redirects after a form to it, and what comes after a code may be the page of another site.
  res.setHeader(
    'Content-Security-Policy',
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'",
  );
  res.setHeader('X-Frame-Options', 'DENY');
  send(res, status, 'text/html; charset=utf-8', html);
}

/** 303 after a post, so that the browser goes on with GET; 302 else. */
export function redirect(req: HttpRequest, res: HttpResponse, location: string): void {
  guardHeaders(res);
  res.statusCode = isSafe(req) ? 302 : 303;
  res.setHeader('Location', location);
  res.end();
}

export function send(res: HttpResponse, status: number, type: string, body: string): void {
  guardHeaders(res);
  res.statusCode = status;
  res.setHeader('Content-Type', type);
  res.setHeader('Content-Length', Buffer.byteLength(body));
  res.end(body);
}

/** A refusal as a page or as a problem document, whichever the client wants. */
export function sendRefusal(
  edge: Edge,
  req: HttpRequest,
  res: HttpResponse,
  refusal: Refusal,
): void {
  if (!wantsPage(req)) {
    sendProblem(res, refusal);
    return;
  }
  refusalHeaders(res, refusal);
  const problem = problemOf(refusal);
  const { appName, mountPath, homePath } = edge.settings;
  sendPage(res, problem.status, messagePage({ appName, mountPath, homePath, problem }));
}

/**
 * What broke, as the refusal that it is answered with. Misuse, and what is not the library's own,
 * is thrown on to the app's error handler, in full.
 */
export function brokenRefusal(edge: Edge, req: HttpRequest, error: unknown): Refusal {
  if (error instanceof SecondFactorError && error.code === 'misconfigured') {
    const isKnown = [...findingsOf(edge).values()].some(
      ({ says, cure }) => error.message === `${says} ${cure}`,
    );
    // The library's own words, with their cure.
    if (!isKnown) edge.core.tell?.('error', 'misconfigured', `misconfigured: ${wordsOf(error)}`);
    throw error;
  }
  if (!(error instanceof SecondFactorError)) throw error;
  reportBroken(edge, req, error);
  return refuse(error.code);
}

/** Tells listeners that a store failed, with the cause. */
export function reportBroken(edge: Edge, req: HttpRequest, error: unknown): void {
  if (!(error instanceof SecondFactorError) || error.code !== 'store_unavailable') return;
  edge.core.emit('store_failed', { at: edge.core.clock(), ip: req.ip, error });
}
