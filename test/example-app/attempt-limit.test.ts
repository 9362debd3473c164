import { createAttemptLimit } from '../../example-app/src/sign-in/attempt-limit';

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

test('ten thousand names are kept, and of more the oldest makes room', () => {
  const limit = limitOf(1);
  const count = (from: number, to: number) => {
    for (let each = from; each < to; each += 1) limit.count(`name ${each}`);
  };
  limit.count('first');
  limit.count('second');
  now += 60_000;
  // Begins another window, and is the youngest by that.
  limit.count('first');
  count(0, 9_998);
  expect(limit.count('first')).toBe(60);
  count(9_998, 10_000);
  expect(limit.count('first')).toBe(0);
  expect(limit.count('name 9999')).toBe(60);
});
