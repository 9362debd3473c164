import session from 'express-session';
import { readMark } from '../../lib/core/account';
import { createKeyring } from '../../lib/core/keyring';
import { kinOf } from '../../lib/core/sessions';
import { memoryCounter } from '../../lib/counters/memory-counter';
import type { SessionStore } from '../../lib/ports/session-store';
import { STORE_TIME_LIMIT } from '../../lib/time-limit';
import { followSessions } from '../../lib/stores/followed-sessions';
import { called, type Done } from '../../lib/stores/calls';
import { sessionStoreRecords } from '../../lib/stores/records';

const MINUTE = 60_000;
let now = Date.now();
const clock = (): number => now;
const rejections: unknown[] = [];
const note = (reason: unknown): void => void rejections.push(reason);
beforeEach(() => {
  // What is kept ends by the real time, too, which goes on between the tests.
  now = Date.now();
  rejections.length = 0;
  process.on('unhandledRejection', note);
});
afterEach(async () => {
  await new Promise((resolve) => setTimeout(resolve));
  process.off('unhandledRejection', note);
  expect(rejections).toEqual([]);
});

/** A store that answers every call like this. */
function storeThat(answers: (done: Done, verb: string) => unknown) {
  const kept: { key: string; session: Record<string, unknown> }[] = [];
  const store: SessionStore = Object.assign(Object.create(session.Store.prototype) as object, {
    get: (_key: string, done: Done) => answers(done, 'get'),
    set: (key: string, given: Record<string, unknown>, done: Done = () => undefined) => {
      kept.push({ key, session: given });
      return answers(done, 'set');
    },
    destroy: (_key: string, done: Done = () => undefined) => answers(done, 'destroy'),
  });
  return { kept, records: sessionStoreRecords(store, clock, clock) };
}

test('a record is kept beside the sessions, and forgotten', async () => {
  const store = new session.MemoryStore();
  const records = sessionStoreRecords(store, clock, clock);
  expect(await records.get('sms2fa-a')).toBeUndefined();
  await records.set('sms2fa-a', { id: 'x', list: [1, { two: null }] }, now + MINUTE);
  expect(await records.get('sms2fa-a')).toEqual({ id: 'x', list: [1, { two: null }] });
  await records.set('sms2fa-b', { id: 'ended' }, now - 1);
  expect(await records.get('sms2fa-b')).toBeUndefined();
  await records.delete('sms2fa-a');
  expect(await records.get('sms2fa-a')).toBeUndefined();
});

test('to a store a record is a session of express-session', async () => {
  const { records, kept } = storeThat((done) => done());
  await records.set('a', { id: 'x', receipt: undefined, list: [{ at: undefined }] }, now + MINUTE);
  const record = kept[0]?.session as unknown as session.Session & { sms2fa: object };
  const { cookie } = record;
  const expires = new Date(now + MINUTE);
  expect(record.id).toBe('a');
  expect(cookie).toBeInstanceOf(session.Cookie);
  expect(cookie).toMatchObject({ expires });
  expect(cookie.originalMaxAge).toBe(MINUTE);
  // express-session itself goes by the time of the machine.
  expect(cookie.maxAge).toBeGreaterThan(MINUTE - 10_000);
  expect(cookie.maxAge).toBeLessThanOrEqual(MINUTE);
  const written = JSON.parse(JSON.stringify(record)) as object;
  const kind = { originalMaxAge: MINUTE, expires: expires.toJSON(), httpOnly: true, path: '/' };
  // What is undefined is not there: some databases would make null of it.
  expect(record.sms2fa).toStrictEqual({ id: 'x', list: [{}] });
  expect(written).toEqual({ cookie: kind, sms2fa: { id: 'x', list: [{}] } });
});

test.each<[string, object]>([
  ['has no way to make sessions', {}],
  ['makes nothing of them', { createSession: () => undefined }],
  ['makes null of them', { createSession: () => null }],
])('a store that %s gets the parts of one', async (_, more) => {
  let kept: unknown;
  const store: SessionStore = {
    get: (_key, done) => done(null),
    set: (_key, given, done) => {
      kept = given;
      done?.();
    },
    destroy: (_key, done) => done?.(),
    ...more,
  };
  await sessionStoreRecords(store, clock, clock).set('a', { id: 'x' }, now + MINUTE);
  const expires = new Date(now + MINUTE);
  const cookie = { originalMaxAge: MINUTE, expires, httpOnly: true, path: '/' };
  expect(kept).toEqual({ cookie, sms2fa: { id: 'x' } });
});

