import session from 'express-session';
import { memoryCounter, SecondFactorError } from '../../lib';
import type { SessionStore } from '../../lib/ports/session-store';
import {
  answered,
  called,
  callbackIn,
  isRecordKey,
  noteOf,
  readFrom,
  recentLooks,
  removeFrom,
  type Done,
} from '../../lib/stores/calls';
import { sessionStoreRecords } from '../../lib/stores/records';
import { signIn, startApp } from '../helpers/app';
import { follow } from './session-world';

/** What ends a process, or would. */
const ends: unknown[] = [];
const note = (reason: unknown): void => void ends.push(reason);
beforeEach(() => {
  ends.length = 0;
  process.on('unhandledRejection', note);
});
afterEach(async () => {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', note);
  expect(ends).toEqual([]);
});

const away = (): Error => new Error('away');
const later = (work: () => unknown): void => void setImmediate(work);
/** A promise of another library than JavaScript's own. */
class OtherPromise {
  static reject = (reason: unknown): OtherPromise => new OtherPromise(reason);
  private constructor(private readonly reason: unknown) {}
  then(_done: unknown, failed: (reason: unknown) => void): void {
    later(() => failed(this.reason));
  }
}
/** A query that is carried out when it is waited for. */
class Query {
  then(): never {
    throw new Error('carried out twice');
  }
}

type Answer = (done: Done) => unknown;

/** What stores have been seen to do, and what else they could; each answers or says `away`. */
const RIGHT: Record<string, Answer> = {
  'calls back at once': (done) => done(null),
  'calls back later': (done) => later(() => done(undefined)),
  'has false for no error': (done) => done(false),
  'has 0 for no error': (done) => done(0),
  'has an empty string for no error': (done) => done(''),
  'calls back and promises': async (done) => done(null),
  'promises nothing, and calls back after that': async (done) => later(() => done(null)),
  'calls back twice': (done) => {
    done(null);
    done(null);
  },
  'calls back, then with an error': (done) => {
    done(null);
    later(() => done(away()));
  },
  'calls back, then throws': (done) => {
    done(null);
    throw away();
  },
  'calls back, then rejects': async (done) => {
    done(null);
    throw away();
  },
  'calls back, and answers a query that is not to be waited for': (done) => {
    done(null);
    return new Query();
  },
};

const WRONG: Record<string, Answer> = {
  'calls back an error': (done) => done(away()),
  'calls back in words': (done) => later(() => done('away')),
  'calls back an object that is no Error': (done) => done({ message: 'away', errno: 7 }),
  'calls back a code': (done) => done({ code: 'away' }),
  throws: () => {
    throw away();
  },
  'throws words': () => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- of a store that does
    throw 'away';
  },
  rejects: () => Promise.reject(away()),
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- of a store that does
  'rejects in words': () => Promise.reject('away'),
  'rejects a promise of another library': () => OtherPromise.reject(away()),
  'calls back an error and rejects': async (done) => {
    done(away());
    throw away();
  },
  'calls back an error and throws': (done) => {
    done(away());
    throw away();
  },
  'calls back an error twice': (done) => {
    done(away());
    done(away());
  },
  'calls back an error, then none': (done) => {
    done(away());
    later(() => done(null));
  },
};

/** A store that answers each verb so, for sessions and records alike. */
function storeThat(answer: Answer): SessionStore & session.Store {
  const verb = (...given: unknown[]): unknown =>
    answer((error, value) => (given.findLast((each) => typeof each === 'function') as Done)(error, value)); // prettier-ignore
  const store = Object.create(session.Store.prototype) as object;
  return Object.assign(store, { get: verb, set: verb, destroy: verb, touch: verb }) as never;
}

const VERBS = ['get', 'set', 'destroy', 'touch'] as const;

/** What the app is called back with, by verb; each time. */
async function asApp(store: SessionStore): Promise<Record<string, unknown[]>> {
  const told = Object.fromEntries(VERBS.map((verb) => [verb, [] as unknown[]]));
  const data = { cookie: { originalMaxAge: null } };
  const calls = [
    () => store.get('sid', (error) => told.get?.push(error)),
    () => store.set('sid', data, (error) => told.set?.push(error)),
    () => store.destroy('sid', (error) => told.destroy?.push(error)),
    () => store.touch?.('sid', data, (error) => told.touch?.push(error)),
  ];
  for (const call of calls) call();
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  return told;
}

test.each(Object.entries(RIGHT))('[S134] a store that %s has answered', async (_, answer) => {
  const store = storeThat(answer);
  const records = sessionStoreRecords(store, Date.now, Date.now);
  expect(await records.get('a')).toBeUndefined();
  await records.set('a', {}, 0);
  await records.delete('a');
  await records.lengthen?.('a', {}, 0);
  follow(store);
  const told = await asApp(store);
  expect(told).toEqual({ get: [undefined], set: [undefined], destroy: [undefined], touch: [undefined] }); // prettier-ignore
});

