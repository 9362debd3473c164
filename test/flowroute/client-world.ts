import type { FlowrouteClientOptions } from '../../lib/flowroute/client-options';
import { FlowrouteClient } from '../../lib/flowroute/client';
import type { FlowrouteError } from '../../lib/flowroute/flowroute-error';
import type { Timing } from '../../lib/flowroute/rate-limiter';
import {
  answerWith,
  BODY,
  FROM,
  KEYS,
  TO,
  failureOf,
  type Answer,
} from '../senders/carrier-server';
import { VirtualTime } from './virtual-time';

export const ID = 'mdr2-39cadeace66e11e7aff806cd7f24ba2d';
export const TEXT = { from: FROM, to: TO, body: BODY };
export const TAKEN = answerWith(202, { data: { id: ID, type: 'message' } });

/** A client that never waits in real time, and shares no line with another. */
export function clientOf(
  baseUrl: string,
  options: Partial<FlowrouteClientOptions> = {},
  timing: Timing = impatient(),
): FlowrouteClient {
  return new FlowrouteClient({ ...KEYS, baseUrl, ...options }, timing);
}

/** A timing that remembers how long it should have waited, and does not. */
export function impatient(waits: number[] = [], random: () => number = () => 0.5): Timing {
  const time = new VirtualTime();
  return {
    clock: time.clock,
    random,
    wait: (milliseconds) => {
      waits.push(milliseconds);
      time.now += milliseconds;
      return Promise.resolve();
    },
  };
}

/** The error of a call that must fail. */
export async function failedCall(call: Promise<unknown>): Promise<FlowrouteError> {
  return (await failureOf(call)) as unknown as FlowrouteError;
}

/** Everything that a list yields. */
export async function all<T>(list: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of list) items.push(item);
  return items;
}

/** Answers one request after the other as told; the last answer goes on. */
export function inTurn(...answers: Answer[]): Answer {
  let next = 0;
  return (res, req) => {
    const answer = answers[Math.min(next, answers.length - 1)];
    next += 1;
    answer?.(res, req);
  };
}

/** The generic shape of every error of the carrier. */
export function carrierError(status: number, detail: unknown = 'Something is wrong.') {
  const id = '7fcfd1cd-486b-4159-8484-b710bd4bbab4';
  return answerWith(status, { errors: [{ detail, id, status, title: 'A title' }] });
}

export const reset: Answer = (_res, req) => {
  req.socket.resetAndDestroy();
};
