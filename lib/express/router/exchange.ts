import type { Requester } from '../../core/core';
import type { Refusal } from '../../core/outcomes';
import type { Frame } from '../../pages/layout';
import type { Edge } from '../edge';
import type { HttpRequest, HttpResponse } from '../http';
import { plainFrame } from '../respond';

/** One request to the router, of a user who is signed in. */
export interface Exchange {
  edge: Edge;
  req: HttpRequest;
  res: HttpResponse;
  who: Requester;
}

/** What a handler answers. */
export type Reply = Refusal | Success;

export interface Success {
  ok: true;
  status: number;
  /** For JSON. */
  document?: unknown;
  /** For browsers: what is shown, or where they go instead. */
  page?: string;
  location?: string;
}

export type Handler = (exchange: Exchange) => Promise<Reply>;

/** What every page of this request knows. */
export function frameOf(edge: Edge, req: HttpRequest): Frame {
  const { domain, logoutPath } = edge.settings;
  // csurf, csrf-sync, csrf-csrf and lusca all offer the token this way.
  const token = typeof req.csrfToken === 'function' ? req.csrfToken() : undefined;
  const csrfToken = typeof token === 'string' ? token : undefined;
  return { ...plainFrame(edge), domain, logoutPath, csrfToken };
}
