import { FAULT_MODES, SLOW_MS, type Fault } from './fault-modes';
import { MOST_FAULTS } from './fault-queue';

const SLOWEST_MS = 60_000;

/** Faults that somebody asks for, or why there are no such faults. */
export type WantedFault = { fault: Fault; times: number } | { problem: string };

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
