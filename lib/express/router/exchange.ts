import type { Requester } from '../../core/core';
import type { Refusal } from '../../core/outcomes';
import type { PageModel } from '../../pages/models';
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
  page?: PageModel;
  location?: string;
}

export type Handler = (exchange: Exchange) => Promise<Reply>;
