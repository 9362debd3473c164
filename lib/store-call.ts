import { SecondFactorError } from './errors';
import { timeLimit } from './time-limit';

/** How long one call to a store may take before the gate answers 503, in milliseconds. */
export const STORE_TIME_LIMIT = 1_500;

/**
 * Runs one store call under a time limit. Whatever goes wrong (an error, a hang) becomes one
 * `SecondFactorError` with the code `store_unavailable`, so that every caller fails closed.
 */
export async function storeCall<T>(what: string, call: () => T | Promise<T>): Promise<T> {
  try {
    return await timeLimit(call(), STORE_TIME_LIMIT);
  } catch (cause) {
    if (cause instanceof SecondFactorError) throw cause;
    const reason = cause instanceof Error ? cause.message : 'it rejected without an error';
    throw new SecondFactorError('store_unavailable', `${what} failed: ${reason}`, { cause });
  }
}
