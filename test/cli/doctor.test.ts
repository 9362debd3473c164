import { createKeyring } from '../../lib/core/keyring';
import type { Finding } from '../../lib/cli/doctor/finding';
import { run } from '../../lib/cli/run';
import { closeApps, startApp } from './webhooks-app';
import { carrierError } from '../flowroute/client-world';
import { account, closeServers, FROM, record, SECRET, TO, type Account } from './account';
import { command, documents, terminal } from './terminal';

afterEach(closeServers);
afterEach(closeApps);

const TOKEN = createKeyring([SECRET]).webhookTokens[0]!;

interface Examined {
  code: number;
  text: string;
  findings: Finding[];
  /** What was found of one thing. */
  of: (check: Finding['check']) => Finding[];
}

async function examine(
  env: Record<string, string>,
  args: string[] = [],
  clock: () => number = Date.now,
): Promise<Examined> {
  const { code, out, err } = await command(['doctor', '--json', ...args], { env, clock });
  const { findings } = documents(out)[0] as unknown as { findings: Finding[] };
  const of = (check: Finding['check']) => findings.filter((each) => each.check === check);
  return { code, text: out + err, findings, of };
}

function fails(status: number, path = /./): NonNullable<Parameters<typeof account>[0]> {
  return {
    instead: (req, res) => {
      if (req.method === 'HEAD' || !path.test(req.url ?? '')) return false;
      carrierError(status)(res, req);
      return true;
    },
  };
}

async function wellSet(): Promise<{ carrier: Account; env: Record<string, string> }> {
  const [carrier, url] = [await account(), await startApp(SECRET)];
  const address = `${url}/webhooks/flowroute/${TOKEN}`;
  carrier.callbacks.set('sms', address).set('sms_dlr', address);
  return { carrier, env: { ...carrier.env, PUBLIC_URL: url, SECOND_FACTOR_SECRET: SECRET } };
}

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
  expect(first.text).toContain('SECOND_FACTOR_SECRET[0] is (hidden, 7 characters)');
  expect(first.text).not.toContain('hunter2');
  const second = await examine({ PUBLIC_URL: 'bank.example' });
  expect(second.text).toContain('must be an address such as https://bank.example');
});

