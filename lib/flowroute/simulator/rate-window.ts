/** What Flowroute takes by default: 5 texts in a second. */
const LIMIT = 5;
const WINDOW_MS = 1_000;

/**
 * Counts attempts as Flowroute does: every one of the last 1000 ms counts, also those that were
 * turned away, so whoever keeps hammering stays out.
 */
export class RateWindow {
  readonly #attempts = new Map<string, number[]>();
  readonly #clock: () => number;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Counts one attempt and answers whether it is still within the limit. */
  attempt(key: string): boolean {
    const now = this.#clock();
    const recent = (this.#attempts.get(key) ?? []).filter((at) => now - at < WINDOW_MS);
    recent.push(now);
    this.#attempts.set(key, recent);
    return recent.length <= LIMIT;
  }
}
