import { readMark } from '../../lib/core/account';
import { keptMark, leavesAt } from '../../lib/stores/live-records';
import { follow, MINUTE, sessionWorld, SIGN_OUT } from './session-world';

const UNTIL = 10_000;
const NEXT = { id: 'next', until: UNTIL };
const COOKIE = { path: '/', originalMaxAge: MINUTE };
const session = () => ({ cookie: { ...COOKIE }, cart: 1, sms2fa: { mark: { id: 'mark' } } });
/** The session as it is kept until it ends. */
const LEFT = {
  ...{ cookie: { ...COOKIE, expires: new Date(UNTIL) }, cart: 1 },
  sms2fa: { leavesAt: UNTIL },
};

type It = ReturnType<typeof sessionWorld>;
const get = ({ store }: It, sid: string): Promise<unknown> =>
  new Promise((resolve, reject) =>
    store.get(sid, (error, value) => (error instanceof Error ? reject(error) : resolve(value))),
  );
const count = ({ counter }: It, key: string, times = 1) =>
  counter.settle({ take: [{ key, window: MINUTE, limit: 2 * SIGN_OUT, by: times }] });
/** The session goes on as the next one. */
async function goOn(it: It): Promise<void> {
  await it.set('sid', it.load('sid', session()));
  await count(it, 'sid#ended');
  await it.sessions.leave({ id: 'sid', session: session(), wasVerified: true }, NEXT);
}

test('a session that is left stays for a while, with the data of the app and without its mark', async () => {
  const it = sessionWorld();
  await goOn(it);
  expect(it.kept.get('sid')).toEqual(LEFT);
  expect(it.next.get('sid')).toEqual(NEXT);
  it.pass(UNTIL - 1);
  expect(await get(it, 'sid')).toEqual(LEFT);
  it.pass(1);
  expect(await get(it, 'sid')).toBeUndefined();
  await new Promise(setImmediate);
  expect(it.kept.has('sid')).toBe(false);
});

test('[S62] what another request of it writes meanwhile is kept as long, and brings no mark back', async () => {
  const it = sessionWorld();
  const slow = it.load('sid', session());
  await goOn(it);
  await it.set('sid', { ...slow, cart: 2 });
  expect(it.kept.get('sid')).toEqual({ ...LEFT, cart: 2 });
  it.pass(UNTIL);
  await it.set('sid', slow);
  expect(it.kept.has('sid')).toBe(false);
});

test('[S62] who signed out of it, once it was left, has ended it: nothing written brings it back', async () => {
  const it = sessionWorld();
  await goOn(it);
  await count(it, 'sid#ended', SIGN_OUT);
  await it.set('sid', it.load('sid', session()));
  expect(it.kept.has('sid')).toBe(false);
});

test('[S62] a session that is about to go on, and whose next one is not known yet, stays meanwhile', async () => {
  const it = sessionWorld();
  await count(it, 'sid#ended');
  await it.set('sid', it.load('sid', session()));
  expect(it.kept.has('sid')).toBe(true);
  expect(await it.sessions.hasEnded('sid')).toBe(true);
});

describe('[S62] going on', () => {
  const from = (wasVerified = false) => ({ id: 'sid', session: session(), wasVerified });

  test('ends the record of a verified session, and of no other', async () => {
    for (const wasVerified of [true, false]) {
      const it = sessionWorld();
      it.live.set('live-sid', { id: 'mark' });
      await goOn(it);
      expect(await it.sessions.arrive(from(wasVerified), NEXT)).toBe(true);
      expect(it.live.has('live-sid')).toBe(!wasVerified);
    }
  });

  const signedOut: [string, (it: It) => unknown][] = [
    ['was counted', (it) => count(it, 'sid#ended', SIGN_OUT)],
    ['could only be noted', (it) => it.live.set('ended-sid', { at: 0 })],
  ];
  test.each(signedOut)('takes both away where a sign-out meanwhile %s', async (_how, end) => {
    const it = sessionWorld();
    await goOn(it);
    await it.set('next', it.load('next', session()));
    it.live.set('live-next', { id: 'mark' });
    await end(it);
    expect(await it.sessions.arrive(from(), NEXT)).toBe(false);
    expect([...it.kept.keys()]).toEqual([]);
    expect(it.live.has('live-next')).toBe(false);
    // By then it is counted, too.
    const { read } = await it.counter.settle({ read: ['sid#ended'] });
    expect(read.get('sid#ended')?.count).toBe(SIGN_OUT + 1);
  });

  test('that nothing comes of forgets the next session, and leaves this one', async () => {
    const it = sessionWorld();
    await goOn(it);
    it.live.set('live-next', { id: 'mark' });
    it.kept.set('next', session());
    it.sessions.stay(from(), NEXT);
    await new Promise(setImmediate);
    expect([it.next.has('sid'), it.live.has('live-next'), it.kept.has('next')]).toEqual([
      false,
      false,
      false,
    ]);
    expect(it.kept.has('sid')).toBe(true);
  });
});

