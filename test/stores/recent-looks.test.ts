import type { Records } from '../../lib/ports/records';
import { liveSessions } from '../../lib/stores/live-sessions';
import { recentLooks } from '../../lib/stores/recent-looks';

let now = 0;
const clock = (): number => now;
beforeEach(() => {
  now = 0;
});

/** An answer that is given when the test says so. */
function later<T>(): { answer: Promise<T>; give: (value: T) => void } {
  let give: (value: T) => void = () => undefined;
  const answer = new Promise<T>((resolve) => (give = resolve));
  return { answer, give };
}

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

test('[S62] a session that ends while it is looked up is not live', async () => {
  const { answer, give } = later<unknown>();
  const records: Records = {
    get: () => answer,
    set: () => Promise.resolve(),
    delete: () => Promise.resolve(),
  };
  const sessions = liveSessions(records, clock, (id) => id);
  const live = sessions.isLive('sid', 'mark');
  const ended = sessions.end('sid');
  give({ id: 'mark' });
  await ended;
  expect(await live).toBe(false);
});

test('[S62] a session is live by its own mark only, and that it is not is never remembered', async () => {
  let found = {};
  const get = jest.fn(() => Promise.resolve(found));
  const records: Records = { get, set: () => Promise.resolve(), delete: () => Promise.resolve() };
  const sessions = liveSessions(records, clock, (id) => id);
  expect(await sessions.isLive('sid', 'mark')).toBe(false);
  found = { id: 'mark' };
  expect(await sessions.isLive('sid', 'other')).toBe(false);
  expect(await sessions.isLive('sid', 'mark')).toBe(true);
  expect(await sessions.isLive('sid', 'mark')).toBe(true);
  expect(get).toHaveBeenCalledTimes(3);
  await sessions.begin('sid', 'next', 60_000);
  expect(await sessions.isLive('sid', 'next')).toBe(true);
  expect(await sessions.isLive('sid', 'mark')).toBe(true);
  expect(get).toHaveBeenCalledTimes(4);
});
