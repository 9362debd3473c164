import type { Clock } from './ports/clock';

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
  late: () => Error = () => new Error(`no answer within ${limitMs} ms`),
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
