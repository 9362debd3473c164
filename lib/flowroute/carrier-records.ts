import { createHash } from 'node:crypto';
import type { Delivery } from '../ports/senders';
import { deliveryOf, furthestDelivery, statusCode } from './delivery';
import { FlowrouteError } from './flowroute-error';
import {
  dollarPart,
  numberPart,
  parseJson,
  part,
  plusNumber,
  textPart,
  type CarrierAnswer,
} from './wire';

export { isMessageId } from './wire';

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
  /** What the whole text cost, in US dollars. */
  price: number | undefined;
  /** How many texts it was charged as; only where the carrier says so, as v2.2 does. */
  segments: number | undefined;
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
    ...readCharge(item, fields),
    mms: [part(fields, 'is_mms'), part(fields, 'has_mms')].some((flag) => String(flag) === 'true'),
    ...(withBody ? { body: textPart(fields, 'body') ?? '' } : {}),
  };
}

function readReceipt(receipt: unknown): MessageReceipt {
  const status = textPart(receipt, 'status');
  const code = statusCode(receipt);
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

/** What a text cost. */
type Charge = Pick<MessageRecord, 'price' | 'segments'>;

/** The price of a record; v2.2 may add the details that it answers a text with. */
function readCharge(item: unknown, fields: unknown): Charge {
  const nanodollars = numberPart(fields, 'amount_nanodollars');
  const details = readPriceDetails(fields) ?? readPriceDetails(item);
  const price =
    nanodollars === undefined
      ? (dollarPart(fields, 'amount_display') ?? details?.price)
      : nanodollars / 1e9;
  return { price, segments: details?.segments };
}

/** `price_details` of v2.2; `undefined` where there are none. */
export function readPriceDetails(item: unknown): Charge | undefined {
  const details = part(item, 'price_details');
  if (details === undefined || details === null) return undefined;
  const segments = numberPart(details, 'segment_count');
  return {
    price: dollarPart(details, 'charged_cost'),
    segments: Number.isInteger(segments) ? segments : undefined,
  };
}

/** A number on the account. */
export interface AccountNumber {
  /** E.164 with the plus sign. */
  number: string;
  /** The name that the account's owner gave it. */
  alias: string | undefined;
  /** `longcode` or `toll-free`; older accounts know other words. */
  type: string | undefined;
  state: string | undefined;
  rateCenter: string | undefined;
}

/** Reads an item of an answer; `undefined` where it is no number. */
export function readAccountNumber(item: unknown): AccountNumber | undefined {
  const fields = part(item, 'attributes');
  const number = plusNumber(part(fields, 'value') ?? part(item, 'id'));
  if (number === undefined) return undefined;
  return {
    number,
    alias: textPart(fields, 'alias'),
    type: textPart(fields, 'number_type'),
    state: textPart(fields, 'state'),
    rateCenter: textPart(fields, 'rate_center'),
  };
}

/** How a list is fetched and read. */
interface List<Item> {
  /** What is listed, for errors: `messages` or `numbers`. */
  what: string;
  fetchPage: (offset: number) => Promise<CarrierAnswer>;
  readItem: (item: unknown) => Item | undefined;
  /** Tells items apart. */
  idOf: (item: Item) => string;
}

/**
 * Reads a list page by page, each one only when the one before is used up. Of `links.next` nothing
 * but the offset is taken, so that no answer can send the credentials anywhere else. A list that
 * does not move on ends with an error.
 */
export async function* readPages<Item>(list: List<Item>): AsyncGenerator<Item, void, undefined> {
  const pagesSeen = new Set<string>();
  let before = new Set<string>();
  for (let offset = 0; ;) {
    const page = parseJson((await list.fetchPage(offset)).text);
    const items = readItems(list, page);
    if (items.length === 0) return;
    const ids = items.map(list.idOf);
    const next = nextOffset(page, offset);
    const mark = createHash('sha256').update(ids.join()).digest('base64');
    if (pagesSeen.has(mark) || (next ?? Infinity) <= offset) throw stuck(list.what);
    pagesSeen.add(mark);
    // What came in meanwhile pushes the end of the last page onto this one.
    const fresh = items.filter((item) => !before.has(list.idOf(item)));
    // The same items in another order would go on for ever and bring nothing.
    if (fresh.length === 0 && next !== undefined) throw stuck(list.what);
    yield* fresh;
    if (next === undefined) return;
    before = new Set(ids);
    offset = next;
  }
}

function readItems<Item>({ what, readItem }: List<Item>, page: unknown): Item[] {
  const data = part(page, 'data');
  if (!Array.isArray(data)) throw unusable(`a list of ${what}`);
  return data.map((each) => {
    const item = readItem(each);
    if (item === undefined) throw unusable(`a list of ${what}`);
    return item;
  });
}

function nextOffset(page: unknown, offset: number): number | undefined {
  const link = textPart(page, 'links', 'next');
  if (link === undefined) return undefined;
  // A relative link needs a base to be read; where it points does not matter.
  const given = URL.canParse(link, 'https://localhost')
    ? new URL(link, 'https://localhost').searchParams.get('offset')
    : null;
  return given !== null && /^\d{1,15}$/.test(given) ? Number(given) : offset;
}

/** The answer of a read is a success and yet not what was asked for. */
export function unusable(wanted: string): FlowrouteError {
  const cure = 'Check baseUrl, apiVersion and any proxy before the API.';
  return new FlowrouteError(`Flowroute answered something that is not ${wanted}. ${cure}`, {
    reason: 'unavailable',
    refused: true,
    cure,
  });
}

function stuck(what: string): FlowrouteError {
  return new FlowrouteError(
    `Flowroute answered the same page of ${what} again, so the list was ended. ` +
      'What came until then is a part of it.',
    { reason: 'unavailable', refused: true },
  );
}
