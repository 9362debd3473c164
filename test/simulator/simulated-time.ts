import { setImmediate } from 'node:timers/promises';
import type { Schedule } from '../../lib/simulator';

interface Timer {
  delay: number;
  due: number;
  run: () => void;
}

/** Time that passes only when the test says so. */
export class SimulatedTime {
  now = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
  #timers: Timer[] = [];

  readonly clock = (): number => this.now;

  readonly schedule: Schedule = (run, delayMs) => {
    const timer = { delay: delayMs, due: this.now + delayMs, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  };

  /** How long each timer was asked to wait that has not run. */
  get delays(): number[] {
    return this.#timers.map(({ delay }) => delay).sort((one, other) => one - other);
  }

  /** Runs whatever is due within so many milliseconds, in order. */
  advance(milliseconds: number): void {
    const end = this.now + milliseconds;
    for (;;) {
      const due = this.#timers.filter((each) => each.due <= end);
      const next = due.sort((one, other) => one.due - other.due)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((each) => each !== next);
      this.now = next.due;
      next.run();
    }
    this.now = end;
  }

  /** Lets the network do its work until so many timers wait, and none more. */
  async waiting(delays: number[]): Promise<void> {
    while (this.delays.join() !== delays.join()) await setImmediate();
  }
}
