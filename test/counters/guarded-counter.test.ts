import { memoryCounter, SecondFactorError, type Count, type Counter } from '../../lib';
import { guardedCounter } from '../../lib/counters/guarded-counter';

const calls = {
  add: (counter: Counter) => counter.add('a', 60_000),
  peek: (counter: Counter) => counter.peek('a'),
  clear: (counter: Counter) => counter.clear('a'),
};
const names = ['add', 'peek', 'clear'] as const;

/** A counter of which every verb does this. */
const counterThat = (does: () => Promise<never>): Counter => ({
  add: does,
  peek: does,
  clear: does,
});

async function failureOf(call: Promise<unknown>): Promise<SecondFactorError> {
  const error: unknown = await call.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(SecondFactorError);
  return error as SecondFactorError;
}

test('a counter that works is passed through', async () => {
  const counter = guardedCounter(memoryCounter({ clock: () => 0 }));
  expect(await counter.add('a', 60_000)).toEqual({ count: 1, expiresAt: 60_000 });
  expect(await counter.add('a', 60_000, 4)).toEqual({ count: 5, expiresAt: 60_000 });
  expect(await counter.peek('a')).toEqual({ count: 5, expiresAt: 60_000 });
  await counter.clear('a');
  expect(await counter.peek('a')).toBeUndefined();
});

test.each(names)('what %s rejects with becomes store_unavailable, with its cause', async (name) => {
  const cause = new Error('ECONNRESET');
  const guarded = guardedCounter(counterThat(() => Promise.reject(cause)));
  const error = await failureOf(calls[name](guarded));
  expect(error).toMatchObject({ code: 'store_unavailable', status: 503, cause });
  expect(error.message).toBe(`counter.${name} failed: ECONNRESET`);
});

test.each(names)('what %s throws at once becomes store_unavailable', async (name) => {
  const guarded = guardedCounter(
    counterThat(() => {
      throw new Error('not connected');
    }),
  );
  expect((await failureOf(calls[name](guarded))).code).toBe('store_unavailable');
});

test('a rejection without an error becomes store_unavailable', async () => {
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- some clients do
  const guarded = guardedCounter(counterThat(() => Promise.reject('down')));
  const error = await failureOf(guarded.add('a', 1));
  expect(error.message).toBe('counter.add failed: it rejected without an error');
});

test('a hang becomes store_unavailable after a second and a half', async () => {
  const guarded = guardedCounter(counterThat(() => new Promise(() => undefined)));
  const begun = performance.now();
  const errors = await Promise.all(names.map((name) => failureOf(calls[name](guarded))));
  const took = performance.now() - begun;
  expect(errors.map(({ code }) => code)).toEqual(Array(3).fill('store_unavailable'));
  expect(errors[0]!.message).toBe('counter.add failed: no answer within 1500 ms');
  expect(took).toBeGreaterThan(1_400);
  expect(took).toBeLessThan(3_000);
});

test.each([
  [{ count: Number.NaN, expiresAt: 1 }],
  [{ count: -1, expiresAt: 1 }],
  [{ count: 1.5, expiresAt: 1 }],
  [{ count: Infinity, expiresAt: 1 }],
  [{ count: '1', expiresAt: 1 }],
  [{ count: 1, expiresAt: Number.NaN }],
  [{ count: 1, expiresAt: 'soon' }],
  [{ count: 1 }],
  [{}],
])('[S135] %j is a count that is spent', async (answer) => {
  const count = answer as unknown as Count;
  const guarded = guardedCounter({
    add: () => Promise.resolve(count),
    peek: () => Promise.resolve(count),
    clear: () => Promise.resolve(),
  });
  for (const found of [await guarded.add('a', 1), await guarded.peek('a')]) {
    expect(found?.count).toBe(Number.MAX_SAFE_INTEGER);
    expect(Number.isFinite(found?.expiresAt)).toBe(true);
  }
});

test.each([[undefined], [null], ['1'], [7]])(
  '[S135] %j in place of a count never passes for one',
  async (answer) => {
    const guarded = guardedCounter({
      ...memoryCounter(),
      add: () => Promise.resolve(answer as unknown as Count),
    });
    const outcome = await guarded.add('a', 1).catch((error: unknown) => error);
    const refuses =
      outcome instanceof SecondFactorError || (outcome as Count).count === Number.MAX_SAFE_INTEGER;
    expect(refuses).toBe(true);
  },
);
