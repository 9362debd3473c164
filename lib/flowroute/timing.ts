import type { Clock } from '../ports/clock';

/** What the client takes from its surroundings; a test hands in its own. */
export interface Timing {
  clock: Clock;
  /** From 0 up to, but not including, 1. */
  random: () => number;
  /** Resolves after so many milliseconds, or rejects as soon as the signal aborts. */
  wait: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}

export const REAL_TIMING: Timing = {
  // Never set back, unlike Date.now: a wait must not become an hour because the clock was mended.
  clock: () => performance.timeOrigin + performance.now(),
  random: Math.random,
  wait,
};

function wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    const stop = (): void => {
      clearTimeout(timer);
      reject(new Error('The wait was ended early.'));
    };
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
    // A wait that nobody can end is housekeeping and must not keep the process alive.
    if (signal === undefined) timer.unref();
  });
}
