import { memoryCounter } from '../../lib';
import { signIn, startApp } from '../helpers/app';
import { watchedCounter } from '../helpers/counters';
import { cookieFrom, hold, sessionIdIn } from '../helpers/web';
import { follow, MINUTE, sessionWorld, SIGN_OUT } from './session-world';

const MARKED = { sms2fa: { mark: { id: 'mark' } } };
const rejections: unknown[] = [];
const note = (reason: unknown): void => void rejections.push(reason);
beforeEach(() => {
  rejections.length = 0;
  process.on('unhandledRejection', note);
});
afterEach(async () => {
  await new Promise((resolve) => setTimeout(resolve));
  process.off('unhandledRejection', note);
  expect(rejections).toEqual([]);
});

/** A session that this request has made; its answer has not begun, or has. */
const made = (headersSent: unknown) => ({ req: { res: { headersSent } } });

describe('[S62] a verified session', () => {
  test('is live by its own mark only, and that it is not is never remembered', async () => {
    const { sessions, live, asked } = sessionWorld();
    expect(await sessions.isLive('sid', 'mark')).toBe(false);
    live.set('live-sid', { id: 'mark' });
    expect(await sessions.isLive('sid', 'other')).toBe(false);
    expect(await sessions.isLive('sid', 'mark')).toBe(true);
    expect(await sessions.isLive('sid', 'mark')).toBe(true);
    expect(asked).toHaveBeenCalledTimes(3);
    await sessions.begin('sid', 'next', MINUTE);
    expect(await sessions.isLive('sid', 'next')).toBe(true);
    expect(asked).toHaveBeenCalledTimes(3);
    expect(await sessions.isLive('sid', 'mark')).toBe(false);
    expect(asked).toHaveBeenCalledTimes(4);
  });

  test('is asked for again after ten seconds', async () => {
    const { sessions, live, pass } = sessionWorld();
    await sessions.begin('sid', 'mark', MINUTE);
    live.clear();
    pass(9_999);
    expect(await sessions.isLive('sid', 'mark')).toBe(true);
    pass(1);
    expect(await sessions.isLive('sid', 'mark')).toBe(false);
  });

  test('that ends while it is looked up is not live', async () => {
    const { sessions, records } = sessionWorld();
    const answer = hold();
    records.get = () => answer.released.then(() => ({ id: 'mark' }));
    const isLive = sessions.isLive('sid', 'mark');
    const ended = sessions.end('sid');
    answer.release();
    await ended;
    expect(await isLive).toBe(false);
  });

  test('is none where its record cannot be read', async () => {
    const { sessions, failing } = sessionWorld();
    failing.records = true;
    await expect(sessions.isLive('sid', 'mark')).rejects.toThrow('away');
  });
});

