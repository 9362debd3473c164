import { answerWith, carrierServer, closeServers, type Answer } from '../senders/carrier-server';
import { carrierError, clientOf, failedCall, reset } from './client-world';

afterEach(closeServers);

const URL = 'https://acme.example/webhooks/flowroute/a-secret-token';
const noContent: Answer = (res) => res.writeHead(204).end();

test.each(['sms', 'mms', 'sms_dlr', 'mms_dlr'] as const)(
  'the account callback %s is set by PUT',
  async (kind) => {
    const carrier = await carrierServer(noContent);
    await clientOf(carrier.url).setCallback(kind, URL);
    expect(carrier.requests[0]).toMatchObject({
      method: 'PUT',
      url: `/v2.2/messages/${kind}_callback`,
    });
    expect(JSON.parse(carrier.requests[0]!.body)).toEqual({
      data: { attributes: { callback_url: URL } },
    });
  },
);

test('the callback of one number is set by POST, at the numbers API', async () => {
  const carrier = await carrierServer(noContent);
  await clientOf(carrier.url, { apiVersion: 'v2.1' }).setNumberCallback(
    '+12065550100',
    'sms_dlr',
    URL,
  );
  expect(carrier.requests[0]).toMatchObject({
    method: 'POST',
    url: '/v2/numbers/12065550100/relationships/sms_dlr_callback',
  });
});

test('an account callback is read with the version of its shape', async () => {
  const attributes = { api_version: 'v2.1', callback_url: URL, product: 'sms' };
  const carrier = await carrierServer(answerWith(200, { data: { attributes, type: 'callback' } }));
  const callback = await clientOf(carrier.url).callback('sms');
  expect(callback).toEqual({ url: URL, apiVersion: 'v2.1' });
  expect(carrier.requests[0]).toMatchObject({ method: 'GET', url: '/v2.2/messages/sms_callback' });
});

test('a callback that is not set has no address', async () => {
  const attributes = { api_version: 'v2.1', callback_url: null };
  const carrier = await carrierServer(answerWith(200, { data: { attributes } }));
  expect(await clientOf(carrier.url).callback('sms')).toEqual({
    url: undefined,
    apiVersion: 'v2.1',
  });
});

test('an answer without a callback is an error', async () => {
  const carrier = await carrierServer(answerWith(200, {}));
  const error = await failedCall(clientOf(carrier.url).callback('sms'));
  expect(error.message).toContain('something that is not a callback');
});

test('a change is not made again where it may have been made', async () => {
  for (const answer of [reset, carrierError(503)]) {
    const carrier = await carrierServer(answer);
    const error = await failedCall(clientOf(carrier.url).setCallback('sms', URL));
    expect(error).toMatchObject({ refused: false });
    expect(error.message).toContain('Whether the change was made is not known');
    expect(carrier.requests).toHaveLength(1);
  }
});

test('no error shows the address, which may hold a secret', async () => {
  const carrier = await carrierServer(carrierError(422, `${URL} is wrong`));
  const error = await failedCall(clientOf(carrier.url).setCallback('sms', URL));
  expect(error).toMatchObject({ status: 422, reason: 'rejected', refused: true });
  expect(error.message).not.toContain('a-secret-token');
});

test.each([
  ['voice', URL, /kind for .* is "voice"\. Give one of sms, mms, sms_dlr, mms_dlr\./],
  [
    'sms',
    'http://acme.example/a-secret-token',
    /url for .* is a string of \d+ characters\. Give an https address/,
  ],
  ['sms', undefined, /url for .* is undefined\. Give an https address/],
])('the callback %p at %p is misuse', async (kind, url, message) => {
  const client = clientOf('http://localhost:9');
  const errors = await Promise.all([
    failedCall(client.setCallback(kind as never, url as never)),
    failedCall(client.setNumberCallback('12065550100', kind as never, url as never)),
  ]);
  for (const error of errors) {
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toMatch(message);
  }
});

test('a number that is none is misuse', async () => {
  const call = clientOf('http://localhost:9').setNumberCallback('../messages', 'sms', URL);
  expect(await failedCall(call)).toBeInstanceOf(TypeError);
});

test('v2 has no callbacks of the account', async () => {
  const client = clientOf('http://localhost:9', { apiVersion: 'v2' });
  expect(await failedCall(client.callback('sms'))).toBeInstanceOf(TypeError);
  expect(await failedCall(client.setCallback('sms', URL))).toBeInstanceOf(TypeError);
});
