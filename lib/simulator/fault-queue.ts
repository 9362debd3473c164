import express, { type Router } from 'express';
import { fieldsOf, onlyMethods, plainBody, sendCarrierError } from './carrier-http';
import { FAULT_MODES, SLOW_MS, type Fault, type FaultMode } from './fault-modes';

const MOST_FAULTS = 1_000;

/** Faults in the order in which they were asked for; each serves one attempt. */
export class FaultQueue {
  readonly #changed: () => void;
  #faults: Fault[] = [];

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  add(fault: Fault, times: number): void {
    this.#faults.push(...Array.from({ length: times }, () => fault));
    this.#faults.length = Math.min(this.#faults.length, MOST_FAULTS);
    this.#changed();
  }

  /** Takes the next fault out; `undefined` where all goes well. */
  next(): Fault | undefined {
    const fault = this.#faults.shift();
    if (fault !== undefined) this.#changed();
    return fault;
  }

  modes(): FaultMode[] {
    return this.#faults.map(({ mode }) => mode);
  }

  clear(): void {
    this.#faults = [];
    this.#changed();
  }
}

/**
 * `POST /faults {mode, times?, delayMs?}` arms a fault for the next attempts to send (1 unless
 * `times` says more), `GET /faults` shows what is armed, `DELETE /faults` disarms all.
 */
export function faultsRouter(faults: FaultQueue): Router {
  const router = express.Router();
  router.post('/', plainBody, (req, res) => {
    const wanted = readFault(fieldsOf(req.body));
    if ('problem' in wanted) {
      sendCarrierError(res, 422, wanted.problem);
      return;
    }
    faults.add(wanted.fault, wanted.times);
    res.status(201).json({ faults: faults.modes() });
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

const SLOWEST_MS = 60_000;

/** Faults that somebody asks for, or why there are no such faults. */
type WantedFault = { fault: Fault; times: number } | { problem: string };

export function readFault(fields: Record<string, unknown>): WantedFault {
  const { mode, times = 1, delayMs = SLOW_MS } = fields;
  const known = FAULT_MODES.find((name) => name === mode || Number(name) === mode);
  if (known === undefined) return { problem: `mode must be one of ${FAULT_MODES.join(', ')}.` };
  if (!isWhole(times, MOST_FAULTS)) {
    return { problem: `times must be a whole number from 1 to ${MOST_FAULTS}.` };
  }
  if (!isWhole(delayMs, SLOWEST_MS)) {
    return { problem: `delayMs must be a whole number from 1 to ${SLOWEST_MS}.` };
  }
  return { fault: { mode: known, delayMs }, times };
}

function isWhole(value: unknown, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most;
}
