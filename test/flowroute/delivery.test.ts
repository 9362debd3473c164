import { deliveryOf, furthestDelivery } from '../../lib/flowroute/delivery';

test.each([
  ['smsc submit', null, 'sent'],
  ['smsc submit', undefined, 'sent'],
  ['mmsc submit', undefined, 'sent'],
  ['message buffered', 1003, 'sent'],
  ['message buffered', '1003', 'sent'],
  ['delivered', undefined, 'delivered'],
  ['delivery success', undefined, 'delivered'],
  ['Delivered ', undefined, 'delivered'],
  ['delivery failure', undefined, 'failed'],
  ['smsc reject', undefined, 'failed'],
  ['rejected by carrier', undefined, 'failed'],
  ['failed', undefined, 'failed'],
  ['undeliverable', undefined, 'failed'],
  ['undelivered', undefined, 'failed'],
  ['pending', undefined, 'accepted'],
  ['a word of tomorrow', undefined, 'unknown'],
  ['a word of tomorrow', 1003, 'sent'],
  ['', undefined, 'unknown'],
  [undefined, undefined, 'unknown'],
  [null, null, 'unknown'],
  [7, {}, 'unknown'],
] as const)('the status %p with the code %p is %s', (status, code, delivery) => {
  expect(deliveryOf(status, code)).toBe(delivery);
});

test.each([1110, '1110'])('the code %p means that the phone rejected it, whatever else', (code) => {
  expect(deliveryOf('message buffered', code)).toBe('failed');
  expect(deliveryOf(undefined, code)).toBe('failed');
});

test('of several receipts the furthest counts, in whatever order they came', () => {
  expect(furthestDelivery([])).toBe('unknown');
  expect(furthestDelivery(['sent', 'accepted', 'unknown'])).toBe('sent');
  expect(furthestDelivery(['delivered', 'sent', 'sent'])).toBe('delivered');
  expect(furthestDelivery(['sent', 'failed'])).toBe('failed');
});