test('a record is kept whole, and may be changed, also where every object seems to have one', async () => {
  const { records, kept } = storeThat((done) => done());
  Object.defineProperty(Object.prototype, 'sms2fa', { value: 'x', configurable: true });
  try {
    await records.set('a', { id: 'x' }, now + MINUTE);
  } finally {
    delete (Object.prototype as { sms2fa?: unknown }).sms2fa;
  }
  const record = kept[0]?.session as unknown as { sms2fa?: object };
  expect(record.sms2fa).toEqual({ id: 'x' });
  record.sms2fa = { id: 'y' };
  expect(JSON.parse(JSON.stringify(record))).toMatchObject({ sms2fa: { id: 'y' } });
  expect(delete record.sms2fa).toBe(true);
});

test.each([[undefined], [null], [false], [0], ['']])('%j is no record', async (found) => {
  const { records } = storeThat((done) => done(null, found));
  expect(await records.get('a')).toBeUndefined();
});

test.each([[true], [7], ['text'], [{}], [{ cookie: {} }], [{ sms2fa: null }], [{ sms2fa: 'x' }]])(
  '[S134] %j in place of a record is a broken store',
  async (found) => {
    const { records } = storeThat((done) => done(null, found));
    await expect(records.get('a')).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining('something that was not kept there'),
    });
  },
);

test('a store of files that has no such file has no such record', async () => {
  const missing = Object.assign(new Error('no such file'), { code: 'ENOENT' });
  for (const answer of [(done: Done) => done(missing), () => Promise.reject(missing)]) {
    const { records } = storeThat(answer);
    expect(await records.get('a')).toBeUndefined();
    await expect(records.set('a', {}, now)).rejects.toMatchObject({ code: 'store_unavailable' });
    await records.delete('a');
  }
});

test('[S134] a store that does not answer is store_unavailable in time', async () => {
  const { records } = storeThat(() => undefined);
  const message = `sessionStore.get failed: no answer within ${STORE_TIME_LIMIT / 1_000} s`;
  await expect(records.get('a')).rejects.toMatchObject({ code: 'store_unavailable', message });
});

test('recent asks once in ten seconds, and sees at once what was written here', async () => {
  let asked = 0;
  const { records } = storeThat((done, verb) => {
    if (verb === 'get') asked += 1;
    done(null, { sms2fa: { asked } });
  });
  expect(await records.recent('a')).toEqual({ asked: 1 });
  now += 9_999;
  expect(await records.recent('a')).toEqual({ asked: 1 });
  expect(await records.get('a')).toEqual({ asked: 2 });
  now += 1;
  expect(await records.recent('a')).toEqual({ asked: 3 });
  await records.set('a', {}, now);
  expect(await records.recent('a')).toEqual({ asked: 4 });
  await records.delete('a');
  expect(await records.recent('a')).toEqual({ asked: 5 });
});

test('records that have ended leave a MemoryStore with the next ones that are written', async () => {
  const store = new session.MemoryStore();
  const { sessions } = store as unknown as { sessions: Record<string, string> };
  const records = sessionStoreRecords(store, clock, clock);
  for (let each = 0; each < 20; each += 1) await records.set(`old-${each}`, {}, now + MINUTE);
  await records.set('renewed', {}, now + MINUTE);
  await records.set('renewed', {}, now + 3 * MINUTE);
  now += 2 * MINUTE;
  for (let each = 0; each < 10; each += 1) await records.set(`new-${each}`, {}, now + MINUTE);
  const left = Object.keys(sessions);
  expect(left.filter((key) => key.startsWith('old-'))).toEqual([]);
  expect(left).toHaveLength(11);
});

test('other stores are left to themselves', async () => {
  const verbs: string[] = [];
  const { records } = storeThat((done, verb) => {
    verbs.push(verb);
    done();
  });
  await records.set('a', {}, now);
  now += MINUTE;
  await records.set('b', {}, now);
  expect(verbs).toEqual(['set', 'set']);
});

