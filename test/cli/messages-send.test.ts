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

test.each([
  [500, [], undefined, 'Wait a little; where it stays so', 'unavailable'],
  [402, [], 'Payment is required.', 'See the balance and the way of payment', 'rejected'],
  [400, [], 'The from number is not SMS enabled.', 'enabled for messaging', 'from_rejected'],
  [422, [], 'The to number is a landline.', 'that can receive texts', 'to_rejected'],
  [500, ['--api-version', 'v2.1'], undefined, 'Wait a little', 'unavailable'],
])(
  'of a %d with %j the answer has cure, words and support id apart, and the message has them all',
  async (status, more, detail, words, reason) => {
    const id = '7fcfd1cd-486b-4159-8484-b710bd4bbab4';
    const { env } = await account({
      instead: (_req, res) => {
        res.writeHead(status, { 'content-type': 'application/json' });
        res.end(JSON.stringify({ errors: [{ status, id, ...(detail && { detail }) }] }));
        return true;
      },
    });
    const { err } = await command([...SEND, '--yes', '--json', ...more], { env });
    const [told] = documents(err);
    expect(told).toMatchObject({ reason, status, supportId: id });
    expect(told!.cure).toContain(words);
    expect(told!.says).toBe(detail);
    for (const part of [words, id, detail ?? '']) expect(told!.error).toContain(part);
  },
);

test.each([
  [
    'x',
    'An unexpected error at x, next to exit.',
    'An unexpected error at (hidden), next to exit.',
  ],
  ['hello', 'hello: othello is no hello', '(hidden): othello is no (hidden)'],
])(
  'the text %j is hidden in the words of the carrier, and no letters of others',
  async (body, detail, says) => {
    const { env } = await account({
      instead: (_req, res) => {
        res.writeHead(422, { 'content-type': 'application/json' });
        res.end(JSON.stringify({ errors: [{ status: 422, detail }] }));
        return true;
      },
    });
    const { err } = await command(['send', '--to', TO, '--body', body, '--yes', '--json'], { env });
    expect(documents(err)[0]!.says).toBe(says);
  },
);

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
