import { carrierError, closeSimulators, FROM, runSimulator, TO, type Running } from './running';
import { SimulatedTime } from './simulated-time';

afterEach(closeSimulators);

const SENT = '2026-01-02T03:04:05.678Z';

async function world(options = {}) {
  const time = new SimulatedTime();
  const { clock, schedule } = time;
  return { time, simulator: await runSimulator({ clock, schedule, ...options }) };
}

const COMMON = {
  body: 'hello',
  direction: 'outbound',
  amount_nanodollars: 4_000_000,
  amount_display: '$0.0040',
  from: FROM,
  to: TO,
  message_encoding: 0,
};
const SUBMITTED = {
  level: 1,
  status: 'smsc submit',
  status_code: null,
  status_code_description: 'Message has been sent',
  timestamp: SENT,
};
const BUFFERED = {
  level: 2,
  status: 'message buffered',
  status_code: 1003,
  status_code_description: 'Message accepted by Carrier',
  timestamp: '2026-01-02T03:04:06.678Z',
};

describe('looking up one message', () => {
  test.each(['v2.1', 'v2.2'])(
    '%s shows the documented fields, and each receipt from its time on, the newest first',
    async (version) => {
      const { time, simulator } = await world();
      const { id } = (await simulator.send('v2.2')).json.data;
      const answer = await simulator.call(`/${version}/messages/${id}`);
      expect(answer.status).toBe(200);
      const attributes = {
        ...COMMON,
        status: 'smsc submit',
        timestamp: SENT,
        is_mms: false,
        message_type: 'longcode',
        delivery_receipts: [SUBMITTED],
      };
      expect(answer.json).toEqual({ data: { id, type: 'message', attributes } });
      time.advance(1_000);
      expect((await simulator.call(`/${version}/messages/${id}`)).json.data.attributes).toEqual({
        ...attributes,
        status: 'message buffered',
        delivery_receipts: [BUFFERED, SUBMITTED],
      });
    },
  );

  test('v2 shows the older record, without status and receipts', async () => {
    const { simulator } = await world();
    const { id } = (await simulator.send('v2')).json.data;
    expect((await simulator.call(`/v2/messages/${id}`)).json).toEqual({
      data: {
        id,
        type: 'message',
        attributes: {
          ...COMMON,
          timestamp: '2026-01-02T03:04:05.678000+00:00',
          has_mms: false,
          message_type: 'long-code',
          callback_url: null,
        },
      },
    });
  });

  test('a toll-free number, another encoding and an address of its own show up', async () => {
    const { simulator } = await world({ from: ['18005550100'] });
    const sent = { from: '18005550100', body: '“x”', dlr_callback: 'https://a.example/b' };
    const { id } = (await simulator.send('v2', sent)).json.data;
    const shown = async (version: string) =>
      (await simulator.call(`/${version}/messages/${id}`)).json.data.attributes;
    expect(await shown('v2')).toMatchObject({
      message_type: 'toll-free',
      message_encoding: 8,
      callback_url: 'https://a.example/b',
    });
    expect(await shown('v2.2')).toMatchObject({ message_type: 'toll-free' });
  });

  test.each([
    ['delivery-success', 'delivery success', 2],
    ['delivery-failure', 'delivery failure', 2],
    ['smsc-reject', 'smsc reject', 1],
    ['accepted-never-delivered', 'smsc submit', 1],
    ['filtered', 'rejected', 2],
    ['expired', 'expired', 2],
    ['landline', 'accepted', 0],
  ])('%s ends as %s', async (mode, status, receipts) => {
    const { time, simulator } = await world();
    await simulator.fault(mode);
    const { id } = (await simulator.send()).json.data;
    time.advance(1_000);
    const { attributes } = (await simulator.call(`/v2.2/messages/${id}`)).json.data;
    expect(attributes.status).toBe(status);
    expect(attributes.delivery_receipts).toHaveLength(receipts);
  });

  test('404 until recordDelayMs have passed', async () => {
    const { time, simulator } = await world({ recordDelayMs: 3_000 });
    const { id } = (await simulator.send()).json.data;
    const list = '/v2.2/messages?start_date=2026-01-01';
    time.advance(2_999);
    expect((await simulator.call(`/v2.2/messages/${id}`)).json).toEqual(carrierError(404));
    expect((await simulator.call(list)).json.data).toEqual([]);
    time.advance(1);
    expect((await simulator.call(`/v2.2/messages/${id}`)).status).toBe(200);
    expect((await simulator.call(list)).json.data).toHaveLength(1);
  });

  test('404 for an id that nobody gave out, 401 without the keys', async () => {
    const { simulator } = await world();
    const path = `/v2.2/messages/mdr2-${'0'.repeat(32)}`;
    expect((await simulator.call(path)).json).toEqual(carrierError(404));
    expect((await simulator.call(path, { auth: null })).json).toEqual(carrierError(401));
  });
});

