import express from 'express';
import { refuse, type Refusal, type RefusalCode } from '../../core/outcomes';
import { isTicked } from '../../core/typed';
import { assetsOf } from '../../pages/layout';
import type { ProblemField } from '../../pages/form-models';
import { sessionEndedPage } from '../../pages/problem-box';
import { headersOf } from '../assurance';
import type { Edge } from '../edge';
import {
  isSafe,
  middleware,
  wantsPage,
  type HttpRequest,
  type HttpResponse,
  type Middleware,
  guardHeaders,
  sendJson,
} from '../http';
import { misplacedRouter, mountable, plainPlace } from '../paths';
import { guardedPost, field } from '../post';
import { hasLostSession, requesterOf } from '../requester';
import { rememberPath } from '../interrupted';
import { brokenRefusal, languageHeaders, redirect, sendFile, setHeaders } from '../respond';
import { changeState, saveSession, type NoticeName } from '../session-state';
import { forgetTransaction } from '../transactions';
import { frameOfRefusal, sendAsset, sendPage, sendRefusal } from '../show-page';
import { ALL_BROWSERS, asking, askingFirst, NEW_CODES, ONE_BROWSER, TURN_OFF } from './ask-first';
import {
  cancelChallenge,
  showChallenge,
  showDue,
  showResume,
  showStatus,
  startChallenge,
  verify,
} from './challenge-routes';
import { listDevices, revokeAllDevices, revokeDevice } from './device-routes';
import { confirmPhone, enroll, remove } from './enrollment-routes';
import type { Exchange, Handler, Reply, Success } from './exchange';
import {
  downloadRecoveryCodes,
  keepCodes,
  recover,
  renewRecoveryCodes,
  showRecoveryCodes,
} from './recovery-routes';

type Method = 'GET' | 'POST' | 'DELETE';

/** The whole HTTP contract: which path takes which method, and who answers. */
export const ROUTES: Record<string, Partial<Record<Method, Handler>>> = {
  '/': { GET: showStatus },
  '/challenge': {
    GET: showChallenge,
    POST: startChallenge,
    DELETE: whileSignedIn(cancelChallenge),
  },
  '/challenge/delete': { POST: whileSignedIn(cancelChallenge) },
  '/verify': { POST: verify },
  '/enrollment': { POST: enroll, DELETE: whileSignedIn(remove) },
  '/enrollment/verify': { POST: confirmPhone },
  '/enrollment/delete': { POST: whileSignedIn(askingFirst(TURN_OFF, remove)) },
  '/recovery': { POST: recover },
  '/recovery-codes': {
    GET: showRecoveryCodes,
    POST: whileSignedIn(askingFirst(NEW_CODES, renewRecoveryCodes)),
  },
  '/recovery-codes/kept': { POST: whileSignedIn(keepCodes) },
  '/devices': { GET: listDevices, DELETE: whileSignedIn(revokeAllDevices) },
  '/devices/delete': { POST: whileSignedIn(askingFirst(ALL_BROWSERS, revokeAllDevices)) },
  '/devices/:id': { DELETE: whileSignedIn(revokeDevice) },
  '/devices/:id/delete': { POST: whileSignedIn(askingFirst(ONE_BROWSER, revokeDevice)) },
  '/resume': { GET: showResume },
};

/** What a browser gets by GET beside that, and nobody else. */
const PAGES: Record<string, Handler> = {
  '/enrollment/delete': asking(TURN_OFF),
  '/recovery-codes/new': asking(NEW_CODES),
  '/recovery-codes.txt': downloadRecoveryCodes,
  '/devices/delete': asking(ALL_BROWSERS),
  '/devices/:id/delete': asking(ONE_BROWSER),
};

