import { answerWith, BODY, carrierServer, closeServers } from '../senders/carrier-server';
import { carrierError, clientOf, failedCall, ID, reset, TAKEN, TEXT } from './client-world';

afterEach(closeServers);

test('a text with an address for its receipts carries it', async () => {
  const carrier = await carrierServer(TAKEN);
  const dlrCallback = 'https://acme.example/webhooks/flowroute/token';
  await expect(clientOf(carrier.url).send({ ...TEXT, dlrCallback })).resolves.toEqual({ id: ID });
  expect(JSON.parse(carrier.requests[0]!.body)).toEqual({
    from: '12065550100',
    to: '12065550142',
    body: BODY,
    dlr_callback: dlrCallback,
  });
});

test('v2 takes a text with 200 and an id of its own kind', async () => {
  const id = 'mdr1-d858379c1bee4dd3bfe5c556f7cef70f';
  const carrier = await carrierServer(answerWith(200, { data: { id } }));
  const client = clientOf(carrier.url, { apiVersion: 'v2' });
  await expect(client.send(TEXT)).resolves.toEqual({ id });
  expect(carrier.requests[0]!.url).toBe('/v2/messages');
});

test('v2.2 answers with the price beside the id', async () => {
  const price_details = { base_rate: 0.004, charged_cost: 0.004, segment_count: 1, surcharge: 0 };
  const carrier = await carrierServer(answerWith(202, { data: { id: ID, price_details } }));
  await expect(clientOf(carrier.url).send(TEXT)).resolves.toEqual({ id: ID });
});

test.each([
  [400, 'rejected', true],
  [401, 'credentials_rejected', true],
  [403, 'from_rejected', true],
  [404, 'rejected', true],
  [405, 'rejected', true],
  [415, 'rejected', true],
  [422, 'to_rejected', true],
  [429, 'rate_limited', true],
  [302, 'unavailable', true],
  [500, 'unavailable', false],
  [503, 'unavailable', false],
] as const)('%i is a FlowrouteError: %s, refused %s', async (status, reason, refused) => {
  const carrier = await carrierServer(carrierError(status));
  const error = await failedCall(clientOf(carrier.url, { retries: 0 }).send(TEXT));
  expect(error).toMatchObject({
    name: 'FlowrouteError',
    status,
    reason,
    refused,
    retryAfterMs: undefined,
    supportId: '7fcfd1cd-486b-4159-8484-b710bd4bbab4',
  });
});

test('an opted-out phone is told by its reason', async () => {
  const carrier = await carrierServer(carrierError(400, { codes: [1110] }));
  const error = await failedCall(clientOf(carrier.url).send(TEXT));
  expect(error).toMatchObject({ status: 400, reason: 'opted_out', refused: true });
  expect(error.message).toContain('the number ending in 42 has opted out');
});

test('a connection that broke has no status and a cause', async () => {
  const carrier = await carrierServer(reset);
  const error = await failedCall(clientOf(carrier.url).send(TEXT));
  expect(error).toMatchObject({ status: undefined, reason: 'unknown_outcome', refused: false });
  expect(error.cause).toBeInstanceOf(Error);
});

test.each([
  ['12', 12_000],
  [new Date(1_800_000_003_000).toUTCString(), 3_000],
  [new Date(1_700_000_000_000).toUTCString(), 0],
  ['soon', undefined],
])('Retry-After %s is told in milliseconds', async (header, retryAfterMs) => {
  const carrier = await carrierServer(answerWith(503, '', { 'retry-after': header }));
  const error = await failedCall(clientOf(carrier.url).send(TEXT));
  expect(error.retryAfterMs).toBe(retryAfterMs);
});

test.each([
  [
    { from: '2065550177' },
    /from for a call of FlowrouteClient is a string of 10 characters\. Give a US or Canadian number/,
  ],
  [{ from: undefined }, /from for a call of FlowrouteClient is undefined\. Give/],
  [{ to: '' }, /to for .* is an empty string\. Give a string that is not empty/],
  [{ body: '' }, /body for .* is an empty string\. Give/],
  [
    { dlrCallback: 'http://acme.example' },
    /dlrCallback for .* is a string of 19 characters\. Give an https address/,
  ],
  [{ dlrCallback: 'nowhere' }, /dlrCallback for .* Give an https address/],
])('a text with %p is misuse, and nothing is sent', async (changes, message) => {
  const carrier = await carrierServer(TAKEN);
  const error = await failedCall(clientOf(carrier.url).send({ ...TEXT, ...changes } as never));
  expect(error).toBeInstanceOf(TypeError);
  expect(error.message).toMatch(message);
  expect(error.message).not.toContain('0177');
  expect(carrier.requests).toHaveLength(0);
});

test('v2 has no address for receipts', async () => {
  const carrier = await carrierServer(TAKEN);
  const client = clientOf(carrier.url, { apiVersion: 'v2' });
  const error = await failedCall(client.send({ ...TEXT, dlrCallback: 'https://acme.example' }));
  expect(error).toBeInstanceOf(TypeError);
  expect(error.message).toContain("Give 'v2.1' or 'v2.2'");
});
