/** What the carrier calls for: inbound texts, inbound pictures, and the receipts of either. */
const CALLBACK_TYPES = [
  'sms_callback',
  'mms_callback',
  'sms_dlr_callback',
  'mms_dlr_callback',
] as const;
type CallbackType = (typeof CALLBACK_TYPES)[number];

/** The names in paths; `dlr_callback` is deprecated and still works for texts. */
export const CALLBACK_NAMES: readonly (readonly [name: string, type: CallbackType])[] = [
  ...CALLBACK_TYPES.map((type) => [type, type] as const),
  ['dlr_callback', 'sms_dlr_callback'],
];

/** Where callbacks go, of the account and of single numbers (11 digits). */
export class CallbackAddresses {
  readonly #ofAccount = new Map<CallbackType, string>();
  readonly #ofNumbers = new Map<string, string>();

  setForAccount(type: CallbackType, url: string): void {
    this.#ofAccount.set(type, url);
  }

  setForNumber(number: string, type: CallbackType, url: string): void {
    this.#ofNumbers.set(`${number} ${type}`, url);
  }

  ofAccount(type: CallbackType): string | undefined {
    return this.#ofAccount.get(type);
  }

  /** That of the number, else that of the account. */
  find(type: CallbackType, number: string): string | undefined {
    return this.#ofNumbers.get(`${number} ${type}`) ?? this.#ofAccount.get(type);
  }

  clear(): void {
    this.#ofAccount.clear();
    this.#ofNumbers.clear();
  }
}

/**
 * An address that callbacks may be posted to, and one that a picture may lie at. Names and passwords in it are refused: nothing says
 * that Flowroute would send them.
 */
export function readCallbackUrl(value: unknown): string | undefined {
  if (typeof value !== 'string' || !URL.canParse(value)) return undefined;
  const { protocol, username, password } = new URL(value);
  const usable = /^https?:$/.test(protocol) && username === '' && password === '';
  return usable ? value : undefined;
}

/** The status of the answer, or why there is none. */
type PostOutcome = number | 'no-answer' | 'stopped';

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

/** Has something done later. The answer takes it back, as long as it was not done. */
export type Schedule = (run: () => void, delayMs: number) => () => void;

/** Real time. A timer must not keep a process alive that has nothing else to do. */
export const realSchedule: Schedule = (run, delayMs) => {
  const timer = setTimeout(run, delayMs);
  timer.unref();
  return () => clearTimeout(timer);
};

interface Timer {
  cancel: (() => void) | undefined;
}

/** Everything that a simulator still has to do, so that closing it can end all of it. */
export class Timers {
  readonly #schedule: Schedule;
  readonly #pending = new Set<Timer>();

  constructor(schedule: Schedule) {
    this.#schedule = schedule;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer: Timer = { cancel: undefined };
    this.#pending.add(timer);
    timer.cancel = this.#schedule(() => {
      this.#pending.delete(timer);
      run();
    }, delayMs);
    return () => {
      this.#pending.delete(timer);
      timer.cancel?.();
    };
  }

  stop(): void {
    for (const { cancel } of this.#pending) cancel?.();
    this.#pending.clear();
  }
}
