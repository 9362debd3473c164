import express from 'express';
import { own } from '../core/own';
import { refuse, type Refusal } from '../core/outcomes';
import { timeLimit } from '../time-limit';
import type { HttpRequest } from './http';

/** No body of this API needs more. */
const LARGEST_BODY = 10_240;
/** How long it may take to arrive, in milliseconds. */
const BODY_TIME_LIMIT = 5_000;

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- Express's own types stay inside
type Parser = (req: any, res: any, next: (error?: unknown) => void) => void;
const PARSERS: Parser[] = [
  express.json({ limit: LARGEST_BODY }),
  express.urlencoded({ limit: LARGEST_BODY, extended: false }),
];

/**
 * Reads the body, whether or not the app has parsed it already. Returns a refusal where it is too
 * large or not what its content type says; never an error of the server.
 */
export async function readBody(req: HttpRequest): Promise<Refusal | undefined> {
  // Also of a body that the app's own, more generous parser has taken in.
  if (Number(req.headers['content-length'] ?? 0) > LARGEST_BODY) return refuse('request_too_large');
  for (const parse of PARSERS) {
    const parsed = new Promise<unknown>((resolve) => {
      parse(req, req.res, resolve);
    });
    // A client that sends slowly chooses how old the session and the user of its request get.
    const error = await timeLimit(parsed, BODY_TIME_LIMIT).catch(() => 'late');
    if (error === undefined) continue;
    if (error === 'late') req.res?.setHeader('Connection', 'close');
    return refuse(
      own(error, 'type') === 'entity.too.large' ? 'request_too_large' : 'request_malformed',
    );
  }
  return undefined;
}

/** A field of the body, and of nothing else: not of the query, a cookie or a header. */
export function field(req: HttpRequest, name: string): unknown {
  return own(req.body, name);
}

/** Whether the body is an object of fields at all. */
export function hasFields(req: HttpRequest): boolean {
  return typeof req.body === 'object' && req.body !== null && !Array.isArray(req.body);
}
