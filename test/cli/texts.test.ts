import { createKeyring } from '../../lib/core/keyring';
import { carrierError } from '../flowroute/client-world';
import { account, closeServers, FROM, ID, record, SECRET, TO } from './account';
import { command, documents, type Ended } from './terminal';

afterEach(closeServers);

const SEND = ['send', '--to', TO, '--body', 'hello'];
const OWN = { PUBLIC_URL: 'https://bank.example/app/', SECOND_FACTOR_SECRET: SECRET };
const TOKEN = createKeyring([SECRET]).webhookTokens[0]!;

function expectMasked({ out, err }: Ended): void {
  expect(out + err).not.toContain(TO.slice(1));
  expect(out + err).not.toContain(FROM.slice(1));
  expect(out).toContain('••• ••• ••42');
}

describe('send', () => {
  test.each(['', 'n', 'no', 'yess'])('does nothing after the answer %j', async (answer) => {
    const { env, requests } = await account();
    const { code, err } = await command(SEND, { env, input: [answer] });
    expect(code).toBe(1);
    expect(err).toContain('Send a text from ••• ••• ••00 to ••• ••• ••42 (5 characters');
    expect(err).toContain('Nothing was sent.');
    expect(requests).toEqual([]);
  });

  test('does nothing where nobody answers', async () => {
    const { env, requests } = await account();
    const { code, err } = await command(SEND, { env });
    expect(code).toBe(1);
    expect(err).toContain('The input ended before the question was answered. Give --yes');
    expect(requests).toEqual([]);
  });

  test('sends after a yes, and says the id', async () => {
    const { env, requests } = await account();
    const ended = await command(SEND, { env, input: ['y'] });
    expect(ended.code).toBe(0);
    expect(ended.out).toContain(ID);
    expect(JSON.parse(requests[0]!.body)).toEqual({ to: TO, from: FROM, body: 'hello' });
  });

  test('does not ask with --yes, and answers one document with --json', async () => {
    const { env } = await account();
    const ended = await command([...SEND, '--yes', '--json'], { env });
    expectMasked(ended);
    expect(ended.err).toBe('');
    expect(documents(ended.out)).toEqual([
      { id: ID, from: '••• ••• ••00', to: '••• ••• ••42', segments: 1 },
    ]);
  });

  test.each([
    ['a'.repeat(160), '160 characters, charged as 1 text)'],
    ['a'.repeat(161), 'charged as 2 texts)'],
    ['é'.repeat(71), 'charged as 2 texts)'],
  ])('says what a text costs before it goes out', async (body, words) => {
    const { env } = await account();
    const { err } = await command(['send', '--to', TO, '--body', body], { env });
    expect(err).toContain(words);
  });

  test.each([
    [401, [], 'Check FLOWROUTE_ACCESS_KEY and FLOWROUTE_SECRET_KEY', 'credentials_rejected'],
    [403, [], 'Check FLOWROUTE_FROM (--from)', 'from_rejected'],
    [500, ['--api-version', 'v2'], 'On v2 that is typically the to number', 'to_rejected'],
  ])('says what to do about a %d', async (status, more, words, reason) => {
    const { env } = await account({
      instead: (req, res) => {
        carrierError(status)(res, req);
        return true;
      },
    });
    const { code, out, err } = await command([...SEND, '--yes', ...more], { env });
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain(words);
    const json = await command([...SEND, '--yes', '--json', ...more], { env });
    expect(documents(json.err)).toEqual([expect.objectContaining({ reason, status })]);
  });
});

test('a carrier that does not answer is waited for no longer than 5 seconds', async () => {
  const set = jest.spyOn(globalThis, 'setTimeout');
  try {
    const { env } = await account({
      instead: () => {
        const limits = set.mock.calls.filter(([, delay]) => Number(delay) >= 5_000);
        expect(limits.map(([, delay]) => delay)).toEqual([5_000]);
        limits[0]![0]();
        return true;
      },
    });
    const { code, err } = await command([...SEND, '--yes'], { env });
    expect(code).toBe(1);
    expect(err).toContain('did not answer within 5000 ms');
  } finally {
    jest.restoreAllMocks();
  }
});

