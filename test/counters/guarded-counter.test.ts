import { memoryCounter, SecondFactorError } from '../../lib';
import { guardedCounter } from '../../lib/counters/guarded-counter';
import type { Counter, Held, Settlement, Wish } from '../../lib/ports/counter';
import { STORE_TIME_LIMIT } from '../../lib/time-limit';
import { simpleCounter } from '../helpers/simple-counter';
import { hold } from '../helpers/web';

const MINUTE = 60_000;
const SPENT = Number.MAX_SAFE_INTEGER;
const clock = (): number => 0;
const place = (limit = 10) => ({ key: 'a#x', window: MINUTE, limit });
const WISH = { read: ['a#r'], take: [place()] };

const guarded = (settle: (wish: Wish) => unknown): Counter =>
  guardedCounter({ settle: settle as Counter['settle'] }, clock);
/** A counter that answers WISH with this. */
const answering = (answer: unknown): Counter => guarded(() => Promise.resolve(answer));
const count = (more: object = {}) => ({ count: 1, left: 5, ends: 9, ...more });
const settled = (more: object = {}) => ({
  ok: true,
  read: new Map(),
  places: new Map([['a#x', count()]]),
  full: [],
  ...more,
});

afterEach(() => jest.restoreAllMocks());

/** Whoever waits gives up at once. */
function timersFireAtOnce(): void {
  const set = globalThis.setTimeout;
  const atOnce = (go: () => void) => set(go, 0);
  jest.spyOn(globalThis, 'setTimeout').mockImplementation(atOnce);
}

async function failureOf(call: Promise<unknown>): Promise<SecondFactorError> {
  const error: unknown = await call.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(SecondFactorError);
  expect(error).toMatchObject({ code: 'store_unavailable', status: 503 });
  return error as SecondFactorError;
}

test('a counter that works is passed through', async () => {
  const counter = guardedCounter(memoryCounter({ clock }), clock);
  const { ok, read, places, full } = await counter.settle({ read: ['a#x'], take: [place()] });
  const found = { count: 1, left: MINUTE, ends: MINUTE };
  expect([ok, [...read], [...places], full]).toEqual([true, [], [['a#x', found]], []]);
  expect((await counter.settle({ read: ['a#x'] })).read.get('a#x')).toEqual(found);
  const other = { ...place(), key: 'b#x' };
  const refused = await counter.settle({ take: [other, place(1)] });
  expect([refused.ok, refused.full]).toEqual([false, [place(1)]]);
});

test('an app’s counter that adds to one key at a time settles whole decisions', async () => {
  const counter = guardedCounter(simpleCounter(clock), clock);
  expect((await counter.settle({ take: [place(1)] })).places.get('a#x')?.count).toBe(1);
  expect((await counter.settle({ take: [place(1)] })).ok).toBe(false);
});

test('what it rejects with becomes store_unavailable, with its cause', async () => {
  const cause = new Error('ECONNRESET');
  const error = await failureOf(guarded(() => Promise.reject(cause)).settle(WISH));
  expect(error.cause).toBe(cause);
  expect(error.message).toBe('counter.settle failed: ECONNRESET');
});

test('what it throws at once becomes store_unavailable', async () => {
  const counter = guarded(() => {
    throw new Error('not connected');
  });
  expect((await failureOf(counter.settle(WISH))).message).toContain('not connected');
});

/** As that of node-redis, which has no words. */
class TimeoutError extends Error {}

test.each([
  ['down', 'down'],
  [undefined, 'it rejected without an error'],
  [new Error(''), 'it rejected without an error'],
  [new TimeoutError(), 'TimeoutError'],
])('a rejection with %p becomes store_unavailable, of which is said: %s', async (given, said) => {
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- some clients do
  const counter = guarded(() => Promise.reject(given));
  const { message } = await failureOf(counter.settle(WISH));
  expect(message).toBe(`counter.settle failed: ${said}`);
});

