import type { Counter } from '../../lib';

/** A counter under test, with everything the suite has to do to it. */
export interface CounterUnderTest {
  counter: Counter;
  /** Lets so much time pass for it. */
  pass(milliseconds: number): Promise<void>;
  /** The time by which its `expiresAt` is told. */
  now(): number;
}

/** How far the clock of a server may be from the one of the test, in milliseconds. */
const TOLERANCE = 500;
const MINUTE = 60_000;

/** What every `Counter` promises, whatever it counts in. */
export function counterContract(name: string, make: () => Promise<CounterUnderTest>): void {
  describe(`${name} keeps the contract of a counter`, () => {
    let it: CounterUnderTest;
    let counter: Counter;
    beforeEach(async () => {
      it = await make();
      ({ counter } = it);
    });

    const expectAbout = (time: number, expected: number) => {
      expect(Math.abs(time - expected)).toBeLessThan(TOLERANCE);
    };

    test('the first addition is one and starts the life of the count', async () => {
      const { count, expiresAt } = await counter.add('a', MINUTE);
      expect(count).toBe(1);
      expectAbout(expiresAt, it.now() + MINUTE);
    });

    test('later additions count on and do not lengthen the life', async () => {
      const first = await counter.add('a', MINUTE);
      await it.pass(40_000);
      const second = await counter.add('a', 10 * MINUTE);
      expect(second.count).toBe(2);
      expectAbout(second.expiresAt, first.expiresAt);
      await it.pass(21_000);
      expect(await counter.peek('a')).toBeUndefined();
      expect((await counter.add('a', MINUTE)).count).toBe(1);
    });

    test('a life is over at its end, and a new one begins with the next addition', async () => {
      await counter.add('a', MINUTE, 7);
      await it.pass(59_000);
      expect((await counter.peek('a'))?.count).toBe(7);
      await it.pass(1_001);
      expect(await counter.peek('a')).toBeUndefined();
      const { count, expiresAt } = await counter.add('a', MINUTE);
      expect(count).toBe(1);
      expectAbout(expiresAt, it.now() + MINUTE);
    });

    test('five hundred parallel additions give five hundred different counts', async () => {
      const counts = await Promise.all(
        Array.from({ length: 500 }, async () => (await counter.add('a', MINUTE)).count),
      );
      expect(counts.sort((a, b) => a - b)).toEqual(Array.from({ length: 500 }, (_, i) => i + 1));
      expect((await counter.peek('a'))?.count).toBe(500);
    });

    test('more than one can be added', async () => {
      expect((await counter.add('a', MINUTE, 5)).count).toBe(5);
      expect((await counter.add('a', MINUTE, 3)).count).toBe(8);
    });

    test('giving back lowers the count, never below zero, and keeps its life', async () => {
      const { expiresAt } = await counter.add('a', MINUTE, 3);
      const less = await counter.add('a', 10 * MINUTE, -2);
      expect(less.count).toBe(1);
      expectAbout(less.expiresAt, expiresAt);
      expect((await counter.add('a', MINUTE, -5)).count).toBe(0);
      expect((await counter.add('a', MINUTE, -1)).count).toBe(0);
      expect((await counter.add('a', MINUTE)).count).toBe(1);
      await it.pass(MINUTE + 1);
      expect(await counter.peek('a')).toBeUndefined();
    });

    test('giving back starts no count', async () => {
      expect((await counter.add('a', MINUTE, -1)).count).toBe(0);
      expect(await counter.peek('a')).toBeUndefined();
      expect((await counter.add('a', MINUTE)).count).toBe(1);
    });

    test('parallel additions and returns come out even', async () => {
      await counter.add('a', MINUTE, 100);
      await Promise.all(
        Array.from({ length: 200 }, (_, index) => counter.add('a', MINUTE, index % 2 ? 1 : -1)),
      );
      expect((await counter.peek('a'))?.count).toBe(100);
    });

    test('looking counts nothing and starts nothing', async () => {
      expect(await counter.peek('a')).toBeUndefined();
      await counter.add('a', MINUTE, 4);
      await counter.peek('a');
      const seen = await counter.peek('a');
      expect(seen?.count).toBe(4);
      expectAbout(seen!.expiresAt, it.now() + MINUTE);
      expect(await counter.peek('b')).toBeUndefined();
    });

    test('clearing forgets the count and its life', async () => {
      await counter.add('a', MINUTE, 4);
      await counter.add('b', MINUTE, 2);
      await it.pass(30_000);
      await counter.clear('a');
      await counter.clear('never was');
      expect(await counter.peek('a')).toBeUndefined();
      const { count, expiresAt } = await counter.add('a', MINUTE);
      expect(count).toBe(1);
      expectAbout(expiresAt, it.now() + MINUTE);
      expect((await counter.peek('b'))?.count).toBe(2);
    });

    test('keys do not touch each other, whatever is in them', async () => {
      const keys = ['k', 'k:1', 'k 1', 'K', 'k*', '{k}', 'ключ', '__proto__', 'constructor'];
      for (const [index, key] of keys.entries()) await counter.add(key, MINUTE, index + 1);
      for (const [index, key] of keys.entries()) {
        expect((await counter.peek(key))?.count).toBe(index + 1);
      }
    });

    test('a life of a year and a life that is no whole number of milliseconds are kept', async () => {
      const year = 365 * 86_400_000;
      expectAbout((await counter.add('a', year)).expiresAt, it.now() + year);
      expectAbout((await counter.add('b', 1_234.5)).expiresAt, it.now() + 1_234.5);
    });

    test('what comes back is not the inner state', async () => {
      const given = await counter.add('a', MINUTE);
      given.count = 99;
      const seen = (await counter.peek('a'))!;
      seen.count = 99;
      expect((await counter.peek('a'))?.count).toBe(1);
    });
  });
}
