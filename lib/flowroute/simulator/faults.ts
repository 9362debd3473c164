import express, { type Router } from 'express';

import { onlyMethods, sendCarrierError } from './carrier-errors';
import { fieldsOf, plainBody } from './request-body';

/** Every failure that a carrier was seen to show. */
export const FAULT_MODES = [
  '401',
  '403',
  '422',
  '429',
  '500',
  '503',
  'html-502',
  'hang',
  'reset',
  'slow',
  'no-title',
  'object-detail',
  'opted-out',
  'accepted-but-lost',
  'accepted-never-delivered',
] as const;

export type FaultMode = (typeof FAULT_MODES)[number];

/** What happens to the next attempts to send, whoever makes them. */
export interface Fault {
  mode: FaultMode;
  /** For `slow`: how long the answer takes, in milliseconds. */
  delayMs: number;
}

const MOST_FAULTS = 1_000;
const SLOW_MS = 3_000;
const SLOWEST_MS = 60_000;

/** Faults in the order in which they were asked for; each serves one attempt. */
export class FaultQueue {
  #faults: Fault[] = [];

  add(fault: Fault, times: number): void {
    this.#faults.push(...Array.from({ length: times }, () => fault));
    this.#faults.length = Math.min(this.#faults.length, MOST_FAULTS);
  }

  /** Takes the next fault out; `undefined` where all goes well. */
  next(): Fault | undefined {
    return this.#faults.shift();
  }

  modes(): FaultMode[] {
    return this.#faults.map(({ mode }) => mode);
  }

  clear(): void {
    this.#faults = [];
  }
}

/**
 * `POST /faults {mode, times?, delayMs?}` arms a fault for the next attempts to send (1 unless
 * `times` says more), `GET /faults` shows what is armed, `DELETE /faults` disarms all.
 */
export function faultsRouter(faults: FaultQueue): Router {
  const router = express.Router();
  router.post('/', plainBody, (req, res) => {
    const { mode, times = 1, delayMs = SLOW_MS } = fieldsOf(req.body);
    const known = FAULT_MODES.find((name) => name === mode || Number(name) === mode);
    if (known === undefined) {
      sendCarrierError(res, 422, `mode must be one of ${FAULT_MODES.join(', ')}.`);
    } else if (!isWhole(times, MOST_FAULTS)) {
      sendCarrierError(res, 422, `times must be a whole number from 1 to ${MOST_FAULTS}.`);
    } else if (!isWhole(delayMs, SLOWEST_MS)) {
      sendCarrierError(res, 422, `delayMs must be a whole number from 1 to ${SLOWEST_MS}.`);
    } else {
      faults.add({ mode: known, delayMs }, times);
      res.status(201).json({ faults: faults.modes() });
    }
  });
  router.get('/', (_req, res) => {
    res.json({ faults: faults.modes() });
  });
  router.delete('/', (_req, res) => {
    faults.clear();
    res.status(204).end();
  });
  router.all('/', onlyMethods('GET', 'POST', 'DELETE'));
  return router;
}

function isWhole(value: unknown, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most;
}
