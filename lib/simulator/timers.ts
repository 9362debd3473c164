/** Has something done later. The answer takes it back, as long as it was not done. */
export type Schedule = (run: () => void, delayMs: number) => () => void;

/** Real time. A timer must not keep a process alive that has nothing else to do. */
export const realSchedule: Schedule = (run, delayMs) => {
  const timer = setTimeout(run, delayMs);
  timer.unref();
  return () => clearTimeout(timer);
};

interface Timer {
  cancel: (() => void) | undefined;
}

/** Everything that a simulator still has to do, so that closing it can end all of it. */
export class Timers {
  readonly #schedule: Schedule;
  readonly #pending = new Set<Timer>();

  constructor(schedule: Schedule) {
    this.#schedule = schedule;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer: Timer = { cancel: undefined };
    this.#pending.add(timer);
    timer.cancel = this.#schedule(() => {
      this.#pending.delete(timer);
      run();
    }, delayMs);
    return () => {
      this.#pending.delete(timer);
      timer.cancel?.();
    };
  }

  stop(): void {
    for (const { cancel } of this.#pending) cancel?.();
    this.#pending.clear();
  }
}
