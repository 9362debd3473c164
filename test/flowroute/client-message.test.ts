import { answerWith, carrierServer, closeServers } from '../senders/carrier-server';
import { carrierError, clientOf, failedCall, ID } from './client-world';

afterEach(closeServers);

/** As Flowroute's own documentation shows it, but for the numbers. */
const V21 = {
  attributes: {
    body: 'test sms on v2',
    status: 'message buffered',
    direction: 'outbound',
    amount_nanodollars: 4_000_000,
    to: '12065550142',
    message_encoding: 0,
    timestamp: '2017-12-21T16:44:34.93Z',
    delivery_receipts: [
      {
        status: 'message buffered',
        status_code: 1003,
        status_code_description: 'Message accepted by Carrier',
        timestamp: '2017-12-21T16:44:35.00Z',
        level: 2,
      },
      {
        status: 'smsc submit',
        status_code: null,
        status_code_description: 'Message has been sent',
        timestamp: '2017-12-21T16:44:35.00Z',
        level: 1,
      },
    ],
    amount_display: '$0.0040',
    from: '12065550100',
    is_mms: false,
    message_type: 'longcode',
  },
  type: 'message',
  id: ID,
};
const V2 = {
  attributes: {
    body: 'That rug really tied the room together.',
    direction: 'outbound',
    timestamp: '2016-06-13T20:34:29.095045+00:00',
    amount_nanodollars: 4_000_000,
    from: '12065550100',
    message_encoding: 0,
    has_mms: false,
    to: '12065550142',
    amount_display: '$0.0040',
    callback_url: null,
    message_type: 'long-code',
  },
  type: 'message',
  id: 'mdr1-d858379c1bee4dd3bfe5c556f7cef70f',
};

async function look(data: unknown, withBody?: boolean) {
  const carrier = await carrierServer(answerWith(200, { data }));
  return clientOf(carrier.url).message(ID, { withBody });
}
const lookWith = (changes: object) =>
  look({ ...V21, attributes: { ...V21.attributes, ...changes } });

test('a record of v2.1 is read whole, without its body', async () => {
  expect(await look(V21)).toEqual({
    id: ID,
    direction: 'outbound',
    from: '+12065550100',
    to: '+12065550142',
    status: 'message buffered',
    delivery: 'sent',
    receipts: [
      {
        level: 2,
        status: 'message buffered',
        code: 1003,
        description: 'Message accepted by Carrier',
        delivery: 'sent',
        at: Date.parse('2017-12-21T16:44:35Z'),
      },
      {
        level: 1,
        status: 'smsc submit',
        code: undefined,
        description: 'Message has been sent',
        delivery: 'sent',
        at: Date.parse('2017-12-21T16:44:35Z'),
      },
    ],
    at: Date.parse('2017-12-21T16:44:34.93Z'),
    price: 0.004,
    mms: false,
  });
});

test('a record of v2 has the same type', async () => {
  expect(await look(V2)).toEqual({
    id: V2.id,
    direction: 'outbound',
    from: '+12065550100',
    to: '+12065550142',
    status: undefined,
    delivery: 'accepted',
    receipts: [],
    at: Date.parse('2016-06-13T20:34:29.095Z'),
    price: 0.004,
    mms: false,
  });
});

test('the body is there where it is asked for', async () => {
  expect(await look(V21, true)).toMatchObject({ body: 'test sms on v2' });
  expect(await look({ ...V21, attributes: { body: null } }, true)).toMatchObject({ body: '' });
});

test.each([
  [{ amount_nanodollars: '7000000' }, { price: 0.007 }],
  [{ amount_nanodollars: undefined }, { price: 0.004 }],
  [{ amount_nanodollars: null, amount_display: 'free' }, { price: undefined }],
  [{ amount_nanodollars: undefined, amount_display: 0.004 }, { price: 0.004 }],
  [{ price_details: { charged_cost: 1, segment_count: 3 } }, { price: 0.004, segments: 3 }],
  [
    { amount_nanodollars: null, amount_display: null, price_details: { charged_cost: '0.01' } },
    { price: 0.01, segments: undefined },
  ],
  [{ from: '+12065550100' }, { from: '+12065550100' }],
  [{ from: 'Acme' }, { from: undefined }],
  [{ direction: 'sideways' }, { direction: undefined }],
  [{ timestamp: 'yesterday' }, { at: undefined }],
  [{ is_mms: 'true' }, { mms: true }],
  [{ is_mms: undefined, has_mms: true }, { mms: true }],
  [{ delivery_receipts: null }, { receipts: [], delivery: 'sent' }],
  [{ delivery_receipts: [null, 7] }, { delivery: 'sent' }],
  [{ delivery_receipts: [{ status: 'x', status_code: '1110' }] }, { delivery: 'failed' }],
  [{ direction: 'inbound', status: 'delivered' }, { delivery: 'delivered' }],
])('the variant %j is read', async (changes, expected) => {
  expect(await lookWith(changes)).toMatchObject(expected);
});

test('a text that the carrier does not know yet is undefined', async () => {
  const carrier = await carrierServer(carrierError(404));
  expect(await clientOf(carrier.url).message(ID)).toBeUndefined();
  expect(carrier.requests).toHaveLength(1);
  expect(carrier.requests[0]).toMatchObject({ method: 'GET', url: `/v2.2/messages/${ID}` });
});

test('a 404 that is a web page is not the API', async () => {
  const carrier = await carrierServer(answerWith(404, '<html>no such page</html>'));
  const error = await failedCall(clientOf(carrier.url).message(ID));
  expect(error).toMatchObject({ status: 404, reason: 'unavailable' });
});

test.each([
  ['nothing', ''],
  ['HTML', '<html>ok</html>'],
  ['broken JSON', '{"data":'],
  ['no data', '{}'],
  ['a record without id', { data: { attributes: {} } }],
  ['a record without attributes', { data: { id: ID } }],
])('a success with %s is an error', async (_what, body) => {
  const carrier = await carrierServer(answerWith(200, body));
  const error = await failedCall(clientOf(carrier.url).message(ID));
  expect(error).toMatchObject({ name: 'FlowrouteError', reason: 'unavailable', refused: true });
  expect(error.message).toContain('something that is not a message');
});

test('a read that fails surely changed nothing', async () => {
  const carrier = await carrierServer(carrierError(503));
  const error = await failedCall(clientOf(carrier.url).message(ID));
  expect(error).toMatchObject({ status: 503, reason: 'unavailable', refused: true });
});

test.each(['..', '.', '', 'a/b', 'mdr2-%2e', '../v2/numbers', 'x'.repeat(129), undefined, 7])(
  'the id %p is refused and leads nowhere',
  async (id) => {
    const carrier = await carrierServer(answerWith(200, {}));
    const error = await failedCall(clientOf(carrier.url).message(id as string));
    expect(error).toBeInstanceOf(TypeError);
    expect(carrier.requests).toHaveLength(0);
  },
);
