import type { Timers } from '../timers';

/** The status of the answer, or why there is none. */
export type PostOutcome = number | 'no-answer' | 'stopped';

const LIMIT_MS = 5_000;
const STOPPED = new Error('The simulator was closed.');

/** Posts callbacks, each for 5 seconds at most. */
export class CallbackPosts {
  readonly #timers: Timers;
  readonly #calls = new Set<AbortController>();

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** Never rejects. A redirect is an answer like any other and is not followed. */
  async post(url: string, body: object): Promise<PostOutcome> {
    const call = new AbortController();
    this.#calls.add(call);
    const endLimit = this.#timers.after(LIMIT_MS, () => call.abort());
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        redirect: 'manual',
        signal: call.signal,
      });
      await answer.body?.cancel();
      return answer.status;
    } catch {
      return call.signal.reason === STOPPED ? 'stopped' : 'no-answer';
    } finally {
      endLimit();
      this.#calls.delete(call);
    }
  }

  stop(): void {
    for (const call of this.#calls) call.abort(STOPPED);
  }
}
