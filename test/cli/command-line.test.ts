import { TO } from './account';
import { command, documents } from './terminal';

test.each([
  ['sned', 'send'],
  ['docter', 'doctor'],
  ['Simulator', 'simulate'],
  ['message', 'messages'],
])('the unknown command %s names the nearest one', async (typed, near) => {
  const { code, err } = await command([typed]);
  expect(code).toBe(2);
  expect(err).toContain(`There is no command "${typed}". The nearest is ${near};`);
});

test.each([
  [['send', '--bdoy', 'x'], '--bdoy of send. The nearest is --body;'],
  [['messages', '--sicne=1h'], '--sicne of messages. The nearest is --since;'],
  [['callbacks', 'got'], 'the nearest is set'],
])('%j names the nearest one', async (args, words) => {
  const { code, err } = await command(args);
  expect(code).toBe(2);
  expect(err).toContain(words);
});

test.each([
  [['send', '--to'], "'--to <value>' argument missing"],
  [['send', '--yes=no'], 'does not take an argument'],
  [['lookup'], 'Name the text by the id'],
  [['lookup', 'a', 'b'], 'lookup takes one id'],
  [['messages'], '--since 2h'],
  [['messages', '--since', 'yesterday'], '--since is "yesterday". Give a time'],
  [['messages', '--since', '2026-02-31'], '--since is "2026-02-31". Give a time'],
  [['messages', '--since', '1h', '--until', '2h'], '--until is not after --since'],
  [
    ['messages', '--since', '1h', '--limit', '0'],
    '--limit is the string "0". Give a whole number from 1',
  ],
  [
    ['send', '--to', '555', '--body', 'x'],
    '--to is a string of 3 characters. Give a US or Canadian number of 11 digits',
  ],
  [['send', '--to', TO], 'Say what to send'],
  [['send', '--to', TO, '--body', 'x'], '--from or FLOWROUTE_FROM'],
  [['send', '--to', TO, '--body', 'x', '--from', TO], 'FLOWROUTE_SECRET_KEY are not set'],
  [['callbacks', 'set'], 'PUBLIC_URL (--public-url) and SECOND_FACTOR_SECRET'],
  [
    ['simulate', '--port', '70000'],
    '--port is the string "70000". Give a whole number from 0 to 65535',
  ],
  [
    ['simulate', '--callback-shape', 'round'],
    '--callback-shape is "round". Give one of wrapped, flat',
  ],
  [['simulate', '--status-code', 'x'], '--status-code is "x". Give one of number'],
  [['simulate', '--time-scale', 'x'], '--time-scale is "x". Give a number from 0 to 100'],
  [
    ['simulate', '--from', '555'],
    '--from is a string of 3 characters. Give a US or Canadian number',
  ],
  [
    ['doctor', '--code-length', '4'],
    '--code-length is the string "4". Give a whole number from 6 to 10',
  ],
  [['demo', '--domain', 'https://a.example'], '--domain is "https://a.example"'],
  [['demo', '--app-name', 'A'.repeat(120)], 'shorten it by'],
  [['demo', '--api', 'http://localhost:1'], 'is set without keys'],
  [['--json', 'doctor'], 'Name a command first'],
])('%j is wrong usage, and says what is wrong', async (args, words) => {
  const { code, out, err } = await command(args);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(words);
});

test.each(['--secret-key=hunter2', '--access-key=hunter2', '--secret=hunter2'])(
  '[S144] a secret is not taken from an argument, and not repeated: %s',
  async (argument) => {
    const { code, err } = await command(['send', argument, '--to', TO]);
    expect(code).toBe(2);
    expect(err).toContain('in the environment');
    expect(err).not.toContain('hunter2');
  },
);

test('what is wrong is JSON with --json', async () => {
  const { code, err } = await command(['lookup', '--json']);
  expect(code).toBe(2);
  expect(documents(err)).toEqual([{ error: expect.stringContaining('Name the text') }]);
});
