import session from 'express-session';
import { memoryCounter } from '../../lib/counters/memory-counter';
import type { Counter } from '../../lib/ports/counter';
import { isUnseen, liveRecords } from '../../lib/stores/live-records';
import type { Done } from '../../lib/stores/calls';
import type { StoredRecords } from '../../lib/stores/records';
import { signIn, startApp, verified } from '../helpers/app';
import { testClock, type TestClock } from '../helpers/clock';
import { FREE } from '../helpers/paths';
import { isRecord } from '../helpers/stores';
import { cookieFrom, hold, knock } from '../helpers/web';

const MINUTE = 60_000;
/** How long a session may lie idle in these stores, in milliseconds. */
const IDLE = 2 * MINUTE;

/** Ends what was neither written nor touched for two minutes, whatever its cookie says. */
class IdleStore extends session.Store {
  readonly kept = new Map<string, { text: string; until: number }>();
  readonly touched: string[] = [];
  readonly written: string[] = [];
  constructor(protected readonly clock: TestClock) {
    super();
  }
  find(id: string): string | undefined {
    const found = this.kept.get(id);
    return found !== undefined && this.clock() < found.until ? found.text : undefined;
  }
  get(id: string, done: (error: unknown, session?: session.SessionData | null) => void): void {
    const text = this.find(id);
    const found = text === undefined ? null : (JSON.parse(text) as session.SessionData);
    setImmediate(done, null, found);
  }
  set(id: string, data: session.SessionData, done?: Done): void {
    this.written.push(id);
    this.keep(id, JSON.stringify(data), done);
  }
  /** Where it is there, live records are on their way until it is released. */
  way?: ReturnType<typeof hold>;
  protected keep(id: string, text: string | undefined, done: Done | undefined): void {
    const write = (): void => {
      if (text !== undefined) this.kept.set(id, { text, until: this.clock() + IDLE });
      if (done !== undefined) setImmediate(done);
    };
    if (this.way === undefined || !isRecord(id, 'live')) {
      write();
      return;
    }
    this.way.enter();
    void this.way.released.then(write);
  }
  destroy(id: string, done?: Done): void {
    this.kept.delete(id);
    if (done !== undefined) setImmediate(done);
  }
}

class TouchedStore extends IdleStore {
  override touch(id: string, _data: session.SessionData, done?: Done): void {
    this.touched.push(id);
    // Read and written back, as some stores do.
    this.keep(id, this.find(id), done);
  }
}

const live = (store: IdleStore): string[] =>
  [...store.kept.keys()].filter((id) => isRecord(id, 'live'));

