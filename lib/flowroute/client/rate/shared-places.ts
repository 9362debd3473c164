import type { Count, Counter } from '../../../ports/counter';
import { timeLimit } from '../../../time-limit';
import type { Timing } from '../timing';
import { PLACES, REST } from './rate';
import { WaitingLine } from './waiting-line';

/** A call's own limit is at most 30 s; whoever holds a place for longer has died. */
const LEASE = 32_000 + REST;
const COUNTER_LIMIT = 500;
const LOOK_EVERY = 100;

/**
 * The places of one endpoint over all processes, each a count of its own that only the first one to
 * add to it may use. A process that dies gives its places back when their lives end.
 *
 * A count per second would be simpler and wrong: five at the end of one second and five at the
 * start of the next are ten in a second.
 */
export class SharedPlaces {
  readonly #counter: Counter;
  readonly #name: string;
  readonly #timing: Timing;
  /** Of each process only the first in line asks the counter. */
  readonly #line = new WaitingLine(1);

  constructor(counter: Counter, name: string, timing: Timing) {
    this.#counter = counter;
    this.#name = name;
    this.#timing = timing;
  }

  /** Resolves with what gives the place back; rejects as soon as the signal aborts. */
  async take(signal: AbortSignal): Promise<() => void> {
    await this.#line.enter(signal);
    try {
      for (;;) {
        const place = await this.#find();
        if (place !== undefined) return place;
        const { wait, random } = this.#timing;
        await wait(LOOK_EVERY * (0.5 + random()), signal);
      }
    } finally {
      this.#line.leave();
    }
  }

  async #find(): Promise<(() => void) | undefined> {
    const { clock, random } = this.#timing;
    const first = Math.floor(random() * PLACES);
    try {
      for (let step = 0; step < PLACES; step += 1) {
        const key = `flowroute:${this.#name}:${(first + step) % PLACES}`;
        const takenAt = clock();
        const adding = this.#counter.add(key, LEASE);
        const { count } = await timeLimit(adding, COUNTER_LIMIT).catch((error: unknown) => {
          this.#giveBackLate(adding, key, takenAt);
          throw error;
        });
        if (count === 1) return () => this.#giveBack(key, takenAt);
      }
      return undefined;
    } catch {
      // Without a counter each process keeps its own limit, and the carrier's 429 the rest.
      return () => undefined;
    }
  }

  /** Taken after all, when nobody waited for it any more. */
  #giveBackLate(adding: Promise<Count>, key: string, takenAt: number): void {
    adding.then(
      ({ count }) => {
        if (count === 1) this.#giveBack(key, takenAt);
      },
      () => undefined,
    );
  }

  #giveBack(key: string, takenAt: number): void {
    // Past its lease, a place may be somebody else's already.
    if (this.#timing.clock() - takenAt > LEASE - COUNTER_LIMIT) return;
    // Where this fails, the place comes free by itself.
    timeLimit(this.#counter.clear(key), COUNTER_LIMIT).catch(() => undefined);
  }
}
