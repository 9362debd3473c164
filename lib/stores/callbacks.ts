/** The way express-session stores answer. */
export type Done = (error?: unknown, value?: unknown) => void;

/** Turns a call that answers by callback into a promise. */
export function called(call: (done: Done) => unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    call((error, value) => {
      if (error === null || error === undefined) resolve(value);
      else reject(error instanceof Error ? error : new Error('the store reported an error'));
    });
  });
}

/**
 * Answers by callback where there is one, else by the promise. The callback runs outside of the
 * promise: what it throws is the app's error, as it would be without the library. A failure that
 * nobody asked for is nobody's unhandled rejection.
 */
export function answered(work: Promise<unknown>, callback: Done | undefined): Promise<unknown> {
  if (callback === undefined) {
    work.catch(() => undefined);
    return work;
  }
  return work.then(
    () => void setImmediate(callback),
    (error: unknown) => void setImmediate(callback, error),
  );
}
