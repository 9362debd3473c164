import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { addressBlock, UNKNOWN } from '../core/keyring';
import { saidAtOnce } from '../core/untrusted';
import { safeWords } from '../errors';
import { acceptedLanguages, type Words } from '../locales/locales';
import type { Edge } from './edge';

/**
 * What Express, express-session and Passport put on a request, described by shape: an app compiles
 * against any version of their types, or without them.
 */
export interface HttpRequest extends IncomingMessage {
  originalUrl?: string;
  baseUrl?: string;
  path?: string;
  ip?: string | undefined;
  secure?: boolean;
  body?: unknown;
  params?: Record<string, string>;
  session?: HttpSession | undefined;
  sessionID?: string;
  /** The store that express-session uses. */
  sessionStore?: unknown;
  user?: unknown;
  csrfToken?: () => unknown;
  /** Express puts the response here. */
  res?: HttpResponse;
  accepts?: (types: string[]) => string | false;
}

export interface HttpSession {
  cookie: {
    originalMaxAge: number | null;
    maxAge?: number | null;
    domain?: unknown;
    path?: unknown;
    sameSite?: unknown;
    httpOnly?: unknown;
    secure?: unknown;
    priority?: unknown;
    partitioned?: unknown;
  };
  regenerate(done: (error: unknown) => void): unknown;
  save(done: (error: unknown) => void): unknown;
  [key: string]: unknown;
}

/** What Express adds to a response; the library itself uses Node's own part. */
export interface HttpResponse extends ServerResponse {
  render?: (view: string, model: object, done: (error: unknown, text?: unknown) => void) => void;
  locals?: Record<string, unknown>;
}

export type Next = (error?: unknown) => void;

/** A middleware for any Express, by its shape. */
export type Middleware = (req: IncomingMessage, res: ServerResponse, next: Next) => void;

/** Turns an async handler into a middleware whose rejection reaches Express 4 and 5 alike. */
export function middleware(
  handler: (req: HttpRequest, res: HttpResponse, next: Next) => Promise<void>,
): Middleware {
  return (req, res, next) => {
    handler(req as HttpRequest, res, next).catch(next);
  };
}

/**
 * Whether the client wants a page. JSON in the body asks for JSON back; so does an `Accept` that
 * does not prefer HTML.
 */
export function wantsPage(req: HttpRequest): boolean {
  if (isJson(req)) return false;
  return req.accepts?.(['json', 'html']) === 'html';
}

export function isJson(req: HttpRequest): boolean {
  return /^application\/(?:[^;]+\+)?json\b/i.test(req.headers['content-type'] ?? '');
}

export function isForm(req: HttpRequest): boolean {
  return /^application\/x-www-form-urlencoded\b/i.test(req.headers['content-type'] ?? '');
}

/** GET and HEAD change nothing and may be repeated by a redirect. */
export function isSafe(req: HttpRequest): boolean {
  return req.method === 'GET' || req.method === 'HEAD';
}

/** The languages of requests, once they were asked for. */
const languages = new WeakMap<HttpRequest, Words>();

/** The language of a request: what the app says of it, else what its browser asks for, else English. */
export function languageOf(edge: Edge, req: HttpRequest): Words {
  const before = languages.get(req);
  if (before !== undefined) return before;
  const { locales } = edge.settings;
  const wanted = acceptedLanguages(req.headers['accept-language']);
  const own = ownLocale(edge, req);
  const words = locales.best(own === undefined ? wanted : [own, ...wanted]);
  languages.set(req, words);
  return words;
}

/** What the app's `locale` says. A page in the wrong language is better than none. */
function ownLocale(edge: Edge, req: HttpRequest): string | undefined {
  const { locale } = edge.settings;
  if (locale === undefined) return undefined;
  try {
    const given = saidAtOnce(locale(req));
    if (given === undefined || typeof given === 'string') return given;
    throw new TypeError('it gave no text; look the language up before, and give it or undefined.');
  } catch (error) {
    const says = error instanceof Error ? error.message : String(error);
    edge.core.tell?.(
      'warn',
      'locale',
      `locale failed, and the browser's language is used: ${safeWords(says)}`,
    );
    return undefined;
  }
}

/**
 * The address of the client, as Express's `trust proxy` vouches for it; `undefined` where there is
 * none, as behind a unix socket. A client that has hung up is one of unknown address: it must not
 * choose to have none.
 */
export function addressOf(req: HttpRequest): string | undefined {
  const { ip = '' } = req;
  const known = addresses.get(ip);
  if (known !== undefined) return known;
  const address = readAddress(ip);
  if (address === undefined) return hasGone(req) ? UNKNOWN : undefined;
  if (addresses.size >= MOST_ADDRESSES) addresses.clear();
  if (ip.length <= LONGEST_ADDRESS) addresses.set(ip, address);
  return address;
}

/** What was read of those that came last: to read one of IPv6 takes longer than all else at the gate. */
const addresses = new Map<string, string>();
const MOST_ADDRESSES = 1_024;
/** With brackets, port, zone and quotes; a header may say more. */
const LONGEST_ADDRESS = 64;

