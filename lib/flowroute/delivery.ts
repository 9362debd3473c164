import type { Delivery } from '../ports/senders';
import { numberPart } from './wire';

/** The carrier's code for "the phone rejected the message". */
const REJECTED_BY_PHONE = 1110;
/** The carrier's code for "message accepted by carrier". */
const ACCEPTED_BY_CARRIER = 1003;

/** "Submitted" and "buffered" are steps on the way to the phone; neither says that it got there. */
const SENT = new Set([
  'smsc submit',
  'mmsc submit',
  'message sent',
  'message buffered',
  'buffered',
  'submitted',
  'sent',
  'enroute',
]);
/** The words of SMPP (DELIVRD, ENROUTE, ACCEPTD) as well: carriers pass them on as they are. */
const DELIVERED = new Set(['delivered', 'delivery success', 'message delivered', 'delivrd']);
const ACCEPTED = new Set(['accepted', 'queued', 'pending', 'scheduled', 'acceptd']);
/** Words that mean the end of a text that did not arrive, whatever stands around them. */
const FAILED = new RegExp(
  [
    'reject|fail|undeliv',
    '\\b(non |not |never )deliver',
    '\\b(expir|block|delet|cancel|filter|spam|declin|drop|discard|refus|abort|barred|forbid)',
    '\\b(unreach|unroutable|invalid|absent|unknown subscriber|unknown number)',
    '\\b(opt out|opted out|unsubscribed)',
  ].join('|'),
);
/** Of a failure that the carrier goes on after. */
const NOT_YET = /\btemporar|\bretry|\bwill be tried/;

/** No word of the carrier is as long. */
const LONGEST_STATUS = 200;

/**
 * Classifies what Flowroute says of a text, in a receipt or in a message record. The set of its
 * words is open: whatever is not known is `unknown`, never an error. `code` comes as a number, as
 * a string, as null or not at all.
 */
export function deliveryOf(status: unknown, code?: unknown): Delivery {
  if (Number(code) === REJECTED_BY_PHONE) return 'failed';
  const words = typeof status === 'string' ? wordsOf(status) : '';
  if (DELIVERED.has(words)) return 'delivered';
  if (NOT_YET.test(words)) return 'sent';
  if (FAILED.test(words)) return 'failed';
  if (SENT.has(words)) return 'sent';
  if (ACCEPTED.has(words)) return 'accepted';
  return Number(code) === ACCEPTED_BY_CARRIER ? 'sent' : 'unknown';
}

/**
 * The carrier's code of a receipt. A longer number is none: it could be one that somebody can be
 * called by, or a code.
 */
export function statusCode(receipt: unknown): number | undefined {
  const code = numberPart(receipt, 'status_code');
  return code !== undefined && Number.isInteger(code) && code >= 0 && code < 100_000
    ? code
    : undefined;
}

/** Alike, whether the carrier writes `SMSC Submit`, `smsc_submit`, `smsc-submit` or `Smsc submit.` */
function wordsOf(status: string): string {
  return status
    .slice(0, LONGEST_STATUS)
    .replace(/[\s.!]+$/, '')
    .trimStart()
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, ' ');
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
