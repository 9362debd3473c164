import type { Call, FailedCall } from './call';

const FIRST_STEP = 200;
const LONGEST_STEP = 5_000;
/** Flowroute counts attempts over a second, also those that it turned away. */
const AFTER_429 = 1_000;

/**
 * How long to wait before a call is made again, in milliseconds; `undefined` where it must not be.
 * Only what surely was not taken is made again, and reads, which take nothing.
 */
export function pauseBefore(
  call: Call,
  { error, again }: FailedCall,
  triesSoFar: number,
  random: () => number,
): number | undefined {
  if (again === 'never' || (again === 'reads' && call.subject.kind !== 'read')) return undefined;
  // Full jitter: many that failed in the same moment must not come back in the same moment.
  const jitter = random() * Math.min(LONGEST_STEP, FIRST_STEP * 2 ** triesSoFar);
  return (error.retryAfterMs ?? (error.status === 429 ? AFTER_429 : 0)) + jitter;
}
