import express from 'express';
import type { Core, Requester } from '../core/core';
import { refuse, secondsUntil, type Refusal } from '../core/outcomes';
import { own } from '../core/untrusted';
import { timeLimit } from '../time-limit';
import { tellWithoutAddress } from './client-address';
import type { Edge } from './edge';
import { isJson, type HttpRequest } from './http';
import { checkNewIds, isSignedIn, requesterOf } from './requester';

/** No body of this API needs more. */
const LARGEST_BODY = 10_240;
/** How long it may take to arrive, in milliseconds. */
const BODY_TIME_LIMIT = 5_000;

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- Express's own types stay inside
type Parser = (req: any, res: any, next: (error?: unknown) => void) => void;
const parseJson: Parser = express.json({ limit: LARGEST_BODY });
const parseForm: Parser = express.urlencoded({ limit: LARGEST_BODY, extended: false });

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
  const unread = await readBody(req);
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
export function isCrossSite(req: HttpRequest, origins: ReadonlySet<string>): boolean {
  const { origin, host } = req.headers;
  const site = req.headers['sec-fetch-site'];
  const listed = origin !== undefined && origins.has(origin);
  if (site !== undefined) return !(site === 'same-origin' || site === 'none' || listed);
  if (origin !== undefined) return !(listed || (host !== undefined && isOfHost(origin, host)));
  const type = req.headers['content-type'];
  return type !== undefined && !isJson(req) && !/^application\/x-www-form-urlencoded\b/i.test(type);
}

function isOfHost(origin: string, host: string): boolean {
  if (origin === `https://${host}` || origin === `http://${host}`) return true;
  // Written otherwise: with the default port, or in capitals.
  return URL.canParse(origin) && new URL(origin).host === host;
}

/**
 * Reads the body, whether or not the app has parsed it already. Returns a refusal where it is too
 * large or not what its content type says; never an error of the server.
 */
export async function readBody(req: HttpRequest): Promise<Refusal | undefined> {
  // Also of a body that the app's own, more generous parser has taken in.
  if (Number(req.headers['content-length'] ?? 0) > LARGEST_BODY) return refuse('request_too_large');
  const text = arrivedText(req);
  if (text !== undefined) return takeJson(req, text) ? undefined : refuse('request_malformed');
  const parse = isJson(req) ? parseJson : parseForm;
  const parsed = new Promise<unknown>((resolve) => {
    parse(req, req.res, resolve);
  });
  // A client that sends slowly chooses how old the session and the user of its request get.
  const error = await timeLimit(parsed, BODY_TIME_LIMIT).catch(() => 'late');
  if (error === undefined) return undefined;
  if (error === 'late') req.res?.setHeader('Connection', 'close');
  return refuse(
    own(error, 'type') === 'entity.too.large' ? 'request_too_large' : 'request_malformed',
  );
}

const decoder = new TextDecoder();

/**
 * The whole body, where it is JSON that nobody has read and that has come with the head of its request,
 * as small ones do: it is at hand. Whatever is not as plain as that is the parsers' affair.
 */
function arrivedText(req: HttpRequest): string | undefined {
  const { headers, readableLength } = req;
  const isPlain =
    /^application\/json(?:; ?charset=utf-8)?$/i.test(headers['content-type'] ?? '') &&
    headers['content-encoding'] === undefined &&
    readableLength > 0 &&
    headers['content-length'] === String(readableLength);
  const isUnread = req.complete && req.readableFlowing === null && req.body === undefined;
  const bytes: unknown = isPlain && isUnread ? req.read() : undefined;
  return bytes instanceof Uint8Array ? decoder.decode(bytes) : undefined;
}

/** Takes it for the body, as `express.json()` does, which then knows by `_body` that it was read. */
function takeJson(req: HttpRequest & { _body?: boolean }, text: string): boolean {
  req._body = true;
  try {
    req.body = JSON.parse(text) as unknown;
  } catch {
    return false;
  }
  return typeof req.body === 'object' && req.body !== null;
}

/** A field of the body, and of nothing else: not of the query, a cookie or a header. */
export function field(req: HttpRequest, name: string): unknown {
  return own(req.body, name);
}

/** Whether the body is an object of fields at all. */
export function hasFields(req: HttpRequest): boolean {
  return typeof req.body === 'object' && req.body !== null && !Array.isArray(req.body);
}

/**
 * Malformed input counts for the address that sends it, never for the user: a broken client must
 * not lock anybody out, and a fuzzer must not go on for ever [S34].
 */
async function countMalformed<Answer extends { ok: true }>(
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
