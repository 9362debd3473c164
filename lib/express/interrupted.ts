import type { Mark } from '../core/account';
import { localPath } from '../core/untrusted';
import type { Edge } from './edge';
import { isSafe, type HttpRequest } from './http';
import { refererOf, refererPath, seenPath } from './paths';
import { changeState, sessionOf, stateOf, type SessionState } from './session-state';

/** How long a form post that the gate interrupted is remembered, in milliseconds. */
export const REMEMBERED = 300_000;

/** What is remembered of an interrupted post of this user, to be carried over a rotation. */
export function interruptedBy(
  req: HttpRequest,
  userId: string,
): Pick<SessionState, 'interrupted' | 'keptPost' | 'sentPost' | 'typed'> {
  const { interrupted, keptPost, sentPost, typed } = stateOf(req);
  return {
    ...(interrupted?.userId === userId ? { interrupted } : {}),
    ...(keptPost?.userId === userId ? { keptPost } : {}),
    ...(sentPost?.userId === userId ? { sentPost } : {}),
    ...(typed?.userId === userId ? { typed } : {}),
  };
}

/** Whether a post of this user was interrupted a moment ago. */
export function wasInterrupted(req: HttpRequest, userId: string, now: number): boolean {
  const { interrupted } = stateOf(req);
  return interrupted?.userId === userId && now - interrupted.at < REMEMBERED;
}

/** Whether a post of this user was interrupted just now. Told once, to the page it came from. */
export function takeInterrupted(req: HttpRequest, mark: Mark, now: number) {
  const { userId, verifiedAt, approved } = mark;
  const { interrupted } = stateOf(req);
  if (interrupted === undefined) return false;
  // The user is not back yet: the page that asks is one on the way.
  const passedAt = Math.max(verifiedAt, approved?.at ?? 0);
  if (interrupted.userId === userId && passedAt < interrupted.at) return false;
  const told = wasInterrupted(req, userId, now);
  changeState(req, { interrupted: undefined });
  return told;
}

/** Where Passport's `successReturnToOrRedirect` looks, too. */
export const RETURN_TO = 'returnTo';

/**
 * The path to come back to, as browsers see it. Only of a page view: a form post cannot be repeated by a redirect, so
 * its user goes back to the page it came from, where that is of this host. No path of the library's
 * own, and none that another site has chosen [S185]; what a provider of sign-ins leads back to was
 * asked for before.
 */
export function wantedPath({ settings }: Edge, req: HttpRequest): string | undefined {
  const { mountPath } = settings;
  const wanted = isSafe(req) ? seenPath(settings, req.originalUrl) : refererPath(req);
  if (wanted === undefined || `${wanted}/`.startsWith(`${mountPath}/`)) return undefined;
  const chosen = isBegunElsewhere(settings, req) && wanted !== stateOf(req).askedFor;
  return chosen ? undefined : wanted;
}

export function rememberPath(req: HttpRequest, path: string): void {
  sessionOf(req)[RETURN_TO] = path;
}

/** The remembered path, checked again (the app may have set it), and forgotten. */
export function takePath(req: HttpRequest): string | undefined {
  const session = sessionOf(req);
  const path = localPath(session[RETURN_TO]);
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- the key is a constant
  delete session[RETURN_TO];
  return path;
}

/** Where the user wants to go, of the app's own pages; it stays remembered. */
export function pathAhead({ settings }: Edge, req: HttpRequest): string | undefined {
  const path = localPath(sessionOf(req)[RETURN_TO]);
  // A page of the library's own waits for a step-up, if for anything.
  return path?.startsWith(`${settings.mountPath}/`) === true ? undefined : path;
}

/**
 * Whether the gate sent the user here, from a path that stays shut until they are done. What was wanted
 * before the sign-in, or is remembered by the app, may well be open to them.
 */
export function isSentByGate(edge: Edge, req: HttpRequest): boolean {
  return stateOf(req).wantedAt !== undefined && pathAhead(edge, req) !== undefined;
}

/** Whether they are on the way back to the page of their factor, to change something there. */
export function wantsChange(req: HttpRequest, { mountPath }: { mountPath: string }): boolean {
  const path = sessionOf(req)[RETURN_TO];
  // Questions of the library's own are below it; a form that waits to be sent again is the app's.
  return (
    typeof path === 'string' && path.startsWith(`${mountPath}/`) && path !== `${mountPath}/resume`
  );
}

/** Leaves a remembered path for Passport only where it is a safe one. */
export function cleanPath(req: HttpRequest): void {
  const path = takePath(req);
  if (path !== undefined) sessionOf(req)[RETURN_TO] = path;
}

/**
 * Whether the user's own hand or a page of this app began the navigation, through all redirects, as
 * far as the browser says: `Sec-Fetch-Site`, or of one that does not send it, `Referer`.
 */
export function isBegunHere(settings: Origins, req: HttpRequest): boolean {
  const site = req.headers['sec-fetch-site'];
  if (site === 'same-origin' || site === 'none') return true;
  const from = refererOf(req);
  const here = site === undefined && from !== undefined && from.host === req.headers.host;
  // Not `from.origin`: the parser knows none of a custom scheme.
  return here || (from !== undefined && settings.origins.has(`${from.protocol}//${from.host}`));
}

/**
 * Whether another site began it. Neither is said of other hosts of the same site, nor of a browser
 * that tells nothing.
 */
function isBegunElsewhere(settings: Origins, req: HttpRequest): boolean {
  const site = req.headers['sec-fetch-site'];
  const told = site === undefined ? req.headers.referer !== undefined : site !== 'same-site';
  return told && !isBegunHere(settings, req);
}

type Origins = Pick<Edge['settings'], 'origins'>;
