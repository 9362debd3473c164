import { memoryCounter } from '../../lib';
import type { Counter } from '../../lib/ports/counter';
import { counterContract } from '../contract/counter';
import { testClock } from '../helpers/clock';

const MINUTE = 60_000;
const take = (counter: Counter, key: string, window = MINUTE) =>
  counter.settle({ take: [{ key, window, limit: 1_000 }] });
const look = async (counter: Counter, key: string) =>
  (await counter.settle({ read: [key] })).read.get(key);

afterEach(() => jest.restoreAllMocks());

counterContract('memoryCounter', {
  reach: 'decision',
  make: () => {
    const clock = testClock();
    const pass = (milliseconds: number) => clock.advance(milliseconds / 1_000);
    return { counter: memoryCounter({ clock }), pass };
  },
});

test('a count lives to its end and not a moment longer', async () => {
  let now = 0;
  const counter = memoryCounter({ clock: () => now });
  await take(counter, 'a', 10);
  now = 9;
  expect(await look(counter, 'a')).toEqual({ count: 1, left: 1, ends: 10 });
  now = 10;
  expect(await look(counter, 'a')).toBeUndefined();
  expect((await take(counter, 'a', 10)).places.get('a')).toEqual({ count: 1, left: 10, ends: 20 });
});

test('a count that is over is none, also while it is not swept away', async () => {
  let now = 0;
  const counter = memoryCounter({ clock: () => now });
  for (let each = 0; each < 50; each += 1) await take(counter, `other#${each}`);
  await take(counter, 'read', 10);
  await take(counter, 'taken', 10);
  now = 10;
  expect(await look(counter, 'read')).toBeUndefined();
  expect((await take(counter, 'taken', 10)).places.get('taken')?.count).toBe(1);
});

test('by itself it is not moved by the clock of the machine', async () => {
  const counter = memoryCounter();
  await take(counter, 'a');
  const begun = await look(counter, 'a');
  const real = Date.now();
  for (const set of [real - 3_600_000, real + 3_600_000]) {
    jest.spyOn(Date, 'now').mockReturnValue(set);
    const found = await look(counter, 'a');
    expect(found?.ends).toBe(begun?.ends);
    expect(found?.left).toBeLessThanOrEqual(begun?.left ?? 0);
    expect(found?.left).toBeGreaterThan(0);
  }
});

test('an end is a whole number, whatever the clock and the window are', async () => {
  for (const counter of [memoryCounter(), memoryCounter({ clock: () => 0.25 })]) {
    const { places } = await take(counter, 'a', 1_000.5);
    expect(Number.isInteger(places.get('a')?.ends)).toBe(true);
    expect(places.get('a')?.left).toBeGreaterThan(0);
  }
});

test('it forgets what is over a little at each call, without being asked for it', async () => {
  let now = 0;
  const counter = memoryCounter({ clock: () => now });
  const gone = jest.spyOn(Map.prototype, 'delete');
  const forgotten = () => gone.mock.calls.filter(([key]) => String(key).startsWith('old#')).length;
  for (let each = 0; each < 400; each += 1) await take(counter, `old#${each}`, 10);
  await take(counter, 'kept#1', 1_000);
  now = 10;
  let before = forgotten();
  expect(before).toBe(0);
  for (let call = 0; call < 150; call += 1) {
    await counter.settle({});
    expect(forgotten() - before).toBeLessThanOrEqual(8);
    before = forgotten();
  }
  expect(before).toBe(400);
  expect((await look(counter, 'kept#1'))?.count).toBe(1);
});

test('each counts for itself', async () => {
  await take(memoryCounter(), 'a');
  expect(await look(memoryCounter(), 'a')).toBeUndefined();
});

test.each([[null], ['clock'], [7]])('from %p no counter is made', (options) => {
  expect(() => memoryCounter(options as never)).toThrow(/argument of memoryCounter\(\).*object/);
});

test.each([[null], [7], ['now']])('a clock that is %p is a mistake', (clock) => {
  expect(() => memoryCounter({ clock } as never)).toThrow(
    /memoryCounter\(\{ clock \}\).*Date\.now/,
  );
});
