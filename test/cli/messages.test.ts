import { account, closeServers, expectMasked, FROM, ID, record, TO } from './account';
import { command, documents } from './terminal';

afterEach(closeServers);

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

describe('messages --cost', () => {
  const text = (id: number, changes: object = {}) => ({ ...record(changes), id: `mdr2-${id}` });
  const texts = [
    text(1),
    text(2, { amount_nanodollars: '8000000', price_details: { segment_count: 2 } }),
    text(3, { to: '17872345678' }),
    text(4, { timestamp: '2026-02-01T00:00:00.00Z', amount_nanodollars: 100_000_000 }),
    text(5, { timestamp: '2026-02-01T23:59:59.99Z', amount_nanodollars: 200_000_000 }),
    text(6, { direction: 'inbound', from: '18765550142', to: FROM, amount_nanodollars: 7_000_000 }),
    text(7, { to: undefined, amount_nanodollars: undefined }),
  ];

  test('sums what texts cost by day, country and direction', async () => {
    const { env } = await account({ messages: texts });
    const { code, out, err } = await command(['messages', '--since', '7d', '--cost'], { env });
    expect(code).toBe(0);
    expect(out.split('\n')).toEqual([
      '2026-01-31  -   outbound       1  $0.0000  1 without a price',
      '2026-01-31  JM  inbound        1  $0.0070',
      '2026-01-31  PR  outbound       1  $0.0040',
      '2026-01-31  US  outbound       2  $0.0120  charged as 2',
      '2026-02-01  US  outbound       2  $0.3000',
      '',
    ]);
    expect(err).toBe('7 texts, $0.3230.\n');
  });

  test('is one document a line with --json, and shows no number', async () => {
    const { env } = await account({ messages: texts });
    const args = ['messages', '--since', '7d', '--cost', '--json', '--limit', '5'];
    const { out } = await command(args, { env });
    const rows = documents(out);
    expect(rows).toHaveLength(3);
    expect(rows[2]).toEqual({
      ...{ day: '2026-02-01', country: 'US', direction: 'outbound', texts: 2 },
      ...{ price: 0.3, unpriced: 0 },
    });
    expect(out).not.toContain(TO.slice(4));
  });
});