test('[S62] who ends one of two that are one after the other ends both', async () => {
  for (const ended of ['sid', 'next']) {
    const it = sessionWorld();
    await goOn(it);
    it.kept.set('next', session());
    it.live.set('live-next', { id: 'mark', from: ['sid'], until: UNTIL });
    await it.destroy(ended);
    expect([...it.kept.keys()]).toEqual([]);
    expect(it.live.size).toBe(0);
    const keys = ['sid#ended', 'next#ended'];
    const { read } = await it.counter.settle({ read: keys });
    expect(keys.map((key) => read.get(key)?.count)).toEqual([SIGN_OUT + 1, SIGN_OUT]);
  }
});

test('a session without a record is not live, whatever has polluted every object', async () => {
  const it = sessionWorld();
  const polluted = Object.prototype as { id?: string };
  polluted.id = 'mark';
  try {
    expect(await it.sessions.isLive('sid', 'mark')).toBe(false);
  } finally {
    delete polluted.id;
  }
});

test('[S62] an end that the counter did not take is noted beside the session, as long as a count', async () => {
  const it = sessionWorld();
  const set = jest.spyOn(it.records, 'set');
  it.pass(500);
  it.failing.counter = true;
  await it.destroy('sid');
  expect(set.mock.calls).toEqual([['ended-sid', { at: 500 }, 500 + MINUTE]]);
});

test('[S62] an answer of a session that was left brings no cookie of it, and one of another does', async () => {
  const it = sessionWorld();
  const seen: unknown[] = [];
  const answer = (sid: string, data: object): unknown => {
    const req = {
      sessionID: sid as unknown,
      res: {
        writeHead: (...given: unknown[]) => {
          seen.push([req.sessionID, ...given]);
          return 'written';
        },
      },
    };
    it.store.createSession(req, data);
    expect(req.res.writeHead(200, 'OK')).toBe('written');
    return req.sessionID;
  };
  expect(answer('left', { sms2fa: { leavesAt: UNTIL } })).toBe('left');
  expect(answer('own', session())).toBe('own');
  expect(seen).toEqual([
    [undefined, 200, 'OK'],
    ['own', 200, 'OK'],
  ]);
  // A request of a socket has no answer.
  it.store.createSession({ sessionID: 'left' }, { sms2fa: { leavesAt: UNTIL } });
});

test('[S62] a store that gives a session the id that it has already is a mistake of the app, and says so', async () => {
  const regenerated = (ids: (string | undefined)[], failure?: Error): Promise<unknown> => {
    const [before, after] = ids;
    const store = {
      get: (_sid: string, done: (error?: unknown) => void) => done(),
      set: (_sid: string, _session: object, done?: () => void) => done?.(),
      destroy: (_sid: string, done?: () => void) => done?.(),
      regenerate: (req: { sessionID?: unknown }, done: (error?: unknown) => void) => {
        req.sessionID = after;
        done(failure);
      },
    };
    follow(store);
    return new Promise((resolve) => store.regenerate({ sessionID: before }, resolve));
  };
  expect(await regenerated(['one', 'two'])).toBeUndefined();
  expect(await regenerated([undefined, undefined])).toBeUndefined();
  expect(await regenerated(['one', 'one'])).toMatchObject({
    code: 'misconfigured',
    message: expect.stringContaining('genid') as string,
  });
  const failure = new Error('away');
  for (const after of ['one', 'two'])
    expect(await regenerated(['one', after], failure)).toBe(failure);
});

test.each([[undefined], [null], [7], ['x'], [{}], [{ sms2fa: null }], [{ sms2fa: {} }]])(
  '%j has no mark and is not left',
  (data) => {
    expect([keptMark(data), leavesAt(data)]).toEqual([undefined, undefined]);
  },
);

test('what lies where a mark may be is known, also where it is no whole one', () => {
  for (const mark of [{ id: 'm' }, ['m', 'A'], {}, 7]) {
    expect(keptMark({ sms2fa: { mark } })).toBe(mark);
    expect(readMark(keptMark({ sms2fa: { mark } }))).toBeUndefined();
  }
  expect(keptMark({ sms2fa: { mark: null } })).toBeUndefined();
  expect(leavesAt({ sms2fa: { leavesAt: 7 } })).toBe(7);
  expect(leavesAt({ sms2fa: { leavesAt: '7' } })).toBeUndefined();
});
