import type { IncomingMessage, ServerResponse } from 'node:http';

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

/** GET and HEAD change nothing and may be repeated by a redirect. */
export function isSafe(req: HttpRequest): boolean {
  return req.method === 'GET' || req.method === 'HEAD';
}
