import type { Mark } from '../core/account';
import type { Requester } from '../core/core';
import { localPath, own } from '../core/untrusted';
import type { Edge } from './edge';
import { isSafe, type HttpRequest } from './http';
import { readBody, isCrossSite } from './post';
import {
  changeState,
  markIn,
  sessionOf,
  stateOf,
  type KeptPost,
  type SessionState,
} from './session-state';

/** How long a form post that the gate interrupted is remembered, in milliseconds. */
const REMEMBERED = 300_000;
const LARGEST_POST = 4_096;

/**
 * Notes that the gate interrupted a form post. With `resume` the post itself is kept, to be sent
 * again when the user says so: urlencoded, at most 4 kB. Answers whether it was.
 */
export async function noteInterrupted(
  edge: Edge,
  req: HttpRequest,
  who: Requester,
  resume: boolean,
): Promise<boolean> {
  const { userId } = who;
  const at = edge.core.clock();
  // Another site's form must not wait here for the user's own click.
  if (isCrossSite(req, edge.settings.origins)) return false;
  // Only of who has passed the second factor in this session: a post that somebody with the password
  // alone left here must not wait for the user's click.
  const mayKeep = resume && markIn(req)?.userId === userId;
  const post = mayKeep ? await readPost(req) : undefined;
  const kept = post && { ...post, userId, at };
  changeState(req, { interrupted: { userId, at }, keptPost: kept });
  return kept !== undefined;
}

/** What is remembered of an interrupted post of this user, to be carried over a rotation. */
export function interruptedBy(
  req: HttpRequest,
  userId: string,
): Pick<SessionState, 'interrupted' | 'keptPost'> {
  const { interrupted, keptPost } = stateOf(req);
  return {
    ...(interrupted?.userId === userId ? { interrupted } : {}),
    ...(keptPost?.userId === userId ? { keptPost } : {}),
  };
}

/** The post that waits to be sent again, or `undefined`. */
export function keptPostOf(req: HttpRequest, userId: string, now: number): KeptPost | undefined {
  const { keptPost } = stateOf(req);
  const waits = keptPost?.userId === userId && now - keptPost.at < REMEMBERED;
  return waits ? keptPost : undefined;
}

/** Whether a post of this user was interrupted a moment ago. */
export function wasInterrupted(req: HttpRequest, userId: string, now: number): boolean {
  const { interrupted } = stateOf(req);
  return interrupted?.userId === userId && now - interrupted.at < REMEMBERED;
}

/** Whether a post of this user was interrupted just now. Told once, to the page it came from. */
export function takeInterrupted(req: HttpRequest, { userId, verifiedAt }: Mark, now: number) {
  const { interrupted } = stateOf(req);
  if (interrupted === undefined) return false;
  // The user is not back yet: the page that asks is one on the way.
  if (interrupted.userId === userId && verifiedAt < interrupted.at) return false;
  const told = wasInterrupted(req, userId, now);
  changeState(req, { interrupted: undefined });
  return told;
}

/** The post was sent again, or another one in its place. */
export function forgetKeptPost(req: HttpRequest): void {
  const { keptPost } = stateOf(req);
  if (isSafe(req) || keptPost?.path !== req.originalUrl) return;
  changeState(req, { keptPost: undefined, interrupted: undefined });
}

async function readPost(req: HttpRequest): Promise<Pick<KeptPost, 'path' | 'fields'> | undefined> {
  const path = localPath(req.originalUrl);
  const type = req.headers['content-type'] ?? '';
  const form = /^application\/x-www-form-urlencoded\b/i.test(type);
  if (req.method !== 'POST' || path === undefined || path !== req.originalUrl || !form) {
    return undefined;
  }
  if ((await readBody(req)) !== undefined) return undefined;
  const fields = fieldsOf(req.body);
  const fits = new URLSearchParams(fields).toString().length <= LARGEST_POST;
  return fits ? { path, fields } : undefined;
}

/** The fields of a body as the app's parser left them, under the names that they came with. */
function fieldsOf(body: unknown, prefix = ''): [string, string][] {
  if (typeof body === 'string') return [[prefix, body]];
  if (typeof body !== 'object' || body === null) return [];
  return Object.keys(body).flatMap((key) => {
    const value = own(body, key);
    if (prefix === '') return fieldsOf(value, key);
    const repeated = Array.isArray(body) && typeof value === 'string';
    // A list of one comes of `name[]` only; under its bare name it would be a text.
    const list = Array.isArray(body) && body.length === 1 ? `${prefix}[]` : prefix;
    return fieldsOf(value, repeated ? list : `${prefix}[${key}]`);
  });
}

/** Where Passport's `successReturnToOrRedirect` looks, too. */
const RETURN_TO = 'returnTo';

/**
 * Remembers the path that the gate interrupted. Only of a page view: a form post cannot be repeated
 * by a redirect, so its user goes back to the page it came from, where that is of this host.
 */
export function rememberPath(req: HttpRequest, mountPath: string): void {
  const wanted = isSafe(req) ? localPath(req.originalUrl) : refererPath(req);
  if (wanted === undefined || `${wanted}/`.startsWith(`${mountPath}/`)) return;
  sessionOf(req)[RETURN_TO] = wanted;
}

/** The post that was interrupted is kept: the user comes to the page that sends it again. */
export function returnToResume(req: HttpRequest, mountPath: string): void {
  sessionOf(req)[RETURN_TO] = `${mountPath}/resume`;
}

/** The remembered path, checked again (the app may have set it), and forgotten. */
export function takePath(req: HttpRequest): string | undefined {
  const session = sessionOf(req);
  const path = localPath(session[RETURN_TO]);
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- the key is a constant
  delete session[RETURN_TO];
  return path;
}

/** Whether the gate sent the user here, from a path that stays shut until they are done. */
export function wantsPath(req: HttpRequest): boolean {
  return typeof sessionOf(req)[RETURN_TO] === 'string';
}

/** Leaves a remembered path for Passport only where it is a safe one. */
export function cleanPath(req: HttpRequest): void {
  const path = takePath(req);
  if (path !== undefined) sessionOf(req)[RETURN_TO] = path;
}

function refererPath(req: HttpRequest): string | undefined {
  const { referer, host } = req.headers;
  if (referer === undefined || !URL.canParse(referer)) return undefined;
  const url = new URL(referer);
  return url.host === host ? localPath(`${url.pathname}${url.search}`) : undefined;
}
