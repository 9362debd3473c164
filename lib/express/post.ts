import express from 'express';
import type { Core, Requester } from '../core/core';
import { refuse, secondsUntil, type Refusal } from '../core/outcomes';
import { own } from '../core/untrusted';
import { timeLimit } from '../time-limit';
import { tellWithoutAddress } from './client-address';
import type { Edge } from './edge';
import { isForm, isJson, type HttpRequest } from './http';
import { tellOperator } from './operator';
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
  if (site === 'same-origin' || site === 'none') return false;
  const isHere = site === undefined && host !== undefined;
  if (origin !== undefined) return !((isHere && isOfHost(origin, host)) || origins.has(origin));
  if (site !== undefined) return true;
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

/** No body of this API needs more. */
const LARGEST_BODY = 10_240;
/** How long it may take to arrive, in milliseconds. */
const BODY_TIME_LIMIT = 5_000;

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- Express's own types stay inside
type Parser = (req: any, res: any, next: (error?: unknown) => void) => void;
const parseJson: Parser = express.json({ limit: LARGEST_BODY });
const parseForm: Parser = express.urlencoded({ limit: LARGEST_BODY, extended: false });

/**
 * Reads the body, whether or not the app has parsed it already. Returns a refusal where it is too
 * large or not what its content type says; never an error of the server.
 */
export async function readBody(edge: Edge, req: HttpRequest): Promise<Refusal | undefined> {
  // Also of a body that the app's own, more generous parser has taken in.
  if (Number(req.headers['content-length'] ?? 0) > LARGEST_BODY) return refuse('request_too_large');
  if (wasRead(req)) return takeRead(edge, req);
  const text = arrivedText(req);
  if (text !== undefined) return takeJson(req, text) ? undefined : refuse('request_malformed');
  const parse = isJson(req) ? parseJson : parseForm;
  const parsed = new Promise<unknown>((resolve) => {
    parse(req, req.res, resolve);
  });
  // A middleware that waited for something may have paused it, and left that to who reads it.
  if (req.readableFlowing === false) req.resume();
  // A client that sends slowly chooses how old the session and the user of its request get.
  const error = await timeLimit(parsed, BODY_TIME_LIMIT).catch(() => 'late');
  if (error === undefined) return undefined;
  if (error === 'late') req.res?.setHeader('Connection', 'close');
  return refuse(
    own(error, 'type') === 'entity.too.large' ? 'request_too_large' : 'request_malformed',
  );
}

/**
 * Whether somebody has read of the body, or is at it. Asked of the stream: not every parser leaves a
 * mark on the request, and the one of another version does not know it.
 */
export function wasRead(req: HttpRequest): boolean {
  return req.readableDidRead || req.readableEnded || req.readableFlowing === true;
}

/** What another parser has left of it. */
function takeRead(edge: Edge, req: HttpRequest): Refusal | undefined {
  const { body, headers } = req;
  if (isText(body)) {
    if (body.length > LARGEST_BODY) return refuse('request_too_large');
    return bodyOf(req) === undefined ? refuse('request_malformed') : undefined;
  }
  if (body !== undefined) return undefined;
  // It was given up halfway.
  if (!req.readableEnded) return refuse('request_malformed');
  const length = headers['content-length'] ?? headers['transfer-encoding'] ?? '0';
  if (length !== '0') {
    tellOperator(
      edge,
      'SMS2FA_BODY',
      'The body of a post was read before it came to passport-sms-2fa, and req.body is not set: its fields are lost.',
      'Mount router() above what reads it, or a parser such as express.json() in its place.',
    );
  }
  return undefined;
}

/**
 * The body as an object of its fields, whichever parser has read it: what `express.raw()`, `express.text()`
 * and the like leave is read by its content type, and lists of pairs (`Map`, `FormData`,
 * `URLSearchParams`) by their names. `undefined` where it is none of them.
 */
export function bodyOf(req: HttpRequest): object | undefined {
  const { body } = req;
  if (isText(body)) return parsedText(req, typeof body === 'string' ? body : decoder.decode(body));
  if (typeof body !== 'object' || body === null) return undefined;
  return hasPairs(body) ? fromPairs(body.entries()) : body;
}

const decoder = new TextDecoder();

function isText(body: unknown): body is string | Uint8Array {
  return typeof body === 'string' || body instanceof Uint8Array;
}

function parsedText(req: HttpRequest, text: string): object | undefined {
  if (isForm(req)) return fromPairs(new URLSearchParams(text));
  if (!isJson(req)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

type Pairs = Iterable<[unknown, unknown]>;

/** By shape: a polyfill or another realm has a class of its own. No JSON has a function in it. */
function hasPairs(body: object): body is { entries: () => Pairs } {
  const { entries, get } = body as Record<string, unknown>;
  return !Array.isArray(body) && typeof entries === 'function' && typeof get === 'function';
}

/**
 * As Node's own parser of forms makes it: no prototype, and a list of what is there twice. A name that
 * is there thousands of times costs no more than as many names.
 */
function fromPairs(pairs: Pairs): object {
  const lists = new Map<string, unknown[]>();
  for (const [key, value] of pairs) {
    const name = String(key);
    const known = lists.get(name);
    if (known === undefined) lists.set(name, [value]);
    else known.push(value);
  }
  const fields = Object.create(null) as Record<string, unknown>;
  for (const [name, values] of lists)
    fields[name] = values.length === 1 ? values[0] : values.flat();
  return fields;
}

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

/** Takes it for the body, as `express.json()` does; that of Express 4 then knows by `_body` that it was read. */
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
  return own(bodyOf(req), name);
}

/** Whether the body is an object of fields at all. */
export function hasFields(req: HttpRequest): boolean {
  const body = bodyOf(req);
  return body !== undefined && !Array.isArray(body);
}