describe('looking up a range', () => {
  async function threeTexts(): Promise<Running> {
    const { time, simulator } = await world();
    for (const body of ['one', 'two', 'three']) {
      await simulator.send('v2.2', { body });
      time.advance(60_000);
    }
    return simulator;
  }
  const list = (simulator: Running, query: string, version = 'v2.2') =>
    simulator.call(`/${version}/messages?${query}`);
  const bodies = (data: { attributes: { body: string } }[]) =>
    data.map(({ attributes }) => attributes.body);

  test('it shows records in the shape of the version, newest first', async () => {
    const simulator = await threeTexts();
    for (const version of ['v2', 'v2.1', 'v2.2']) {
      const { status, json } = await list(simulator, 'start_date=2026-01-02', version);
      expect(status).toBe(200);
      expect(bodies(json.data)).toEqual(['three', 'two', 'one']);
      expect(json.links).toEqual({});
      const [first] = json.data;
      expect((await simulator.call(`/${version}/messages/${first.id}`)).json.data).toEqual(first);
    }
  });

  test.each([
    ['start_date=2026-01-02T03:05:00Z', ['three', 'two']],
    ['start_date=2026-01-02T03:05:05.678Z', ['three', 'two']],
    ['start_date=2026-01-02T04:05:00%2B01:00', ['three', 'two']],
    ['start_date=2026-01-01&end_date=2026-01-02T03:05:30Z', ['two', 'one']],
    ['start_date=2026-01-01&end_date=2026-01-02', []],
    ['start_date=2026-01-03', []],
    // As the clients of the carrier write it: no zone, and empty parts for what is left out.
    ['start_date=2026-01-02T03:05:00', ['three', 'two']],
    ['start_date=2026-01-02T03%3A05%3A05.678000', ['three', 'two']],
    ['start_date=2026-01-02T04:05:00%2B0100', ['three', 'two']],
    ['start_date=2026-01-01&end_date=2026-01-02T03:05:30', ['two', 'one']],
    ['start_date=2026-01-01&end_date=', ['three', 'two', 'one']],
    ['start_date=2026-01-01&end_date=&limit=&offset=', ['three', 'two', 'one']],
    ['start_date=2026-01-01&limit=2', ['three', 'two']],
    ['start_date=2026-01-01&limit=2&offset=2', ['one']],
    ['start_date=2026-01-01&offset=7', []],
  ])('the query %s finds %j', async (query, expected) => {
    expect(bodies((await list(await threeTexts(), query)).json.data)).toEqual(expected);
  });

  test('links.next leads on as documented, to the end', async () => {
    const simulator = await threeTexts();
    const query = 'start_date=2026-01-01&end_date=2026-01-08&limit=2';
    const { links } = (await list(simulator, query, 'v2.1')).json;
    const start = '2026-01-01T00%3A00%3A00%2B00%3A00';
    const end = '2026-01-08T00%3A00%3A00%2B00%3A00';
    expect(links).toEqual({
      next: `${simulator.url}/v2.1/messages?limit=2&start_date=${start}&end_date=${end}&offset=2`,
    });
    const last = await simulator.call(links.next.slice(simulator.url.length));
    expect(bodies(last.json.data)).toEqual(['one']);
    expect(last.json.links).toEqual({});
  });

  test.each([
    '',
    'end_date=2026-01-01',
    'start_date=yesterday',
    'start_date=2026-1-1',
    'start_date=2026-02-30',
    'start_date=2026-13-01',
    'start_date=2026-01-01T25:00:00Z',
    'start_date=2026-01-01T00:00:00+01:00',
    'start_date=2026-01-01T00:00:00%2B1:00',
    'start_date=2026-01-01%2B01:00',
    'start_date=',
    'start_date=2026-01-01&start_date=2026-01-01',
    'start_date=2026-01-01&limit=0',
    'start_date=2026-01-01&limit=-1',
    'start_date=2026-01-01&limit=x',
    'start_date=2026-01-01&offset=-1',
    'start_date=2026-01-01&offset=1.5',
  ])('422 for the query "%s"', async (query) => {
    const { simulator } = await world();
    expect((await list(simulator, query)).json).toEqual(carrierError(422));
  });

  test('401 without the keys', async () => {
    const { simulator } = await world();
    const answer = await simulator.call('/v2.2/messages?start_date=2026-01-01', { auth: null });
    expect(answer.json).toEqual(carrierError(401));
  });
});
