import { RedisStore } from 'connect-redis';
import express, { type RequestHandler } from 'express';
import session from 'express-session';
import { createClient } from 'redis';
import request from 'supertest';
import {
  createSecondFactor,
  mapEnrollments,
  memoryCounter,
  redisCounter,
  SecondFactorError,
  type Counter,
  type Enrollment,
  type Enrollments,
  type SecondFactor,
  type SecondFactorOptions,
  type SetupFinding,
} from '../../lib';
import { enrolled, fewestOptions, PHONES, SECRET, startApp } from '../helpers/app';
import { testClock } from '../helpers/clock';
import { MOUNT } from '../helpers/paths';
import { connect, freePort, hasRedis, ownRedis } from '../helpers/redis-server';
import { simpleCounter } from '../helpers/simple-counter';

let warned: string[];
beforeEach(() => {
  warned = [];
  jest.spyOn(process, 'emitWarning').mockImplementation((message) => {
    warned.push(String(message));
  });
});
afterEach(() => jest.restoreAllMocks());

const factor = (given: Partial<SecondFactorOptions> = {}) =>
  createSecondFactor({
    ...fewestOptions(),
    ...given,
  });

/** All that is found of such a set-up, whether it is fatal or not, and the error where it is. */
async function found(
  given: Partial<SecondFactorOptions>,
  options: { userId?: string } = {},
): Promise<{ findings: readonly SetupFinding[]; error?: SecondFactorError }> {
  try {
    return { findings: await factor(given).check(options) };
  } catch (error) {
    if (!(error instanceof SecondFactorError)) throw error;
    return { findings: error.findings ?? [], error };
  }
}

/** What was seen, without what no request has shown. */
const seen = (findings: readonly SetupFinding[]) =>
  findings.filter(({ check }) => check !== 'mountPath' && check !== 'trust proxy');

type Row = Record<string, Enrollment | undefined>;

/** Storage as it should be, and the rows that it has. */
function storage(rows: Row = {}): Enrollments & { rows: Row } {
  return {
    rows,
    get: (userId) => rows[userId],
    set: (userId, enrollment, expected) => {
      if ((rows[userId]?.version ?? 0) !== expected) return false;
      rows[userId] = enrollment;
      return true;
    },
    delete: (userId, expected) => {
      if (rows[userId]?.version !== expected) return false;
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a name of this test
      delete rows[userId];
      return true;
    },
  };
}

const refusing = (code: string, message: string) => (): never => {
  throw Object.assign(new Error(message), { code });
};

/** A session store that is right but for this; `keep` changes what is kept. */
function store(
  change: (inner: session.MemoryStore) => Record<string, unknown>,
): session.MemoryStore {
  const inner = new session.MemoryStore();
  return Object.assign(inner, change(inner));
}

type Done = (error?: unknown, value?: unknown) => void;
const later: Done = () => undefined;

/** What MemoryStore keeps of a session, changed before it comes back. */
const changed = (
  change: (kept: { cookie: object; sms2fa: object }) => unknown,
): session.MemoryStore =>
  store((inner) => {
    const get = inner.get.bind(inner);
    return {
      get: (sid: string, done: Done) =>
        get(sid, (error, kept) => {
          done(error, kept && change(kept as unknown as { cookie: object; sms2fa: object }));
        }),
    };
  });

const offBy = (seconds: number): Partial<SecondFactorOptions> => {
  const clock = testClock(Date.now() + seconds * 1_000);
  return { clock, counter: memoryCounter({ clock: Date.now }) };
};

interface Case {
  set: Partial<SecondFactorOptions>;
  options?: { userId?: string };
  check: SetupFinding['check'];
  state: SetupFinding['state'];
  says: RegExp;
  cure: RegExp;
  /** What else is true of it. */
  also?: unknown[];
}

