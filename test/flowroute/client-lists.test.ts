import {
  answerWith,
  carrierServer,
  closeServers,
  type CarrierServer,
} from '../senders/carrier-server';
import { all, clientOf, failedCall, inTurn, reset } from './client-world';

afterEach(closeServers);

const START = new Date('2026-01-02T03:04:05.678Z');
const message = (name: number) => ({
  id: `mdr2-${name}`,
  attributes: { body: 'the text', from: '12065550100' },
});
const number = (name: number) => ({ id: `1206555014${name}`, attributes: { alias: null } });

interface PageOptions {
  next?: string | undefined;
}
const page = (items: object[], { next }: PageOptions = {}) =>
  answerWith(200, { data: items, links: { self: 'x', ...(next === undefined ? {} : { next }) } });

const queryOf = (carrier: CarrierServer, request: number) =>
  new URL(carrier.requests[request]!.url ?? '', 'http://localhost').searchParams;

test('messages come page by page, by the offset of links.next', async () => {
  const carrier = await carrierServer(
    inTurn(
      page([message(1), message(2)], { next: 'https://api.flowroute.com/v2.2/messages?offset=2' }),
      page([message(3)]),
    ),
  );
  const end = new Date('2026-02-03T00:00:00Z');
  const records = await all(clientOf(carrier.url).messages({ start: START, end }));
  expect(records.map(({ id }) => id)).toEqual(['mdr2-1', 'mdr2-2', 'mdr2-3']);
  expect(records[0]).not.toHaveProperty('body');
  expect(carrier.requests.map(({ method }) => method)).toEqual(['GET', 'GET']);
  expect(Object.fromEntries(queryOf(carrier, 0))).toEqual({
    start_date: '2026-01-02T03:04:05.678Z',
    end_date: '2026-02-03T00:00:00.000Z',
    limit: '100',
    offset: '0',
  });
  expect(queryOf(carrier, 1).get('offset')).toBe('2');
  expect(carrier.requests[0]!.url).not.toMatch(/[:+]/);
});

test('records of a list hold their texts only where they are asked for', async () => {
  const carrier = await carrierServer(page([message(1)]));
  const list = clientOf(carrier.url).messages({ start: START }, { withBody: true });
  expect(await all(list)).toMatchObject([{ body: 'the text' }]);
});

test('a page is fetched when the one before is used up, and not sooner', async () => {
  const carrier = await carrierServer(
    inTurn(page([message(1), message(2)], { next: '?offset=2' }), page([message(3)])),
  );
  const list = clientOf(carrier.url).messages({ start: START });
  expect(carrier.requests).toHaveLength(0);
  await list.next();
  await list.next();
  expect(carrier.requests).toHaveLength(1);
  await list.next();
  expect(carrier.requests).toHaveLength(2);
});

test('a limit ends the list without another page', async () => {
  const carrier = await carrierServer(
    page([message(1), message(2), message(3)], { next: '?offset=3' }),
  );
  const records = await all(clientOf(carrier.url).messages({ start: START, limit: 2 }));
  expect(records).toHaveLength(2);
  expect(carrier.requests).toHaveLength(1);
  expect(queryOf(carrier, 0).get('limit')).toBe('2');
});

test('[S144] a links.next that points to another host never gets a request', async () => {
  const elsewhere = await carrierServer(page([message(9)]));
  const carrier = await carrierServer(
    inTurn(
      page([message(1)], { next: `${elsewhere.url}/v2.2/messages?offset=1` }),
      page([message(2)]),
    ),
  );
  const records = await all(clientOf(carrier.url).messages({ start: START }));
  expect(records.map(({ id }) => id)).toEqual(['mdr2-1', 'mdr2-2']);
  expect(elsewhere.requests).toHaveLength(0);
});

test.each([
  ['the same offset', '?offset=0'],
  ['no offset', 'https://api.flowroute.com/v2.2/messages?cursor=abc'],
  ['an offset that is no number', '?offset=-1'],
  ['no address', 'http://['],
])('a links.next with %s ends the list with an error', async (_what, next) => {
  const carrier = await carrierServer(page([message(1)], { next }));
  const error = await failedCall(all(clientOf(carrier.url).messages({ start: START })));
  expect(error).toMatchObject({ name: 'FlowrouteError', reason: 'unavailable' });
  expect(error.message).toContain('the same page of messages again');
  expect(carrier.requests).toHaveLength(1);
});

