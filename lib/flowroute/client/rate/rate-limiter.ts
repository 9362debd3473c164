import type { Counter } from '../../../ports/counter';
import type { Timing } from '../timing';
import { PLACES, REST } from './rate';
import { SharedPlaces } from './shared-places';
import { WaitingLine } from './waiting-line';

/** The turn of one attempt. It must be given back, however the attempt ended. */
export interface Turn {
  /** `used` says whether the carrier may have seen an attempt. */
  giveBack(used: boolean): void;
}

/**
 * The lines of this process, one for each account and endpoint, so that clients with the same
 * access key share them. Tests that hand in a way to wait of their own share nothing.
 */
const LINES = new WeakMap<Timing['wait'], Map<string, WaitingLine>>();

/**
 * Keeps an access key within 5 attempts in any second at each endpoint, as the carrier sees it.
 *
 * An attempt holds one of 5 places from before it leaves until a second after its answer. It reaches
 * the carrier somewhere in between, so the next attempt in its place reaches it more than a second
 * later, however slow the way was: no second ever sees six. Costs a little of the rate where answers
 * are slow.
 */
export class RateLimiter {
  readonly #account: string;
  readonly #counter: Counter | undefined;
  readonly #timing: Timing;
  readonly #shared = new Map<string, SharedPlaces>();

  /** `account` names the access key without giving it away. */
  constructor(account: string, timing: Timing, counter?: Counter) {
    this.#account = account;
    this.#timing = timing;
    this.#counter = counter;
  }

  /** Waits for a turn, in order; rejects as soon as the signal aborts. */
  async turn(endpoint: string, signal: AbortSignal): Promise<Turn> {
    const line = this.#line(endpoint);
    await line.enter(signal);
    try {
      const shared = await this.#sharedPlaces(endpoint)?.take(signal);
      const free = (): void => {
        shared?.();
        line.leave();
      };
      return {
        giveBack: (used) => {
          if (used) void this.#timing.wait(REST).then(free);
          else free();
        },
      };
    } catch (error) {
      line.leave();
      throw error;
    }
  }

  #line(endpoint: string): WaitingLine {
    const { wait } = this.#timing;
    const lines = LINES.get(wait) ?? new Map<string, WaitingLine>();
    LINES.set(wait, lines);
    const name = `${this.#account}:${endpoint}`;
    const line = lines.get(name) ?? new WaitingLine(PLACES);
    lines.set(name, line);
    return line;
  }

  #sharedPlaces(endpoint: string): SharedPlaces | undefined {
    if (this.#counter === undefined) return undefined;
    const found =
      this.#shared.get(endpoint) ??
      new SharedPlaces(this.#counter, `${this.#account}:${endpoint}`, this.#timing);
    this.#shared.set(endpoint, found);
    return found;
  }
}