test.each(['api.flowroute.com', 'http://carrier.example', 'ftp://localhost'])(
  'the address %s of the API is a finding, nobody is called there, and the rest is looked at',
  async (FLOWROUTE_API) => {
    const { env } = await wellSet();
    const { code, findings, of } = await examine({ ...env, FLOWROUTE_API });
    expect(code).toBe(1);
    expect(of('settings')[0]!.says).toContain('FLOWROUTE_API (--api) must be an https address');
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

describe('of the account', () => {
  test('401 is wrong credentials, and nothing else is asked', async () => {
    const { env, requests } = await account(fails(401));
    const { code, of } = await examine(env);
    expect(code).toBe(1);
    expect(of('credentials')).toEqual([
      expect.objectContaining({
        state: 'wrong',
        says: expect.stringContaining('Flowroute refused the credentials (401).'),
        cure: expect.stringContaining('FLOWROUTE_SECRET_KEY'),
      }),
    ]);
    expect(requests.filter(({ method }) => method === 'GET')).toHaveLength(1);
  });

  test('a carrier that cannot be reached is told as such', async () => {
    const carrier = await account();
    await closeServers();
    const { code, of } = await examine(carrier.env);
    expect(code).toBe(1);
    expect(of('credentials')).toEqual([]);
    expect(of('carrier')).toEqual([
      expect.objectContaining({
        state: 'wrong',
        says: expect.stringContaining('could not be reached (ECONNREFUSED)'),
      }),
    ]);
    expect(of('clock')[0]).toMatchObject({ state: 'unknown' });
  });

  test('a carrier that is out of order says nothing of the keys, and is asked no more', async () => {
    const { env, requests } = await account(fails(503));
    const { of } = await examine(env);
    expect(of('credentials')).toEqual([]);
    expect(of('carrier')).toEqual([expect.objectContaining({ state: 'wrong' })]);
    expect(requests.filter(({ url }) => !url!.startsWith('/v2/numbers'))).toEqual([
      expect.objectContaining({ method: 'HEAD' }),
    ]);
  });

  test('numbers that may not be listed leave the from number open', async () => {
    const { env } = await account(fails(403, /numbers/));
    const { code, of } = await examine(env);
    expect({ code, state: of('from')[0]!.state }).toEqual({ code: 0, state: 'unknown' });
  });

  test('a number of which this one is a part is another number', async () => {
    const { env } = await account({ numbers: [`1${FROM}`] });
    expect((await examine(env)).of('from')[0]).toMatchObject({ state: 'wrong' });
  });
});

describe('of texting', () => {
  test.each([
    ['a text that went out', {}, 'ok'],
    ['a text that failed', { status: 'failed', delivery_receipts: [] }, 'unknown'],
    ['a text of another number', { from: '12065550199' }, 'unknown'],
    ['a text to it', { direction: 'inbound' }, 'unknown'],
  ])('%s leaves it %s', async (_name, changes, state) => {
    const { env } = await account({ messages: [record(changes)] });
    expect((await examine(env)).of('texting')[0]!.state).toBe(state);
  });

  test('a test text goes out only after a yes', async () => {
    const { env, requests } = await account();
    const no = await command(['doctor', '--to', TO], { env, input: ['n'] });
    expect(no.code).toBe(1);
    expect(requests).toEqual([]);
    const yes = await command(['doctor', '--to', TO, '--json'], { env, input: ['y'] });
    expect(yes.out).toContain('Flowroute took a test text to ••• ••• ••42.');
  });

  test.each([
    [401, [], 'FLOWROUTE_SECRET_KEY'],
    [403, [], 'FLOWROUTE_FROM to a number of this account'],
    [500, ['--api-version', 'v2'], '11 digits with the leading 1'],
  ])('the carrier answers %d to a test text: the cure is named', async (status, more, cure) => {
    const { env } = await account(fails(status, /messages$/));
    const { code, of } = await examine(env, ['--to', TO, '--yes', ...more]);
    expect(code).toBe(1);
    expect(of('texting')).toEqual([
      expect.objectContaining({ state: 'wrong', cure: expect.stringContaining(cure) }),
    ]);
  });
});

describe('of callbacks', () => {
  test.each([
    ['', 'go nowhere'],
    ['https://other.example/hooks/hunter2', 'go to https://other.example/hooks/…'],
  ])('an account with the address %j leaves that of the number open', async (address, words) => {
    const { carrier, env } = await wellSet();
    carrier.callbacks.set('sms_dlr', address);
    const { code, of, text } = await examine(env);
    expect(code).toBe(0);
    expect(of('callbacks').map(({ state }) => state)).toEqual(['ok', 'unknown']);
    expect(of('callbacks')[1]!.says).toContain(words);
    expect(text).not.toContain('hunter2');
  });

  test('an address of the secret before is to be set anew', async () => {
    const { env } = await wellSet();
    const SECOND_FACTOR_SECRET = `${'n'.repeat(32)},${SECRET}`;
    const { of } = await examine({ ...env, SECOND_FACTOR_SECRET });
    expect(of('callbacks')[0]!.says).toContain('still go by an older secret');
  });

  test('v2 knows none', async () => {
    const { env } = await wellSet();
    const { of } = await examine(env, ['--api-version', 'v2']);
    expect(of('callbacks')).toEqual([expect.objectContaining({ state: 'unknown' })]);
  });
});

describe('of the way to the app', () => {
  test('another secret than the app has is wrong', async () => {
    const { env } = await wellSet();
    const { of } = await examine({ ...env, SECOND_FACTOR_SECRET: 'n'.repeat(32) });
    expect(of('reach')[0]).toMatchObject({ state: 'wrong', cure: expect.stringContaining('same') });
  });

  test('another path than the app has is wrong', async () => {
    const { env } = await wellSet();
    const { of } = await examine(env, ['--webhook-path', '/hooks']);
    expect(of('reach')[0]!.says).toContain('/hooks/… (404)');
  });

  test.each([
    [302, 'redirect (302)'],
    [403, 'answers 403 before the webhooks'],
    [200, 'answers 200 before the webhooks'],
  ])('an app that answers %d is wrong', async (status, words) => {
    const { env } = await wellSet();
    const app = await account(fails(status));
    const { of } = await examine({ ...env, PUBLIC_URL: app.url });
    expect(of('reach')[0]!.says).toContain(words);
  });

  test('an app that is away is wrong', async () => {
    const { env } = await wellSet();
    const { of } = await examine({ ...env, PUBLIC_URL: 'http://localhost:1' });
    expect(of('reach')[0]).toMatchObject({
      state: 'wrong',
      says: expect.stringContaining('cannot'),
    });
  });

  test.each([
    ['http://localhost:3000', 'a local name'],
    ['http://bank.example', 'not an https address'],
  ])('the real carrier cannot call %s', async (address, words) => {
    const env = { PUBLIC_URL: address, SECOND_FACTOR_SECRET: SECRET };
    expect((await examine(env)).of('reach')[0]!.says).toContain(words);
  });
});

test.each([
  [-60_000, 'slow'],
  [60_000, 'fast'],
])('a clock that is %d ms off is wrong', async (off, words) => {
  const { env } = await account();
  const { code, of } = await examine(env, [], () => Date.now() + off);
  expect(code).toBe(1);
  expect(of('clock')[0]!.says).toMatch(new RegExp(`^The clock is \\d+ s ${words}\\.$`));
});

describe('of the texts', () => {
  test.each([
    ['https://bank.example', ['--domain', 'bank.example'], 'ok', 'last line: @bank.example #code'],
    ['https://bank.example', [], 'unknown', 'is not known here'],
    ['https://www.bank.example', ['--domain', 'bank.example'], 'ok', 'at bank.example'],
    ['https://bank.example', ['--domain', 'other.example'], 'wrong', 'the app is at bank.example'],
    ['https://xbank.example', ['--domain', 'bank.example'], 'wrong', 'the app is at xbank'],
    ['https://192.0.2.1', [], 'unknown', 'is not known here'],
    ['https://bank.example', ['--domain', 'bank.example:443'], 'wrong', '--domain is'],
  ])('the domain line at %s with %j is %s', async (address, args, state, words) => {
    const { of } = await examine({ PUBLIC_URL: address }, args);
    expect(of('text')[0]).toMatchObject({ state, says: expect.stringContaining(words) });
  });

  test('a name that fits exactly is fine, and one that is longer is not', async () => {
    const env = { PUBLIC_URL: 'https://bank.example' };
    const room = Number(/may have (\d+)/.exec((await examine(env)).text)![1]);
    const args = ['--domain', 'bank.example', '--app-name', 'A'.repeat(room)];
    const fits = await examine(env, args);
    expect(fits.of('text')[1]).toEqual({
      check: 'text',
      state: 'ok',
      says: 'The longest text has 160 of 160 characters.',
    });
    const over = await examine(env, [...args, '--code-length', '8']);
    expect(over.of('text')[1]).toMatchObject({
      state: 'wrong',
      says: 'The longest text has 164 of 160 characters.',
      cure: expect.stringContaining('by 4 characters'),
    });
  });

  test('without a name, or without a domain, the length of the texts stays open', async () => {
    const env = { PUBLIC_URL: 'https://bank.example' };
    const words = [
      [['--domain', 'bank.example'], 'is not known here'],
      [['--app-name', 'Acme'], 'characters with the domain bank.example'],
    ] as const;
    for (const [args, says] of words) {
      expect((await examine(env, [...args])).of('text')[1]).toMatchObject({
        state: 'unknown',
        says: expect.stringContaining(says),
      });
    }
  });
});
