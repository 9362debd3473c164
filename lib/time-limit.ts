import { SecondFactorError } from './errors';

/** How long one call to a store may take before the gate answers 503, in milliseconds. */
export const STORE_TIME_LIMIT = 1_500;

/**
 * Runs one store call under a time limit. Whatever goes wrong (an error, a hang) becomes one
 * `SecondFactorError` with the code `store_unavailable`, so that every caller fails closed.
 */
export async function storeCall<T>(
  what: string,
  call: () => T | Promise<T>,
  limitMs = STORE_TIME_LIMIT,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${limitMs} ms`));
    }, limitMs);
  });
  try {
    return await Promise.race([call(), late]);
  } catch (cause) {
    if (cause instanceof SecondFactorError) throw cause;
    throw new SecondFactorError('store_unavailable', `${what} failed: ${reasonOf(cause)}`, {
      cause,
    });
  } finally {
    clearTimeout(timer);
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : 'it rejected without an error';
}
