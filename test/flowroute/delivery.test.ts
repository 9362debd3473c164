import { deliveryOf, furthestDelivery, statusCode } from '../../lib/flowroute/delivery';

/** Words that mean that nothing more will come of a text. */
const ENDED = [
  'expired',
  'Message Expired',
  'blocked',
  'blocked by carrier',
  'deleted',
  'undeliverable',
  'UNDELIV',
  'not delivered',
  'non-delivered',
  'non_delivered',
  'rejected',
  'REJECTD',
  'cancelled',
  'canceled',
  'filtered',
  'spam',
  'declined',
  'dropped',
  'discarded',
  'refused',
  'aborted',
  'barred',
  'forbidden',
  'unreachable',
  'unroutable',
  'invalid number',
  'absent subscriber',
  'unknown subscriber',
  'opted out',
  'opted-out',
  'unsubscribed',
];

test.each([
  ['smsc submit', null, 'sent'],
  ['smsc submit', undefined, 'sent'],
  ['ENROUTE', null, 'sent'],
  ['ACCEPTD', null, 'accepted'],
  ['DELIVRD', null, 'delivered'],
  ['Delivered.', null, 'delivered'],
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
  ...ENDED.map((words) => [words, undefined, 'failed'] as const),
  ['temporary failure', undefined, 'sent'],
  ['failed, retrying', undefined, 'sent'],
  ['SMSC_SUBMIT', undefined, 'sent'],
  ['message-buffered', undefined, 'sent'],
  ['pending', undefined, 'accepted'],
  ['queued', undefined, 'accepted'],
  ['unblocked', undefined, 'unknown'],
  ['redelivered', undefined, 'unknown'],
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

test.each([
  [1003, 1003],
  ['1110', 1110],
  [0, 0],
  [null, undefined],
  ['', undefined],
  ['none', undefined],
  [10.5, undefined],
  [-1, undefined],
  // A code of a text, and a number, are no codes of the carrier.
  [123456, undefined],
  ['12065550142', undefined],
  [{}, undefined],
])('the code %p of a receipt is %p', (status_code, code) => {
  expect(statusCode({ status_code })).toBe(code);
});
