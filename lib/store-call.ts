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
    const answer = call();
    // What is at hand needs no timer: the gate asks on every request.
    return isPromise(answer) ? await timeLimit(answer, STORE_TIME_LIMIT) : answer;
  } catch (cause) {
    throw brokenStore(what, cause);
  }
}

/** What broke, as the one error that every caller fails closed on. */
export function brokenStore(what: string, cause: unknown): SecondFactorError {
  if (cause instanceof SecondFactorError) return cause;
  return new SecondFactorError('store_unavailable', `${what} failed: ${wordsOf(cause)}`, { cause });
}

/** Some say it in words, or by an object that is no `Error`. */
function wordsOf(cause: unknown): string {
  const { message = cause, code } = (cause ?? {}) as { message?: unknown; code?: unknown };
  const words = [message, code].find((each) => typeof each === 'string' && each !== '');
  return typeof words === 'string' ? words : 'it rejected without an error';
}

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