test.each(Object.entries(WRONG))(
  '[S134] a store that %s has failed: 503, in its own words',
  async (_, answer) => {
    const store = storeThat(answer);
    const records = sessionStoreRecords(store, Date.now, Date.now);
    const failed = (verb: string): object => ({
      code: 'store_unavailable',
      status: 503,
      message: `sessionStore.${verb} failed: away`,
    });
    await expect(records.get('a')).rejects.toMatchObject(failed('get'));
    await expect(records.set('a', {}, 0)).rejects.toMatchObject(failed('set'));
    await expect(records.delete('a')).rejects.toMatchObject(failed('destroy'));
    await expect(records.lengthen?.('a', {}, 0)).rejects.toMatchObject(failed('touch'));
    follow(store);
    const told = await asApp(store);
    for (const verb of VERBS) expect(told[verb]).toEqual([expect.objectContaining(failed(verb))]);
    // Fire and forget.
    void store.destroy('sid');
    void store.set('sid', {} as never);
    void (store as SessionStore).touch?.('sid', {});
  },
);

test('[S134] a store that fails without an error has failed all the same', async () => {
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- of a store that does
  const reject = () => Promise.reject();
  const raise = () => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- of a store that does
    throw undefined;
  };
  for (const answer of [reject, raise]) {
    const store = storeThat(answer);
    follow(store);
    const told = await asApp(store);
    for (const verb of VERBS) {
      const error = told[verb]![0] as SecondFactorError;
      expect(told[verb]).toEqual([expect.any(SecondFactorError)]);
      expect(error.message).toBe(`sessionStore.${verb} failed: it failed without an error`);
    }
  }
});

test('[S134] an error that cannot be read ends no process, and the call fails with it', async () => {
  const broken = (): never => {
    throw new RangeError('unreadable');
  };
  const error = Object.defineProperty(new Error('away'), 'code', { get: broken });
  const stores: Partial<SessionStore>[] = [
    { get: () => Promise.reject(error) },
    { get: (_id, done) => done(error) },
    {
      get: () => {
        throw error;
      },
    },
  ];
  for (const store of stores) {
    await expect(readFrom(store as SessionStore, 'x')).rejects.toThrow('unreadable');
  }
});

test('[S134] a session that is not there is told as the store tells it', async () => {
  const missing = Object.assign(away(), { code: 'ENOENT' });
  const store = storeThat((done) => done(missing));
  follow(store);
  expect((await asApp(store)).get).toEqual([missing]);
});

test('[S134] a database whose unix socket is missing is away, and has not answered "none"', async () => {
  const code = 'ENOENT';
  const refused = Object.assign(away(), { code, syscall: 'connect', address: '/run/redis.sock' });
  const store = storeThat((done) => done(refused));
  await expect(readFrom(store, 'sid')).rejects.toBe(refused);
  await expect(removeFrom(store, 'sid')).rejects.toBe(refused);
  follow(store);
  const told = await asApp(store);
  for (const verb of VERBS) expect(told[verb]).toEqual([expect.objectContaining({ status: 503 })]);
});

test('[S134] the app hears of a store that does not answer, in time, once, and not when it does later', async () => {
  const told: unknown[] = [];
  let answer: Done = () => undefined;
  const hung = () => called((done) => void (answer = done));
  const failed: unknown[] = [];
  const within = {
    verb: 'set',
    limit: 5,
    failed: (error: SecondFactorError) => (failed.push(error), error),
  };
  await answered(within, (...heard) => void told.push(...heard), hung);
  answer(null, 'late');
  await new Promise((resolve) => setImmediate(resolve));
  expect(told).toEqual([expect.objectContaining({ status: 503 })]);
  expect(String(told[0])).toContain('sessionStore.set failed: no answer within 0.005 s');
  expect(failed).toEqual(told);
});

test('[S134] a session that is not loaded in time is told as 503', async () => {
  const store = storeThat(() => undefined);
  follow(store);
  const loaded = new Promise((resolve) => void store.get('sid', resolve));
  expect(String(await loaded)).toContain('sessionStore.get failed: no answer within 1.5 s');
});