const broken: Record<string, () => Case> = {
  'a counter that lets all of several through': () => {
    let count = 0;
    const counter: Counter = {
      settle: async ({ take = [] }) => {
        count += take.length;
        const each = { count: 1, left: 60_000, ends: Date.now() + 60_000 };
        const one = new Map(take.map(({ key }) => [key, each]));
        const read = new Map([['', each]]);
        return {
          ok: true,
          read: Object.assign(read, { has: () => count > 0 }),
          places: one,
          full: [],
        };
      },
    };
    return {
      set: { counter },
      check: 'counter',
      state: 'wrong',
      says: /gave one place to 4 of 4/,
      cure: /one atomic step/,
    };
  },
  'a counter that answers with something else': () => ({
    set: { counter: { settle: async () => 'OK' } as unknown as Counter },
    check: 'counter',
    state: 'wrong',
    says: /something else than a settlement/,
    cure: /docs\/counters\.md/,
  }),
  'a counter that nobody answers': () => ({
    set: { counter: { settle: refusing('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:6379') } },
    check: 'counter',
    state: 'away',
    says: /counter does not answer: .*ECONNREFUSED/,
    cure: /Start it before the app/,
  }),
  'a counter whose unix socket is not there': () => ({
    set: { counter: { settle: refusing('ENOENT', 'connect ENOENT /run/redis.sock') } },
    check: 'counter',
    state: 'away',
    says: /counter does not answer: .*ENOENT/,
    cure: /Start it before the app/,
  }),
  'a counter that hangs': () => ({
    set: { counter: { settle: () => new Promise(() => undefined) } },
    check: 'counter',
    state: 'away',
    says: /no answer within 1.5 s/,
    cure: /Start it before the app/,
  }),
  'a clock that is an hour ahead': () => ({
    set: offBy(3_600),
    check: 'clock',
    state: 'warning',
    says: /clock of this process is 3600 s ahead .* a code \(300 s\)/,
    cure: /NTP/,
  }),
  'a clock that is an hour behind': () => ({
    set: offBy(-3_600),
    check: 'clock',
    state: 'warning',
    says: /clock of this process is (?:3600|3599) s behind/,
    cure: /NTP/,
    // MemoryStore goes by the right one.
    also: [expect.objectContaining({ check: 'store', cure: expect.stringMatching(/its clock/) })],
  }),
  'a counter of the app with a clock of its own': () => ({
    set: { counter: simpleCounter(() => Date.now() + 60_000) },
    check: 'clock',
    state: 'warning',
    says: /60 s behind/,
    cure: /NTP/,
  }),
  'a store that forgets at once': () => ({
    set: {
      sessionStore: store(() => ({ set: (_sid: string, _kept: unknown, done: Done) => done() })),
    },
    check: 'store',
    state: 'wrong',
    says: /has nothing under its id right after/,
    cure: /32 characters, and its clock/,
  }),
  'a store that cuts long ids': () => ({
    set: {
      sessionStore: store((inner) => {
        const set = inner.set.bind(inner);
        return {
          set: (sid: string, kept: never, done: never) => set(sid.slice(0, 24), kept, done),
        };
      }),
    },
    check: 'store',
    state: 'wrong',
    says: /has nothing under its id right after/,
    cure: /column for ids must take 32 characters/,
  }),
  'a store that refuses long ids': () => ({
    set: {
      sessionStore: store(() => ({
        set: (_sid: string, _kept: unknown, done: Done) =>
          done(
            Object.assign(new Error('value too long for type character(24)'), { code: '22001' }),
          ),
      })),
    },
    check: 'store',
    state: 'wrong',
    says: /value too long/,
    cure: /32 letters and digits/,
  }),
  'a store that knows no field but its own': () => ({
    set: { sessionStore: changed(({ cookie }) => ({ cookie })) },
    check: 'store',
    state: 'wrong',
    says: /beside the cookie is missing/,
    cure: /whole/,
  }),
  'a store that cuts what is long': () => ({
    set: {
      sessionStore: changed((kept) => ({
        ...kept,
        sms2fa: { ...kept.sms2fa, long: 'x'.repeat(255) },
      })),
    },
    check: 'store',
    state: 'wrong',
    says: /changed: long/,
    cure: /column/,
  }),
  'a store that makes text of numbers': () => ({
    set: {
      sessionStore: changed((kept) => ({
        ...kept,
        sms2fa: {
          ...kept.sms2fa,
          madeAt: String((kept.sms2fa as { madeAt: number }).madeAt),
        },
      })),
    },
    check: 'store',
    state: 'wrong',
    says: /changed: madeAt/,
    cure: /serializer/,
  }),
  'a store that drops the time zone of a date': () => ({
    set: {
      sessionStore: changed((kept) => {
        const { expires } = kept.cookie as { expires: string };
        const moved = new Date(new Date(expires).getTime() - 7_200_000).toISOString();
        return { ...kept, cookie: { ...kept.cookie, expires: moved } };
      }),
    },
    check: 'store',
    state: 'warning',
    says: /\(-7200 s off\)/,
    cure: /timestamptz/,
  }),
  'a store that takes milliseconds for less': () => ({
    set: {
      sessionStore: store((inner) => {
        const set = inner.set.bind(inner);
        return {
          set: (sid: string, kept: { cookie: { originalMaxAge: number } }, done: never) => {
            setTimeout(() => inner.destroy(sid), kept.cookie.originalMaxAge / 1_000);
            set(sid, kept, done);
          },
        };
      }),
    },
    check: 'store',
    state: 'wrong',
    says: /lets a record go before its time/,
    cure: /ttl, often in seconds/,
  }),
  'a store whose touch drops what is there': () => ({
    set: {
      // Not MemoryStore by its name, so that it is told of records that are in use.
      sessionStore: Object.assign(
        new (class Odd extends session.MemoryStore {})(),
        ((): object => {
          const inner = new session.MemoryStore();
          return {
            get: inner.get.bind(inner),
            set: inner.set.bind(inner),
            destroy: inner.destroy.bind(inner),
            touch: (sid: string, _kept: unknown, done: Done) => {
              inner.destroy(sid);
              done();
            },
          };
        })(),
      ),
    },
    check: 'store',
    state: 'wrong',
    says: /lets a record go before its time/,
    cure: /touch must lengthen/,
  }),
  'a store that keeps after destroy': () => ({
    set: {
      sessionStore: store(() => ({ destroy: (_sid: string, done?: Done) => (done ?? later)() })),
    },
    check: 'store',
    state: 'wrong',
    says: /still has a record after destroy/,
    cure: /before it calls back/,
  }),
  'a store that is away': () => ({
    set: {
      sessionStore: store(() => ({
        set: (_sid: string, _kept: unknown, done: Done) => done(new Error('The client is closed')),
      })),
    },
    check: 'store',
    state: 'away',
    says: /session store does not answer: .*The client is closed/,
    cure: /connect its client/,
  }),
  'a store that never calls back': () => ({
    set: { sessionStore: store(() => ({ get: () => undefined })) },
    check: 'store',
    state: 'away',
    says: /sessionStore\.get failed: no answer within/,
    cure: /Start it/,
  }),
  'storage without versions': () => {
    const { rows, ...inner } = storage();
    const set = (userId: string, enrollment: Enrollment): boolean => {
      rows[userId] = enrollment;
      return true;
    };
    return {
      set: { enrollments: { ...inner, set } },
      check: 'enrollments',
      state: 'wrong',
      says: /writes over an enrollment where none should be stored/,
      cure: /Compare the version and write in one statement/,
    };
  },
  'storage that only inserts by version': () => {
    const { rows, ...inner } = storage();
    const set = (userId: string, enrollment: Enrollment, expected: number): boolean => {
      if (expected === 0 && rows[userId] !== undefined) return false;
      rows[userId] = enrollment;
      return true;
    };
    return {
      set: { enrollments: { ...inner, set } },
      check: 'enrollments',
      state: 'wrong',
      says: /writes although another version is stored/,
      cure: /Compare the version/,
    };
  },
  'storage that never updates': () => {
    const { rows, ...inner } = storage();
    const set = (userId: string, enrollment: Enrollment, expected: number): boolean => {
      if (expected !== 0 || rows[userId] !== undefined) return false;
      rows[userId] = enrollment;
      return true;
    };
    return {
      set: { enrollments: { ...inner, set } },
      check: 'enrollments',
      state: 'wrong',
      says: /does not write over the version that is stored/,
      cure: /whole number/,
    };
  },
  'storage that deletes any version': () => {
    const { rows, ...inner } = storage();
    return {
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a name of this test
      set: { enrollments: { ...inner, delete: (userId: string) => delete rows[userId] } },
      check: 'enrollments',
      state: 'wrong',
      says: /delete removes an enrollment although another version/,
      cure: /Compare the version/,
    };
  },
  'storage that deletes nothing': () => ({
    set: { enrollments: { ...storage(), delete: () => false } },
    check: 'enrollments',
    state: 'wrong',
    says: /delete does not remove the version that is stored/,
    cure: /anything but false/,
    also: [expect.objectContaining({ says: expect.stringMatching(/^Nobody can say whether/) })],
  }),
  'a set that answers nothing': () => {
    const { rows, ...inner } = storage();
    const set = (userId: string, enrollment: Enrollment) => void (rows[userId] = enrollment);
    return {
      set: { enrollments: { ...inner, set: set as never } },
      check: 'enrollments',
      state: 'wrong',
      says: /set (?:answers|answered) nothing/,
      cure: /answer true, or false/,
    };
  },
  'a set that answers the row, as a Map does itself': () => {
    const map = new Map<string, Enrollment>();
    return {
      set: {
        enrollments: {
          get: (userId) => map.get(userId),
          set: (userId: string, enrollment: Enrollment) => map.set(userId, enrollment) as never,
          delete: (userId) => map.delete(userId),
        },
      },
      check: 'enrollments',
      state: 'wrong',
      says: /set (?:answers|answered) a(?:n)? object/,
      cure: /answer true, or false/,
    };
  },
  'a get that does not look for its user': () => ({
    set: { enrollments: { ...storage(), get: () => enrolled(PHONES.A) } },
    check: 'enrollments',
    state: 'wrong',
    says: /an enrollment for a user who is not there/,
    cure: /look for the userId/,
  }),
  'a get that reads elsewhere': () => ({
    set: { enrollments: { ...storage(), get: () => undefined } },
    check: 'enrollments',
    state: 'wrong',
    says: /set answers true, and enrollments.get then nothing/,
    cure: /primary database/,
  }),
  'storage that loses a field': () => {
    const inner = storage();
    const get = (userId: string) => {
      const kept = inner.rows[userId];
      if (kept === undefined) return undefined;
      const { confirmedFrom: _, ...rest } = kept;
      return rest;
    };
    return {
      set: { enrollments: { ...inner, get } },
      check: 'enrollments',
      state: 'wrong',
      says: /another value \(confirmedFrom\)/,
      cure: /keep the value whole/,
    };
  },
  'storage whose table was not made': () => ({
    set: {
      enrollments: {
        ...storage(),
        get: refusing('42P01', 'relation "second_factors" does not exist'),
      },
    },
    check: 'enrollments',
    state: 'wrong',
    says: /relation "second_factors" does not exist/,
    cure: /docs\/enrollments\.md/,
  }),
  'storage whose password is another one': () => ({
    set: {
      enrollments: { ...storage(), get: refusing('28P01', 'password authentication failed') },
    },
    check: 'enrollments',
    state: 'wrong',
    says: /storage of enrollments does not know this user or password \(.*password authentication/,
    cure: /^Check user and password/,
  }),
  'storage whose host has no such name': () => ({
    set: { enrollments: { ...storage(), get: refusing('ENOTFOUND', 'getaddrinfo ENOTFOUND db') } },
    check: 'enrollments',
    state: 'away',
    says: /host name cannot be looked up/,
    cure: /^Check the host in its address/,
  }),
  'storage with a certificate of its own': () => ({
    set: { enrollments: { ...storage(), get: refusing('SELF_SIGNED_CERT_IN_CHAIN', 'no') } },
    check: 'enrollments',
    state: 'wrong',
    says: /encryption \(TLS\)/,
    cure: /NODE_EXTRA_CA_CERTS/,
  }),
  'a counter without a connection left': () => ({
    set: { counter: { settle: refusing('53300', 'sorry, too many clients already') } },
    check: 'counter',
    state: 'away',
    says: /^The counter has no connection left/,
    cure: /make pools smaller/,
  }),
  'a counter that waits for a lock': () => ({
    set: { counter: { settle: refusing('55P03', 'canceling statement due to lock timeout') } },
    check: 'counter',
    state: 'away',
    says: /^The counter gave up at a time limit of its own, or while it waited for a lock/,
    cure: /^Find what holds it up/,
  }),
  'storage that is away': () => ({
    set: { enrollments: { ...storage(), get: refusing('57P01', 'terminating connection') } },
    check: 'enrollments',
    state: 'away',
    says: /storage of enrollments does not answer: .*terminating connection/,
    cure: /Start it/,
  }),
  'a get with a mistake in it': () => ({
    set: {
      enrollments: {
        ...storage(),
        get: (_userId, user) => (user as { factor: Enrollment }).factor,
      },
    },
    check: 'enrollments',
    state: 'warning',
    says: /get throws for a user who is not there: .*undefined/,
    cure: /without its second argument/,
  }),
  'storage that answers false for a user who has none': () => ({
    set: { enrollments: { ...storage(), set: () => false } },
    options: { userId: 'tester' },
    check: 'enrollments',
    state: 'wrong',
    says: /set answers false for a user who has no enrollment/,
    cure: /expectedVersion 0/,
  }),
};

test.each(Object.entries(broken))('%s is found, with its cure', async (_name, make) => {
  const { set, options, check, state, says, cure, also } = make();
  const { findings, error } = await found(set, options);
  const mine = {
    check,
    state,
    says: expect.stringMatching(says),
    cure: expect.stringMatching(cure),
  };
  expect(seen(findings)).toEqual([mine, ...(also ?? [])]);
  const { says: told, cure: mends } = seen(findings)[0]!;
  if (state === 'warning' && also === undefined) {
    expect(error).toBeUndefined();
    expect(warned).toEqual([`passport-sms-2fa: ${told} ${mends}`]);
    return;
  }
  if (also !== undefined) return;
  expect(warned).toEqual([]);
  expect(error?.code).toBe(state === 'away' ? 'store_unavailable' : 'misconfigured');
  expect(error?.message).toContain(`- ${told} ${mends}`);
});

test('all that is fatal stands in one message, and is misconfigured as soon as one thing is wrong', async () => {
  const away = { counter: broken['a counter that nobody answers']!().set.counter };
  const both = { ...broken['a store that keeps after destroy']!().set, ...away };
  expect((await found(away)).error?.code).toBe('store_unavailable');
  const { error } = await found(both);
  expect(error?.code).toBe('misconfigured');
  expect(error?.message.split('\n')).toEqual([
    'The set-up of passport-sms-2fa:',
    expect.stringMatching(/^- The counter does not answer/),
    expect.stringMatching(/^- The session store still has/),
  ]);
});

test('storage in which only users can have a phone is none, and is tried with a user of the tests', async () => {
  const users = ['tester', 'bob'];
  const refusals: [string, (userId: string) => boolean | never][] = [
    ['a column', (userId) => users.includes(userId)],
    ['a foreign key', (userId) => users.includes(userId) || refusing('23503', 'foreign key')()],
    ['a number', (userId) => users.includes(userId) || refusing('22P02', 'invalid input syntax')()],
  ];
  for (const [name, has] of refusals) {
    const { rows, ...inner } = storage({ bob: enrolled(PHONES.B) });
    const set: Enrollments['set'] = (userId, ...rest) => has(userId) && inner.set(userId, ...rest);
    const get: Enrollments['get'] = (userId) =>
      name === 'a number' && !has(userId) ? undefined : inner.get(userId);
    const enrollments = { ...inner, get, set };
    const about = async (options = {}) => {
      const { findings, error } = await found({ enrollments }, options);
      expect({ name, error, warned }).toEqual({ name, error: undefined, warned: [] });
      return seen(findings).map(({ state, says }) => [state, says]);
    };
    expect(await about()).toEqual([
      ['unknown', expect.stringMatching(/who is not there|of nobody/)],
    ]);
    expect(await about({ userId: 'tester' })).toEqual([]);
    // Whoever has a phone keeps it.
    expect(await about({ userId: 'bob' })).toEqual([
      ['unknown', expect.stringMatching(/left alone: nothing was written/)],
    ]);
    expect(rows).toEqual({ bob: enrolled(PHONES.B) });
  }
});

test('storage that writes late is cleaned up when it has', async () => {
  const { rows, ...inner } = storage();
  let write: () => void = later;
  const set: Enrollments['set'] = (...given) =>
    new Promise((resolve) => {
      write = () => resolve(inner.set(...given));
    });
  const { findings } = await found({ enrollments: { ...inner, set } });
  expect(seen(findings)[0]).toMatchObject({ state: 'away', says: expect.stringMatching(/within/) });
  write();
  expect(Object.keys(rows)).toHaveLength(1);
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
  expect(rows).toEqual({});
});

test('a right set-up has no finding, leaves nothing behind, and may be asked twice at once', async () => {
  const inner = storage();
  const sessionStore = new session.MemoryStore();
  const { sessions } = sessionStore as unknown as { sessions: object };
  const clock = testClock();
  const made = factor({ enrollments: inner, sessionStore, clock, counter: simpleCounter(clock) });
  const all = await Promise.all([made.check(), made.check(), made.check({ userId: 'tester' })]);
  for (const findings of all) {
    expect(seen(findings)).toEqual([]);
    expect(Object.isFrozen(findings)).toBe(true);
    expect(findings.map(({ check, state }) => [check, state])).toEqual([
      ['mountPath', 'unknown'],
      ['trust proxy', 'unknown'],
    ]);
  }
  expect({ rows: inner.rows, sessions, warned }).toEqual({ rows: {}, sessions: {}, warned: [] });
});

test('an option of check that there is not is refused', async () => {
  await expect(factor().check({ user: 'a' } as never)).rejects.toThrow(/Did you mean `userId`/);
  await expect(factor().check({ userId: '' })).rejects.toThrow(TypeError);
});

test.each([['bob:hunter2'], ['bob:p@hunter2'], ['bob:p/hunter2']])(
  '[S125] [S126] what it says shows no number, no credentials (%s) and no name of a record',
  async (credentials) => {
    const message = `redis://${credentials}@db/0 refused +12065550142 under sms2fac0123456789abcdef0123456789`;
    const sessionStore = store(() => ({
      set: (_sid: string, _kept: unknown, done: Done) => done(new Error(message)),
    }));
    const { error, findings } = await found({ sessionStore });
    expect(seen(findings)[0]?.says).toContain('redis://db/0 refused (a number) under (a record)');
    expect(error?.message).not.toMatch(/hunter2|2065550142|0123456789/);
  },
);

test.each(['+1 (206) 555-0142', '206-555-0142', '206/555/0142'])(
  '[S125] %s is no number that it shows, and what a driver writes on lines is one',
  async (phone) => {
    const message = `connect 127.0.0.1:5432\n  detail: ${phone}\u001b[2K\u2028is there`;
    const sessionStore = store(() => ({
      set: (_sid: string, _kept: unknown, done: Done) => done(new Error(message)),
    }));
    const { findings } = await found({ sessionStore });
    const { says } = seen(findings)[0]!;
    expect(says).toMatch(/connect 127\.0\.0\.1:5432 detail: \(?\(a number\) \[2K is there/);
  },
);

describe('what requests show', () => {
  test('nothing, of an app that is set up right', async () => {
    const app = await startApp();
    await app.agent().get('/secret');
    expect(await app.secondFactor.check()).toEqual([]);
  });

  test('a router elsewhere is fatal, as soon as it is mounted', async () => {
    const app = await startApp({ factor: { mountPath: '/elsewhere' } });
    await expect(app.secondFactor.check()).rejects.toMatchObject({
      code: 'misconfigured',
      message: expect.stringMatching(
        /router\(\) is at '\/second-factor', and browsers are sent to '\/elsewhere' \(mountPath\)\. One of these: mount it at/,
      ),
    });
    // The same sentence once, as the warning that tells of it.
    expect(warned.filter((each) => each.includes('router() is at'))).toHaveLength(1);
  });

  const unmounted = async (guard: (made: SecondFactor) => RequestHandler) => {
    const sessionStore = new session.MemoryStore();
    const made = factor({
      sessionStore,
      enrollments: mapEnrollments(new Map([['u', enrolled(PHONES.A)]])),
      logger: false,
    });
    const app = express();
    app.use(
      session({ store: sessionStore, secret: SECRET, resave: false, saveUninitialized: false }),
    );
    app.use((req, _res, next) => {
      Object.assign(req, { user: { id: 'u' } });
      next();
    });
    made.router();
    app.use(guard(made));
    const broken: express.ErrorRequestHandler = (_error, _req, res, _next) => {
      res.sendStatus(500);
    };
    app.use(broken);
    const page = (path: string) => request(app).get(path).set('Accept', 'text/html');
    return { made, page };
  };

  test('a router that is mounted nowhere is fatal, as soon as enforce() is asked for its page', async () => {
    const { made, page } = await unmounted((each) => each.enforce() as RequestHandler);
    await page('/secret').expect(302);
    expect((await made.check()).map(({ check, state }) => [check, state])).toEqual([
      ['mountPath', 'unknown'],
    ]);
    await page(`${MOUNT}/`).expect(500);
    await expect(made.check()).rejects.toMatchObject({
      code: 'misconfigured',
      findings: [
        {
          check: 'mountPath',
          state: 'wrong',
          says: expect.stringMatching(/The gate was asked for \/second-factor\//),
          cure: expect.stringMatching(/^Mount router\(\) at '\/second-factor', above enforce\(\)/),
        },
      ],
    });
  });

  test('a router that nobody gets to is a warning, once five browsers were sent there', async () => {
    const { made, page } = await unmounted((each) => {
      const guard = each.require() as RequestHandler;
      return (req, res, next) => (req.path === '/secret' ? guard(req, res, next) : next());
    });
    for (let times = 0; times < 4; times += 1) {
      await page('/secret').expect(302);
      await page(`${MOUNT}/`).expect(404);
    }
    expect((await made.check()).map(({ state }) => state)).toEqual(['unknown']);
    await page('/secret').expect(302);
    expect(await made.check()).toEqual([
      {
        check: 'mountPath',
        state: 'warning',
        says: 'Gates of this process have sent 5 browsers to /second-factor/, and router() was not asked for anything.',
        cure: expect.stringMatching(/^Open \/second-factor\/ in a browser/),
      },
    ]);
  });

  test('a proxy that is not trusted is a warning', async () => {
    const app = await startApp();
    await app.agent().get(MOUNT).set('X-Forwarded-For', '192.0.2.7');
    expect(await app.secondFactor.check()).toEqual([
      {
        check: 'trust proxy',
        state: 'warning',
        says: expect.stringMatching(/x-forwarded-for, but Express does not trust that proxy/),
        cure: expect.stringMatching(/app\.set\('trust proxy'/),
      },
    ]);
    expect(warned).toHaveLength(1);
  });
});

describe('the first request', () => {
  afterEach(() => {
    process.env.NODE_ENV = 'test';
  });
  const asked = async (environment: string | undefined, checked = false): Promise<string[]> => {
    if (environment === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = environment;
    let touched: () => void = later;
    const touching = new Promise<void>((resolve) => (touched = resolve));
    // A sentence that no other test has: each is told once.
    const says = `no such table: of ${String(environment)}`;
    const get = (userId: string): undefined => {
      if (!userId.startsWith('check:')) return undefined;
      touched();
      throw new Error(says);
    };
    const app = await startApp({
      factor: { enrollments: { ...storage(), get }, counter: memoryCounter() },
    });
    if (checked) await app.secondFactor.check().catch(() => undefined);
    warned = [];
    await app.agent().get('/secret').expect(401);
    await app.agent().get('/secret').expect(401);
    if ((environment === undefined || environment === 'development') && !checked) {
      await touching;
      while (warned.length === 0) await new Promise(setImmediate);
    }
    return warned.filter((each) => each.includes(says));
  };

  test.each([undefined, 'development'])('has it checked where NODE_ENV is %s', async (name) => {
    expect(await asked(name)).toEqual([
      expect.stringMatching(/^passport-sms-2fa: The storage of enrollments does not work/),
    ]);
  });

  test.each(['production', 'test'])('begins nothing in %s', async (name) => {
    expect(await asked(name)).toEqual([]);
  });

  test('begins nothing where the app has asked', async () => {
    expect(await asked('staging', true)).toEqual([]);
  });
});

const withRedis = hasRedis() ? describe : describe.skip;

withRedis('on a real Redis', () => {
  const redis = ownRedis();

  test('a right set-up has no finding, also twice at once, and nothing stays', async () => {
    const made = factor({ sessionStore: new RedisStore({ client: redis.client }) });
    const [one, two] = await Promise.all([made.check(), made.check()]);
    expect([seen(one), seen(two)]).toEqual([[], []]);
    expect(await redis.client.keys('*')).toEqual([]);
  });

  test('a clock beside that of Redis is told', async () => {
    const sendCommand = (args: string[]) => redis.client.sendCommand(args);
    const counter = redisCounter({ sendCommand });
    const clock = testClock(Date.now() + 3_600_000);
    const { findings } = await found({ clock, counter });
    expect(seen(findings).map(({ says }) => says)).toEqual([
      expect.stringMatching(/is 3600 s ahead of that of the counter/),
    ]);
  });

  test('a user of Redis without the rights is told the line that gives them', async () => {
    const sendCommand = (args: string[]) => limited.sendCommand(args);
    await redis.client.sendCommand('ACL SETUSER app on nopass ~sess:* +get +set +del'.split(' '));
    const limited = await connect(redis.server);
    await limited.sendCommand(['AUTH', 'app', 'x']);
    const { error, findings } = await found({ counter: redisCounter({ sendCommand }) });
    limited.destroy();
    expect(error?.code).toBe('misconfigured');
    expect(seen(findings)).toEqual([
      expect.objectContaining({
        check: 'counter',
        state: 'wrong',
        says: expect.stringMatching(/^The counter does not work: .*NOPERM/),
        cure: expect.stringMatching(/^Run ACL SETUSER \S+ .*\+evalsha.* \(docs\/counters\.md\)\.$/),
      }),
    ]);
    await redis.client.sendCommand(['ACL', 'DELUSER', 'app']);
  });

  const setTo = (settings: Record<string, string>) =>
    redis.client.sendCommand(['CONFIG', 'SET', ...Object.entries(settings).flat()]);
  const sendCommand = (args: string[]) => redis.client.sendCommand(args);

  test('a replica is away, its cure is the primary, and no rights of its user are missed', async () => {
    await redis.client.sendCommand(['REPLICAOF', '127.0.0.1', '1']);
    const both = { sessionStore: new RedisStore({ client: redis.client }) };
    const { error, findings } = await found({ counter: redisCounter({ sendCommand }), ...both });
    await redis.client.sendCommand(['REPLICAOF', 'NO', 'ONE']);
    expect(error?.code).toBe('store_unavailable');
    const finding = (check: string, name: string) => ({
      check,
      state: 'away',
      says: expect.stringMatching(`^The ${name} takes no writes: it is a replica.*READONLY`),
      cure: expect.stringMatching(/^Connect to the primary/),
    });
    expect(seen(findings)).toEqual([
      finding('counter', 'counter'),
      finding('store', 'session store'),
    ]);
    expect(error?.message).not.toContain('ACL');
  });

  test('a Redis whose memory is full says so, and what helps', async () => {
    await setTo({ maxmemory: '1', 'maxmemory-policy': 'noeviction' });
    const both = { sessionStore: new RedisStore({ client: redis.client }) };
    const { error, findings } = await found({ counter: redisCounter({ sendCommand }), ...both });
    await setTo({ maxmemory: '0' });
    expect(error?.code).toBe('store_unavailable');
    const finding = (check: string, name: string) => ({
      check,
      state: 'away',
      says: expect.stringMatching(`^The ${name} is out of memory or disk space .*OOM`),
      // Who is verified passes: only the writes are refused.
      cure: expect.stringMatching(/raise maxmemory.*so that nobody signs in/),
    });
    expect(seen(findings)).toEqual([
      finding('counter', 'counter'),
      finding('store', 'session store'),
    ]);
    expect(error?.message).not.toContain('ACL');
  });

  test.each(['allkeys-lru', 'volatile-ttl'])(
    'a Redis that evicts (%s) is a warning, once its memory has a limit',
    async (policy) => {
      const counter = redisCounter({ sendCommand });
      await setTo({ 'maxmemory-policy': policy });
      expect(seen((await found({ counter })).findings)).toEqual([]);
      await setTo({ maxmemory: '100mb' });
      const { error, findings } = await found({ counter });
      // Who may not ask is told nothing.
      await redis.client.sendCommand('ACL SETUSER few on nopass ~* +@all -info'.split(' '));
      const limited = await connect(redis.server);
      await limited.sendCommand(['AUTH', 'few', 'x']);
      const silent = await found({
        counter: redisCounter({ sendCommand: (args) => limited.sendCommand(args) }),
      });
      limited.destroy();
      await redis.client.sendCommand(['ACL', 'DELUSER', 'few']);
      await setTo({ maxmemory: '0', 'maxmemory-policy': 'noeviction' });
      expect(error).toBeUndefined();
      expect(seen(findings)).toEqual([
        {
          check: 'counter',
          state: 'warning',
          says: expect.stringMatching(`maxmemory-policy is ${policy} at 104857600 bytes`),
          cure: expect.stringMatching(/^Set maxmemory-policy noeviction; volatile-\* is no help/),
        },
      ]);
      expect(seen(silent.findings)).toEqual([]);
    },
  );

  test('a Redis that is not there is away, and the app can tell', async () => {
    const url = `redis://127.0.0.1:${await freePort()}`;
    const sendCommand = async (args: string[]): Promise<unknown> => {
      const client = createClient({ url, socket: { reconnectStrategy: false } });
      client.on('error', later);
      await client.connect();
      return client.sendCommand(args);
    };
    const { error, findings } = await found({ counter: redisCounter({ sendCommand }) });
    expect(error?.code).toBe('store_unavailable');
    expect(seen(findings)).toMatchObject([{ check: 'counter', state: 'away' }]);
  });
});