describe('destroying a session', () => {
  test('[S62] ends it before anything is destroyed', async () => {
    const { sessions, live, steps, destroy } = sessionWorld();
    await sessions.begin('sid', 'mark', MINUTE);
    await destroy('sid');
    expect(steps).toEqual(['count sid#ended', 'end live-sid', 'destroy sid']);
    expect([await sessions.isLive('sid', 'mark'), live.size]).toEqual([false, 0]);
    expect(await sessions.hasEnded('sid')).toBe(true);
    expect(await sessions.hasEnded('other')).toBe(false);
  });

  test('[S62] ends every one of a list', async () => {
    const { sessions, steps, destroy } = sessionWorld();
    await destroy(['a', 'sms2fa-record', 'b']);
    expect([await sessions.hasEnded('a'), await sessions.hasEnded('b')]).toEqual([true, true]);
    expect(steps.slice(0, 5)).toEqual([
      'count a#ended',
      'count b#ended',
      'end live-a',
      'end live-b',
      'destroy a,sms2fa-record,b',
    ]);
  });

  test('is no more than that where it is a record of the library', async () => {
    const { steps, destroy } = sessionWorld();
    await destroy('sms2fa-record');
    await destroy(['sms2fa-record']);
    await destroy([]);
    expect(steps).toEqual(['destroy sms2fa-record', 'destroy sms2fa-record', 'destroy ']);
  });

  test('[S62] shuts the gate also where the store fails, which it says', async () => {
    const { sessions, failing, destroy } = sessionWorld();
    await sessions.begin('sid', 'mark', MINUTE);
    failing.store = true;
    await expect(destroy('sid')).rejects.toThrow('away');
    expect(await sessions.isLive('sid', 'mark')).toBe(false);
    expect(await sessions.hasEnded('sid')).toBe(true);
  });

  test('[S134] of a session that never was verified needs no counter', async () => {
    const { kept, failing, set, load, destroy } = sessionWorld();
    await set('sid', load('sid'));
    failing.counter = true;
    await destroy('sid');
    expect(kept.size).toBe(0);
  });

  test.each<[string, (it: ReturnType<typeof sessionWorld>) => unknown]>([
    ['was verified by this process', ({ sessions }) => sessions.begin('sid', 'mark', MINUTE)],
    ['was loaded with its mark', ({ load }) => load('sid', MARKED)],
  ])(
    '[S62] [S134] of one that %s fails without a counter, and is carried out',
    async (_, verify) => {
      const it = sessionWorld();
      await verify(it);
      await it.set('sid', it.load('sid', MARKED));
      it.failing.counter = true;
      await expect(it.destroy(['other', 'sid'])).rejects.toThrow('away');
      expect([it.kept.size, it.live.has('live-sid')]).toEqual([0, false]);
      // It is still known to have been verified: the next attempt must count, too.
      await expect(it.destroy('sid')).rejects.toThrow('away');
      it.failing.counter = false;
      await it.destroy('sid');
      expect(await it.sessions.hasEnded('sid')).toBe(true);
    },
  );

  test('[S62] fails where the live record cannot be removed, and is carried out', async () => {
    const { kept, failing, set, load, destroy } = sessionWorld();
    await set('sid', load('sid'));
    failing.records = true;
    await expect(destroy('sid')).rejects.toThrow('away');
    expect(kept.size).toBe(0);
  });

  test('[S62] fails where it cannot be read which came before it, and is carried out', async () => {
    const { sessions, records, kept, live, set, load, destroy } = sessionWorld();
    await sessions.begin('sid', 'mark', MINUTE);
    await set('sid', load('sid'));
    records.get = () => Promise.reject(new Error('away'));
    await expect(destroy('sid')).rejects.toThrow('away');
    expect([kept.size, live.size]).toEqual([0, 0]);
  });

  test('answers by a promise where there is no callback, and nobody has to wait for it', async () => {
    const { store, failing, sessions } = sessionWorld();
    await store.destroy('sid');
    expect(await sessions.hasEnded('sid')).toBe(true);
    failing.store = true;
    await expect(store.destroy('other')).rejects.toThrow('away');
    void store.destroy('third');
    await new Promise((resolve) => setTimeout(resolve, 1));
  });
});

