import type { RequestHandler } from 'express';

import type { Carrier } from '../carrier';
import { sendCarrierError } from './carrier-errors';

/** What Flowroute takes by default: 5 attempts in a second, by access key and endpoint. */
const LIMIT = 5;
const WINDOW_MS = 1_000;

/**
 * Counts attempts as Flowroute does: every one of the last 1000 ms counts, also those that were
 * turned away, so whoever keeps hammering stays out.
 */
export class RateWindow {
  readonly #attempts = new Map<string, number[]>();
  readonly #clock: () => number;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Counts one attempt and answers whether it is still within the limit. */
  attempt(endpoint: string): boolean {
    const now = this.#clock();
    const recent = (this.#attempts.get(endpoint) ?? []).filter((at) => now - at < WINDOW_MS);
    recent.push(now);
    this.#attempts.set(endpoint, recent);
    return recent.length <= LIMIT;
  }

  clear(): void {
    this.#attempts.clear();
  }
}

/** Answers 429 to what is too much for one endpoint. A simulator has one access key. */
export function limitRate({ rate }: Carrier, endpoint: string): RequestHandler {
  return (_req, res, next) => {
    if (rate.attempt(endpoint)) next();
    else sendCarrierError(res, 429, 'Rate limits are defined per API endpoint.');
  };
}
