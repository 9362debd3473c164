import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';

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
