import { account, closeServers, FROM, record, SECRET, TO } from './account';
import { command } from './terminal';
import { closeApps } from './webhooks-app';
import { examine, fails, wellSet } from './examine';

afterEach(closeServers);
afterEach(closeApps);

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
    expect(yes.out).toContain('Flowroute took a test text to ••• ••• ••42, and it is on its way');
  });

  test.each([
    [401, [], 'FLOWROUTE_SECRET_KEY'],
    [403, [], 'Check FLOWROUTE_FROM (--from), and in the Flowroute portal'],
    [500, ['--api-version', 'v2'], "ask Flowroute's support"],
  ])('the carrier answers %d to a test text: the cure is named', async (status, more, cure) => {
    const { env } = await account(fails(status, /messages$/));
    const { code, of } = await examine(env, ['--to', TO, '--yes', ...more]);
    expect(code).toBe(1);
    expect(of('texting')).toEqual([
      expect.objectContaining({ state: 'wrong', cure: expect.stringContaining(cure) }),
    ]);
  });
});

/** A receipt of a text that failed. */
function failed(status: string, code: number | null, words: string, more: object = {}): object {
  const receipt = { level: 2, status, status_code: code, status_code_description: words };
  return record({ status, delivery_receipts: [receipt], ...more });
}

const withId = (text: object, id: number): object => ({ ...text, id: `mdr2-${id}` });

describe('of the last texts', () => {
  test('it says how many failed and why, in the words of the carrier, with the cure for them', async () => {
    const blocked = failed('rejected', 1180, 'The from number is not registered for 10DLC.');
    const expired = failed('expired', null, 'Message expired before 12065550142 was in reach');
    const texts = [...Array<object>(7).fill(blocked), expired, record()].map(withId);
    const { env } = await account({ messages: texts });
    const { code, of, text } = await examine(env);
    expect(code).toBe(1);
    expect(of('texting')).toEqual([
      {
        check: 'texting',
        state: 'wrong',
        says: '8 of the last 9 texts of the from number failed: 7 × "The from number is not registered for 10DLC. (rejected 1180)", 1 × "Message expired before (digits) was in reach (expired)".',
        cure: expect.stringContaining('registered: a 10DLC brand and campaign') as string,
      },
    ]);
    expect(text).not.toContain(TO);
  });

  test('a few that failed are told, and nothing is wrong with it', async () => {
    const expired = failed('expired', null, 'Message expired');
    const texts = [expired, record(), record(), record()].map(withId);
    const { env } = await account({ messages: texts });
    const { code, of } = await examine(env);
    expect({ code, state: of('texting')[0]!.state }).toEqual({ code: 0, state: 'ok' });
    expect(of('texting')[0]!.says).toContain('1 of the last 4 texts');
    expect(of('texting')[0]!.cure).toContain('the text mdr2-0');
  });

  test('it is the newest that count, in whatever order they come', async () => {
    const old = Array.from({ length: 25 }, () =>
      failed('expired', null, 'Message expired', { timestamp: '2026-01-01T00:00:00Z' }),
    );
    const young = Array.from({ length: 20 }, () => record());
    const { env } = await account({ messages: [...old, ...young].map(withId) });
    expect((await examine(env)).of('texting')[0]!.says).toBe(
      'None of the last 20 texts of the from number failed.',
    );
  });
});

describe('a test text is followed', () => {
  const to = (text: object) => account({ messages: [text] });

  test.each([
    ['delivered', record({ status: 'delivery success', delivery_receipts: [] }), 'ok', 'delivered'],
    [
      'failed',
      failed('delivery failure', 1110, 'Message accepted by the SMSC but the phone rejected it'),
      'wrong',
      'it failed. It says: Message accepted by the SMSC but the phone rejected it (delivery failure 1110).',
    ],
    ['on its way', record(), 'unknown', 'Message accepted by Carrier (message buffered 1003)'],
    ['without a word', record({ status: 'x', delivery_receipts: [] }), 'unknown', 'No receipt'],
  ])('until it is %s', async (_what, text, state, words) => {
    const { env } = await to(text);
    const { of } = await examine(env, ['--to', TO, '--yes']);
    expect(of('texting')).toHaveLength(1);
    expect(of('texting')[0]!.state).toBe(state);
    expect(of('texting')[0]!.says).toContain(words);
  });

  test('for half a minute at most, and for six seconds once the carrier of the phone has it', async () => {
    const looks = async (text: object) => {
      const { env, requests } = await to(text);
      await examine(env, ['--to', TO, '--yes']);
      return requests.filter(({ url }) => url!.includes('messages/mdr2')).length;
    };
    expect(await looks(record())).toBe(4);
    expect(await looks(record({ status: 'smsc submit', delivery_receipts: [] }))).toBe(8);
  });

  test('a phone that has opted out is told with what undoes it', async () => {
    const { env } = await to(failed('delivery failure', 1110, 'The phone rejected the message'));
    const { of } = await examine(env, ['--to', TO, '--yes']);
    expect(of('texting')[0]!.cure).toContain('UNSTOP');
  });

  test('where it cannot be looked up, nothing is wrong with the number', async () => {
    const { env } = await account(fails(403, /messages\/mdr2/));
    const { code, of } = await examine(env, ['--to', TO, '--yes']);
    expect({ code, state: of('texting')[0]!.state }).toEqual({ code: 0, state: 'unknown' });
    expect(of('texting')[0]!.says).toContain('cannot be looked up. Flowroute refused the request');
  });
});

describe('of callbacks', () => {
  test.each([
    ['', 'receipts (sms_dlr): the account has no address for them'],
    ['https://other.example/hooks/hunter2/in', 'they go to https://other.example/…, which'],
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
    const SECOND_FACTOR_SECRET = `${SECRET.slice(9)}${SECRET.slice(0, 9)},${SECRET}`;
    const { of } = await examine({ ...env, SECOND_FACTOR_SECRET });
    expect(of('callbacks')[0]!.says).toContain('still go by an older secret');
  });

  test('v2 knows none', async () => {
    const { env } = await wellSet();
    const { of } = await examine(env, ['--api-version', 'v2']);
    expect(of('callbacks')).toEqual([expect.objectContaining({ state: 'unknown' })]);
  });
});
