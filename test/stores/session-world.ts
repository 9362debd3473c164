import { readMark } from '../../lib/core/account';
import { createKeyring } from '../../lib/core/keyring';
import { endIn, kinOf } from '../../lib/core/sessions';
import { memoryCounter } from '../../lib/counters/memory-counter';
import { NO_LIMIT, type Counter, type Wish } from '../../lib/ports/counter';
import type { SessionStore, Successor } from '../../lib/ports/session-store';
import { followSessions } from '../../lib/stores/followed-sessions';
import type { Done } from '../../lib/stores/calls';
import { sessionStoreRecords } from '../../lib/stores/records';
import type { hold } from '../helpers/web';

export const MINUTE = 60_000;
const away = (): Promise<never> => Promise.reject(new Error('away'));
/** What a sign-out counts. */
export const SIGN_OUT = 1_000_000;
const signOutPlace = (id: string) => ({
  key: `${id}#ended`,
  window: MINUTE,
  limit: NO_LIMIT,
  by: SIGN_OUT,
});

/** A session store with what follows its sessions; every step of both is kept in `steps`. */
export function sessionWorld() {
  let now = 0;
  const steps: string[] = [];
  const kept = new Map<string, unknown>();
  const live = new Map<string, unknown>();
  const next = new Map<string, Successor>();
  /** Where it is there, writes wait for it. */
  const slow: { write?: ReturnType<typeof hold> } = {};
  const failing = { counter: false, records: false, store: false };
  const inner = memoryCounter({ clock: () => 0 });
  const counter: Counter = {
    settle: (wish: Wish) => {
      const [taken] = wish.take ?? [];
      steps.push(taken === undefined ? `look ${wish.read?.[0]}` : `count ${taken.key}`);
      return failing.counter ? away() : inner.settle(wish);
    },
  };
  const answer = (done: Done | undefined): void => {
    setImmediate(() => done?.(failing.store ? new Error('away') : null));
  };
  const store = {
    get: (sid: string, done: Done) => setImmediate(() => done(null, kept.get(sid))),
    set: (sid: string, session: object, done?: Done): void => {
      steps.push(`set ${sid}`);
      slow.write?.enter();
      void (slow.write?.released ?? Promise.resolve()).then(() => {
        kept.set(sid, session);
        answer(done);
      });
    },
    destroy: (sid: string | string[], done?: Done): unknown => {
      steps.push(`destroy ${[sid].flat().join()}`);
      for (const each of [sid].flat()) kept.delete(each);
      answer(done);
      return undefined;
    },
    createSession: (_req: unknown, data: unknown): unknown => data,
  };
  const records = {
    get: (key: string) => (failing.records ? away() : Promise.resolve(live.get(key))),
    recent: (key: string) => Promise.resolve(live.get(key)),
    set: (key: string, record: unknown) => Promise.resolve(void live.set(key, record)),
    delete: (key: string) => {
      steps.push(`end ${key}`);
      return failing.records ? away() : Promise.resolve(void live.delete(key));
    },
  };
  const asked = jest.spyOn(records, 'get');
  const sessions = followSessions({
    store,
    counter,
    records,
    steady: () => now,
    lifetime: 24 * 60 * MINUTE,
    clock: () => now,
    recordKey: (kind, id) => `${kind}-${id}`,
    kin: {
      signOutPlace,
      endIn,
      keep: async (before, successor) => {
        next.set(before, successor);
      },
      forget: async (before) => {
        next.delete(before);
      },
      successorOf: async (id) => next.get(id),
    },
    readMark,
    isRevoked: async () => false,
    failed: (error) => error,
  });
  const call = (work: (done: Done) => unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      work((error) => (error instanceof Error ? reject(error) : resolve(undefined)));
    });
  return {
    store,
    sessions,
    steps,
    kept,
    live,
    next,
    failing,
    slow,
    records,
    asked,
    counter: inner,
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
    set: (sid: string, session: object) => call((done) => store.set(sid, session, done)),
    destroy: (sid: string | string[]) => call((done) => store.destroy(sid, done)),
    /** The session as a request loads it. */
    load: (sid: string, data: object = {}) =>
      store.createSession({ sessionID: sid }, { ...data }) as object,
  };
}

/** Follows the sessions of any store, with a counter in memory. */
export function follow(store: SessionStore) {
  const keyring = createKeyring(['a secret of these tests alone']);
  const records = sessionStoreRecords(store, Date.now, Date.now);
  return followSessions({
    store,
    counter: memoryCounter(),
    records,
    clock: Date.now,
    steady: Date.now,
    lifetime: MINUTE,
    recordKey: keyring.recordKey,
    kin: kinOf({ keyring, records, clock: Date.now }),
    readMark,
    isRevoked: async () => false,
    failed: (error) => error,
  });
}
