import express from 'express';
import { refuse, type Refusal, type RefusalCode } from '../../core/outcomes';
import { assetsOf } from '../../pages/layout';
import type { Edge } from '../edge';
import {
  isSafe,
  middleware,
  wantsPage,
  type HttpRequest,
  type HttpResponse,
  type Middleware,
} from '../http';
import { misplacedRouter, mountable } from '../paths';
import { guardedPost } from '../post';
import { requesterOf } from '../requester';
import { brokenRefusal, guardHeaders, languageHeaders, redirect, sendJson } from '../respond';
import { changeState, saveSession } from '../session-state';
import { sendAsset, sendPage, sendRefusal } from '../show-page';
import { showChallenge, showStatus, startChallenge, verify } from './challenge-routes';
import { listDevices, revokeAllDevices, revokeDevice } from './device-routes';
import { confirmPhone, enroll, remove } from './enrollment-routes';
import type { Exchange, Handler, Reply, Success } from './exchange';
import { keepCodes, recover, renewRecoveryCodes, showRecoveryCodes } from './recovery-routes';
import { showResume } from './resume-routes';

type Method = 'GET' | 'POST' | 'DELETE';

/** The whole HTTP contract: which path takes which method, and who answers. */
export const ROUTES: Record<string, Partial<Record<Method, Handler>>> = {
  '/': { GET: showStatus },
  '/challenge': { GET: showChallenge, POST: startChallenge },
  '/verify': { POST: verify },
  '/enrollment': { POST: enroll, DELETE: whileSignedIn(remove) },
  '/enrollment/verify': { POST: confirmPhone },
  '/enrollment/delete': { POST: whileSignedIn(remove) },
  '/recovery': { POST: recover },
  '/recovery-codes': { GET: showRecoveryCodes, POST: whileSignedIn(renewRecoveryCodes) },
  '/recovery-codes/kept': { POST: whileSignedIn(keepCodes) },
  '/devices': { GET: listDevices, DELETE: whileSignedIn(revokeAllDevices) },
  '/devices/delete': { POST: whileSignedIn(revokeAllDevices) },
  '/devices/:id': { DELETE: whileSignedIn(revokeDevice) },
  '/devices/:id/delete': { POST: whileSignedIn(revokeDevice) },
  '/resume': { GET: showResume },
};

/** The pages and the JSON API, to be mounted at `mountPath`. */
export function createRouter(edge: Edge): Middleware {
  const router = express.Router();
  for (const file of assetsOf(edge.settings.theme)) {
    const answer = (req: HttpRequest, res: HttpResponse): void => sendAsset(req, res, file);
    router.get(file.path, answer as never);
  }
  const answers = new Map<string | undefined, Middleware>();
  for (const [path, handlers] of Object.entries(ROUTES)) {
    const answer = middleware((req, res) => serve(edge, handlers, req, res));
    router.all(path, answer as never);
    if (!path.includes(':')) answers.set(path, answer);
  }
  router.use(middleware((req, res) => sendRefusal(edge, req, res, refuse('not_found'))) as never);
  const misplaced = middleware((req, res) => sendRefusal(edge, req, res, refuse('misconfigured')));
  // Express tries one route after the other; a path as it is meant is found at once.
  return mountable(edge, (req, res, next) => {
    const lost = misplacedRouter(edge, req) !== undefined;
    const answer = lost ? misplaced : answers.get(req.url);
    (answer ?? (router as unknown as Middleware))(req, res, next);
  });
}

/**
 * The body took its time: meanwhile the user may have signed out, by another request. What texts or
 * checks a code asks for this in the same step that counts it.
 */
function whileSignedIn(handler: Handler): Handler {
  return async (exchange) => {
    const { edge, who } = exchange;
    const { ended, stays } = await edge.sessions.standing(who.sessionId);
    // One that stays beside its successor can do what a password can.
    if (ended && !stays) return refuse('not_authenticated');
    return handler(exchange);
  };
}

