import express from 'express';
import type { Requester } from '../../core/core';
import { refuse, type Refusal } from '../../core/outcomes';
import { SCRIPT } from '../../pages/script';
import { STYLE } from '../../pages/style';
import { isSignedIn, requesterOf } from '../requester';
import { readBody } from '../body';
import { countMalformed } from '../malformed';
import { isCrossSite } from '../cross-site';
import type { Edge } from '../edge';
import { answerJson, answerPost, type Handler } from './exchange';
import { showChallenge, showStatus, startChallenge, verify } from './challenge-routes';
import { listDevices, revokeAllDevices, revokeDevice } from './device-routes';
import { confirmPhone, enroll, remove } from './enrollment-routes';
import { recover, renewRecoveryCodes } from './recovery-routes';
import { showResume } from './resume-routes';
import {
  isSafe,
  middleware,
  wantsPage,
  type HttpRequest,
  type HttpResponse,
  type Middleware,
} from '../http';
import { brokenRefusal, redirect, send, sendPage, sendRefusal } from '../respond';

type Method = 'GET' | 'POST' | 'DELETE';

/** The whole HTTP contract: which path takes which method, and who answers. */
const ROUTES: Record<string, Partial<Record<Method, Handler>>> = {
  '/': { GET: showStatus },
  '/challenge': { GET: showChallenge, POST: startChallenge },
  '/verify': { POST: verify },
  '/enrollment': { POST: enroll, DELETE: remove },
  '/enrollment/verify': { POST: confirmPhone },
  '/enrollment/delete': { POST: remove },
  '/recovery': { POST: recover },
  '/recovery-codes': { POST: renewRecoveryCodes },
  '/devices': { GET: listDevices, DELETE: revokeAllDevices },
  '/devices/delete': { POST: revokeAllDevices },
  '/devices/:id': { DELETE: revokeDevice },
  '/devices/:id/delete': { POST: revokeDevice },
  '/resume': { GET: showResume },
};

/** The pages and the JSON API, to be mounted at `mountPath`. */
export function createRouter(edge: Edge): Middleware {
  const router = express.Router();
  router.get('/style.css', asset('text/css', STYLE));
  router.get('/script.js', asset('text/javascript', SCRIPT));
  for (const [path, handlers] of Object.entries(ROUTES)) {
    router.all(path, middleware((req, res) => serve(edge, handlers, req, res)) as never);
  }
  router.use(((req: HttpRequest, res: HttpResponse) => {
    sendRefusal(edge, req, res, refuse('not_found'));
  }) as never);
  return router as unknown as Middleware;
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
    const names = Object.keys(handlers);
    const allow = (names.includes('GET') ? ['HEAD', ...names] : names).sort().join(', ');
    sendRefusal(edge, req, res, refuse('method_not_allowed', { allow }));
    return;
  }
  try {
    if (isSafe(req)) await read(edge, handler, req, res);
    else await change(edge, handler, req, res);
  } catch (error) {
    sendRefusal(edge, req, res, brokenRefusal(edge, req, error));
  }
}

async function read(edge: Edge, handler: Handler, req: HttpRequest, res: HttpResponse) {
  const who = await requesterOf(edge, req);
  if (who === undefined) {
    askToSignIn(edge, req, res);
    return;
  }
  const reply = await handler({ edge, req, res, who });
  if (reply.ok && reply.page !== undefined) sendPage(res, reply.status, reply.page);
  else if (!reply.ok) sendRefusal(edge, req, res, reply);
  else if (reply.location !== undefined) redirect(req, res, reply.location);
  else answerJson(res, reply);
}

/** Everything that changes something passes the same guards, in the same order. */
async function change(edge: Edge, handler: Handler, req: HttpRequest, res: HttpResponse) {
  if (isCrossSite(req, edge.settings.origins)) {
    sendRefusal(edge, req, res, refuse('cross_site_request'));
    return;
  }
  if (!isSignedIn(edge, req)) {
    askToSignIn(edge, req, res);
    return;
  }
  const body = await readBody(req);
  // After the body: its client chooses how long that takes, and much may change meanwhile.
  const who = await requesterOf(edge, req);
  if (who === undefined) {
    askToSignIn(edge, req, res);
    return;
  }
  const exchange = { edge, req, res, who };
  const unread = body ?? (await sessionEnded(edge, who));
  const reply = unread ?? (await handled(exchange, handler));
  await answerPost(exchange, await countMalformed(edge, who, reply));
}

/** The body took its time: meanwhile the user may have signed out, by another request. */
async function sessionEnded({ ended }: Edge, who: Requester): Promise<Refusal | undefined> {
  return (await ended.hasEnded(who.sessionId)) ? refuse('not_authenticated') : undefined;
}

/** A broken carrier is told on the page that the form came from, like any refusal. */
async function handled(exchange: Parameters<Handler>[0], handler: Handler) {
  try {
    return await handler(exchange);
  } catch (error) {
    return brokenRefusal(exchange.edge, exchange.req, error);
  }
}

function askToSignIn(edge: Edge, req: HttpRequest, res: HttpResponse): void {
  const { loginPath } = edge.settings;
  if (loginPath !== undefined && wantsPage(req)) redirect(req, res, loginPath);
  else sendRefusal(edge, req, res, refuse('not_authenticated'));
}

function asset(type: string, content: string) {
  return ((_req: HttpRequest, res: HttpResponse) => {
    send(res, 200, `${type}; charset=utf-8`, content);
  }) as never;
}
