import type { CarrierCallback } from '../ports/carrier-callback';
import type { DeliveryReport } from '../ports/sms-sender';
import { safeWords } from '../errors';
import { isMessageId } from './carrier-records';
import { deliveryOf, statusCode } from './delivery';
import { part, plusNumber, textPart } from './wire';

/**
 * Reads what Flowroute posts to a callback address: delivery receipts and inbound texts, each with
 * the `data` wrapper of newer accounts and flat as older ones send it. Which of the two comes depends
 * on the account and on the number, and any part may be missing or of another type.
 */
export function readFlowrouteCallback(body: unknown): CarrierCallback | undefined {
  const item = part(body, 'data') ?? body;
  // Flat inbound texts have their fields beside the id, everything else has them in `attributes`.
  const fields = part(item, 'attributes') ?? item;
  const id = part(item, 'id');
  if (!isMessageId(id)) return undefined;
  if (isReceipt(item, fields)) {
    return { kind: 'receipt', id, ...readReport(fields) };
  }
  const from = plusNumber(part(fields, 'from'));
  const to = plusNumber(part(fields, 'to'));
  if (from === undefined || to === undefined) return undefined;
  const text = part(fields, 'body');
  return {
    kind: 'inbound',
    id,
    // A picture without words comes with no body at all.
    text: { id, from, to, body: typeof text === 'string' ? text : '' },
  };
}

function isReceipt(item: unknown, fields: unknown): boolean {
  const type = part(item, 'type');
  if (typeof type === 'string') return type === 'delivery_receipt';
  // Flat ones may leave the type out; an inbound text has no status of a receipt and no level.
  const outbound = part(fields, 'direction') !== 'inbound';
  return outbound && (part(fields, 'level') !== undefined || 'status' in Object(fields));
}

/** Its words go into an event, so they are made fit for a log; nothing vouches for who posted them. */
function readReport(fields: unknown): DeliveryReport {
  const status = textPart(fields, 'status');
  const description = textPart(fields, 'status_code_description');
  const code = statusCode(fields);
  return {
    delivery: deliveryOf(status, code),
    ...(status === undefined ? {} : { status: safeWords(status) }),
    ...(code === undefined ? {} : { code }),
    ...(description === undefined ? {} : { description: safeWords(description) }),
  };
}
