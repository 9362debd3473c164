import { brokenStore, timeLimit } from '../lib/time-limit';

/** Keeps the process busy, as an app does that computes something long. */
function block(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

/** Answered from outside of this process's timers, as a socket is. */
function answered<T>(value: T): Promise<T> {
  return new Promise((resolve) => setImmediate(() => resolve(value)));
}

test('what is at hand, or comes in time, is passed on', async () => {
  expect(await timeLimit(7, 1_000)).toBe(7);
  expect(await timeLimit(answered('soon'), 1_000)).toBe('soon');
});

test('what it fails with is passed on as it came', async () => {
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- some clients do
  await expect(timeLimit(Promise.reject('down'), 1_000)).rejects.toBe('down');
});

test('a hang is an error that says how long it took, or the one that was asked for', async () => {
  const hang = new Promise(() => undefined);
  await expect(timeLimit(hang, 20)).rejects.toThrow('no answer within 0.02 s');
  await expect(timeLimit(hang, 20, () => new RangeError('late'))).rejects.toThrow(RangeError);
});

test('an answer that came while the process was busy counts', async () => {
  const limited = timeLimit(answered('came'), 20);
  block(60);
  expect(await limited).toBe('came');
});

test('so does one that the request could not be sent for before the process was busy', async () => {
  const late = new Promise((resolve) => {
    setTimeout(() => setImmediate(() => setImmediate(resolve, 'came')), 30);
  });
  const limited = timeLimit(late, 300);
  block(450);
  expect(await limited).toBe('came');
});

test('a hang is found after the process was busy, too', async () => {
  const limited = timeLimit(new Promise(() => undefined), 40);
  limited.catch(() => undefined);
  block(300);
  await expect(limited).rejects.toThrow('no answer within 0.04 s');
});

test('a process that stays busy does not put a hang off for ever', async () => {
  let busy = true;
  const keepBusy = (): void => {
    block(150);
    if (busy) setTimeout(keepBusy);
  };
  setTimeout(keepBusy);
  try {
    await expect(timeLimit(new Promise(() => undefined), 40)).rejects.toThrow('within 0.04 s');
  } finally {
    busy = false;
  }
});

test('of several hangs each ends by its own time, whichever began first', async () => {
  const ends: string[] = [];
  const hang = async (name: string, limit: number): Promise<void> => {
    await timeLimit(new Promise(() => undefined), limit).catch(() => ends.push(name));
  };
  const first = [hang('long', 90), hang('a', 30), timeLimit(answered('soon'), 30)];
  await first[2];
  first.push(hang('b', 30));
  await first[1];
  // The list of its length may have been let go of by then.
  first.push(hang('c', 30));
  await Promise.all(first);
  expect(ends.filter((name) => name !== 'long')).toEqual(['a', 'b', 'c']);
  expect(ends).toHaveLength(4);
});

test('what nobody waits for any more keeps no process alive', async () => {
  const timers = (): number =>
    process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timers();
  for (let round = 0; round < 2; round += 1) {
    const waiting = [timeLimit(answered(1), 60_000), timeLimit(answered(2), 60_000)];
    expect(timers()).toBe(before + waiting.length);
    await Promise.all(waiting);
    expect(timers()).toBe(before);
  }
  await timeLimit(Promise.reject(new Error('down')), 60_000).catch(() => undefined);
  expect(timers()).toBe(before);
});

test.each([
  ["NOPERM User bank has no permissions to run the 'set' command", 'bank +set'],
  ["NOPERM this user has no permissions to run the 'del' command or its subcommand", '<user> +del'],
  [
    'NOPERM this user has no permissions to access one of the keys used as arguments',
    '<user> ~<their prefix>*',
  ],
  ['NOPERM No permissions to access a key', '<user> ~<their prefix>*'],
])('of %j the error of a store names the rule that gives it', (said, rule) => {
  const cause = new Error(said);
  const { message } = brokenStore('sessionStore.set', cause);
  const needs = `The user of Redis needs: ACL SETUSER ${rule} (docs/counters.md)`;
  expect(message).toBe(`sessionStore.set failed: ${said}. ${needs}`);
  // What names it already does so once.
  const named = new Error(`${said}. The counter needs: ACL SETUSER bank +set (docs/counters.md)`);
  expect(brokenStore('counter.settle', named).message).toBe(
    `counter.settle failed: ${named.message}`,
  );
});

test.each(['NOPERM', 'ERR ACL failure in script', 'READONLY', 'permission denied for table x'])(
  'of %j it names none',
  (said) => {
    expect(brokenStore('sessionStore.set', new Error(said)).message).toBe(
      `sessionStore.set failed: ${said}`,
    );
  },
);
