import type session from 'express-session';
import { memoryCounter, type Counter, type Enrollments, type Wish } from '../../lib';
import type { TestClock } from './clock';

/**
 * `error`: not carried out, and told. `hang`: not carried out; fails long after everybody gave up.
 * `null`: not carried out, and answered with nothing, as if it had been. `garbage`: carried out, and
 * answered with something else. `late`: carried out, long after everybody gave up.
 */
export const MODES = ['error', 'hang', 'null', 'garbage', 'late'] as const;

export type Mode = (typeof MODES)[number];

/**
 * Sees every call to the session store, the counter and the enrollments of one app, and makes one
 * of them go wrong.
 */
export class FaultRun {
  /** What was called since `start`. */
  readonly calls: string[] = [];
  private started = false;
  private readonly outstanding: Promise<unknown>[] = [];

  constructor(
    private readonly latency: number,
    readonly fault?: { k: number; mode: Mode },
  ) {}

  /** From now on calls are noted, and one goes wrong. */
  start(): void {
    this.started = true;
  }

  /** The call that went wrong. */
  get hit(): string | undefined {
    return this.fault === undefined ? undefined : this.calls[this.fault.k];
  }

  /** Whatever came late has come. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.outstanding);
  }

  async call<T>(what: string, carryOut: () => Promise<T>, garbage: unknown): Promise<T> {
    if (!this.started) return carryOut();
    const k = this.calls.length;
    this.calls.push(what);
    if (k !== this.fault?.k) return carryOut();
    switch (this.fault.mode) {
      case 'error':
        throw new Error('the fault of the test');
      case 'null':
        return undefined as T;
      case 'garbage':
        await carryOut();
        return garbage as T;
      case 'hang':
        return this.later(() => Promise.reject(new Error('the fault of the test, late')));
      case 'late':
        return this.later(carryOut);
    }
  }

  private later<T>(work: () => Promise<T>): Promise<T> {
    const done = new Promise((resolve) => setTimeout(resolve, this.latency)).then(work);
    this.outstanding.push(done);
    done.catch(() => undefined);
    return done;
  }

  store(store: session.Store): session.Store {
    const kind = (sid: string): string => (sid.startsWith('sms2fa') ? 'record' : 'session');
    const tell = (answer: Promise<unknown>, done: Done | undefined): void => {
      // Not inside the promise: what the callback throws is not an answer of the store.
      answer.then(
        (value) => setImmediate(() => done?.(null, value)),
        (error: unknown) => setImmediate(() => done?.(error)),
      );
    };
    const promised = (call: (done: Done) => void): Promise<unknown> =>
      new Promise((resolve, reject) => {
        call((error, value) => {
          if (error === null || error === undefined) resolve(value);
          else reject(error instanceof Error ? error : new Error('the store failed'));
        });
      });
    const [get, set] = [store.get.bind(store), store.set.bind(store)];
    const destroy = store.destroy.bind(store);
    store.get = (sid, done) => {
      const read = () => promised((each) => get(sid, each));
      tell(this.call(`get ${kind(sid)}`, read, { cookie: 7, sms2fa: 'garbage' }), done as Done);
    };
    store.set = (sid, record, done) => {
      // As it is now: what the caller changes later is not what it wrote.
      const now = JSON.parse(JSON.stringify(record)) as session.SessionData;
      const write = () => promised((each) => set(sid, now, each));
      tell(this.call(`set ${kind(sid)}`, write, 'x'), done);
    };
    store.destroy = (sid, done) => {
      const forget = () => promised((each) => destroy(sid, each));
      tell(this.call(`destroy ${kind(sid)}`, forget, 'x'), done);
    };
    return store;
  }

  counter(clock: TestClock): Counter {
    const counter = memoryCounter({ clock });
    const garbage = { ok: 'x', read: {}, places: new Map([['x', { count: 'x' }]]), full: 7 };
    return {
      settle: (wish) => this.call(`settle ${kindOf(wish)}`, () => counter.settle(wish), garbage),
    };
  }

  enrollments(enrollments: Enrollments): Enrollments {
    return {
      get: (userId, user) =>
        this.call('get enrollment', async () => enrollments.get(userId, user), { phone: 7 }),
      set: (userId, enrollment, version) =>
        this.call('set enrollment', async () => enrollments.set(userId, enrollment, version), 'x'),
      delete: (userId, version) => enrollments.delete(userId, version),
    };
  }
}

type Done = (error: unknown, value?: unknown) => void;

/** What is taken, or else what is done: the guess, the text, the spending. */
const kindOf = ({ take = [], give = [], clear = [] }: Wish): string => {
  const names = take.filter(({ by = 1 }) => by > 0).map(({ key }) => key.split('#')[1] ?? '');
  // That a session was texted is counted under three names in turn.
  const kinds = names.map((name) => name.replace(/^c\d\./, 'c.').split('.', 1)[0]);
  if (kinds.length > 0) return [...new Set(kinds)].join('+');
  return give.length + clear.length > 0 ? 'return' : 'read';
};
