import { PASSWORD } from '../../core/amr';
import type { Requester } from '../../core/core';
import type { Refusal } from '../../core/outcomes';
import type { Frame } from '../../pages/layout';
import type { Edge } from '../edge';
import type { HttpRequest, HttpResponse } from '../http';

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
export function frameOf({ settings }: Edge, req: HttpRequest): Frame {
  const { appName, mountPath, homePath, logoutPath, firstFactor } = settings;
  const byPassword = typeof firstFactor !== 'function' && firstFactor.includes(PASSWORD);
  // csurf, csrf-sync, csrf-csrf and lusca all offer the token this way.
  const token = typeof req.csrfToken === 'function' ? req.csrfToken() : undefined;
  const csrfToken = typeof token === 'string' ? token : undefined;
  return { appName, mountPath, homePath, logoutPath, byPassword, csrfToken };
}
