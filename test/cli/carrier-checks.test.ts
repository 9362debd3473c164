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
    expect(yes.out).toContain('Flowroute took a test text to ••• ••• ••42.');
  });

  test.each([
    [401, [], 'FLOWROUTE_SECRET_KEY'],
    [403, [], 'FLOWROUTE_FROM to a number of this account'],
    [500, ['--api-version', 'v2'], 'try again later'],
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
