import { localPath } from '../core/local-path';
import { isSafe, type HttpRequest } from './http';
import { sessionOf } from './session-state';

/** Where Passport's `successReturnToOrRedirect` looks, too. */
const KEY = 'returnTo';

/**
 * Remembers the path that the gate interrupted. Only of a page view: a form post cannot be repeated
 * by a redirect, so its user goes back to the page it came from, where that is of this host.
 */
export function rememberPath(req: HttpRequest, mountPath: string): void {
  const wanted = isSafe(req) ? localPath(req.originalUrl) : refererPath(req);
  if (wanted === undefined || `${wanted}/`.startsWith(`${mountPath}/`)) return;
  sessionOf(req)[KEY] = wanted;
}

/** The post that was interrupted is kept: the user comes to the page that sends it again. */
export function returnToResume(req: HttpRequest, mountPath: string): void {
  sessionOf(req)[KEY] = `${mountPath}/resume`;
}

/** The remembered path, checked again (the app may have set it), and forgotten. */
export function takePath(req: HttpRequest): string | undefined {
  const session = sessionOf(req);
  const path = localPath(session[KEY]);
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- the key is a constant
  delete session[KEY];
  return path;
}

/** Whether the gate sent the user here, from a path that stays shut until they are done. */
export function wantsPath(req: HttpRequest): boolean {
  return typeof sessionOf(req)[KEY] === 'string';
}

/** Leaves a remembered path for Passport only where it is a safe one. */
export function cleanPath(req: HttpRequest): void {
  const path = takePath(req);
  if (path !== undefined) sessionOf(req)[KEY] = path;
}

function refererPath(req: HttpRequest): string | undefined {
  const { referer, host } = req.headers;
  if (referer === undefined || !URL.canParse(referer)) return undefined;
  const url = new URL(referer);
  return url.host === host ? localPath(`${url.pathname}${url.search}`) : undefined;
}
