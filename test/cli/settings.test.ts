import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { account, closeServers } from './account';
import { command } from './terminal';

afterEach(closeServers);

test('[S144] settings that the client refuses are wrong usage, in the words of the command line', async () => {
  const env = { FLOWROUTE_ACCESS_KEY: 'hunter2', FLOWROUTE_SECRET_KEY: 'hunter3 ' };
  const { code, err } = await command(['lookup', 'mdr2-1'], { env });
  expect(code).toBe(2);
  expect(err).toContain(
    'FLOWROUTE_SECRET_KEY is a string of 8 characters. Give printable characters without spaces',
  );
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
  expect(err).toMatch(/^FLOWROUTE_FROM is a string of 3 characters\. Give a US or Canadian number/);
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
