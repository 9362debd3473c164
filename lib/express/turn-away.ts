import type { Refusal } from '../core/outcomes';
import { own } from '../core/untrusted';
import { SecondFactorError } from '../errors';
import type { RequireOptions } from '../options/verb-options';
import type { Edge } from './edge';
import { isSafe, wantsPage, type HttpRequest, type HttpResponse } from './http';
import { rememberPath, wantedPath } from './interrupted';
import { interruptedPost, takeFormId, tellSent, whatBecame } from './kept-post';
import { lostRouter, noteSent, pathOf, seenPath, unmountedRouter } from './paths';
import { requesterOf } from './requester';
import { brokenRefusal, redirect } from './respond';
import { changeState, KEY, markIn, saveSession, storedSession } from './session-state';
import { sendRefusal } from './show-page';

interface Turning {
  refusal: Refusal;
  /** Where the app's own page is. */
  redirectTo: string | undefined;
  /** Whether an interrupted post is kept. */
  resume: NonNullable<RequireOptions['resume']>;
  /** When the request came to the gate. */
  arrivedAt: number;
}

/** Answers a request that may not pass: an API client by its problem, a browser by a redirect. */
export async function turnAway(
  edge: Edge,
  req: HttpRequest,
  res: HttpResponse,
  turning: Turning,
): Promise<void> {
  const id = takeFormId(edge, req);
  const way = await wayInstead(edge, req, turning, id);
  if (way.sent !== undefined) await tellSent(edge, req, res, way.sent);
  else if (way.redirect === undefined || !wantsPage(req)) {
    await sendRefusal(edge, req, res, way.refusal);
  } else {
    if (way.redirect === `${edge.settings.mountPath}/`) noteSent(edge);
    redirect(req, res, way.redirect);
  }
}

interface Way {
  refusal: Refusal;
  /** Where a browser goes. */
  redirect?: string;
  /** What became of the kept form that this request sends once more. */
  sent?: 'sent' | 'done';
}

/** Where somebody goes who may not pass. What a browser's user wanted is remembered before. */
export async function wayInstead(
  edge: Edge,
  req: HttpRequest,
  turning: Turning,
  id?: string,
): Promise<Way> {
  const { refusal } = turning;
  const stranger = refusal.code === 'not_authenticated';
  const target = targetOf(edge, turning);
  if (target === undefined) return { refusal };
  const way = { refusal, redirect: target };
  if (!wantsPage(req)) return way;
  refuseLoop(edge, req, turning, target);
  try {
    if (stranger) {
      await rememberForSignIn(edge, req);
      return way;
    }
    const sent = id === undefined || isSafe(req) ? undefined : await whatBecame(edge.core, id);
    // It was sent before its session was over: it is not kept once more.
    if (sent !== undefined) return { refusal, sent };
    await rememberRequest(edge, req, turning, id);
  } catch (error) {
    return { refusal: brokenRefusal(edge, req, error) };
  }
  return way;
}

/** What no page of the second factor helps with: a store that is away, a form that is not taken. */
const NO_WAY = new Set<Refusal['code']>([
  'store_unavailable',
  'cross_site_request',
  'request_too_large',
  'request_malformed',
]);

function targetOf({ settings }: Edge, { refusal, redirectTo }: Turning): string | undefined {
  if (NO_WAY.has(refusal.code)) return undefined;
  if (refusal.code === 'not_authenticated') return settings.loginPath;
  return redirectTo ?? `${settings.mountPath}/`;
}

/** A browser would be sent to where it is, or to nothing. */
function refuseLoop(
  edge: Edge,
  req: HttpRequest,
  { refusal, redirectTo }: Turning,
  target: string,
): void {
  const isOwnPage = refusal.code !== 'not_authenticated' && redirectTo === undefined;
  const lost = isOwnPage ? lostRouter(edge) : undefined;
  if (lost !== undefined) throw lost;
  const asked = isSafe(req) ? seenPath(edge.settings, req.originalUrl) : undefined;
  if (asked === undefined || pathOf(asked) !== pathOf(target)) return;
  if (isOwnPage) throw unmountedRouter(edge, target);
  throw new SecondFactorError(
    'misconfigured',
    `The gate was asked for ${target}, where it sends browsers. Mount that page above it.`,
  );
}

/**
 * The path that somebody wanted who is not signed in. No more than that, and only where a browser
 * says that this was its user's wish: strangers could fill the store.
 */
async function rememberForSignIn(edge: Edge, req: HttpRequest): Promise<void> {
  const path = req.headers['sec-fetch-site'] === undefined ? undefined : wantedPath(edge, req);
  if (path === undefined) return;
  rememberPath(req, path);
  changeState(req, { askedFor: path });
  await saveSession(req);
}

/** Where the user wanted to go; of a form post, what can be had of it. */
async function rememberRequest(
  edge: Edge,
  req: HttpRequest,
  { refusal, resume, arrivedAt }: Turning,
  id: string | undefined,
): Promise<void> {
  const path = wantedPath(edge, req);
  const who = isSafe(req) ? undefined : await requesterOf(edge, req);
  const post = who && (await interruptedPost(edge, req, who, { resume, id }));
  const wanted = path !== undefined || post !== undefined;
  // What another site began is nobody's wish: it leaves no more than is needed to be asked at all.
  if (!wanted && markIn(req) === undefined) return;
  if (await isOvertaken(edge, req, arrivedAt)) return;
  if (path !== undefined) rememberPath(req, path);
  if (post?.keptPost !== undefined) rememberPath(req, `${edge.settings.mountPath}/resume`);
  changeState(req, {
    ...(wanted ? { wantedAt: arrivedAt, askedFor: undefined } : {}),
    ...(post && { keptPost: undefined, sentPost: undefined, ...post }),
    ...(refusal.code === 'second_factor_required' ? { stepUpSince: edge.core.clock() } : {}),
  });
  await saveSession(req);
}

/**
 * Whether the user has wanted something else since, by a request that was quicker: this one has the
 * session as it was before, and would write that back.
 */
async function isOvertaken(edge: Edge, req: HttpRequest, arrivedAt: number): Promise<boolean> {
  // Where it cannot be read the write will say so.
  const stored = await storedSession(edge, req.sessionID ?? '').catch(() => undefined);
  return Number(own(own(stored, KEY), 'wantedAt') ?? 0) > arrivedAt;
}
