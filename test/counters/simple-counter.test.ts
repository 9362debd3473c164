import { guardedCounter } from '../../lib/counters/guarded-counter';
import { settlingCounter } from '../../lib/counters/simple-counter';
import type { Place, SimpleCounter } from '../../lib/ports/counter';
import { counterContract } from '../contract/counter';
import { testClock } from '../helpers/clock';
import { simpleCounter } from '../helpers/simple-counter';
import { hold } from '../helpers/web';

const MINUTE = 60_000;
const SPENT = Number.MAX_SAFE_INTEGER;
const clock = (): number => 0;
const place = (key: string, limit = 10, more: Partial<Place> = {}): Place => ({
  key,
  window: MINUTE,
  limit,
  ...more,
});

for (const keepsZeros of [false, true]) {
  counterContract(`a simple counter${keepsZeros ? ' that keeps zeros' : ''}`, {
    reach: 'count',
    keepsZeros,
    make: () => {
      const clock = testClock();
      const pass = (milliseconds: number) => clock.advance(milliseconds / 1_000);
      return { counter: guardedCounter(simpleCounter(clock, { keepsZeros }), clock), pass };
    },
  });
}

/** A counter of an app's own, and what it was asked, in order. */
function watched(more: Partial<SimpleCounter> = {}) {
  const calls: unknown[][] = [];
  const inner = { ...simpleCounter(clock), ...more };
  const simple: SimpleCounter = {
    add: (...args) => {
      calls.push(['add', ...args]);
      return inner.add(...args);
    },
    peek: (key) => {
      calls.push(['peek', key]);
      return inner.peek(key);
    },
    clear: (key) => {
      calls.push(['clear', key]);
      return inner.clear(key);
    },
  };
  return { counter: settlingCounter(simple, clock), simple, calls };
}

test('places are taken one after the other, those that others need last', async () => {
  const { counter, calls } = watched();
  await counter.settle({
    read: ['r'],
    take: [place('all', 10, { common: true }), place('a', 5, { by: 3 }), place('b', 0, { by: 0 })],
    clear: ['a', 'z'],
  });
  expect(calls).toEqual([
    ['peek', 'r'],
    ['peek', 'b'],
    ['add', 'all', MINUTE, 1],
    ['clear', 'a'],
    ['add', 'a', MINUTE, 3],
    ['clear', 'z'],
  ]);
});

test('whoever is refused a place of the own never holds a common one, and gives the others back', async () => {
  const { counter, simple, calls } = watched();
  await simple.add('b', MINUTE, 1);
  calls.length = 0;
  const take = [place('all', 1, { common: true }), place('a'), place('b', 1), place('c')];
  const { ok, full, places } = await counter.settle({ take, clear: ['z'] });
  expect([ok, full]).toEqual([false, [take[2]]]);
  expect([...places]).toEqual([['b', { count: 1, left: MINUTE, ends: MINUTE }]]);
  expect(calls).toEqual([
    ['add', 'a', MINUTE, 1],
    ['add', 'b', MINUTE, 1],
    ['add', 'a', MINUTE, -1],
    ['add', 'b', MINUTE, -1],
  ]);
});

test('a place that is only asked for is not given back', async () => {
  const { counter, simple, calls } = watched();
  await simple.add('a', MINUTE, 1);
  calls.length = 0;
  const { ok } = await counter.settle({ take: [place('a', 1, { by: 0 }), place('b', 0)] });
  expect(ok).toBe(false);
  expect(calls).toEqual([
    ['peek', 'a'],
    ['add', 'b', MINUTE, 1],
    ['add', 'b', MINUTE, -1],
  ]);
});

test('whoever is refused one place loses nothing of what another one would have begun anew', async () => {
  const { counter, simple } = watched();
  await simple.add('wait', MINUTE, 4);
  await simple.add('all', MINUTE, 1);
  const take = [place('wait'), place('all', 1, { common: true }), place('own', 0)];
  for (const asked of [take, take.slice(0, 2), [take[0]!, take[2]!]]) {
    const { ok } = await counter.settle({ take: asked, clear: ['wait'] });
    expect(ok).toBe(false);
    expect(await simple.peek('wait')).toMatchObject({ count: 4 });
  }
  expect((await counter.settle({ take: take.slice(0, 1), clear: ['wait'] })).ok).toBe(true);
  expect(await simple.peek('wait')).toMatchObject({ count: 1 });
});