describe('lookup', () => {
  test('[S125] [S126] shows how far a text got, masked and without its body', async () => {
    const { env } = await account();
    const ended = await command(['lookup', ID], { env });
    expect(ended.code).toBe(0);
    expectMasked(ended);
    expect(ended.out).toContain('sent');
    expect(ended.out).toContain('Message accepted by Carrier');
    expect(ended.out).not.toContain('739201');
  });

  test('shows numbers and body where that is asked for', async () => {
    const { env } = await account();
    const args = ['lookup', ID, '--show-numbers', '--show-bodies', '--json'];
    const { out } = await command(args, { env });
    expect(documents(out)).toEqual([
      expect.objectContaining({ to: `+${TO}`, from: `+${FROM}`, body: '739201 is your code' }),
    ]);
  });

  test('leaves out of its JSON what the carrier did not say', async () => {
    const { env } = await account({ messages: [record({ from: null, to: '?', timestamp: '' })] });
    const { out } = await command(['lookup', ID, '--json'], { env });
    const [document] = documents(out);
    for (const name of ['from', 'to', 'at']) expect(document).not.toHaveProperty(name);
  });

  test('of an unknown id fails, and says that this is normal at first', async () => {
    const { env } = await account();
    const { code, err } = await command(['lookup', 'mdr2-none'], { env });
    expect(code).toBe(1);
    expect(err).toContain('In the first seconds');
  });

  test('of something that is no id is wrong usage', async () => {
    const { env, requests } = await account();
    const { code, err } = await command(['lookup', '../numbers'], { env });
    expect(code).toBe(2);
    expect(err).toContain('That is no id of a text');
    expect(requests).toEqual([]);
  });

  test('that cannot reach the carrier does not speak of sending', async () => {
    const { env } = await account();
    await closeServers();
    const { code, err } = await command(['lookup', ID], { env });
    expect(code).toBe(1);
    expect(err).toContain('could not be reached (ECONNREFUSED). Check FLOWROUTE_API (--api)');
    expect(err).not.toContain('sent');
  });

  test('[S132] lets nothing through that would steer a terminal or forge a line', async () => {
    const body = 'a\u001b[2Jb\u009b31mc\nd\u202ee';
    const { env } = await account({ messages: [record({ body, status: 'x\u001b]0;y\u0007' })] });
    for (const more of [[], ['--json']]) {
      const { out } = await command(['lookup', ID, '--show-bodies', ...more], { env });
      // eslint-disable-next-line no-control-regex -- these are what is looked for
      expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    }
  });
});

describe('messages', () => {
  test('asks for the time that was meant', async () => {
    const { env, requests } = await account();
    const clock = () => Date.parse('2026-02-03T12:00:00Z');
    for (const since of ['2h', '2026-02-03T10:00', '2026-02-03T11:00+01:00']) {
      await command(['messages', '--since', since, '--until', '30m'], { env, clock });
    }
    expect(requests).toHaveLength(3);
    for (const { url } of requests) {
      const query = new URL(url!, env.FLOWROUTE_API).searchParams;
      expect(query.get('start_date')).toBe('2026-02-03T10:00:00.000Z');
      expect(query.get('end_date')).toBe('2026-02-03T11:30:00.000Z');
    }
  });

  test('[S125] [S126] prints one document a line with --json, masked and without bodies', async () => {
    const { env } = await account({ messages: [record(), record()] });
    const ended = await command(['messages', '--since', '2026-01-01', '--json'], { env });
    expectMasked(ended);
    const [first, ...more] = documents(ended.out);
    expect(more).toHaveLength(1);
    expect(first).toMatchObject({ id: ID, delivery: 'sent', at: '2026-01-31T09:30:00.000Z' });
    expect(first).not.toHaveProperty('body');
  });

  test('stops at --limit', async () => {
    const { env } = await account({ messages: [record(), record(), record()] });
    const { out, err } = await command(['messages', '--since', '1d', '--limit', '2'], { env });
    expect(out.trim().split('\n')).toHaveLength(2);
    expect(err).toContain('2 texts.');
  });
});

describe('callbacks', () => {
  test('are set for answers and receipts after a yes, and the token is not shown', async () => {
    const { env, callbacks } = await account();
    const { code, out, err } = await command(['callbacks', 'set'], {
      env: { ...env, ...OWN },
      input: ['y'],
    });
    expect(code).toBe(0);
    const address = `https://bank.example/app/webhooks/flowroute/${TOKEN}`;
    expect([...callbacks]).toEqual([
      ['sms', address],
      ['sms_dlr', address],
    ]);
    expect(out).toContain('https://bank.example/app/webhooks/flowroute/…');
    expect(out + err).not.toContain(TOKEN);
  });

  test('are not touched after a no', async () => {
    const { env, callbacks } = await account();
    const { code } = await command(['callbacks', 'set'], {
      env: { ...env, ...OWN },
      input: ['n'],
    });
    expect({ code, size: callbacks.size }).toEqual({ code: 1, size: 0 });
  });

  test('of one number are set for that number', async () => {
    const { env, callbacks, requests } = await account();
    const args = ['callbacks', 'set', '--yes', '--only-number', '--webhook-path', '/sms'];
    await command(args, { env: { ...env, ...OWN } });
    expect(callbacks.size).toBe(0);
    expect(requests.map(({ url }) => url)).toEqual([
      `/v2/numbers/${FROM}/relationships/sms_callback`,
      `/v2/numbers/${FROM}/relationships/sms_dlr_callback`,
    ]);
    expect(requests[0]!.body).toContain(`https://bank.example/app/sms/${TOKEN}`);
  });

  test('are shown without what may be a secret in them', async () => {
    const { env, callbacks } = await account();
    callbacks.set('sms', 'https://other.example/hooks/hunter2?key=hunter3');
    const { code, out } = await command(['callbacks', '--json'], { env: { ...env, ...OWN } });
    expect(code).toBe(0);
    expect(documents(out)).toEqual([
      { kind: 'sms', address: 'https://other.example/hooks/…', thisApp: false },
      { kind: 'sms_dlr', thisApp: false },
    ]);
    const lines = await command(['callbacks', 'get'], { env: { ...env, ...OWN } });
    expect(lines.out).toContain('sms      https://other.example/hooks/…  (another)');
    expect(lines.out).toContain('sms_dlr  (not set)');
  });
});