describe('a verb takes what that of the store takes', () => {
  const done = (): void => undefined;
  const other = (): void => undefined;
  test.each<[string, unknown[], unknown[]]>([
    ['nothing', [], [other]],
    ['a callback', [done], [other]],
    ['more after it', [done, 7], [other, 7]],
    ['more before it', [{ ttl: 1 }, done], [{ ttl: 1 }, other]],
    ['more without one', [{ ttl: 1 }], [{ ttl: 1 }, other]],
    ['undefined for one', [undefined], [other]],
    ['null for one', [null], [other]],
  ])('%s', (_, given, expected) => {
    const { callback, withDone } = callbackIn(given);
    expect(callback).toBe(given.includes(done) ? done : undefined);
    expect(withDone(other)).toEqual(expected);
  });

  test('all of it reaches the store, of a session and of a record', () => {
    const given: unknown[][] = [];
    const store = storeThat(() => undefined);
    const note = (...each: unknown[]): void => {
      given.push(each);
      (each.find((one) => typeof one === 'function') as Done | undefined)?.();
    };
    Object.assign(store, { get: note, set: note, destroy: note, touch: note });
    follow(store);
    const verbs = store as unknown as Record<string, (...given: unknown[]) => unknown>;
    for (const id of ['sid', 'sms2fa']) {
      void verbs.get?.(id, done, 'more');
      void verbs.set?.(id, {}, done, 'more');
      void verbs.touch?.(id, {}, 'more', done);
    }
    void verbs.destroy?.(['sms2fa'], { soft: true }, done);
    const shape = (each: unknown[]) =>
      each.map((one) => (typeof one === 'function' ? 'done' : one));
    expect(given.map(shape)).toEqual([
      ['sid', 'done', 'more'],
      ['sid', {}, 'done', 'more'],
      ['sid', {}, 'more', 'done'],
      ['sms2fa', 'done', 'more'],
      ['sms2fa', {}, 'done', 'more'],
      ['sms2fa', {}, 'more', 'done'],
      [['sms2fa'], { soft: true }, 'done'],
    ]);
  });

  test('without a callback the answer is a promise', async () => {
    const store = new session.MemoryStore() as unknown as SessionStore & {
      get(id: string): Promise<unknown>;
    };
    follow(store);
    await store.set('sid', { cookie: {}, cart: 1 });
    await store.touch?.('sid', { cookie: {} });
    await store.destroy('sid');
    const promising = storeThat(() => undefined);
    Object.assign(promising, { get: async () => ({ cart: 1 }) });
    follow(promising);
    expect(await (promising as unknown as typeof store).get('sid')).toEqual({ cart: 1 });
  });
});

test.each([undefined, 7, ['sms2fa'], '', 'x', 'xsms2fai', 'SMS2FAi'])(
  '%j is the name of no record',
  (sessionId) => {
    expect(isRecordKey(sessionId)).toBe(false);
  },
);