/** The turns of what nobody waits for. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe.each([
  ['touched', TouchedStore, {}],
  ['written with each request', IdleStore, { resave: true }],
] as const)('a store that ends idle sessions, where they are %s', (how, Store, options) => {
  test('the gate stays open as long as the session of an active user', async () => {
    const clock = testClock();
    const store = new Store(clock);
    const app = await startApp({ store: store, clock, session: options });
    const agent = app.agent();
    await verified(app, agent);
    for (let each = 0; each < 20; each += 1) {
      await clock.advance(75);
      await agent.get('/secret').expect(200);
      await settled();
    }
    // Also where no gate is asked for long: what counts is that the session is in use.
    for (let each = 0; each < 4; each += 1) {
      await clock.advance(75);
      await agent.get('/cart').expect(200);
      await settled();
    }
    await agent.get('/secret').expect(200);
    await clock.advance(IDLE / 1_000);
    await agent.get('/secret').expect(401);
  });

  test('a record is renewed at most twice in a minute', async () => {
    const clock = testClock();
    const store = new Store(clock);
    const app = await startApp({ store: store, clock, session: options });
    const agent = app.agent();
    await verified(app, agent);
    const list = how === 'touched' ? store.touched : store.written;
    list.length = 0;
    for (let each = 0; each < 60; each += 1) {
      await agent.get('/cart').expect(200);
      await settled();
      await clock.advance(1);
    }
    expect(list.filter((id) => isRecord(id, 'live'))).toHaveLength(2);
    expect(list.filter((id) => id.startsWith('sms2fa'))).toHaveLength(2);
  });

  test('[S62] a revoked session does not outlive the note of its revocation', async () => {
    const clock = testClock();
    const store = new Store(clock);
    const app = await startApp({
      store: store,
      clock,
      session: options,
      enroll: false,
      after: (each, secondFactor) =>
        each.post(FREE.verify, async (req, res) => {
          await secondFactor.satisfy(req, ['hwk']);
          res.json({});
        }),
      factor: { hasOwnFactor: () => true },
    });
    const agent = app.agent();
    await signIn(agent);

    await agent.post(FREE.verify).expect(200);
    await agent.get('/secret').expect(200);
    await clock.advance(31);
    await app.secondFactor.admin.revoke('id-of-A', { operator: 'desk' });
    // Where no gate is asked, until the note has gone.
    for (let each = 0; each < 6; each += 1) {
      await agent.get('/cart').expect(200);
      await settled();
      await clock.advance(IDLE / 4_000);
    }
    expect([...store.kept.keys()].some((id) => id.startsWith('sms2fav') && store.find(id))).toBe(
      false,
    );
    await agent.get('/secret').expect(401);
  });

  test('[S62] a sign-out is final, whatever renews the record in the same moment', async () => {
    const clock = testClock();
    const store = new Store(clock);
    const app = await startApp({ store: store, clock, session: options });
    const agent = app.agent();
    await verified(app, agent);
    await clock.advance(60);
    const way = hold();
    store.way = way;
    const cookie = cookieFrom(agent);
    await agent.get('/cart').expect(200);
    await way.entered;
    await agent.post('/logout').send({}).expect(200);
    expect(live(store)).toEqual([]);
    way.release();
    await settled();
    expect(live(store)).toEqual([]);
    expect(await knock(app, cookie)).toBe(401);
  });

  test('[S62] a sign-out is final, also where its count comes after such a renewal', async () => {
    const clock = testClock();
    const store = new Store(clock);
    const inner = memoryCounter({ clock });
    const counting = hold();
    let leaves = false;
    const settle: Counter['settle'] = async (wish) => {
      if (leaves && wish.lasting === true) {
        counting.enter();
        await counting.released;
      }
      return inner.settle(wish);
    };
    const app = await startApp({ store, clock, session: options, factor: { counter: { settle } } });
    const agent = app.agent();
    await verified(app, agent);
    await clock.advance(60);
    const way = hold();
    store.way = way;
    await agent.get('/cart').expect(200);
    await way.entered;
    leaves = true;
    const leaving = agent.post('/logout').send({}).expect(200).then();
    await counting.entered;
    await settled();
    expect(live(store)).toEqual([]);
    way.release();
    await settled();
    counting.release();
    await leaving;
    await settled();
    expect(live(store)).toEqual([]);
  });
});

describe('renewing a live record', () => {
  const MARK = { id: 'mark', userId: 'A', verifiedAt: 5 };
  let now = 0;
  const steps: unknown[][] = [];
  /** Answers in turn, then goes on with the last. */
  function living(ended: (boolean | Error)[], more: Partial<StoredRecords> = {}) {
    steps.length = 0;
    now = 0;
    const left = [...ended];
    const records: StoredRecords = {
      get: async () => ({ id: 'mark', from: ['before'], until: 4 }),
      recent: async () => undefined,
      set: async (...given) => void steps.push(['set', ...given]),
      delete: async (...given) => void steps.push(['delete', ...given]),
      lengthen: async (...given) => void steps.push(['lengthen', ...given]),
      ...more,
    };
    const isOver = async (): Promise<boolean> => {
      const next = left.length > 1 ? left.shift() : left[0];
      steps.push(['asked']);
      if (next instanceof Error) throw next;
      return next ?? false;
    };
    const recordKey = (id: string): string => `live-${id}`;
    const clock = (): number => now;
    return liveRecords({ records, clock, steady: clock, recordKey, lifetime: MINUTE, isOver });
  }
  const lengthened = [
    'lengthen',
    'live-sid',
    { id: 'mark', from: ['before'], until: 4 },
    MINUTE + 5,
  ];
  const away = new Error('away');

  test.each<[string, (boolean | Error)[], unknown[][]]>([
    ['asks whether the session has ended, before and after', [false], [['asked'], lengthened, ['asked']]], // prettier-ignore
    ['ends one that is over', [true], [['asked'], ['delete', 'live-sid']]],
    ['leaves it alone while the counter is away', [away], [['asked']]],
    ['takes back what came too late', [false, true], [['asked'], lengthened, ['asked'], ['delete', 'live-sid']]], // prettier-ignore
    ['[S134] takes back what nobody can be sure of', [false, away], [['asked'], lengthened, ['asked'], ['delete', 'live-sid']]], // prettier-ignore
  ])('%s', async (_, ended, expected) => {
    const live = living(ended);
    live.renew('sid', MARK);
    await settled();
    expect(steps).toEqual(expected);
  });

  test('happens at most once in thirty seconds, from its beginning on', async () => {
    const live = living([false]);
    const count = (): number => steps.filter(([step]) => step === 'lengthen').length;
    await live.begin('sid', 'mark', MINUTE);
    for (const [at, expected] of [
      [29_999, 0],
      [30_000, 1],
      [59_999, 1],
      [60_000, 2],
    ] as const) {
      // prettier-ignore
      now = at;
      live.renew('sid', MARK);
      await settled();
      expect(count()).toBe(expected);
    }
    live.renew('other', MARK);
    await settled();
    expect(count()).toBe(3);
  });

  test('is remembered of ten thousand sessions, and then of none', async () => {
    const live = living([false]);
    const isRenewed = async (id: string): Promise<boolean> => {
      steps.length = 0;
      live.renew(id, MARK);
      await settled();
      return steps.length > 0;
    };
    expect(await isRenewed('first')).toBe(true);
    for (let each = 2; each <= 10_000; each += 1) await live.begin(`${each}`, 'mark', MINUTE);
    expect(await isRenewed('first')).toBe(false);
    await live.begin('one more', 'mark', MINUTE);
    expect([await isRenewed('one more'), await isRenewed('first')]).toEqual([false, true]);
  });

  test('that fails ends nothing, and is tried again in thirty seconds', async () => {
    const live = living([false], { lengthen: () => Promise.reject(away) });
    live.renew('sid', MARK);
    live.renew('sid', MARK);
    await settled();
    expect(steps).toEqual([['asked']]);
  });

  test('costs nothing where the store keeps a record as long as its cookie says', async () => {
    const live = living([false], { lengthen: undefined as never });
    live.renew('sid', MARK);
    await settled();
    expect(steps).toEqual([]);
  });
});

