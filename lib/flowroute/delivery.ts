import type { Delivery } from '../ports/sms-sender';

/** The carrier's code for "the phone rejected the message". */
const REJECTED_BY_PHONE = 1110;
/** The carrier's code for "message accepted by carrier". */
const ACCEPTED_BY_CARRIER = 1003;

/** "Submitted" and "buffered" are steps on the way to the phone; neither says that it got there. */
const SENT = new Set(['smsc submit', 'mmsc submit', 'message sent', 'message buffered', 'sent']);
const DELIVERED = new Set(['delivered', 'delivery success']);
const ACCEPTED = new Set(['accepted', 'queued', 'pending']);
const FAILED = /reject|fail|undeliv/;

/**
 * Classifies what Flowroute says of a text, in a receipt or in a message record. The set of its
 * words is open: whatever is not known is `unknown`, never an error. `code` comes as a number, as
 * a string, as null or not at all.
 */
export function deliveryOf(status: unknown, code?: unknown): Delivery {
  if (Number(code) === REJECTED_BY_PHONE) return 'failed';
  const words = typeof status === 'string' ? status.trim().toLowerCase() : '';
  if (DELIVERED.has(words)) return 'delivered';
  if (FAILED.test(words)) return 'failed';
  if (SENT.has(words)) return 'sent';
  if (ACCEPTED.has(words)) return 'accepted';
  return Number(code) === ACCEPTED_BY_CARRIER ? 'sent' : 'unknown';
}

/** Receipts arrive doubled and in any order; the furthest one counts. */
const ORDER: readonly Delivery[] = ['unknown', 'accepted', 'sent', 'failed', 'delivered'];

/** How far a text got by everything that was said of it. */
export function furthestDelivery(deliveries: readonly Delivery[]): Delivery {
  return deliveries.reduce<Delivery>(
    (furthest, each) => (ORDER.indexOf(each) > ORDER.indexOf(furthest) ? each : furthest),
    'unknown',
  );
}
