import type { Fault, FaultMode } from './fault-modes';

export const MOST_FAULTS = 1_000;

/** Faults in the order in which they were asked for; each serves one attempt. */
export class FaultQueue {
  readonly #changed: () => void;
  #faults: Fault[] = [];

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  add(fault: Fault, times: number): void {
    this.#faults.push(...Array.from({ length: times }, () => fault));
    this.#faults.length = Math.min(this.#faults.length, MOST_FAULTS);
    this.#changed();
  }

  /** Takes the next fault out; `undefined` where all goes well. */
  next(): Fault | undefined {
    const fault = this.#faults.shift();
    if (fault !== undefined) this.#changed();
    return fault;
  }

  modes(): FaultMode[] {
    return this.#faults.map(({ mode }) => mode);
  }

  clear(): void {
    this.#faults = [];
    this.#changed();
  }
}
