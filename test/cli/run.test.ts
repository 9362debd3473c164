import { COMMANDS } from '../../lib/cli/run';
import { command } from './terminal';

const names = COMMANDS.map(({ name }) => name);
const KEYS = ['FLOWROUTE_ACCESS_KEY', 'FLOWROUTE_SECRET_KEY', 'FLOWROUTE_API'];
const ADDRESS = ['PUBLIC_URL', 'SECOND_FACTOR_SECRET'];
const SETTINGS_OF: Record<string, string[]> = {
  demo: [...KEYS, 'FLOWROUTE_FROM'],
  doctor: [...KEYS, 'FLOWROUTE_FROM', ...ADDRESS],
  'go-live': [...KEYS, 'FLOWROUTE_FROM', ...ADDRESS],
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
