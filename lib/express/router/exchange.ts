import type { Requester } from '../../core/core';
import type { Refusal } from '../../core/outcomes';
import type { PageModel } from '../../pages/models';
import type { Edge } from '../edge';
import type { HttpRequest, HttpResponse } from '../http';
import { stateOf, type NoticeName } from '../session-state';

/** One request to the router, of a user who is signed in. */
export interface Exchange {
  edge: Edge;
  req: HttpRequest;
  res: HttpResponse;
  who: Requester;
}

/** What a handler answers. */
export type Reply = Refused | Success;

interface Refused extends Refusal {
  /** For browsers: where a step-up that is asked for leads back to. */
  backTo?: string;
}

export interface Success {
  ok: true;
  status: number;
  /** For JSON. */
  document?: unknown;
  /** For browsers: what is shown, or where they go instead. */
  page?: PageModel;
  location?: string;
  /** For browsers: what the library's own page says there, once. */
  notice?: NoticeName;
  /** For browsers: a text to be kept as a file of this name. */
  file?: { name: string; text: string };
}

export type Handler = (exchange: Exchange) => Promise<Reply>;

/** How long the gate's wish for a step-up shows the challenge to a verified session; 10 min. */
const STEP_UP_DUE = 600_000;

/** Whether a gate, or a change of the factor, asked this session to step up a moment ago. */
export function isStepUpDue(req: HttpRequest, now: number): boolean {
  const { stepUpSince } = stateOf(req);
  return stepUpSince !== undefined && now - stepUpSince < STEP_UP_DUE;
}