test('whoever slips in where a count begins anew refuses nobody, and finds the next one begun', async () => {
  const inner = simpleCounter(clock);
  const { counter, calls } = watched({
    ...inner,
    clear: async (key) => {
      await inner.clear(key);
      if (key === 'user') await inner.add(key, MINUTE);
    },
  });
  const take = [place('user', 1), place('phone', 1), place('none', 0, { by: 0 })];
  const clear = take.map(({ key }) => key);
  const { ok, full, places } = await counter.settle({ take, clear });
  expect([ok, full]).toEqual([true, []]);
  expect([...places].map(([key, { count }]) => [key, count])).toEqual([
    ['phone', 1],
    ['user', 1],
  ]);
  expect(calls).toEqual([
    ['clear', 'none'],
    ['clear', 'phone'],
    ['add', 'phone', MINUTE, 1],
    ['clear', 'user'],
    ['add', 'user', MINUTE, 1],
  ]);
  // Both stay: nothing is counted less.
  expect(await inner.peek('user')).toMatchObject({ count: 2 });
});

test('a count that is none just after it was cleared is full', async () => {
  const { counter, simple } = watched({
    add: async (_, life) => ({ count: Number.NaN, expiresAt: life }),
  });
  const { ok, full } = await counter.settle({ take: [place('a')], clear: ['a'] });
  expect([ok, full.map(({ key }) => key)]).toEqual([false, ['a']]);
  expect(await simple.peek('a')).toBeUndefined();
});

test('between two steps another request may see what is about to go back', async () => {
  const last = hold();
  const inner = simpleCounter(clock);
  const { counter } = watched({
    ...inner,
    add: async (key, life, by = 1) => {
      if (key === 'b' && by > 0) {
        last.enter();
        await last.released;
      }
      return inner.add(key, life, by);
    },
  });
  const settling = counter.settle({ take: [place('a', 1), place('b', 0)] });
  await last.entered;
  expect((await counter.settle({ take: [place('a', 1)] })).ok).toBe(false);
  last.release();
  expect((await settling).ok).toBe(false);
  expect((await counter.settle({ take: [place('a', 1)] })).ok).toBe(true);
});

test.each(['add of b', 'clear of z', 'add of held'])(
  'where a later step fails (%s) what was taken goes back',
  async (failing) => {
    const inner = simpleCounter(clock);
    const { counter } = watched({
      add: (key, ...more) =>
        failing === `add of ${key}` ? Promise.reject(new Error('down')) : inner.add(key, ...more),
      peek: inner.peek.bind(inner),
      clear: (key) =>
        failing === `clear of ${key}` ? Promise.reject(new Error('down')) : inner.clear(key),
    });
    const give = [{ key: 'held', ends: MINUTE }];
    const wish = { take: [place('a', 1), place('b', 1)], give, clear: ['z'] };
    await expect(counter.settle(wish)).rejects.toThrow('down');
    expect(await inner.peek('a')).toBeUndefined();
    expect(await inner.peek('b')).toBeUndefined();
  },
);

test('what goes back into a window that has ended is not sent', async () => {
  const { counter, calls } = watched();
  await counter.settle({
    give: [
      { key: 'a', ends: 0 },
      { key: 'b', ends: 7, by: 2 },
    ],
  });
  expect(calls).toEqual([['add', 'b', 7, -2]]);
});

test('[S135] a count that is none fills every place, also one without a limit', async () => {
  for (const count of [Number.NaN, -1, 1.5, Infinity, '1' as unknown as number]) {
    const found = { count, expiresAt: MINUTE };
    const { counter } = watched({
      add: () => Promise.resolve(found),
      peek: () => Promise.resolve(found),
    });
    expect((await counter.settle({ read: ['a'] })).read.get('a')?.count).toBe(SPENT);
    for (const wanted of [place('a', SPENT), place('a', 0, { by: 0 })]) {
      const { ok, full, places } = await counter.settle({ take: [wanted] });
      expect([ok, full, places.get('a')?.count]).toEqual([false, [wanted], SPENT]);
    }
  }
});
