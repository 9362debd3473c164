/** So many places, and a line of those who wait for one. Who came first is served first. */
export class WaitingLine {
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
