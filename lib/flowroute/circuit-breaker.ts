import type { Clock } from '../ports/clock';

/** What one attempt says of the carrier itself; `unknown` where it says nothing. */
export type Health = 'well' | 'ill' | 'unknown';

/** Consecutive failures after which nothing is sent for a while. */
export const FAILURES_TO_OPEN = 5;
/** How long nothing is sent, in milliseconds. */
const OPEN_FOR = 10_000;

/** One attempt that was let through; it must report how the carrier bore up. */
interface Passage {
  report(health: Health): void;
}

/**
 * Stops calling a carrier that fails all the time: after some failures in a row nothing passes for
 * a while; then a single attempt does, and its outcome decides for all.
 */
export class CircuitBreaker {
  readonly #clock: Clock;
  #failures = 0;
  #openUntil: number | undefined;
  #probing = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds until an attempt may pass; `undefined` where one may pass now. */
  closedFor(): number | undefined {
    if (this.#openUntil === undefined) return undefined;
    const left = this.#openUntil - this.#clock();
    if (left > 0) return left;
    // When the probe will be back is not known.
    return this.#probing ? OPEN_FOR : undefined;
  }

  /** Takes an attempt in. Only where `closedFor` says that one may pass. */
  enter(): Passage {
    const isProbe = this.#openUntil !== undefined;
    if (isProbe) this.#probing = true;
    return { report: (health) => (isProbe ? this.#probed(health) : this.#heard(health)) };
  }

  #probed(health: Health): void {
    this.#probing = false;
    if (health === 'ill') this.#openUntil = this.#clock() + OPEN_FOR;
    if (health !== 'well') return;
    this.#openUntil = undefined;
    this.#failures = 0;
  }

  #heard(health: Health): void {
    // Attempts that left before it opened have no say any more.
    if (this.#openUntil !== undefined || health === 'unknown') return;
    this.#failures = health === 'well' ? 0 : this.#failures + 1;
    if (this.#failures >= FAILURES_TO_OPEN) this.#openUntil = this.#clock() + OPEN_FOR;
  }
}
