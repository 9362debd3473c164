import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../ports/clock';
import type { Records, SessionStore } from '../ports/session-store';
import { storeCall } from '../time-limit';
import {
  called,
  isRedisStore,
  nothing,
  readFrom,
  recentLooks,
  removeFrom,
  withoutClientTimer,
} from './calls';

/** Records that lie in a session store. */
export interface StoredRecords extends Records {
  /**
   * Tells the store that the record is in use, as express-session does with a session: by `touch`
   * where the store has it, else written once more, if it is there and the same. Not there where the
   * store keeps a record for as long as its cookie says.
   */
  lengthen?(key: string, record: object, expiresAt: number): Promise<void>;
}

/**
 * Keeps records in the app's own session store, beside its sessions. To the store each of them is a
 * session.
 */
export function sessionStoreRecords(
  store: SessionStore,
  clock: Clock,
  steady: Clock,
): StoredRecords {
  const looks = recentLooks<unknown>(steady);
  const forgetEnded = isMemoryStore(store) ? sweeper(store, clock) : undefined;
  const asked = withoutClientTimer(store);
  const asSession = sessionMaker(store, clock);
  const get = (key: string): Promise<unknown> =>
    storeCall('sessionStore.get', () => readFrom(asked(), key, contentOf));
  const write = (key: string, record: unknown, expiresAt: number): Promise<void> =>
    looks.writing(key, () =>
      storeCall('sessionStore.set', () => {
        forgetEnded?.(key, expiresAt);
        return called((done) => asked().set(key, asSession(key, record, expiresAt), done), nothing);
      }),
    );
  const lengthen: StoredRecords['lengthen'] = async (key, record, expiresAt) => {
    if (typeof store.touch === 'function') {
      await storeCall('sessionStore.touch', () =>
        called((done) => store.touch?.(key, asSession(key, record, expiresAt), done)),
      );
    } else if (isDeepStrictEqual(await get(key), record)) {
      await write(key, record, expiresAt);
    }
  };
  return {
    get,
    recent: (key) => looks.find(key, () => get(key)),
    set: write,
    delete: (key) =>
      looks.writing(key, () => storeCall('sessionStore.destroy', () => removeFrom(asked(), key))),
    ...(goesByCookie(store) ? {} : { lengthen }),
  };
}

/**
 * What a store is given for a record: a session of express-session's own, as the store itself makes
 * them, whose cookie says when the record ends. Some stores read `maxAge` for that, others `expires`,
 * and keep what `toJSON` gives. A store that makes no sessions gets the plain parts of one.
 */
function sessionMaker(store: SessionStore, clock: Clock) {
  const create = store.createSession?.bind(store);
  const isRedis = isRedisStore(store);
  return (key: string, record: unknown, expiresAt: number): object => {
    const originalMaxAge = expiresAt - clock();
    const expires = new Date(expiresAt);
    const content = withoutGaps(record);
    if (isRedis) return { cookie: new EndOfRecord(expires, originalMaxAge), sms2fa: content };
    const cookie = { originalMaxAge, expires, httpOnly: true, path: '/' };
    const data = { cookie, sms2fa: content };
    const made = create?.({ sessionID: key, sessionStore: store }, data);
    const session = typeof made === 'object' && made !== null ? made : data;
    // A session of express-session takes no property that every object seems to have already.
    const kept = { value: content, enumerable: true, configurable: true, writable: true };
    Object.defineProperty(session, 'sms2fa', kept);
    return session;
  };
}

/**
 * All that connect-redis asks of a cookie, before it writes. It is not written: Redis itself ends the
 * record. A whole session of express-session, made only to be thrown away, costs as much as the rest.
 */
class EndOfRecord {
  readonly httpOnly = true;
  readonly path = '/';
  constructor(
    readonly expires: Date,
    readonly originalMaxAge: number,
  ) {}

  get maxAge(): number {
    return this.originalMaxAge;
  }

  toJSON(): object {
    return {};
  }
}

/** Without what is undefined, as JSON has it: some databases make `null` of it. */
function withoutGaps(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutGaps);
  const parts = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(parts.map(([name, part]) => [name, withoutGaps(part)]));
}

/**
 * Whether the store is known to keep a session until its cookie ends. Others may have a lifetime of
 * their own, which begins anew with each use.
 */
function goesByCookie(store: SessionStore): boolean {
  const { ttl } = store as { ttl?: unknown };
  return isMemoryStore(store) || (isRedisStore(store) && typeof ttl !== 'function');
}

function contentOf(found: unknown): unknown {
  const content = (found as { sms2fa?: unknown }).sms2fa;
  if (typeof content === 'object' && content !== null) return content;
  throw new Error('the store answered with something that was not kept there');
}

/** express-session's own MemoryStore lets go of nothing that nobody asks for again. */
function isMemoryStore(store: SessionStore): boolean {
  return store.constructor.name === 'MemoryStore' && 'sessions' in store;
}

/** Removes records that have ended, a few with each that is written. */
function sweeper(store: SessionStore, clock: Clock): (key: string, expiresAt: number) => void {
  const ends = new Map<string, number>();
  return (key, expiresAt) => {
    ends.delete(key);
    ends.set(key, expiresAt);
    let looked = 0;
    for (const [each, end] of ends) {
      if (end <= clock()) {
        ends.delete(each);
        store.destroy(each, () => undefined);
      }
      looked += 1;
      if (looked === 4) break;
    }
  };
}
