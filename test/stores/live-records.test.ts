import type { Records } from '../../lib/ports/records';
import { liveRecords } from '../../lib/stores/live-records';

function world() {
  let now = 0;
  const kept = new Map<string, unknown>();
  const records: Records = {
    get: (key) => Promise.resolve(kept.get(key)),
    recent: (key) => Promise.resolve(kept.get(key)),
    set: (key, record) => Promise.resolve(void kept.set(key, record)),
    delete: (key) => Promise.resolve(void kept.delete(key)),
  };
  const clock = () => now;
  const live = liveRecords({ records, clock, steady: clock, keyOf: (id) => id });
  /** The session goes on as another one, beside which it stays for so long. */
  const goOn = (id: string, next: string, stays: number, wasVerified = true) =>
    live.begin(next, `mark of ${next}`, 9e15, { id, wasVerified, until: now + stays });
  return { live, goOn, kept, pass: (milliseconds: number) => void (now += milliseconds) };
}

describe('[S182] the sessions before a verified one', () => {
  test('are told as long as the last of them may stay', async () => {
    const { live, goOn, pass } = world();
    await goOn('a', 'b', 10, false);
    expect(await live.cameFrom('b')).toEqual(['a']);
    pass(9);
    expect(await live.cameFrom('b')).toEqual(['a']);
    pass(1);
    expect(await live.cameFrom('b')).toEqual([]);
    expect(await live.isLive('b', 'mark of b')).toBe(true);
  });

  test.each([
    ['all of them, where each was left a moment ago', 60, 10, 5, ['c', 'b', 'a']],
    ['all of them until the one that stays longest is over', 60, 10, 50, ['c', 'b', 'a']],
    ['none after that', 60, 10, 60, []],
    ['not those that were over when it began', 1, 10, 5, ['c', 'b']],
  ])('are %s', async (_, first, others, later, expected) => {
    const { live, goOn, pass } = world();
    await goOn('a', 'b', first, false);
    pass(1);
    await goOn('b', 'c', others);
    await live.end('b');
    await goOn('c', 'd', others);
    await live.end('c');
    pass(later - 1);
    expect(await live.cameFrom('d')).toEqual(expected);
  });

  test('are none of one that came of no other, has ended, or never was', async () => {
    const { live, goOn } = world();
    await live.begin('b', 'mark', 9e15);
    await goOn('c', 'd', 10);
    await live.end('d');
    for (const id of ['b', 'd', 'x']) expect(await live.cameFrom(id)).toEqual([]);
  });
});