/** The pages and the JSON API, to be mounted at `mountPath`. */
export function createRouter(edge: Edge): Middleware {
  const router = express.Router();
  for (const file of assetsOf(edge.settings.theme)) {
    const answer = (req: HttpRequest, res: HttpResponse): void => sendAsset(req, res, file);
    router.get(file.path, answer as never);
  }
  for (const [path, handler] of Object.entries(PAGES)) {
    const page = middleware((req, res) => serve(edge, { GET: handler }, req, res));
    const answer: Middleware = (req, res, next) => {
      if (wantsPage(req)) page(req, res, next);
      else next();
    };
    router.get(path, answer as never);
  }
  const answers = new Map<string | undefined, Middleware>();
  for (const [path, handlers] of Object.entries(ROUTES)) {
    const answer = middleware((req, res) => serve(edge, handlers, req, res));
    router.all(path, answer as never);
    if (!path.includes(':') && !Object.hasOwn(PAGES, path)) answers.set(path, answer);
  }
  router.use(middleware((req, res) => sendRefusal(edge, req, res, refuse('not_found'))) as never);
  const misplaced = middleware((req, res) => sendRefusal(edge, req, res, refuse('misconfigured')));
  // Express tries one route after the other; a path as it is meant is found at once.
  const place = plainPlace(edge);
  let wasSeen = false;
  const isLost = (req: HttpRequest): boolean => {
    if (wasSeen && req.baseUrl === place) return false;
    const lost = misplacedRouter(edge, req) !== undefined;
    wasSeen ||= !lost;
    return lost;
  };
  return mountable(edge, (req, res, next) => {
    const answer = isLost(req) ? misplaced : answers.get(req.url);
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
    const { ended, stays } = await edge.sessions.endOf(who.sessionId);
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
  const own = Object.hasOwn(handlers, method ?? '') ? handlers[method as Method] : undefined;
  // Whose answer to a form was lost asks for its path anew.
  const handler = own ?? (method === 'GET' && wantsPage(req) ? showDue : undefined);
  if (handler === undefined) {
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

/** What somebody who views a page has to do first: the page at `/` asks for it. */
const SHOWN_AT_HOME = new Set<RefusalCode>(['second_factor_required', 'enrollment_required']);

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
  const home = `${edge.settings.mountPath}/`;
  if (!reply.ok) {
    if (!wantsPage(req) || !SHOWN_AT_HOME.has(reply.code)) return reply;
    redirect(req, res, home);
  } else if (reply.page !== undefined) await sendPage(edge, req, res, reply.status, reply.page);
  else if (reply.location !== undefined) redirect(req, res, reply.location);
  else if (reply.file !== undefined) sendFile(res, reply.file);
  // Nobody reads JSON in a browser.
  else if (wantsPage(req)) redirect(req, res, home);
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
  // What the next code is for now is no payment that was held up before [S160].
  if (!reply.ok && reply.code === 'fresh_second_factor_required') forgetTransaction(req);
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
    const problem = { code, attemptsLeft, retryAfter, detail, ...about(req, reply) };
    if (code === 'fresh_second_factor_required') {
      // The step-up leads back to what it was begun for.
      rememberPath(req, reply.backTo ?? home);
      changeState(req, { problem, stepUpSince: edge.core.clock(), notice: undefined });
    } else changeState(req, { problem, notice: undefined });
    await saveSession(req);
    redirect(req, res, home);
  } else if (!wantsPage(req)) answerJson(exchange, reply);
  else if (reply.page !== undefined) await sendPage(edge, req, res, reply.status, reply.page);
  else redirect(req, res, reply.location ?? home);
  return undefined;
}

const PHONE_CODES = new Set<RefusalCode>(['phone_invalid', 'destination_not_allowed']);
const CODE_CODES = new Set<RefusalCode>(['code_malformed', 'code_incorrect', 'challenge_expired']);

/** Which field a refusal is about, and what stays as it was beside it. */
function about(req: HttpRequest, { code }: Refusal): { field?: ProblemField; ticked?: boolean } {
  const path = req.url?.split('?', 1)[0];
  if (path === '/recovery') return { field: 'recoveryCode' };
  if (path === '/enrollment') return PHONE_CODES.has(code) ? { field: 'phone' } : {};
  if (path !== '/verify' && path !== '/enrollment/verify') return {};
  const ticked = isTicked(field(req, 'trustDevice'));
  return { ...(CODE_CODES.has(code) && { field: 'code' }), ...(ticked && { ticked }) };
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
    const reply = await handler(exchange);
    if (reply.ok && reply.notice !== undefined) await keepNotice(exchange, reply.notice);
    return reply;
  } catch (error) {
    return brokenRefusal(exchange.edge, exchange.req, error);
  }
}

/** Saved before the browser is at its page. It is done all the same where that fails. */
async function keepNotice({ req }: Exchange, name: NoticeName): Promise<void> {
  if (!wantsPage(req)) return;
  changeState(req, { notice: name });
  await saveSession(req).catch(() => undefined);
}

/**
 * Where there is a page for it, a browser goes there; it is told before where somebody was signed in: a
 * page to sign in on, without a word, looks like a mistake of theirs.
 */
async function askToSignIn(
  edge: Edge,
  req: HttpRequest,
  res: HttpResponse,
): Promise<Refusal | undefined> {
  const { loginPath } = edge.settings;
  if (loginPath === undefined || !wantsPage(req)) return refuse('not_authenticated');
  if (hasLostSession(req)) {
    setHeaders(res, await headersOf(edge, req, refuse('not_authenticated')));
    await sendPage(edge, req, res, 401, sessionEndedPage(frameOfRefusal(edge, req), loginPath));
  } else redirect(req, res, loginPath);
  return undefined;
}