test('a hang becomes store_unavailable after a second and a half', async () => {
  const counter = guarded(() => new Promise(() => undefined));
  const begun = performance.now();
  const { message } = await failureOf(counter.settle(WISH));
  expect(message).toBe(`counter.settle failed: no answer within ${STORE_TIME_LIMIT / 1_000} s`);
  expect(performance.now() - begun).toBeGreaterThan(STORE_TIME_LIMIT - 100);
});

/** A counter that carries out its first decision and answers it when the test says so. */
function lateCounter() {
  const inner = memoryCounter({ clock });
  const late = hold();
  const undone = hold();
  const given: (readonly Held[] | undefined)[] = [];
  let calls = 0;
  const counter = guarded(async (wish) => {
    calls += 1;
    if (calls > 1) {
      given.push(wish.give);
      const answer = await inner.settle(wish);
      undone.enter();
      return answer;
    }
    await late.released;
    const answer = await inner.settle(wish);
    undone.release();
    return answer;
  });
  const countOf = async () => (await inner.settle({ read: ['a#x'] })).read.get('a#x')?.count;
  return { counter, inner, late, undone, given, countOf };
}

test('a decision that was given up and carried out late is undone', async () => {
  timersFireAtOnce();
  const { counter, inner, late, undone, given, countOf } = lateCounter();
  await inner.settle({ take: [place()] });
  const none = { key: 'a#none', window: MINUTE, limit: 0, by: 0 };
  await failureOf(counter.settle({ take: [place(), none] }));
  expect(await countOf()).toBe(1);
  late.release();
  await undone.entered;
  expect(given).toEqual([[{ key: 'a#x', ends: MINUTE, by: 1 }]]);
  expect(await countOf()).toBe(1);
});

test('a lasting decision that was given up and carried out late stays', async () => {
  timersFireAtOnce();
  const { counter, late, undone, given, countOf } = lateCounter();
  await failureOf(counter.settle({ take: [place()], lasting: true }));
  late.release();
  await undone.released;
  await new Promise((resolve) => setImmediate(resolve));
  expect([given, await countOf()]).toEqual([[], 1]);
});

test('a decision that was given up and refused late leaves nothing to undo', async () => {
  timersFireAtOnce();
  const { counter, inner, late, undone, given, countOf } = lateCounter();
  await inner.settle({ take: [place(1)] });
  await failureOf(counter.settle({ take: [place(1)] }));
  late.release();
  await undone.released;
  await new Promise((resolve) => setImmediate(resolve));
  expect([given, await countOf()]).toEqual([[], 1]);
});

test('a decision that is carried out when it is waited for is not so once more', async () => {
  let carriedOut = 0;
  const then = (_done: unknown, failed: (error: unknown) => void): void => {
    carriedOut += 1;
    failed(new Error('lost on its way back'));
  };
  await failureOf(guarded(() => ({ then })).settle(WISH));
  await new Promise((resolve) => setImmediate(resolve));
  expect(carriedOut).toBe(1);
});

test('a late failure, and a failure to undo, are nobody’s unhandled rejections', async () => {
  timersFireAtOnce();
  const rejections: unknown[] = [];
  const note = (reason: unknown): void => void rejections.push(reason);
  process.on('unhandledRejection', note);
  const fails = [hold(), hold()];
  const failed = guarded(() => fails[0]!.released.then(() => Promise.reject(new Error('late'))));
  let calls = 0;
  const stuck = guarded(async () => {
    calls += 1;
    if (calls > 1) throw new Error('still away');
    await fails[1]!.released;
    return settled();
  });
  await Promise.all([failed, stuck].map((counter) => failureOf(counter.settle(WISH))));
  for (const each of fails) each.release();
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', note);
  expect([calls, rejections]).toEqual([2, []]);
});

