import type { Wish } from '../../lib/ports/counter';
import {
  expectAbout,
  MINUTE,
  newSubject,
  place,
  useCounter,
  type CounterKind,
} from './counter-under-test';

/** What is promised of a decision over several counts: all or none, in order, whoever else asks. */
export function promisesOfDecisions({ reach, make, crowd = 300 }: CounterKind): void {
  const third = crowd / 3;
  const counts = useCounter(make);
  const { settle, take, look, countOf } = counts;

  test('of several places all are taken or none, within a subject and over several', async () => {
    const [a, b, c] = counts.keys();
    for (const [full, free] of [
      [b, a],
      [c, a],
      [a, c],
    ] as const) {
      const held = await take(full, 4);
      const { ok, places } = await settle({ take: [place(free), place(full, 4)] });
      expect([ok, places.get(full)?.count, places.get(free)]).toEqual([false, 4, undefined]);
      expect([await look(free), await countOf(full)]).toEqual([undefined, 4]);
      await settle({ give: held });
      const open = await settle({ take: [place(free), place(full, 4)] });
      expect([open.ok, open.places.get(free)?.count, open.places.get(full)?.count]).toEqual([
        true,
        1,
        1,
      ]);
      await settle({ clear: [free, full] });
    }
  });

  test('where a place was full, places tell how the others stand', async () => {
    const [a, , c] = counts.keys();
    await take(a, 2);
    await take(c, 3);
    const { ok, places } = await settle({ take: [place(a), place(c, 3)] });
    expect([ok, places.get(a)?.count, places.get(c)?.count]).toEqual([false, 2, 3]);
  });

  const whichFull = {
    decision: 'all places that were full are named, in the order they were asked for',
    subject: 'all places of a subject that were full are named, those of others may be',
    count: 'the first place that was full is named',
  };
  test(whichFull[reach], async () => {
    const [a, b, c] = counts.keys();
    const [d, e] = [`${newSubject()}#d`, `${a}.more`];
    for (const key of [a, c, d, e]) await take(key);
    const wish = [d, b, a, c, e].map((key) => place(key, 1, { common: key === d || key === c }));
    const { ok, full } = await settle({ take: wish });
    const named = { decision: [d, a, c, e], subject: [a, e], count: [a] };
    expect([ok, full.map(({ key }) => key)]).toEqual([false, named[reach]]);
    expect(full.every((each) => wish.includes(each))).toBe(true);
    expect(full.every(({ key }) => key !== b)).toBe(true);
  });

  test('reads before it clears, and clears before it takes', async () => {
    const [a, b, c] = counts.keys();
    await take(a, 3);
    await take(b, 2);
    await counts.pass(30_000);
    const wish = { read: [a, b, c], clear: [a, b], take: [place(a, 1)] };
    const { ok, read, places } = await settle(wish);
    expect(ok).toBe(true);
    expect([read.get(a)?.count, read.get(b)?.count, read.has(c)]).toEqual([3, 2, false]);
    expectAbout(read.get(a)?.left, 30_000);
    expect(places.get(a)?.count).toBe(1);
    expectAbout(places.get(a)?.left, MINUTE);
    expect(await look(b)).toBeUndefined();
  });

  test('what is cleared and taken anew has no more room than its limit', async () => {
    const [a] = counts.keys();
    await take(a, 3);
    const { ok, full } = await settle({ clear: [a], take: [place(a, 1, { by: 2 })] });
    expect([ok, full.map(({ key }) => key)]).toEqual([false, [a]]);
    expect(await countOf(a)).toBe(3);
    expect((await settle({ clear: [a], take: [place(a, 2, { by: 2 })] })).ok).toBe(true);
  });

  test('takes before it gives back', async () => {
    const [a, b] = counts.keys();
    const held = await take(a, 2);
    expect((await settle({ take: [place(a, 2)], give: held })).ok).toBe(false);
    expect((await settle({ take: [place(b, 2)], give: held })).ok).toBe(true);
    expect([await countOf(a), await countOf(b)]).toEqual([undefined, 1]);
  });

  test('where a place was full nothing is given back or cleared, and all is read', async () => {
    const [a, b, c] = counts.keys();
    const held = await take(a, 2);
    await take(b, 1);
    await take(c, 3);
    const wish = { read: [a, c], take: [place(b, 1)], give: held, clear: [c] };
    const { ok, read } = await settle(wish);
    expect([ok, read.get(a)?.count, read.get(c)?.count]).toEqual([false, 2, 3]);
    expect([await countOf(a), await countOf(b), await countOf(c)]).toEqual([2, 1, 3]);
  });

  test('what would be taken anew stays as it was where another place was full', async () => {
    const [a, b, c] = counts.keys();
    await take(a, 3);
    for (const full of [b, c]) await take(full, 1);
    for (const common of [false, true]) {
      for (const full of [
        place(b, 1, { common }),
        place(c, 1, { common }),
        place(c, 0, { by: 0 }),
      ]) {
        for (const anew of [place(a, 1), place(a, 1, { common: true }), place(a, 0, { by: 0 })]) {
          for (const wanted of [
            [anew, full],
            [full, anew],
          ]) {
            const { ok, full: named } = await settle({ clear: [a], take: wanted });
            expect([ok, named]).toEqual([false, [full]]);
          }
        }
      }
    }
    expect([await countOf(a), await countOf(b), await countOf(c)]).toEqual([3, 1, 1]);
  });

  test('what is cleared is none for whoever only asks for it', async () => {
    const [a, , c] = counts.keys();
    await take(a, 3);
    const wish = { read: [a], clear: [a], take: [place(a, 0, { by: 0 }), place(c)] };
    const { ok, read, places } = await settle(wish);
    expect([ok, read.get(a)?.count, places.has(a), places.get(c)?.count]).toEqual([
      true,
      3,
      false,
      1,
    ]);
    expect(await look(a)).toBeUndefined();
  });

  test('what goes back has nothing to go back to where its count is cleared with it', async () => {
    const [a, b] = counts.keys();
    const held = await take(a, 3);
    expect((await settle({ clear: [a], give: held, take: [place(b)] })).ok).toBe(true);
    expect([await look(a), await countOf(b)]).toEqual([undefined, 1]);
  });

  test('one subject, and one key, may stand in a wish in several roles', async () => {
    const [a, b] = counts.keys();
    const [held] = await take(a, 5);
    await take(b, 2);
    const wish: Wish = {
      read: [a, b, `${a}.new`],
      clear: [b],
      take: [place(a, 6), place(b, 1), place(`${a}.new`), place(`${a}.none`, 0, { by: 0 })],
      give: [{ ...held!, by: 3 }],
    };
    const { ok, read, places } = await settle(wish);
    // As they stand once they are taken, and before anything goes back.
    expect([places.get(a)?.count, places.get(b)?.count]).toEqual([6, 1]);
    expect([ok, [...read].map(([key, { count }]) => [key, count])]).toEqual([
      true,
      [
        [a, 5],
        [b, 2],
      ],
    ]);
    expect([await countOf(a), await countOf(b), await countOf(`${a}.new`)]).toEqual([3, 1, 1]);
  });

  test(`of ${crowd} that ask at once as many get a place as there are`, async () => {
    const [a, b] = counts.keys();
    const answers = await Promise.all(
      Array.from({ length: crowd }, () => settle({ take: [place(a, third), place(b, crowd)] })),
    );
    const taken = answers.filter(({ ok }) => ok);
    expect(taken).toHaveLength(third);
    const told = taken.map(({ places }) => places.get(a)?.count ?? 0);
    expect(told.sort((x, y) => x - y)).toEqual(Array.from({ length: third }, (_, i) => i + 1));
    expect([await countOf(a), await countOf(b)]).toEqual([third, third]);
  });

  test(`of ${crowd} that ask at once for places of two subjects as many get both`, async () => {
    for (const limit of [1, crowd / 6]) {
      const [a, c] = [`${newSubject()}#a`, `${newSubject()}#c`];
      const answers = await Promise.all(
        Array.from({ length: crowd }, () => settle({ take: [place(a, limit), place(c, limit)] })),
      );
      expect(answers.filter(({ ok }) => ok)).toHaveLength(limit);
      expect([await countOf(a), await countOf(c)]).toEqual([limit, limit]);
    }
  });

  test(`of ${crowd} users at once as many get a common place as there are`, async () => {
    const [, , c] = counts.keys();
    const own = Array.from({ length: crowd }, () => `${newSubject()}#own`);
    const answers = await Promise.all(
      own.map((key) => settle({ take: [place(c, third, { common: true }), place(key, 1)] })),
    );
    const left = await Promise.all(own.map(countOf));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(third);
    expect(await countOf(c)).toBe(third);
    // Whoever was refused holds nothing.
    expect(left).toEqual(answers.map(({ ok }) => (ok ? 1 : undefined)));
  });

  // Where each count is a step, it is cleared in one and taken in the next.
  if (reach !== 'count') {
    test(`of ${crowd} that begin a count anew at once, most of them refused, none leaves it missing`, async () => {
      const [a, b, c] = counts.keys();
      await take(a, 3);
      const answers = await Promise.all(
        Array.from({ length: crowd }, async (_, index) => {
          const scarce = place(index % 2 === 0 ? b : c, 6, { common: index % 3 === 0 });
          const { ok } = await settle({ clear: [a], take: [place(a, 1), scarce] });
          return { ok, then: await countOf(a) };
        }),
      );
      expect(answers.filter(({ ok }) => ok)).toHaveLength(12);
      expect(answers.filter(({ then }) => then !== 1 && then !== 3)).toEqual([]);
      expect([await countOf(a), await countOf(b), await countOf(c)]).toEqual([1, 6, 6]);
    });
  }

  test('what is taken and given back at once comes out even', async () => {
    const [a] = counts.keys();
    const [held] = await take(a, third);
    await Promise.all(
      Array.from({ length: 2 * third }, (_, index) =>
        settle(index % 2 === 0 ? { give: [{ ...held!, by: 1 }] } : { take: [place(a, 1_000)] }),
      ),
    );
    expect(await countOf(a)).toBe(third);
  });
}