async function serve(
  edge: Edge,
  handlers: Partial<Record<Method, Handler>>,
  req: HttpRequest,
  res: HttpResponse,
): Promise<void> {
  const method = req.method === 'HEAD' ? 'GET' : req.method;
  const handler = Object.hasOwn(handlers, method ?? '') ? handlers[method as Method] : undefined;
  if (handler === undefined) {
    // Whose answer to a form was lost asks for its path anew: what is due is shown at `/`.
    if (method === 'GET' && handlers.POST !== undefined && wantsPage(req)) {
      redirect(req, res, `${edge.settings.mountPath}/`);
      return;
    }
    const names = Object.keys(handlers);
    const allow = (names.includes('GET') ? ['HEAD', ...names] : names).sort().join(', ');
    await sendRefusal(edge, req, res, refuse('method_not_allowed', { allow }));
    return;
  }
  let refusal: Refusal | undefined;
  try {
    refusal = await (isSafe(req) ? read : change)(edge, handler, req, res);
  } catch (error) {
    refusal = brokenRefusal(edge, req, error);
  }
  if (refusal !== undefined) await sendRefusal(edge, req, res, refusal);
}

/** Answers what went well, or resolves with why it did not; so does `change`. */
async function read(
  edge: Edge,
  handler: Handler,
  req: HttpRequest,
  res: HttpResponse,
): Promise<Refusal | undefined> {
  const who = await requesterOf(edge, req);
  if (who === undefined) return askToSignIn(edge, req, res);
  const reply = await handler({ edge, req, res, who });
  if (!reply.ok) return reply;
  if (reply.page !== undefined) await sendPage(edge, req, res, reply.status, reply.page);
  else if (reply.location !== undefined) redirect(req, res, reply.location);
  else answerJson({ edge, req, res }, reply);
  return undefined;
}

async function change(
  edge: Edge,
  handler: Handler,
  req: HttpRequest,
  res: HttpResponse,
): Promise<Refusal | undefined> {
  const reply = await guardedPost<Success>(edge, req, (who) =>
    handled({ edge, req, res, who }, handler),
  );
  if (!reply.ok && reply.code === 'not_authenticated') return askToSignIn(edge, req, res);
  return answerPost({ edge, req, res }, reply);
}

/** Said on a page of their own: they have nothing to do with the form that was sent. */
const OWN_PAGE = new Set<RefusalCode>([
  'cross_site_request',
  'not_authenticated',
  'request_too_large',
  'request_malformed',
  'method_not_allowed',
  'store_unavailable',
]);

/**
 * Answers a post. A browser is redirected, with what went wrong kept for the page it comes to; that
 * is saved before the redirect goes out.
 */
async function answerPost(
  exchange: Omit<Exchange, 'who'>,
  reply: Reply,
): Promise<Refusal | undefined> {
  const { edge, req, res } = exchange;
  const home = `${edge.settings.mountPath}/`;
  if (!reply.ok) {
    if (!wantsPage(req) || OWN_PAGE.has(reply.code)) return reply;
    const { code, attemptsLeft, retryAfter, detail } = reply;
    const due = code === 'fresh_second_factor_required' ? { stepUpSince: edge.core.clock() } : {};
    changeState(req, { problem: { code, attemptsLeft, retryAfter, detail }, ...due });
    await saveSession(req);
    redirect(req, res, home);
  } else if (!wantsPage(req)) answerJson(exchange, reply);
  else if (reply.page !== undefined) await sendPage(edge, req, res, reply.status, reply.page);
  else redirect(req, res, reply.location ?? home);
  return undefined;
}

function answerJson({ edge, req, res }: Omit<Exchange, 'who'>, reply: Success): void {
  if (reply.document === undefined) {
    res.statusCode = reply.status;
    guardHeaders(res);
    res.end();
    return;
  }
  // The only words in a document of what went well.
  const { consent } = Object(reply.document) as { consent?: unknown };
  if (consent !== undefined) languageHeaders(edge, req, res);
  sendJson(res, reply.status, reply.document);
}

/** A broken carrier is told on the page that the form came from, like any refusal. */
async function handled(exchange: Exchange, handler: Handler): Promise<Reply> {
  try {
    return await handler(exchange);
  } catch (error) {
    return brokenRefusal(exchange.edge, exchange.req, error);
  }
}

/** Where there is a page for it, a browser goes there. */
function askToSignIn(edge: Edge, req: HttpRequest, res: HttpResponse): Refusal | undefined {
  const { loginPath } = edge.settings;
  if (loginPath === undefined || !wantsPage(req)) return refuse('not_authenticated');
  redirect(req, res, loginPath);
  return undefined;
}
