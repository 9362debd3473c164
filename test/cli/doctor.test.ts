import { run } from '../../lib/cli/run';
import { account, closeServers, FROM, SECRET, TO } from './account';
import { command, terminal } from './terminal';
import { closeApps } from './webhooks-app';
import { examine, TOKEN, wellSet } from './examine';

afterEach(closeServers);
afterEach(closeApps);

test('where all is well nothing is wrong, and the exit code is 0', async () => {
  const { env } = await wellSet();
  const { code, findings } = await examine(env, ['--app-name', 'Acme']);
  const rest = findings.filter(({ state }) => state !== 'ok');
  // The app of this test is at an IP address, which no phone fills a code in for: it has no domain.
  const unsure = expect.objectContaining({ check: 'text', state: 'unknown' });
  expect({ code, rest }).toEqual({ code: 0, rest: [unsure, unsure] });
});

test('what it prints for people has each finding, its cure, and no color in a pipe', async () => {
  const { env } = await wellSet();
  const { code, out } = await command(['doctor', '--from', '12065550199'], { env });
  expect(code).toBe(1);
  expect(out).toMatch(/^ok {5}credentials {2}Flowroute takes the keys\.$/m);
  expect(out).toMatch(/^WRONG {2}from .*is not on this account\.\n +→ Set FLOWROUTE_FROM/m);
  expect(out).toContain('Wrong: 1 of');
  expect(out).not.toContain('\u001b');
});

test('[S125] [S126] [S144] nothing of a key, a secret, a token or a whole number is printed', async () => {
  const { env } = await wellSet();
  const { text } = await examine(env, ['--to', TO, '--yes']);
  const secrets = [env.FLOWROUTE_ACCESS_KEY, env.FLOWROUTE_SECRET_KEY, SECRET, TOKEN];
  for (const secret of [...secrets, FROM, TO]) expect(text).not.toContain(secret);
});

test('missing settings are findings, and the rest is looked at', async () => {
  const { code, of } = await examine({ PUBLIC_URL: 'https://bank.example' });
  expect(code).toBe(1);
  expect(of('settings').map(({ says }) => says)).toEqual([
    expect.stringContaining('FLOWROUTE_SECRET_KEY are not set'),
    expect.stringContaining('--from or FLOWROUTE_FROM'),
  ]);
  expect(of('text')[0]).toMatchObject({
    state: 'unknown',
    cure: expect.stringContaining('--domain bank.example'),
  });
});

test('a short secret and a wrong address are findings that do not repeat them', async () => {
  const first = await examine({ PUBLIC_URL: 'https://b.example', SECOND_FACTOR_SECRET: 'hunter2' });
  expect(first.text).toContain('SECOND_FACTOR_SECRET[0] is a string of 7 characters');
  expect(first.text).not.toContain('hunter2');
  const second = await examine({ PUBLIC_URL: 'bank.example' });
  expect(second.text).toContain(
    String.raw`PUBLIC_URL (--public-url) is \"bank.example\". Give an address such as https://bank.example`,
  );
});

test.each(['api.flowroute.com', 'http://carrier.example', 'ftp://localhost'])(
  'the address %s of the API is a finding, nobody is called there, and the rest is looked at',
  async (FLOWROUTE_API) => {
    const { env } = await wellSet();
    const { code, findings, of } = await examine({ ...env, FLOWROUTE_API });
    expect(code).toBe(1);
    expect(of('settings')[0]!.says).toMatch(
      /^FLOWROUTE_API \(--api\) is ".*"\. Give an https address/,
    );
    expect(of('reach')).toEqual([expect.objectContaining({ state: 'ok' })]);
    expect(findings.map(({ check }) => check)).toEqual(['settings', 'reach', 'text', 'text']);
  },
);

test('Ctrl-C while the app is slow to answer ends it, without findings', async () => {
  const { env } = await wellSet();
  const here = terminal({ env });
  const slow = await account({
    instead: () => {
      here.interrupt();
      return true;
    },
  });
  expect(await run(['doctor', '--public-url', slow.url], here)).toBe(130);
  expect({ out: here.out(), err: here.err() }).toEqual({ out: '', err: '\nStopped.\n' });
});