/**
 * The address of a client as a proxy may have written it into a header: with a port, in brackets or
 * quotes, with a zone. `undefined` where there is none to be read, such as `unknown` and `_hidden`
 * (RFC 7239 §6).
 */
export function readAddress(given: unknown): string | undefined {
  if (typeof given !== 'string') return undefined;
  const text = given.trim().replace(/^"(.*)"$/, '$1');
  const bare =
    /^\[([^\]]*)\](?::[\w.-]*)?$/.exec(text)?.[1] ??
    /^(\d+(?:\.\d+){3})(?::[\w.-]*)?$/.exec(text)?.[1] ??
    text;
  const address = bare.replace(/%[\w.-]*$/, '');
  return addressBlock(address) === UNKNOWN ? undefined : address;
}

/**
 * Also where Node has not noticed it yet: a reset that comes right behind its request leaves a
 * connection over TCP that has an address on this side only. A unix socket has none on either.
 */
export function hasGone({ ip, socket }: Partial<Pick<HttpRequest, 'ip' | 'socket'>>): boolean {
  if (socket === undefined) return false;
  const { destroyed, localAddress, remoteAddress } = socket;
  const isReset = localAddress !== undefined && remoteAddress === undefined;
  return destroyed || (ip === undefined && isReset);
}

/** Headers of every answer of the library: nothing of it is kept, guessed at or referred from. */
export function guardHeaders(res: HttpResponse): void {
  res.setHeader('Cache-Control', 'no-store');
  res.setHeader('Referrer-Policy', 'same-origin');
  res.setHeader('X-Content-Type-Options', 'nosniff');
}

export function sendJson(res: HttpResponse, status: number, document: unknown): void {
  guardHeaders(res);
  send(res, status, 'application/json; charset=utf-8', JSON.stringify(document));
}

/** The headers that guard it are set by whoever calls this. */
export function send(res: HttpResponse, status: number, type: string, body: string): void {
  res.statusCode = status;
  res.setHeader('Content-Type', type);
  res.setHeader('Content-Length', Buffer.byteLength(body));
  res.end(body);
}

/** Calls back when the app has its answer ready, also where the browser has gone by then. */
export function onEnd(res: HttpResponse, callback: () => void): void {
  const end = res.end.bind(res) as (...args: unknown[]) => HttpResponse;
  res.end = ((...args: unknown[]) => {
    callback();
    return end(...args);
  }) as HttpResponse['end'];
}

/** By response, the cookies that it is to bring, by name. */
const waiting = new WeakMap<ServerResponse, Map<string, string>>();

/**
 * Adds a cookie to an answer in the moment that its headers are written. What the app does with
 * `Set-Cookie` until then, such as a `setHeader` of its own, an object of `writeHead` or the headers
 * of another server, cannot drop it. A later one of the same name takes its place.
 *
 * An answer with such a cookie must not come to others from a cache: it gets `no-store`.
 */
export function addCookie(res: ServerResponse, name: string, line: string): void {
  const known = waiting.get(res);
  if (known !== undefined) {
    known.set(name, line);
    return;
  }
  const cookies = new Map([[name, line]]);
  waiting.set(res, cookies);
  // All roads lead through it: `end`, `write` and `flushHeaders` without it call it themselves.
  const writeHead = res.writeHead.bind(res) as (...given: unknown[]) => ServerResponse;
  res.writeHead = (status: number, ...given: unknown[]) => {
    if (res.headersSent) return writeHead(status, ...given);
    const reason = typeof given[0] === 'string' ? given.slice(0, 1) : [];
    setHeaders(res, (given[1] ?? given[reason.length]) as GivenHeaders | undefined);
    const set = [res.getHeader('Set-Cookie') ?? []].flat().map(String);
    const others = set.filter((each) => !cookies.has(each.split('=', 1)[0] ?? ''));
    res.setHeader('Set-Cookie', [...others, ...cookies.values()]);
    res.setHeader('Cache-Control', 'no-store');
    return writeHead(status, ...reason);
  };
}

type GivenHeaders =
  | OutgoingHttpHeaders
  | readonly (string | number | readonly string[])[]
  | readonly (readonly [string, string])[];

/** The headers that `writeHead` was given, as Node would set them: each takes the place of what was set. */
function setHeaders(res: ServerResponse, given: GivenHeaders | undefined): void {
  if (given === undefined) return;
  if (!Array.isArray(given)) {
    for (const [name, value] of Object.entries(given)) {
      if (value !== undefined) res.setHeader(name, value);
    }
    return;
  }
  const pairs = pairsOf(given as readonly unknown[]);
  for (const [name] of pairs) res.removeHeader(name);
  for (const [name, value] of pairs) res.appendHeader(name, value);
}

/** Lists are flat, `[name, value, name, value]`, or of pairs. */
function pairsOf(list: readonly unknown[]): [name: string, value: string | string[]][] {
  if (Array.isArray(list[0])) return list as [string, string | string[]][];
  return list.flatMap((name, index) =>
    index % 2 === 0 ? [[String(name), list[index + 1] as string | string[]]] : [],
  );
}