test.each([
  [{ count: Number.NaN }],
  [{ count: -1 }],
  [{ count: 1.5 }],
  [{ count: Infinity }],
  [{ count: '1' }],
  [{ count: undefined }],
  [{ left: Number.NaN }],
  [{ left: 'soon' }],
  [{ ends: undefined }],
])('[S135] %j in a count that was read is a count that is spent', async (more) => {
  const read = new Map([
    ['a#r', count(more)],
    ['a#s', count()],
  ]);
  const { read: found } = await answering(settled({ read })).settle(WISH);
  expect(found.get('a#r')).toEqual({ count: SPENT, left: 0, ends: 0 });
  expect(found.get('a#s')).toEqual(count());
});

test('[S135] a refusal may tell of counts that are none; they are spent', async () => {
  const places = new Map([['a#x', count({ count: -1 })]]);
  const answer = await answering(settled({ ok: false, places, full: WISH.take })).settle(WISH);
  expect([answer.ok, answer.full]).toEqual([false, WISH.take]);
  expect(answer.places.get('a#x')?.count).toBe(SPENT);
});

test.each([
  ['nothing', undefined],
  ['null', null],
  ['a number', 7],
  ['a count', count()],
  ['no verdict', settled({ ok: undefined })],
  ['a verdict in words', settled({ ok: 'yes' })],
  ['no places', settled({ places: undefined })],
  ['places that are no map', settled({ places: { 'a#x': count() } })],
  ['reads that are a list', settled({ read: [] })],
  ['a count that is null', settled({ read: new Map([['a#r', null]]) })],
  ['no list of what was full', settled({ full: undefined })],
  ['a success with a full place', settled({ full: WISH.take })],
  ['a refusal without a full place', settled({ ok: false })],
])('[S135] %s is a broken store, and no decision', async (_, answer) => {
  await failureOf(answering(answer).settle(WISH));
});

test.each([
  ['took nothing', new Map()],
  ['counted nothing', new Map([['a#x', count({ count: 0 })]])],
  ['went beyond the limit', new Map([['a#x', count({ count: 11 })]])],
  ['took what is no count', new Map([['a#x', count({ count: 'x' })]])],
])('[S135] a success that %s is a broken store, and no decision', async (_, places) => {
  const { message } = await failureOf(answering(settled({ places })).settle(WISH));
  expect(message).toMatch(
    /^counter\.settle failed: the counter took a place that there is not: .*\(docs\/counters\.md\)$/,
  );
});

test('a count of zero that a store keeps is a count', async () => {
  const read = new Map([['a#r', count({ count: 0 })]]);
  expect((await answering(settled({ read })).settle(WISH)).read).toEqual(read);
});

test('[S135] a success on a place without a limit that is no count is none', async () => {
  const places = new Map([['a#x', count({ count: Number.NaN })]]);
  const counter = answering(settled({ places }) satisfies Partial<Settlement>);
  await failureOf(counter.settle({ take: [place(SPENT)] }));
});

describe('the check of a counter', () => {
  test('takes a place of its own, sees it and gives it back', async () => {
    const inner = memoryCounter();
    const asked = jest.spyOn(inner, 'settle');
    await guardedCounter(inner, Date.now).check('a:check');
    const key = 'a:check#check';
    const [taken, seen, given] = asked.mock.calls.map(([wish]) => wish);
    expect([taken?.take?.[0]?.key, seen?.read, given?.give?.[0]?.key]).toEqual([key, [key], key]);
    expect((await inner.settle({ read: [key] })).read.size).toBe(0);
  });

  test('passes on what the counter itself finds', async () => {
    const check = () => Promise.reject(new Error('a right is missing'));
    const told = guardedCounter({ ...memoryCounter(), check }, Date.now).check('a:check');
    await expect(told).rejects.toThrow('counter.check failed: a right is missing');
  });

  test('finds a counter that forgets', async () => {
    const settle = (wish: Wish) => memoryCounter().settle(wish);
    await expect(guardedCounter({ settle }, Date.now).check('a')).rejects.toThrow(
      'counter.check failed: what was counted is not there a moment later',
    );
  });
});
