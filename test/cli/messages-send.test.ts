import { carrierError } from '../flowroute/client-world';
import { account, closeServers, expectMasked, FROM, ID, TO } from './account';
import { command, documents } from './terminal';

afterEach(closeServers);

const SEND = ['send', '--to', TO, '--body', 'hello'];

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
    [500, ['--api-version', 'v2'], 'out of order (500)', 'unavailable'],
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