test('pages that go round in a ring end the list with an error', async () => {
  const pages = [1, 2, 1, 2].map((name, at) =>
    page([message(name)], { next: `?offset=${at + 1}` }),
  );
  const carrier = await carrierServer(inTurn(...pages));
  const seen: string[] = [];
  const list = (async () => {
    for await (const { id } of clientOf(carrier.url).messages({ start: START })) seen.push(id);
  })();
  expect((await failedCall(list)).message).toContain('the same page of messages again');
  expect(seen).toEqual(['mdr2-1', 'mdr2-2']);
});

test('an empty page ends the list, whatever its links say', async () => {
  const carrier = await carrierServer(page([], { next: '?offset=100' }));
  expect(await all(clientOf(carrier.url).messages({ start: START }))).toEqual([]);
  expect(carrier.requests).toHaveLength(1);
});

test('texts that came in meanwhile push no record onto the list twice', async () => {
  const carrier = await carrierServer(
    inTurn(page([message(3), message(2)], { next: '?offset=2' }), page([message(2), message(1)])),
  );
  const records = await all(clientOf(carrier.url).messages({ start: START }));
  expect(records.map(({ id }) => id)).toEqual(['mdr2-3', 'mdr2-2', 'mdr2-1']);
});

test('a page that breaks off is fetched again', async () => {
  const carrier = await carrierServer(inTurn(reset, page([message(1)])));
  expect(await all(clientOf(carrier.url).messages({ start: START }))).toHaveLength(1);
  expect(carrier.requests).toHaveLength(2);
});

test('[S144] a page without end is broken off', async () => {
  const piece = Buffer.alloc(64 * 1024, ' ');
  const carrier = await carrierServer((res) => {
    const more = () => {
      while (!res.destroyed && res.write(piece));
    };
    res.on('drain', more);
    res.writeHead(200);
    more();
  });
  const list = clientOf(carrier.url, { retries: 0 }).messages({ start: START });
  const error = await failedCall(all(list));
  expect(error).toMatchObject({ reason: 'unavailable', refused: true });
  expect(error.message).toContain('longer than 4194304 bytes');
});

test.each([
  ['no list', { data: {} }],
  ['an item that is no message', { data: [message(1), {}] }],
])('a page with %s is an error', async (_what, body) => {
  const carrier = await carrierServer(answerWith(200, body));
  const error = await failedCall(all(clientOf(carrier.url).messages({ start: START })));
  expect(error.message).toContain('something that is not a list of messages');
});

test('numbers come 200 a page, with what the filter says', async () => {
  const next = 'https://api.flowroute.com/v2/numbers?starts_with=1206&limit=200&offset=200';
  const verbatim = {
    attributes: {
      alias: 'support',
      cnam_lookups_enabled: true,
      number_type: 'longcode',
      rate_center: 'SEATTLE',
      state: 'WA',
      value: '12065550100',
    },
    type: 'number',
    id: '12065550100',
    links: { self: 'https://api.flowroute.com/v2/numbers/12065550100' },
  };
  const carrier = await carrierServer(inTurn(page([verbatim], { next }), page([number(1)])));
  const filter = { startsWith: '+1206', contains: '555', endsWith: '00' };
  const list = clientOf(carrier.url, { apiVersion: 'v2.1' }).numbers(filter);
  expect((await list.next()).value).toEqual({
    number: '+12065550100',
    alias: 'support',
    type: 'longcode',
    state: 'WA',
    rateCenter: 'SEATTLE',
  });
  expect((await list.next()).value).toMatchObject({ number: '+12065550141', alias: undefined });
  expect(await list.next()).toEqual({ done: true, value: undefined });
  expect(carrier.requests[0]!.url).toMatch(/^\/v2\/numbers\?/);
  expect(Object.fromEntries(queryOf(carrier, 0))).toEqual({
    starts_with: '1206',
    contains: '555',
    ends_with: '00',
    limit: '200',
    offset: '0',
  });
});

test.each([
  [{ start: '2026-01-01' }, /start for a call of FlowrouteClient is .* Give a valid Date/],
  [{ start: new Date('never') }, /start for a call of FlowrouteClient is .* Give a valid Date/],
  [{ start: START, end: 7 }, /end for .* is 7\. Give a valid Date/],
  [{ start: START, limit: 0 }, /limit for .* is 0\. Give a whole number from 1/],
])('the range %p is misuse', async (range, message) => {
  const list = clientOf('http://localhost:9').messages(range as never);
  const error = await failedCall(list.next());
  expect(error).toBeInstanceOf(TypeError);
  expect(error.message).toMatch(message);
});

test.each([{ startsWith: 'acme' }, { contains: '' }, { endsWith: 7 }])(
  'the filter %p is misuse',
  async (filter) => {
    const list = clientOf('http://localhost:9').numbers(filter as never);
    const error = await failedCall(list.next());
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toMatch(/ for a call of FlowrouteClient is .* Give digits, like/);
  },
);
