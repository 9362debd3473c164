import type { Delivery } from '../../ports/sms-sender';
import { deliveryOf, furthestDelivery } from '../delivery';
import { numberPart, part, textPart } from './json';
import { plusNumber } from './north-american-number';

/** One text as Flowroute keeps it, alike for every version of its API. */
export interface MessageRecord {
  id: string;
  direction: 'inbound' | 'outbound' | undefined;
  /** E.164 with the plus sign. */
  from: string | undefined;
  to: string | undefined;
  /** In Flowroute's words; v2 says nothing. */
  status: string | undefined;
  /** How far it got, by its status and its receipts. */
  delivery: Delivery;
  /** Newest first where the carrier keeps its order; none on v2. */
  receipts: readonly MessageReceipt[];
  /** Milliseconds since the epoch. */
  at: number | undefined;
  /** In US dollars. */
  price: number | undefined;
  mms: boolean;
  /** Only where it was asked for: it holds the code. */
  body?: string;
}

/** One delivery receipt of a text. */
export interface MessageReceipt {
  /** 1 on the way to the carrier of the phone, 2 from there on. */
  level: number | undefined;
  status: string | undefined;
  /** Flowroute's `status_code`, such as 1003 (taken by the carrier of the phone); level 1 has none. */
  code: number | undefined;
  description: string | undefined;
  delivery: Delivery;
  /** When the step was, in milliseconds since the epoch. */
  at: number | undefined;
}

/** Reads an item of an answer; `undefined` where it is no message. */
export function readMessageRecord(item: unknown, withBody: boolean): MessageRecord | undefined {
  const id = textPart(item, 'id');
  const fields = part(item, 'attributes');
  if (id === undefined || typeof fields !== 'object' || fields === null) return undefined;
  const status = textPart(fields, 'status');
  const given = part(fields, 'delivery_receipts');
  const receipts = Array.isArray(given) ? given.map(readReceipt) : [];
  const direction = textPart(fields, 'direction');
  return {
    id,
    direction: direction === 'inbound' || direction === 'outbound' ? direction : undefined,
    from: plusNumber(part(fields, 'from')),
    to: plusNumber(part(fields, 'to')),
    status,
    delivery: readDelivery(status, receipts),
    receipts,
    at: readTime(fields),
    price: readPrice(fields),
    mms: [part(fields, 'is_mms'), part(fields, 'has_mms')].some((flag) => String(flag) === 'true'),
    ...(withBody ? { body: textPart(fields, 'body') ?? '' } : {}),
  };
}

function readReceipt(receipt: unknown): MessageReceipt {
  const status = textPart(receipt, 'status');
  const code = numberPart(receipt, 'status_code');
  return {
    level: numberPart(receipt, 'level'),
    status,
    code,
    description: textPart(receipt, 'status_code_description'),
    delivery: deliveryOf(status, code),
    at: readTime(receipt),
  };
}

/** A record without any word on delivery, as on v2, still says that the carrier took the text. */
function readDelivery(status: string | undefined, receipts: readonly MessageReceipt[]): Delivery {
  if (status === undefined && receipts.length === 0) return 'accepted';
  return furthestDelivery([deliveryOf(status), ...receipts.map(({ delivery }) => delivery)]);
}

function readTime(fields: unknown): number | undefined {
  const at = Date.parse(textPart(fields, 'timestamp') ?? '');
  return Number.isNaN(at) ? undefined : at;
}

function readPrice(fields: unknown): number | undefined {
  const nanodollars = numberPart(fields, 'amount_nanodollars');
  if (nanodollars !== undefined) return nanodollars / 1e9;
  const shown = /^\$?(\d+(?:\.\d+)?)$/.exec(String(part(fields, 'amount_display')))?.[1];
  return shown === undefined ? undefined : Number(shown);
}