test('over a node-redis client that is ready no command gets a timer beside the limit of the store', async () => {
  const timers: boolean[] = [];
  let written = '';
  const client = {
    timer: true,
    isReady: true,
    withCommandOptions: (options: object) => ({ ...client, timer: !('timeout' in options) }),
  };
  class RedisStore {
    client = client;
    private answer(done?: Done): void {
      timers.push(this.client.timer);
      done?.(null);
    }
    get(_key: string, done: Done): void {
      this.answer(done);
    }
    set(key: string, record: { cookie: { expires: Date } }, done?: Done): void {
      if (key === 'sms2fa a') {
        expect(record.cookie.expires).toEqual(new Date(now));
        written = JSON.stringify(record);
      }
      this.answer(done);
    }
    touch(_key: string, _session: object, done?: Done): void {
      this.answer(done);
    }
    destroy(_key: string, done?: Done): void {
      this.answer(done);
    }
  }
  const store = new RedisStore();
  const records = sessionStoreRecords(store, clock, clock);
  followSessions({
    store,
    counter: memoryCounter(),
    records,
    steady: clock,
    lifetime: MINUTE,
    recordKey: (_kind, sessionId) => `live-${sessionId}`,
    clock,
    kin: kinOf({ keyring: createKeyring(['a secret of this test alone']), records, clock }),
    readMark,
    isRevoked: async () => false,
    failed: (error) => error,
  });
  const all = async () => {
    timers.length = 0;
    await records.get('sms2fa a');
    await records.set('sms2fa a', {}, now);
    await records.delete('sms2fa a');
    await called((done) => store.get('a session', done));
    await called((done) => store.set('a session', { cookie: { expires: new Date() } }, done));
    await called((done) => store.touch('a session', {}, done));
    return timers;
  };
  expect(await all()).toEqual(Array(6).fill(false));
  // Redis itself ends the record: nobody reads when.
  expect(JSON.parse(written)).toEqual({ cookie: {}, sms2fa: {} });
  client.isReady = false;
  expect(await all()).toEqual(Array(6).fill(true));
  client.isReady = true;
  Object.defineProperty(RedisStore, 'name', { value: 'Other' });
  expect(await sessionStoreRecords(store, clock, clock).get('sms2fa a')).toBeUndefined();
  expect(timers.at(-1)).toBe(true);
});

/** A store with this name and these parts; nothing answers. */
const storeNamed = (name: string, parts: object = {}): SessionStore => {
  const nothing = (): undefined => undefined;
  const made = { get: nothing, set: nothing, destroy: nothing, ...parts };
  return Object.assign(made, { constructor: { name } });
};

test.each<[string, object, boolean]>([
  ['MemoryStore', { sessions: {} }, false],
  ['MemoryStore', {}, true],
  ['FileStore', { sessions: {} }, true],
  ['RedisStore', { ttl: 86_400 }, false],
  ['RedisStore', {}, false],
  ['RedisStore', { client: {} }, false],
  // A lifetime of the store's own begins anew with each use.
  ['RedisStore', { ttl: () => 86_400 }, true],
  ['FileStore', {}, true],
])('that a record of a %s with %j is in use is told to the store: %p', (name, parts, told) => {
  const records = sessionStoreRecords(storeNamed(name, parts), clock, clock);
  expect(typeof records.lengthen).toBe(told ? 'function' : 'undefined');
});

test('what connect-redis asks of a cookie is there, and none of it is written', async () => {
  let kept: { cookie: Record<string, unknown> } | undefined;
  const set = (_key: string, given: never, done: Done) => {
    kept = given;
    done();
  };
  await sessionStoreRecords(storeNamed('RedisStore', { set }), clock, clock).set('a', {}, now + 7);
  const { httpOnly, path, expires, maxAge, originalMaxAge } = kept!.cookie;
  expect([httpOnly, path, expires, maxAge, originalMaxAge]).toEqual([
    ...[true, '/', new Date(now + 7), 7, 7],
  ]);
  expect(JSON.parse(JSON.stringify(kept))).toEqual({ cookie: {}, sms2fa: {} });
});

test('[S62] a record is written once more to say that it is in use only where it is still the same', async () => {
  let found: unknown;
  const { records, kept } = storeThat((done, verb) =>
    done(null, verb === 'get' ? found : undefined),
  );
  for (const [sms2fa, times] of [
    [{ id: 'another' }, 0],
    [undefined, 0],
    [{ id: 'x' }, 1],
  ] as const) {
    found = sms2fa && { sms2fa };
    await records.lengthen!('a', { id: 'x' }, now + MINUTE);
    expect(kept).toHaveLength(times);
  }
});

test('of a MemoryStore a few records that have ended go with each that is written', async () => {
  const store = new session.MemoryStore();
  const { sessions } = store as unknown as { sessions: Record<string, unknown> };
  const records = sessionStoreRecords(store, clock, clock);
  const write = (id: string) => records.set(`sms2fa-${id}`, { id }, now + MINUTE);
  const left = async () => {
    await new Promise((resolve) => setTimeout(resolve));
    return Object.keys(sessions).length;
  };
  for (let each = 0; each < 10; each += 1) await write(`${each}`);
  now += MINUTE - 1;
  await write('a');
  expect(await left()).toBe(11);
  now += 1;
  await write('b');
  expect(await left()).toBe(8);
  await write('c');
  expect(await left()).toBe(5);
});
