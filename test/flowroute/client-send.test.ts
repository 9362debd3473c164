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

test.each<[string, unknown, object]>([
  [
    'numbers',
    { base_rate: 0.004, charged_cost: 0.012, segment_count: 2, surcharge: 0.002 },
    { price: 0.012, segments: 2 },
  ],
  ['texts', { charged_cost: '0.0120', segment_count: '2' }, { price: 0.012, segments: 2 }],
  ['texts with a sign', { charged_cost: '$0.0120' }, { price: 0.012 }],
  ['nothing', {}, {}],
  ['null', null, {}],
  ['other kinds', { charged_cost: [], segment_count: 1.5 }, {}],
  ['less than nothing', { charged_cost: -1 }, {}],
])('the price of v2.2 as %s stands beside the id', async (_what, price_details, charge) => {
  const carrier = await carrierServer(answerWith(202, { data: { id: ID, price_details } }));
  expect(await clientOf(carrier.url).send(TEXT)).toStrictEqual({ id: ID, ...charge });
});

describe('an MMS', () => {
  const mediaUrls = ['https://acme.example/cat.gif?signed=0123', 'http://acme.example/dog.png'];
  const { body: _body, ...bare } = TEXT;

  test.each([
    ['with a body', TEXT, { body: BODY }],
    ['without one', bare, {}],
  ])('%s carries its pictures', async (_what, text, said) => {
    for (const apiVersion of ['v2.1', 'v2.2'] as const) {
      const carrier = await carrierServer(TAKEN);
      const client = clientOf(carrier.url, { apiVersion });
      await expect(client.send({ ...text, mediaUrls })).resolves.toEqual({ id: ID });
      expect(JSON.parse(carrier.requests[0]!.body)).toEqual({
        from: '12065550100',
        to: '12065550142',
        ...said,
        media_urls: mediaUrls,
      });
    }
  });

  test.each([
    [[], 'a list of 0 entries'],
    [['https://user:word@acme.example/cat.gif'], 'a list of 1 entry'],
    [['ftp://acme.example/cat.gif'], 'a list of 1 entry'],
    [['cat.gif'], 'a list of 1 entry'],
    [[7], 'a list of 1 entry'],
    ['https://acme.example/cat.gif', 'a string of 28 characters'],
    [null, 'null'],
  ])('with the pictures %j is misuse, and nothing is sent', async (wrong, what) => {
    const carrier = await carrierServer(TAKEN);
    const error = await failedCall(
      clientOf(carrier.url).send({ ...TEXT, mediaUrls: wrong } as never),
    );
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toContain(`mediaUrls for a call of FlowrouteClient is ${what}. Give`);
    expect(error.message).not.toContain('acme');
    expect(carrier.requests).toHaveLength(0);
  });

  test('is refused on v2, which has none, and never sent as a text', async () => {
    const carrier = await carrierServer(TAKEN);
    const error = await failedCall(
      clientOf(carrier.url, { apiVersion: 'v2' }).send({ ...TEXT, mediaUrls }),
    );
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toContain("takes no pictures. Give 'v2.1' or 'v2.2'");
    expect(carrier.requests).toHaveLength(0);
  });

  test.each(['media_urls', 'mediaURLs', 'media', 'isMms', 'dlr_callback', 'text'])(
    'a field %s is refused by name, not left out',
    async (name) => {
      const carrier = await carrierServer(TAKEN);
      const error = await failedCall(clientOf(carrier.url).send({ ...TEXT, [name]: mediaUrls }));
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toContain(`FlowrouteClient.send({ ${name} })`);
      expect(error.message).toContain('There are from, to, body, mediaUrls, dlrCallback.');
      expect(carrier.requests).toHaveLength(0);
    },
  );
});

test.each(['<html>', '', 'OK', '{}'])(
  '[S196] a success of %j is no text taken, and five of them are a carrier that is down',
  async (body) => {
    const carrier = await carrierServer(answerWith(202, body));
    const client = clientOf(carrier.url);
    for (let turn = 0; turn < 5; turn += 1) {
      const error = await failedCall(client.send(TEXT));
      expect(error).toMatchObject({ status: 202, reason: 'unknown_outcome', refused: false });
      expect(error.cure).toContain('Check baseUrl, and any proxy');
    }
    // From here on another sender may be tried.
    expect(await failedCall(client.send(TEXT))).toMatchObject({ refused: true });
    expect(carrier.requests).toHaveLength(5);
  },
);

test.each([
  [400, 'rejected', true],
  [401, 'credentials_rejected', true],
  [403, 'from_rejected', true],
  [404, 'rejected', true],
  [405, 'rejected', true],
  [415, 'rejected', true],
  [422, 'rejected', true],
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

test.each([
  [400, 'The recipient has opted out.'],
  [403, 'Message accepted by the SMSC but the phone rejected the message'],
  [422, 'This number is unsubscribed.'],
])('so is one of which %i says: %s', async (status, detail) => {
  const carrier = await carrierServer(carrierError(status, detail));
  const error = await failedCall(clientOf(carrier.url).send(TEXT));
  expect(error).toMatchObject({ status, reason: 'opted_out', refused: true });
});

test('a refusal of the pictures blames no number', async () => {
  const carrier = await carrierServer(carrierError(422, 'media_urls: to be fetched by anybody.'));
  const error = await failedCall(clientOf(carrier.url).send(TEXT));
  expect(error).toMatchObject({
    reason: 'rejected',
    cure: expect.stringMatching(/^Each mediaUrls/),
  });
});

test('a web page that refuses is not the carrier, and blames no number', async () => {
  const page = '<html>Request blocked: invalid from, to and recipient</html>';
  for (const status of [400, 403, 422]) {
    const carrier = await carrierServer(answerWith(status, page, { 'content-type': 'text/html' }));
    const error = await failedCall(clientOf(carrier.url).send(TEXT));
    expect(error).toMatchObject({ status, reason: 'unavailable', refused: true });
    expect(error.cure).toBe('Check baseUrl and proxies.');
  }
});

test('a byte order mark before the answer is not read', async () => {
  const taken = `\ufeff${JSON.stringify({ data: { id: ID } })}`;
  const carrier = await carrierServer(answerWith(202, taken));
  await expect(clientOf(carrier.url).send(TEXT)).resolves.toEqual({ id: ID });
});

test('a port that fetch refuses is told from a connection that broke', async () => {
  const error = await failedCall(clientOf('http://localhost:6000').send(TEXT));
  expect(error).toMatchObject({ reason: 'unavailable', refused: true });
  expect(error.message).toContain('so nothing was sent. Check baseUrl; give a simulator');
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
