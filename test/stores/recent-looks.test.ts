import { recentLooks } from '../../lib/stores/recent-looks';

let now = 0;
const clock = (): number => now;
beforeEach(() => {
  now = 0;
});

test('[S62] what was found is asked for again after ten seconds', async () => {
  const looks = recentLooks<number>(clock);
  let asked = 0;
  const ask = async () => (asked += 1);
  expect(await looks.find('a', ask)).toBe(1);
  now = 9_999;
  expect(await looks.find('a', ask)).toBe(1);
  expect(await looks.find('b', ask)).toBe(2);
  now = 10_000;
  expect(await looks.find('a', ask)).toBe(3);
});

test('a look that failed is not remembered, nor forgets a later one', async () => {
  const looks = recentLooks<number>(clock);
  const failed = looks.find('a', () => Promise.reject(new Error('away')));
  const next = looks.keep('a', Promise.resolve(2));
  await expect(failed).rejects.toThrow('away');
  expect(looks.isKept('a', next)).toBe(true);
  await expect(looks.find('b', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
  expect(looks.recent('b')).toBeUndefined();
});

test('[S62] a look that began before a write does not outlive it, whether the write succeeds or not', async () => {
  for (const end of [Promise.resolve(), Promise.reject(new Error('disk full'))]) {
    const looks = recentLooks<string>(clock);
    void looks.keep('a', Promise.resolve('before'));
    const written = looks.writing('a', () => {
      expect(looks.recent('a')).toBeUndefined();
      void looks.keep('a', Promise.resolve('meanwhile'));
      return end;
    });
    await Promise.allSettled([written]);
    expect(looks.recent('a')).toBeUndefined();
  }
});

test('ten thousand are remembered; the oldest goes first', () => {
  const looks = recentLooks<number>(clock);
  for (let each = 0; each <= 10_000; each += 1) void looks.keep(`${each}`, Promise.resolve(each));
  expect(looks.recent('0')).toBeUndefined();
  expect(looks.recent('1')).toBeDefined();
});
