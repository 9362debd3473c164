import { memoryCounter } from '../../lib/counters/memory-counter';
import { SecondFactorError } from '../../lib/errors';
import { flowrouteSender } from '../../lib/senders/flowroute-sender';
import {
  answerWith,
  BODY,
  carrierServer,
  closeServers,
  failureOf,
  FROM,
  KEYS,
  sendThrough,
  TO,
} from './carrier-server';

afterEach(closeServers);

const ID = 'mdr2-39cadeace66e11e7aff806cd7f24ba2d';
const { signal } = new AbortController();
const sender = (baseUrl: string, lookUpDelivery?: boolean) =>
  flowrouteSender({ ...KEYS, from: FROM, baseUrl, lookUpDelivery });

test('a sender does not look deliveries up unless it is told to', () => {
  expect(sender('http://localhost:9')).not.toHaveProperty('delivery');
  expect(sender('http://localhost:9', false)).not.toHaveProperty('delivery');
});

test('a sender that may look deliveries up tells how far a text got', async () => {
  const attributes = { status: 'message buffered', body: BODY };
  const carrier = await carrierServer(answerWith(200, { data: { id: ID, attributes } }));
  const report = { delivery: 'sent', status: 'message buffered' };
  expect(await sender(carrier.url, true).delivery?.(ID, { signal })).toEqual(report);
  expect(carrier.requests[0]).toMatchObject({ method: 'GET', url: `/v2.2/messages/${ID}` });
});

test('[S195] the words of the step that it got to come along, fit for a log', async () => {
  const step = (status: string, status_code: unknown, status_code_description: string) => ({
    ...{ status, status_code, status_code_description },
  });
  const attributes = {
    status: 'delivery failure',
    delivery_receipts: [
      step('delivery failure', 1110, 'the phone +1 206 555 0142\nrejected 739201'),
      step('smsc submit', null, 'Message has been sent'),
    ],
  };
  const carrier = await carrierServer(answerWith(200, { data: { id: ID, attributes } }));
  expect(await sender(carrier.url, true).delivery?.(ID, { signal })).toEqual({
    delivery: 'failed',
    status: 'delivery failure',
    code: 1110,
    description: 'the phone +(digits) rejected (digits)',
  });
});

test('a text that the carrier does not know yet has no delivery', async () => {
  const carrier = await carrierServer(answerWith(404, {}));
  expect(await sender(carrier.url, true).delivery?.(ID, { signal })).toBeUndefined();
});

test('a look-up that fails is an error of the library, and is made once', async () => {
  const carrier = await carrierServer(answerWith(503));
  const error = await failureOf(
    Promise.resolve(sender(carrier.url, true).delivery?.(ID, { signal })),
  );
  expect(error).toBeInstanceOf(SecondFactorError);
  expect(error).toMatchObject({ code: 'delivery_failed', reason: 'unavailable' });
  expect(carrier.requests).toHaveLength(1);
});

test('a sender with a counter keeps the rate in it, and no number or key', async () => {
  const counter = memoryCounter();
  const settle = jest.spyOn(counter, 'settle');
  const carrier = await carrierServer(answerWith(202, { data: { id: ID } }));
  await sendThrough(carrier.url, { counter });
  const { key = '' } = settle.mock.calls[0]?.[0].take?.[0] ?? {};
  expect(key).toMatch(/^flowroute:[0-9a-f]{32}:\/v2\.2\/messages#[0-4]$/);
  expect(key).not.toContain(KEYS.accessKey);
  expect(key).not.toContain(TO.slice(1));
});
