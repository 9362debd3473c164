import { guardedCounter } from '../../../lib/counters/guarded-counter';
import { memoryCounter } from '../../../lib/counters/memory-counter';
import type { Count, Counter } from '../../../lib/ports/counter';

const answering = (answer: unknown): Counter =>
  guardedCounter({
    add: () => Promise.resolve(answer as Count),
    peek: () => Promise.resolve(answer as Count),
    clear: () => Promise.resolve(),
  });

test('a counter that works is passed through', async () => {
  const counter = guardedCounter(memoryCounter({ clock: () => 0 }));
  expect(await counter.add('a', 60_000, 4)).toEqual({ count: 4, expiresAt: 60_000 });
  expect(await counter.peek('a')).toEqual({ count: 4, expiresAt: 60_000 });
  await counter.clear('a');
  expect(await counter.peek('a')).toBeUndefined();
  expect(await answering({ count: 0, expiresAt: 7, more: 1 }).peek('a')).toEqual({
    count: 0,
    expiresAt: 7,
  });
});

test.each(['add', 'peek', 'clear'] as const)(
  'what %s fails with is a broken store',
  async (verb) => {
    const fails = (): Promise<never> => Promise.reject(new Error('ECONNRESET'));
    const counter = guardedCounter({ add: fails, peek: fails, clear: fails });
    await expect(counter[verb]('a', 1)).rejects.toMatchObject({
      code: 'store_unavailable',
      message: `counter.${verb} failed: ECONNRESET`,
    });
  },
);

test.each([
  [{ count: Number.NaN, expiresAt: 1 }],
  [{ count: -1, expiresAt: 1 }],
  [{ count: 1.5, expiresAt: 1 }],
  [{ count: '1', expiresAt: 1 }],
  [{ count: 1, expiresAt: Number.NaN }],
  [{ count: 1, expiresAt: 'soon' }],
  [{}],
])('[S135] %j is a count that is spent', async (answer) => {
  for (const verb of ['add', 'peek'] as const) {
    const found = await answering(answer)[verb]('a', 1);
    expect(found?.count).toBe(Number.MAX_SAFE_INTEGER);
    expect(Math.abs((found?.expiresAt ?? 0) - Date.now())).toBeLessThan(1_000);
  }
});