describe('recent looks', () => {
  let now = 0;
  const clock = (): number => now;
  beforeEach(() => {
    now = 0;
  });

  test('[S62] what was found is asked for again after ten seconds', async () => {
    const looks = recentLooks<number>(clock);
    let asked = 0;
    const ask = async () => (asked += 1);
    expect(await looks.find('a', ask)).toBe(1);
    now = 9_999;
    expect(await looks.find('a', ask)).toBe(1);
    expect(await looks.find('b', ask)).toBe(2);
    now = 10_000;
    expect(await looks.find('a', ask)).toBe(3);
  });

  test('a look that failed is not remembered, nor forgets a later one', async () => {
    const looks = recentLooks<number>(clock);
    const failed = looks.find('a', () => Promise.reject(new Error('away')));
    const next = looks.keep('a', Promise.resolve(2));
    await expect(failed).rejects.toThrow('away');
    expect(looks.isKept('a', next)).toBe(true);
    await expect(looks.find('b', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(looks.recent('b')).toBeUndefined();
  });

  test('[S62] a look that began before a write does not outlive it, whether the write succeeds or not', async () => {
    for (const end of [Promise.resolve(), Promise.reject(new Error('disk full'))]) {
      const looks = recentLooks<string>(clock);
      void looks.keep('a', Promise.resolve('before'));
      const written = looks.writing('a', () => {
        expect(looks.recent('a')).toBeUndefined();
        void looks.keep('a', Promise.resolve('meanwhile'));
        return end;
      });
      await Promise.allSettled([written]);
      expect(looks.recent('a')).toBeUndefined();
    }
  });

  test('ten thousand are remembered; the oldest goes first', () => {
    const looks = recentLooks<number>(clock);
    for (let each = 0; each <= 10_000; each += 1) void looks.keep(`${each}`, Promise.resolve(each));
    expect(looks.recent('0')).toBeUndefined();
    expect(looks.recent('1')).toBeDefined();
    looks.forget('1');
    looks.forget('2');
    // What is looked at anew is the youngest.
    for (const each of ['3', 'x', 'y', 'z']) void looks.keep(each, Promise.resolve(0));
    expect(['3', '4', '5'].map((each) => looks.recent(each) !== undefined)).toEqual([
      true,
      false,
      true,
    ]);
  });
});

describe('a text that JSON asks for', () => {
  /** As connect-redis, which is known by its name: to touch is to lengthen. */
  class RedisStore extends session.MemoryStore {}
  /** An app that notes what its store is told of sessions, and what it counts and keeps, in order. */
  const startNoted = async (
    options: Partial<session.SessionOptions> = {},
    cookie?: number,
    store: session.MemoryStore = new RedisStore(),
  ) => {
    const steps: string[] = [];
    const failing = { touch: false };
    const touch = store.touch.bind(store);
    const set = store.set.bind(store);
    store.touch = (id, data, done) => {
      steps.push('touch');
      if (failing.touch) setImmediate(() => (done as Done | undefined)?.(away()));
      else touch(id, data, done);
    };
    store.set = (id, data, done) => {
      steps.push(isRecordKey(id) ? 'keep' : 'write');
      set(id, data, done);
    };
    const counter = memoryCounter();
    const settle = counter.settle.bind(counter);
    counter.settle = (wish) => {
      steps.push('count');
      return settle(wish);
    };
    const app = await startApp({
      store,
      session: options,
      factor: {
        counter,
        beforeSend: ({ req }) => {
          const { session: own } = req as { session: session.Session };
          if (cookie !== undefined) own.cookie.maxAge = cookie;
          return true;
        },
      },
    });
    const browser = app.agent();
    await signIn(browser);
    // The first of a process to see that sessions are touched here.
    await browser.get('/second-factor/');
    steps.length = 0;
    const send = () => browser.post('/second-factor/challenge').send({}).expect(202);
    return { send, steps, failing };
  };

  test('tells the store that its session is in use along with the counting, and not once more', async () => {
    const { send, steps } = await startNoted();
    await send();
    expect(steps).toEqual(['touch', 'count', 'keep']);
  });

  test('tells it at the end where that failed', async () => {
    const { send, steps, failing } = await startNoted();
    failing.touch = true;
    await send();
    expect(steps).toEqual(['touch', 'count', 'keep', 'touch']);
  });

  test('tells it at the end, too, where the cookie has got another lifetime meanwhile', async () => {
    const { send, steps } = await startNoted({}, 3_600_000);
    await send();
    expect(steps).toEqual(['touch', 'count', 'keep', 'touch']);
  });

  test('tells a store that may write a session back at the end, when no hook can end it any more', async () => {
    const { send, steps } = await startNoted({}, undefined, new session.MemoryStore());
    await send();
    expect(steps).toEqual(['count', 'keep', 'touch']);
  });

  test('tells it nothing where the app has each session written', async () => {
    const { send, steps } = await startNoted({ resave: true });
    await send();
    expect(steps).toEqual(['count', 'keep', 'write', 'count']);
  });
});

test('a store is told ahead only of what was loaded, and once it was told of a session at an end', async () => {
  class RedisStore extends session.MemoryStore {}
  const store = new RedisStore() as unknown as Required<SessionStore>;
  const told: string[] = [];
  store.touch = (id, _session, done) => {
    told.push(id);
    done?.();
  };
  const sessions = follow(store);
  const atItsEnd = (id: string, of: object) =>
    new Promise((done) => void store.touch(id, of, done));
  const loaded = store.createSession({ sessionID: 'sid' }, { cookie: {} }) as object;
  await atItsEnd('sms2fa-record', {});
  sessions.touch('sid', loaded);
  expect(told).toEqual(['sms2fa-record']);
  await atItsEnd('other', { cookie: {} });
  sessions.touch('new', { cookie: {} });
  sessions.touch('sid', loaded);
  expect(told.slice(1)).toEqual(['other', 'sid']);
  await new Promise((resolve) => setImmediate(resolve));
  // Whoever waits for a promise has another way than express-session, and is answered by the store.
  await (store.touch as (id: string, of: object) => unknown)('sid', loaded);
  expect(told.slice(3)).toEqual(['sid']);
});

test('what a verb answers is waited for only where it is a promise: a query would be carried out again', async () => {
  const then = jest.fn();
  const answers = [
    ...[new Query(), { then }, Object.assign(Object.create(null) as object, { then })],
    // A promise by its name alone.
    Object.assign(Object.create(Promise.prototype) as object, { then: 7 }),
    ...[7, 'x', null, undefined, true],
  ];
  for (const answer of answers) {
    const call = called((done) => {
      setImmediate(() => done(null, 'found'));
      return answer;
    });
    expect(await call).toBe('found');
  }
  expect(then).not.toHaveBeenCalled();
});

test('ten thousand ids are noted; the oldest goes first', () => {
  const ids = new Set<string>();
  for (let each = 0; each < 10_000; each += 1) noteOf(ids, `${each}`);
  expect([ids.size, ids.has('0')]).toEqual([10_000, true]);
  noteOf(ids, 'one more');
  expect([ids.size, ids.has('0'), ids.has('1'), ids.has('one more')]).toEqual([
    ...[10_000, false, true, true],
  ]);
});
