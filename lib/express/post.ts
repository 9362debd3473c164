import type { Core, Requester } from '../core/core';
import { refuse, secondsUntil, type Refusal } from '../core/outcomes';
import { readBody } from './body';
import { tellWithoutAddress } from './client-address';
import type { Edge } from './edge';
import { isForm, isJson, type HttpRequest } from './http';
import { checkNewIds, isSignedIn, requesterOf } from './requester';

/**
 * Everything that changes something passes the same guards, in the same order, whoever asks for it:
 * the router, the strategy or `challenge()`. A page that is only viewed or fetched ahead never gets
 * here [S55], nor does a form of another site, nor anybody who is not signed in.
 */
export async function guardedPost<Answer extends { ok: true }>(
  edge: Edge,
  req: HttpRequest,
  act: (who: Requester) => Promise<Answer | Refusal>,
): Promise<Answer | Refusal> {
  if (isCrossSite(req, edge.settings.origins)) return refuse('cross_site_request');
  if (!isSignedIn(edge, req)) return refuse('not_authenticated');
  checkNewIds(req);
  const unread = await readBody(edge, req);
  // After the body: its client chooses how long that takes, and much may change meanwhile.
  const who = await requesterOf(edge, req);
  if (who === undefined) return refuse('not_authenticated');
  if (who.address === undefined) tellWithoutAddress(edge, req);
  const answer = await countMalformed(edge.core, who, unread ?? (await act(who)));
  // It has ended, whatever became of who ended it: left in the store it would look signed in, to the
  // app's login page too, and could do nothing.
  if (!answer.ok && answer.code === 'not_authenticated') {
    await edge.sessions.discard(who.sessionId).catch(() => undefined);
  }
  return answer;
}

/**
 * Whether a request that changes something comes from a page of another site (ASVS 3.5.1–3.5.3).
 *
 * `Sec-Fetch-Site` decides where a browser sends it; else `Origin` must be this host or a listed
 * one. A request with neither is no browser's of today: it may pass as JSON or as a form, but not
 * as `text/plain` or the like, which an old browser sends across sites without asking.
 */
export function isCrossSite(req: HttpRequest, origins: Edge['settings']['origins']): boolean {
  const { origin, host } = req.headers;
  const site = req.headers['sec-fetch-site'];
  const listed = origin !== undefined && origins.has(origin);
  if (site !== undefined) return !(site === 'same-origin' || site === 'none' || listed);
  if (origin !== undefined) return !(listed || (host !== undefined && isOfHost(origin, host)));
  const type = req.headers['content-type'];
  return type !== undefined && !isJson(req) && !isForm(req);
}

function isOfHost(origin: string, host: string): boolean {
  if (origin === `https://${host}` || origin === `http://${host}`) return true;
  // Written otherwise: with the default port, or in capitals.
  return URL.canParse(origin) && new URL(origin).host === host;
}

/**
 * Malformed input counts for the address that sends it, never for the user: a broken client must
 * not lock anybody out, and a fuzzer must not go on for ever [S34].
 */
export async function countMalformed<Answer extends { ok: true }>(
  { counter, keyring, limits }: Core,
  who: Requester,
  answer: Answer | Refusal,
): Promise<Answer | Refusal> {
  if (answer.ok || (answer.code !== 'code_malformed' && answer.code !== 'request_malformed')) {
    return answer;
  }
  const address = keyring.subjects.address(who.address, who.userId);
  const { ok, full, places } = await counter.settle({
    take: limits.malformedPerAddress.map(({ count, seconds }) => ({
      key: `${address}#malformed.${seconds}`,
      window: seconds * 1_000,
      limit: count,
      common: true,
    })),
  });
  if (ok) return answer;
  const left = Math.max(...full.map(({ key }) => places.get(key)?.left ?? 0));
  return refuse('too_many_attempts', { retryAfter: secondsUntil(left, 0) });
}
