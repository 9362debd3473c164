import type { Finding } from '../../lib/cli/findings';
import { run } from '../../lib/cli/run';
import { SECRET, TO } from './account';
import { closeApps, startApp } from './webhooks-app';
import { command, documents, terminal, type Terminal } from './terminal';

afterEach(closeApps);

/** The simulator that the command runs, and the settings that lead to it. */
async function simulate(
  args: string[] = [],
): Promise<{ here: Terminal; ended: Promise<number>; env: Record<string, string> }> {
  const here = terminal();
  const ended = run(['simulate', '--port', '0', '--json', ...args], here);
  await new Promise((resolve) => here.stdout.once('data', resolve));
  const [place] = documents(here.out()) as { api: string; accessKey: string; secretKey: string }[];
  const { api, accessKey, secretKey } = place!;
  const env = {
    FLOWROUTE_API: api,
    FLOWROUTE_ACCESS_KEY: accessKey,
    FLOWROUTE_SECRET_KEY: secretKey,
    FLOWROUTE_FROM: '12065550100',
  };
  return { here, ended, env };
}

test('callbacks, a test text, the list of texts and the doctor agree with the simulator', async () => {
  const { here, ended, env } = await simulate();
  const app = await startApp(SECRET);
  const given = { env: { ...env, PUBLIC_URL: app, SECOND_FACTOR_SECRET: SECRET } };
  const callbacks = async () => {
    const { out } = await command(['doctor', '--json'], given);
    const [{ findings }] = documents(out) as [{ findings: Finding[] }];
    return findings.filter(({ check }) => check === 'callbacks').map(({ state }) => state);
  };
  expect(await callbacks()).toEqual(['unknown']);
  expect((await command(['callbacks', 'set', '--yes', '--only-number'], given)).code).toBe(0);
  expect(await callbacks()).toEqual(['unknown']);
  expect((await command(['callbacks', 'set', '--yes'], given)).code).toBe(0);
  expect((await command(['doctor', '--to', TO, '--yes'], given)).code).toBe(0);
  const after = await command(['doctor', '--json'], given);
  const [{ findings }] = documents(after.out) as [{ findings: Finding[] }];
  // Nobody said what name and domain the app has; all else is well.
  const rest = findings.filter(({ state }) => state !== 'ok');
  expect(rest.map(({ check }) => check)).toEqual(['text', 'text']);
  const list = await command(['messages', '--since', '1h', '--json'], given);
  expect(documents(list.out)).toEqual([expect.objectContaining({ direction: 'outbound' })]);
  here.interrupt();
  expect(await ended).toBe(0);
});

test('the numbers of its account are those that were given', async () => {
  const { here, ended, env } = await simulate([
    '--from',
    '12065550101',
    '--unregistered',
    '12065550102',
  ]);
  const send = async (from: string) => {
    const args = ['send', '--to', TO, '--body', 'hello', '--yes', '--from', from];
    return (await command(args, { env })).code;
  };
  expect(await Promise.all(['12065550101', '12065550102', '12065550100'].map(send))).toEqual([
    0, 1, 1,
  ]);
  here.interrupt();
  expect(await ended).toBe(0);
});
