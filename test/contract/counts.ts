import {
  expectAbout,
  MINUTE,
  newSubject,
  place,
  useCounter,
  type CounterKind,
} from './counter-under-test';

const SPENT = Number.MAX_SAFE_INTEGER;
const NO_COUNTS = [
  '"x"',
  '"9999999999999"',
  'true',
  '[]',
  '[2]',
  '[2, "x"]',
  '[2, -9]',
  '[2, 1e300]',
  '[-5, 9999999999999]',
  '[0, 9999999999999]',
  '[1.5, 9999999999999]',
  '["2", 9999999999999]',
  '[1e309, 9999999999999]',
  '[NaN, 9999999999999]',
  '[9007199254740992, 9999999999999]',
  '1e309',
  'NaN',
  '-9',
];
const ODD_NAMES = [
  ...['k', 'K', 'k:1', 'k 1', 'k*', 'k%d', '{k}', 'ключ', '🔑', '"k"', "'k'", 'k\\n', 'k\n', ']]'],
  ...['__proto__', 'constructor', 'toString', '1', '0', 'k'.repeat(500)],
];

/** What is promised of one count: its places, its window, its end. */
export function promisesOfCounts(kind: CounterKind): void {
  const { reach, make, spoil, longest = Infinity, grain = 0 } = kind;
  const { tellsWindows = reach !== 'count', keepsZeros = false } = kind;
  const counts = useCounter(make);
  const expectSame = (end: number | undefined, other: number | undefined): void =>
    expect(Math.abs((end ?? Number.NaN) - (other ?? Number.NaN))).toBeLessThanOrEqual(grain);
  const { settle, take, look, countOf } = counts;

  test('nothing that is asked is nothing that is done', async () => {
    expect(await settle({})).toEqual({ ok: true, read: new Map(), places: new Map(), full: [] });
  });

  test('the first place starts the window, later ones do not lengthen it', async () => {
    const [a] = counts.keys();
    const { places } = await settle({ take: [place(a)] });
    expect(places.get(a)?.count).toBe(1);
    expectAbout(places.get(a)?.left, MINUTE);
    await counts.pass(40_000);
    const later = await settle({ take: [place(a, 10, { window: 10 * MINUTE })] });
    expect(later.places.get(a)?.count).toBe(2);
    expectSame(later.places.get(a)?.ends, places.get(a)?.ends);
    expectAbout(later.places.get(a)?.left, 20_000);
  });

  test('a count is over when its window is, and the next place starts another one', async () => {
    const [a] = counts.keys();
    const before = await settle({ take: [place(a, 7, { by: 7 })] });
    await counts.pass(50_000);
    expect(await countOf(a)).toBe(7);
    await counts.pass(10_001);
    expect(await look(a)).toBeUndefined();
    const { places } = await settle({ take: [place(a, 1)] });
    expect(places.get(a)?.count).toBe(1);
    expectAbout(places.get(a)?.left, MINUTE);
    expect(places.get(a)?.ends).toBeGreaterThan(before.places.get(a)!.ends);
  });

  test('a count that is over beside one that is not is taken anew', async () => {
    const [a, b] = counts.keys();
    await take(a, 3, MINUTE);
    await take(b, 2, 10 * MINUTE);
    await counts.pass(MINUTE + 1);
    await take(a);
    expect([await countOf(a), await countOf(b)]).toEqual([1, 2]);
  });

  test('as many places are given as there are, and not one more', async () => {
    const [a] = counts.keys();
    for (const count of [1, 2]) {
      const { ok, places, full } = await settle({ take: [place(a, 2)] });
      expect([ok, places.get(a)?.count, full]).toEqual([true, count, []]);
    }
    const refused = await settle({ take: [place(a, 2)] });
    expect(refused.ok).toBe(false);
    expect(refused.full).toEqual([place(a, 2)]);
    expect(refused.places.get(a)?.count).toBe(2);
    expectAbout(refused.places.get(a)?.left, MINUTE);
    expect(await countOf(a)).toBe(2);
  });

  test('more than one is taken whole or not at all', async () => {
    const [a] = counts.keys();
    await take(a, 3);
    const refused = await settle({ take: [place(a, 5, { by: 3 })] });
    expect([refused.ok, refused.places.get(a)?.count]).toEqual([false, 3]);
    expect((await settle({ take: [place(a, 5, { by: 2 })] })).places.get(a)?.count).toBe(5);
  });

  test('taking none asks whether there are no more than so many', async () => {
    const [a, b] = counts.keys();
    const none = (limit: number) => place(a, limit, { by: 0 });
    const open = await settle({ take: [none(0), place(b)] });
    expect([open.ok, open.places.has(a), open.places.get(b)?.count]).toEqual([true, false, 1]);
    expect(await look(a)).toBeUndefined();
    await take(a, 2);
    expect((await settle({ take: [none(2)] })).places.get(a)?.count).toBe(2);
    const shut = await settle({ take: [none(1), place(b)] });
    expect([shut.ok, shut.full]).toEqual([false, [none(1)]]);
    expect(shut.places.get(a)?.count).toBe(2);
    expect([await countOf(a), await countOf(b)]).toEqual([2, 1]);
  });

  test('what goes back lowers the count and leaves its window', async () => {
    const [a] = counts.keys();
    const [held] = await take(a, 3);
    await counts.pass(30_000);
    await settle({ give: [{ ...held!, by: 2 }] });
    expect(await countOf(a)).toBe(1);
    expectAbout((await look(a))?.left, 30_000);
    expectSame((await look(a))?.ends, held?.ends);
  });

  const ofZero = keepsZeros ? 'only the window' : 'nothing';
  test(`no count falls below zero, and of a zero ${ofZero} stays`, async () => {
    const [a] = counts.keys();
    const [held] = await take(a, 2);
    await counts.pass(30_000);
    await settle({ give: [{ ...held!, by: 5 }] });
    expect(await look(a)).toBeUndefined();
    await settle({ give: [held!] });
    expect(await look(a)).toBeUndefined();
    await take(a);
    expect(await countOf(a)).toBe(1);
    expectAbout((await look(a))?.left, keepsZeros ? 30_000 : MINUTE);
  });

  test('what goes back starts nothing', async () => {
    const [a, b] = counts.keys();
    const [held] = await take(a);
    await settle({ give: [{ ...held!, key: b }] });
    expect(await look(b)).toBeUndefined();
  });

  test('a place of a window that has ended does not go back into a later one', async () => {
    const [a] = counts.keys();
    const held = await take(a, 2);
    await counts.pass(MINUTE + 1);
    await take(a, 2);
    await settle({ give: held });
    expect(await countOf(a)).toBe(2);
  });

  const afterClear = tellsWindows
    ? 'nor one of a window that was cleared'
    : 'but one of a window that was cleared before its end may';
  test(afterClear, async () => {
    const [a] = counts.keys();
    const held = await take(a, 2);
    await counts.pass(10_000);
    await settle({ clear: [a] });
    await take(a, 3);
    await settle({ give: held });
    expect(await countOf(a)).toBe(tellsWindows ? 3 : 1);
  });

  test('looking counts nothing and starts nothing', async () => {
    const [a, b] = counts.keys();
    expect(await look(a)).toBeUndefined();
    await take(a, 4);
    const first = await look(a);
    await counts.pass(30_000);
    expect(await countOf(a)).toBe(4);
    expectSame((await look(a))?.ends, first?.ends);
    expectAbout((await look(a))?.left, MINUTE - 30_000);
    expect(await look(b)).toBeUndefined();
  });

  test('clearing forgets a count and its window, and no other', async () => {
    const [a, b, c] = counts.keys();
    for (const key of [a, b, c]) await take(key, 4);
    await counts.pass(30_000);
    await settle({ clear: [a, `${a}.never`, `${newSubject()}#never`] });
    expect([await look(a), await countOf(b), await countOf(c)]).toEqual([undefined, 4, 4]);
    await take(a);
    expectAbout((await look(a))?.left, MINUTE);
  });

  test('keys do not touch each other, whatever is in them', async () => {
    const within = newSubject();
    const keys = ODD_NAMES.flatMap((odd) => [odd, `${odd}#${odd}`, `${within}#${odd}`, `${odd}##`]);
    for (const [index, key] of keys.entries()) await take(key, index + 1);
    const { read } = await settle({ read: keys });
    const numbers = keys.map((_, index) => index + 1);
    expect(keys.map((key) => read.get(key)?.count)).toEqual(numbers);
    await settle({ clear: keys });
    expect((await settle({ read: keys })).read.size).toBe(0);
  });

  test('a window of a year, and one of a fraction of a millisecond, are kept', async () => {
    const [a, b] = counts.keys();
    const year = 365 * 86_400_000;
    await take(a, 1, year);
    await take(b, 1, 61_234.5);
    expectAbout((await look(a))?.left, Math.min(year, longest));
    expectAbout((await look(b))?.left, 61_234.5);
    await counts.pass(62_235);
    expect([await countOf(a), await look(b)]).toEqual([1, undefined]);
  });

  test('what comes back is not the inner state', async () => {
    const [a] = counts.keys();
    const { places } = await settle({ take: [place(a)] });
    const seen = (await look(a))!;
    for (const each of [places.get(a)!, seen]) Object.assign(each, { count: 99, ends: 0 });
    expect(await countOf(a)).toBe(1);
  });

  // Where nothing but the counter can write, there is nothing else than counts.
  if (spoil === undefined) return;
  test.each(NO_COUNTS)('[S135] %j in place of a count fills every place', async (value) => {
    const [a, b] = counts.keys();
    await take(b);
    await spoil(a, value);
    expect(await countOf(a)).toBe(SPENT);
    for (const each of [place(a), place(a, SPENT), place(a, 0, { by: 0 })]) {
      const { ok, full, places } = await settle({ take: [each, place(b)] });
      expect([ok, full, places.get(a)?.count]).toEqual([false, [each], SPENT]);
    }
    expect(await countOf(b)).toBe(1);
    await settle({ give: [{ key: a, ends: (await look(a))!.ends }] });
    expect(await countOf(a)).toBe(SPENT);
    await settle({ clear: [a], take: [place(a, 1)] });
    expect([await countOf(a), await countOf(b)]).toEqual([1, 1]);
  });
}
