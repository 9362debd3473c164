import { createAttemptLimit, type AttemptLimit } from '../../example-app/src/sign-in/attempt-limit';

let now = 0;
const limitOf = (attempts: number) => createAttemptLimit(attempts, 60_000, () => now);
beforeEach(() => {
  now = 5;
});

test('the last attempt of a window is told how long it still lasts, in whole seconds', () => {
  const limit = limitOf(2);
  expect([limit.count('a'), limit.count('a'), limit.count('a')]).toEqual([0, 0, 60]);
  now += 58_001;
  expect(limit.count('a')).toBe(2);
  now += 1_998;
  expect(limit.count('a')).toBe(1);
});

test('a window ends when it says, and the next one counts anew', () => {
  const limit = limitOf(2);
  limit.count('a');
  for (let window = 0; window < 3; window += 1) {
    now += 60_000;
    expect([limit.count('a'), limit.count('a'), limit.count('a')]).toEqual([0, 0, 60]);
  }
});

test('each name counts for itself, and one that is forgotten begins anew', () => {
  const limit = limitOf(1);
  expect([limit.count('a'), limit.count('b'), limit.count('a')]).toEqual([0, 0, 60]);
  limit.forget('a');
  expect([limit.count('a'), limit.count('b')]).toEqual([0, 60]);
});

/** Counts so many names. */
function crowd(limit: AttemptLimit, from: number, to: number): void {
  for (let each = from; each < to; each += 1) limit.count(`name ${each}`);
}

test('ten thousand names are kept, and of more the oldest makes room', () => {
  const limit = limitOf(1);
  limit.count('old');
  crowd(limit, 1, 10_000);
  expect(limit.count('old')).toBe(60);
  crowd(limit, 10_000, 10_001);
  expect([limit.count('name 10000'), limit.count('old')]).toEqual([60, 0]);
});

test('a name that begins another window is as young as that', () => {
  const limit = limitOf(1);
  limit.count('again');
  limit.count('old');
  now += 60_000;
  limit.count('again');
  crowd(limit, 0, 9_999);
  expect(limit.count('again')).toBe(60);
});
