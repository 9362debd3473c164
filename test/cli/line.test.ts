import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { COMMANDS } from '../../lib/cli/commands';
import { account, closeServers, TO } from './account';
import { command, documents } from './terminal';

afterEach(closeServers);

const names = COMMANDS.map(({ name }) => name);
const KEYS = ['FLOWROUTE_ACCESS_KEY', 'FLOWROUTE_SECRET_KEY', 'FLOWROUTE_API'];
const ADDRESS = ['PUBLIC_URL', 'SECOND_FACTOR_SECRET'];
const SETTINGS_OF: Record<string, string[]> = {
  demo: [...KEYS, 'FLOWROUTE_FROM'],
  doctor: [...KEYS, 'FLOWROUTE_FROM', ...ADDRESS],
  send: [...KEYS, 'FLOWROUTE_FROM'],
  lookup: KEYS,
  messages: KEYS,
  callbacks: [...KEYS, 'FLOWROUTE_FROM', ...ADDRESS],
  simulate: ['FLOWROUTE_ACCESS_KEY', 'FLOWROUTE_FROM', 'SIMULATOR_PORT'],
};

test('without a command it says which there are, and is not understood', async () => {
  const { code, out, err } = await command([]);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  for (const name of names) expect(err).toContain(`  ${name} `);
});

test.each(['--help', '-h', 'help'])('%s lists the commands', async (asked) => {
  const { code, out } = await command([asked]);
  expect(code).toBe(0);
  for (const name of names) expect(out).toContain(`  ${name} `);
});

test.each(names)('%s shows its options with --help, and with help before it', async (name) => {
  const { code, out } = await command([name, '--help']);
  expect(code).toBe(0);
  expect(out).toContain(`Usage: passport-sms-2fa ${name}`);
  for (const option of Object.keys(COMMANDS.find((each) => each.name === name)!.options)) {
    expect(out).toContain(`--${option} `);
  }
  for (const setting of SETTINGS_OF[name]!) expect(out).toMatch(new RegExp(`^  ${setting} `, 'm'));
  expect((await command(['help', name])).out).toBe(out);
});

test('--version says the version', async () => {
  const { version } = jest.requireActual<{ version: string }>('../../package.json');
  expect(await command(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' });
});

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
  [['callbacks', 'got'], 'the nearest is get'],
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
  [['messages', '--since', 'yesterday'], '--since must be a time'],
  [['messages', '--since', '2026-02-31'], '--since must be a time'],
  [['messages', '--since', '1h', '--until', '2h'], '--until must be after --since'],
  [['messages', '--since', '1h', '--limit', '0'], '--limit must be a whole number from 1'],
  [['send', '--to', '555', '--body', 'x'], '--to must be a US or Canadian number of 11 digits'],
  [['send', '--to', TO], 'Say what to send'],
  [['send', '--to', TO, '--body', 'x'], '--from or FLOWROUTE_FROM'],
  [['send', '--to', TO, '--body', 'x', '--from', TO], 'FLOWROUTE_SECRET_KEY are not set'],
  [['callbacks', 'set'], 'PUBLIC_URL (--public-url) and SECOND_FACTOR_SECRET'],
  [['simulate', '--port', '70000'], '--port must be a whole number from 0 to 65535'],
  [['simulate', '--callback-shape', 'round'], '--callback-shape must be one of wrapped, flat'],
  [['simulate', '--status-code', 'x'], '--status-code must be one of number'],
  [['simulate', '--time-scale', 'x'], '--time-scale must be a number from 0 to 100'],
  [['simulate', '--from', '555'], '--from must be a US or Canadian number'],
  [['doctor', '--code-length', '4'], '--code-length must be a whole number from 6 to 10'],
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

test('[S144] settings that the client refuses are wrong usage, in the words of the command line', async () => {
  const env = { FLOWROUTE_ACCESS_KEY: 'hunter2', FLOWROUTE_SECRET_KEY: 'hunter3 ' };
  const { code, err } = await command(['lookup', 'mdr2-1'], { env });
  expect(code).toBe(2);
  expect(err).toContain('FLOWROUTE_SECRET_KEY must be a string of printable characters');
  expect(err).not.toContain('hunter');
});

test('one key without the other is wrong usage', async () => {
  const { code, err } = await command(['demo'], { env: { FLOWROUTE_SECRET_KEY: 'hunter2' } });
  expect(code).toBe(2);
  expect(err).toContain('FLOWROUTE_ACCESS_KEY is not set');
});

test('a number of the environment is told by the name that it has there', async () => {
  const { code, err } = await command(['simulate'], { env: { FLOWROUTE_FROM: '555' } });
  expect(code).toBe(2);
  expect(err).toMatch(/^FLOWROUTE_FROM must be a US or Canadian number/);
});

test('what is wrong is JSON with --json', async () => {
  const { code, err } = await command(['lookup', '--json']);
  expect(code).toBe(2);
  expect(documents(err)).toEqual([{ error: expect.stringContaining('Name the text') }]);
});

describe('--settings', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cli-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('gives the settings that the environment leaves out or empty', async () => {
    const { env } = await account();
    const file = join(folder, '.env');
    const lines = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    writeFileSync(file, [...lines, 'FLOWROUTE_FROM=12065550199'].join('\n'));
    const args = ['doctor', '--settings', file, '--show-numbers', '--json'];
    const { out } = await command(args, { env: { FLOWROUTE_FROM: '' } });
    expect(out).toContain('+12065550199 is not on this account');
    const given = await command(args, { env: { FLOWROUTE_FROM: env.FLOWROUTE_FROM! } });
    expect(given.out).toContain('+12065550100 is on this account');
  });
});