describe('writing a session', () => {
  test('[S62] looks after the write whether it has ended, and takes it back', async () => {
    const { steps, kept, set, load, destroy } = sessionWorld();
    const slow = load('sid');
    await destroy('sid');
    steps.length = 0;
    await set('sid', slow);
    expect(steps).toEqual(['set sid', 'look sid#ended', 'destroy sid']);
    expect(kept.size).toBe(0);
  });

  test('[S62] one that ends while it is written does not come back', async () => {
    const { slow, steps, kept, set, load, destroy } = sessionWorld();
    slow.write = hold();
    const writing = set('sid', load('sid'));
    await slow.write.entered;
    await destroy('sid');
    slow.write.release();
    await writing;
    expect(steps.slice(-3)).toEqual(['destroy sid', 'look sid#ended', 'destroy sid']);
    expect(kept.size).toBe(0);
  });

  test('made by this request needs no look while its answer has not begun', async () => {
    const { steps, set } = sessionWorld();
    await set('sid', made(false));
    expect(steps).toEqual(['set sid']);
  });

  test('[S62] made by this request is looked for from when others may know of it', async () => {
    const { sessions, steps, set } = sessionWorld();
    const session = made(false);
    sessions.known(session);
    await set('sid', session);
    expect(steps).toEqual(['set sid', 'look sid#ended']);
  });

  test.each<[string, object]>([
    ['whose answer has begun', made(true)],
    ['of an answer that nobody knows', made(undefined)],
    ['without a request', {}],
  ])('%s is looked for', async (_, session) => {
    const { steps, set } = sessionWorld();
    await set('sid', session);
    expect(steps).toEqual(['set sid', 'look sid#ended']);
  });

  test('[S62] that was loaded is looked for, also before its answer has begun', async () => {
    const { steps, set, load } = sessionWorld();
    await set('sid', load('sid', made(false)));
    expect(steps).toEqual(['set sid', 'look sid#ended']);
  });

  test('of the library’s records is no more than that', async () => {
    const { steps, set } = sessionWorld();
    await set('sms2fa-record', {});
    expect(steps).toEqual(['set sms2fa-record']);
  });

  test('stands where the counter is away, which is then left alone for ten seconds', async () => {
    const { steps, kept, failing, pass, set } = sessionWorld();
    failing.counter = true;
    await set('sid', {});
    expect(kept.has('sid')).toBe(true);
    failing.counter = false;
    pass(9_999);
    await set('sid', {});
    expect(steps).toEqual(['set sid', 'look sid#ended', 'set sid']);
    pass(1);
    await set('sid', {});
    expect(steps.slice(3)).toEqual(['set sid', 'look sid#ended']);
  });

  test('says what the store said', async () => {
    const { steps, failing, set } = sessionWorld();
    failing.store = true;
    await expect(set('sid', {})).rejects.toThrow('away');
    expect(steps).toEqual(['set sid']);
  });
});

test.each([undefined, null])('a store that makes %p of what it loads is left to it', (nothing) => {
  const store = {
    ...sessionWorld().store,
    createSession: (_req: object, _data: object) => nothing,
  };
  follow(store);
  expect(store.createSession({ sessionID: 'sid' }, {})).toBe(nothing);
});

test('a store is given no verb that it does not have', () => {
  const { get, set, destroy } = sessionWorld().store;
  const store = { get, set, destroy };
  follow(store);
  expect(Object.keys(store)).toEqual(['get', 'set', 'destroy']);
});

test('a session that was refused because it has ended is taken away, and no other', async () => {
  const { sessions, kept, live, counter, failing, set } = sessionWorld();
  await set('sid', made(false));
  await sessions.begin('sid', 'mark', MINUTE);
  await sessions.discard('sid');
  expect([kept.size, live.size]).toEqual([1, 1]);
  await counter.settle({
    take: [{ key: 'sid#ended', window: MINUTE, limit: SIGN_OUT, by: SIGN_OUT }],
  });
  await sessions.discard('sid');
  expect([kept.size, live.size]).toEqual([0, 0]);
  failing.store = true;
  await expect(sessions.discard('sid')).rejects.toThrow('sessionStore.destroy failed: away');
});

test('[S58] a sign-in by a fresh browser asks the counter nothing; by one that has a session it notes its end', async () => {
  const taken: string[] = [];
  const counter = watchedCounter(memoryCounter(), (key) => taken.push(key));
  const app = await startApp({ factor: { counter } });
  const agent = app.agent();
  await signIn(agent);
  expect(taken).toEqual([]);
  const before = sessionIdIn(cookieFrom(agent));
  await signIn(agent);
  expect(taken).toEqual([expect.stringMatching(/:s:[\w-]+#ended$/)]);
  expect(sessionIdIn(cookieFrom(agent))).not.toBe(before);
});