test.each([
  [{}, false],
  [{ req: {} }, false],
  [{ req: { res: {} } }, false],
  [{ req: { res: { headersSent: true } } }, false],
  [{ req: { res: { headersSent: false } } }, true],
])('a session with %j is one that nobody has seen yet: %p', (session, isNew) => {
  expect(isUnseen(session)).toBe(isNew);
});

function world() {
  let now = 0;
  const kept = new Map<string, unknown>();
  const records: StoredRecords = {
    get: (key) => Promise.resolve(kept.get(key)),
    recent: (key) => Promise.resolve(kept.get(key)),
    set: (key, record) => Promise.resolve(void kept.set(key, record)),
    delete: (key) => Promise.resolve(void kept.delete(key)),
  };
  const clock = () => now;
  const isOver = () => Promise.resolve(false);
  const recordKey = (id: string) => id;
  const live = liveRecords({ records, clock, steady: clock, recordKey, lifetime: 9e15, isOver });
  /** The session goes on as another one, beside which it stays for so long. */
  const goOn = (id: string, next: string, stays: number, wasVerified = true) =>
    live.begin(next, `mark of ${next}`, 9e15, { id, wasVerified, until: now + stays });
  return { live, goOn, kept, pass: (milliseconds: number) => void (now += milliseconds) };
}

describe('[S182] the sessions before a verified one', () => {
  test('are told as long as the last of them may stay', async () => {
    const { live, goOn, pass } = world();
    await goOn('a', 'b', 10, false);
    expect(await live.cameFrom('b')).toEqual(['a']);
    pass(9);
    expect(await live.cameFrom('b')).toEqual(['a']);
    pass(1);
    expect(await live.cameFrom('b')).toEqual([]);
    expect(await live.isLive('b', 'mark of b')).toBe(true);
  });

  test.each([
    ['all of them, where each was left a moment ago', 60, 10, 5, ['c', 'b', 'a']],
    ['all of them until the one that stays longest is over', 60, 10, 50, ['c', 'b', 'a']],
    ['none after that', 60, 10, 60, []],
    ['not those that were over when it began', 1, 10, 5, ['c', 'b']],
  ])('are %s', async (_, first, others, later, expected) => {
    const { live, goOn, pass } = world();
    await goOn('a', 'b', first, false);
    pass(1);
    await goOn('b', 'c', others);
    await live.end('b');
    await goOn('c', 'd', others);
    await live.end('c');
    pass(later - 1);
    expect(await live.cameFrom('d')).toEqual(expected);
  });

  test('are written as a list, and read as they lay there before, by their names', async () => {
    const { live, goOn, kept, pass } = world();
    await live.begin('a', 'mark', 9e15);
    expect(kept.get('a')).toEqual(['mark']);
    await goOn('b', 'c', 10);
    expect(kept.get('c')).toEqual(['mark of c', 10, 'b']);
    kept.set('d', { id: 'mark of d', from: ['e'], until: 20 });
    kept.set('f', { id: 'mark of f' });
    expect(await live.isLive('d', 'mark of d')).toBe(true);
    expect([await live.cameFrom('d'), await live.cameFrom('f')]).toEqual([['e'], []]);
    await goOn('d', 'g', 5);
    expect(kept.get('g')).toEqual(['mark of g', 20, 'd', 'e']);
    pass(20);
    expect([await live.cameFrom('d'), await live.cameFrom('g')]).toEqual([[], []]);
  });

  test('are none of one that came of no other, has ended, or never was', async () => {
    const { live, goOn } = world();
    await live.begin('b', 'mark', 9e15);
    await goOn('c', 'd', 10);
    await live.end('d');
    for (const id of ['b', 'd', 'x']) expect(await live.cameFrom(id)).toEqual([]);
  });
});
