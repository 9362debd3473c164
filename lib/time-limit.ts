import { SecondFactorError } from './errors';
import type { Clock } from './ports/clock';
import { rightFor } from './server-failures';
import { OPEN_TELEMETRY, stopwatch } from './telemetry';

/**
 * Milliseconds that only go forward: for what is measured within this process. A machine whose clock
 * is set back must not make a wait of 30 s last an hour, nor hide a revocation for as long.
 */
export const steadyClock: Clock = () => performance.now();

/** A timer that fires this much late fires in a process that did nothing else meanwhile. */
const BLOCKED = 100;

/**
 * Waits for `work` no longer than `limitMs`; rejects with what `late` makes then. An answer that has
 * come but was not read yet, because the app kept the process busy, is no late answer: it gets its
 * turn first.
 */
export function timeLimit<T>(
  work: T | Promise<T>,
  limitMs: number,
  late: () => Error = () => new Error(`no answer within ${limitMs / 1_000} s`),
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const begin = (wait: number, graceIsOver: boolean): void => {
      const due = performance.now() + wait;
      timer = setTimeout(() => {
        // The request itself may not even have left before the process was busy.
        if (!graceIsOver && performance.now() - due > BLOCKED) begin(limitMs / 2, true);
        // Timers fire before what has arrived is read.
        else setImmediate(() => reject(late()));
      }, wait);
    };
    begin(limitMs, false);
    Promise.resolve(work).then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- passed on as it came
        reject(error);
      },
    );
  });
}

/** How long one call to a store may take before the gate answers 503, in milliseconds. */
export const STORE_TIME_LIMIT = 1_500;

/**
 * Runs one store call under a time limit. Whatever goes wrong (an error, a hang) becomes one
 * `SecondFactorError` with the code `store_unavailable`, so that every caller fails closed.
 */
export async function storeCall<T>(
  what: string,
  call: () => T | Promise<T>,
  limit = STORE_TIME_LIMIT,
): Promise<T> {
  const ended = OPEN_TELEMETRY in globalThis ? stopwatch('sms2fa.store.duration') : undefined;
  try {
    const answer = call();
    // What is at hand needs no timer: the gate asks on every request.
    const value = isPromise(answer) ? await timeLimit(answer, limit) : answer;
    ended?.({ operation: what });
    return value;
  } catch (cause) {
    const error = brokenStore(what, cause);
    ended?.({ operation: what, 'error.type': error.code });
    throw error;
  }
}

/** What broke, as the one error that every caller fails closed on. */
export function brokenStore(what: string, cause: unknown): SecondFactorError {
  if (cause instanceof SecondFactorError) return cause;
  const words = wordsOf(cause);
  const said = `${what} failed: ${words}${rightFor(words)}`;
  return new SecondFactorError('store_unavailable', said, { cause });
}

/** Sees each error of the store on its way to the app, and gives it on. */
export type Failed = (error: SecondFactorError) => SecondFactorError;

/** Some say it in words, by an object that is no `Error`, or by the name of its class alone, as node-redis does. */
function wordsOf(cause: unknown): string {
  const { message = cause, code } = (cause ?? {}) as { message?: unknown; code?: unknown };
  const kind = cause instanceof Error && cause.constructor !== Error ? cause.constructor.name : '';
  const words = [message, code, kind].find((each) => typeof each === 'string' && each !== '');
  return typeof words === 'string' ? words : 'it rejected without an error';
}

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
