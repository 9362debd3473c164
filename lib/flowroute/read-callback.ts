import type { CarrierCallback, DeliveryReport } from '../ports/senders';
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
  const from = party(part(fields, 'from'));
  const to = party(part(fields, 'to'));
  if (from === undefined || to === undefined) return undefined;
  const text = part(fields, 'body');
  const mediaUrls = mediaOf(body, item, fields);
  return {
    kind: 'inbound',
    id,
    text: {
      ...{ id, from, to },
      // A picture without words comes with no body at all.
      body: typeof text === 'string' ? text : '',
      ...(mediaUrls.length === 0 ? {} : { mediaUrls }),
    },
  };
}

/** A number with its plus sign; a short code or a name, which nobody can answer by, as it stands. */
function party(value: unknown): string | undefined {
  const name = typeof value === 'number' ? String(value) : value;
  if (typeof name !== 'string') return undefined;
  return plusNumber(name) ?? /^(?=.*\S)[^\p{C}\p{Zl}\p{Zp}]{1,32}$/u.exec(name)?.[0];
}

const MOST_MEDIA = 50;

/**
 * The addresses of pictures: newer accounts get them in `included`, as JSON:API has it, others may get
 * a list in the message itself.
 */
function mediaOf(body: unknown, item: unknown, fields: unknown): string[] {
  const included = [part(body, 'included'), part(item, 'included')].find(Array.isArray) ?? [];
  const listed = [part(fields, 'media_urls'), part(item, 'media_urls')].find(Array.isArray) ?? [];
  return [...(included as unknown[]).map(mediaAddress), ...(listed as unknown[])]
    .filter((each): each is string => typeof each === 'string' && /^https?:\/\//i.test(each))
    .slice(0, MOST_MEDIA);
}

function mediaAddress(media: unknown): unknown {
  return part(media, 'attributes', 'url') ?? part(media, 'links', 'self');
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
