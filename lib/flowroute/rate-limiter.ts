import type { Clock } from '../ports/clock';
import type { Counter, Settlement } from '../ports/counter';
import { timeLimit } from '../time-limit';

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

/** What Flowroute takes: 5 attempts in a second from one access key at one endpoint. */
const PLACES = 5;

/**
 * How long a place rests after its answer came, in milliseconds: a second, and a little for timers
 * that go off early.
 */
const REST = 1_010;

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
  async turn(endpoint: string, signal: AbortSignal, places = PLACES): Promise<Turn> {
    const line = this.#line(endpoint, places);
    await line.enter(signal);
    try {
      const shared = await this.#sharedPlaces(endpoint, places)?.take(signal);
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

  #line(endpoint: string, places: number): WaitingLine {
    const { wait } = this.#timing;
    const lines = LINES.get(wait) ?? new Map<string, WaitingLine>();
    LINES.set(wait, lines);
    const name = `${this.#account}:${endpoint}`;
    const line = lines.get(name) ?? new WaitingLine(places);
    lines.set(name, line);
    return line;
  }

  #sharedPlaces(endpoint: string, places: number): SharedPlaces | undefined {
    if (this.#counter === undefined) return undefined;
    const found =
      this.#shared.get(endpoint) ??
      new SharedPlaces(this.#counter, `${this.#account}:${endpoint}`, places, this.#timing);
    this.#shared.set(endpoint, found);
    return found;
  }
}

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
class SharedPlaces {
  readonly #counter: Counter;
  readonly #name: string;
  readonly #places: number;
  readonly #timing: Timing;
  /** Of each process only the first in line asks the counter. */
  readonly #line = new WaitingLine(1);

  constructor(counter: Counter, name: string, places: number, timing: Timing) {
    this.#counter = counter;
    this.#name = name;
    this.#places = places;
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
    const first = Math.floor(random() * this.#places);
    try {
      for (let step = 0; step < this.#places; step += 1) {
        const key = `flowroute:${this.#name}#${(first + step) % this.#places}`;
        const takenAt = clock();
        const taking = this.#counter.settle({ take: [{ key, window: LEASE, limit: 1 }] });
        const { ok } = await timeLimit(taking, COUNTER_LIMIT).catch((error: unknown) => {
          this.#giveBackLate(taking, key, takenAt);
          throw error;
        });
        if (ok) return () => this.#giveBack(key, takenAt);
      }
      return undefined;
    } catch {
      // Without a counter each process keeps its own limit, and the carrier's 429 the rest.
      return () => undefined;
    }
  }

  /** Taken after all, when nobody waited for it any more. */
  #giveBackLate(taking: Promise<Settlement>, key: string, takenAt: number): void {
    taking.then(
      ({ ok }) => {
        if (ok) this.#giveBack(key, takenAt);
      },
      () => undefined,
    );
  }

  #giveBack(key: string, takenAt: number): void {
    // Past its lease, a place may be somebody else's already.
    if (this.#timing.clock() - takenAt > LEASE - COUNTER_LIMIT) return;
    // Where this fails, the place comes free by itself.
    timeLimit(this.#counter.settle({ clear: [key] }), COUNTER_LIMIT).catch(() => undefined);
  }
}

/** So many places, and a line of those who wait for one. Who came first is served first. */
class WaitingLine {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(places: number) {
    this.#free = places;
  }

  /** Resolves with a place; rejects as soon as the signal aborts. */
  enter(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(gaveUp());
    if (this.#free > 0) {
      this.#free -= 1;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const serve = (): void => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(serve), 1);
        reject(gaveUp());
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.#waiting.push(serve);
    });
  }

  /** Gives a place to whoever is next. */
  leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free += 1;
  }
}

function gaveUp(): Error {
  return new Error('No place came free in time.');
}
