import { setImmediate } from 'node:timers/promises';
import type { Timing } from '../../lib/flowroute/rate-limiter';
import { seeded } from '../helpers/web';

interface Wait {
  due: number;
  end: () => void;
}

/** Time in which waiting takes none: whoever waits sleeps until the test lets time pass. */
export class VirtualTime {
  now = 1_800_000_000_000;
  /** How long each wait was asked to be, in order. */
  readonly asked: number[] = [];
  #waits: Wait[] = [];

  readonly clock = (): number => this.now;

  /** One client's timing. Clients of one timing share their lines, as those of one process do. */
  timing(seed = 1): Timing {
    return {
      clock: this.clock,
      random: seeded(seed),
      wait: (milliseconds, signal) => this.wait(milliseconds, signal),
    };
  }

  wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
    this.asked.push(milliseconds);
    return new Promise((resolve, reject) => {
      const wait = { due: this.now + milliseconds, end: resolve };
      this.#waits.push(wait);
      const stop = (): void => {
        this.#waits = this.#waits.filter((each) => each !== wait);
        reject(new Error('aborted'));
      };
      if (signal?.aborted) stop();
      else signal?.addEventListener('abort', stop, { once: true });
    });
  }

  /** How many wait right now. */
  get waiting(): number {
    return this.#waits.length;
  }

  /** Lets so much time pass, and everybody who is due then go on. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.now + milliseconds;
    for (;;) {
      await this.settle();
      const next = this.#next();
      if (next === undefined || next.due > end) break;
      this.#pass(next);
    }
    this.now = end;
  }

  /** Lets time pass for as long as the work takes. */
  async run<T>(work: Promise<T>): Promise<T> {
    const state = { over: false };
    const watched = work.finally(() => (state.over = true));
    watched.catch(() => undefined);
    for (;;) {
      await this.settle();
      if (state.over) return watched;
      const next = this.#next();
      if (next !== undefined) this.#pass(next);
    }
  }

  /** Lets everything run that needs no time. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 5; turn += 1) await setImmediate();
  }

  #next(): Wait | undefined {
    return this.#waits.reduce<Wait | undefined>(
      (first, each) => (first === undefined || each.due < first.due ? each : first),
      undefined,
    );
  }

  #pass(wait: Wait): void {
    this.#waits = this.#waits.filter((each) => each !== wait);
    this.now = Math.max(this.now, wait.due);
    wait.end();
  }
}
