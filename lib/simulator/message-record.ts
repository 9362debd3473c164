import type { ApiVersion, Receipt, SimulatedMessage } from './message-log';

/** The message detail record of one text, as each API version writes it. */
export function messageRecord(message: SimulatedMessage, version: ApiVersion, now: number): object {
  const attributes = version === 'v2' ? oldAttributes(message) : { ...newAttributes(message, now) };
  return { attributes, type: 'message', id: message.id };
}

/** v2 knows nothing of receipts. */
function oldAttributes(message: SimulatedMessage): object {
  return {
    ...commonAttributes(message),
    timestamp: oldRecordTime(message.at),
    has_mms: false,
    message_type: isTollFree(message) ? 'toll-free' : 'long-code',
    callback_url: message.dlrCallback ?? null,
  };
}

function newAttributes(message: SimulatedMessage, now: number): object {
  // The newest receipt comes first, as in the records that Flowroute shows.
  const receipts = message.receipts.filter(({ at }) => at <= now).reverse();
  return {
    ...commonAttributes(message),
    timestamp: recordTime(message.at),
    is_mms: false,
    message_type: isTollFree(message) ? 'toll-free' : 'longcode',
    status: receipts[0]?.status ?? 'delivered',
    delivery_receipts: receipts.map(receiptPart),
  };
}

function commonAttributes({ body, direction, from, to }: SimulatedMessage): object {
  const { nanodollars, display } = priceOf(body);
  return {
    body,
    direction,
    from,
    to,
    amount_nanodollars: nanodollars,
    amount_display: display,
    message_encoding: encodingOf(body),
  };
}

function receiptPart({ level, status, code, description, at }: Receipt): object {
  return {
    level,
    status,
    status_code: code,
    status_code_description: description,
    timestamp: recordTime(at),
  };
}

function isTollFree({ direction, from, to }: SimulatedMessage): boolean {
  return /^18(00|33|44|55|66|77|88)/.test(direction === 'outbound' ? from : to);
}

/** $0.0040 for each segment, as in the examples of Flowroute. */
const NANODOLLARS_PER_SEGMENT = 4_000_000;

/** The price of a text as records and callbacks show it. */
export function priceOf(body: string | null): { nanodollars: number; display: string } {
  const nanodollars = segmentsOf(body ?? '') * NANODOLLARS_PER_SEGMENT;
  return { nanodollars, display: `$${(nanodollars / 1e9).toFixed(4)}` };
}

/** What v2.2 says of the price where it takes a text, in dollars. */
export function priceDetails(body: string): object {
  return {
    base_rate: NANODOLLARS_PER_SEGMENT / 1e9,
    charged_cost: priceOf(body).nanodollars / 1e9,
    segment_count: segmentsOf(body),
    surcharge: 0,
  };
}

/** The carrier's numbers for ASCII and UCS-2. */
export function encodingOf(body: string | null): 0 | 8 {
  return isAscii(body ?? '') ? 0 : 8;
}

/** Flowroute's own table: 160 ASCII characters, 140 a part beyond that, 70 for anything else. */
function segmentsOf(body: string): number {
  if (!isAscii(body)) return Math.ceil(body.length / 70);
  return body.length <= 160 ? 1 : Math.ceil(body.length / 140);
}

function isAscii(body: string): boolean {
  // eslint-disable-next-line no-control-regex -- a line break is ASCII, too
  return /^[\x00-\x7f]*$/.test(body);
}

// The carrier writes times in four ways, depending on where they stand.

/** In records of v2.1 and v2.2: `2017-12-21T16:44:34.930Z`. */
function recordTime(at: number): string {
  return new Date(at).toISOString();
}

/** In records of v2: `2016-06-13T20:34:29.095000+00:00`. */
function oldRecordTime(at: number): string {
  return recordTime(at).replace('Z', '000+00:00');
}

/** In inbound texts: `2024-10-19T01:21:21.980000Z`. */
export function inboundTime(at: number): string {
  return recordTime(at).replace('Z', '000Z');
}

/** In posted receipts and in links: `2017-12-21T16:44:35+00:00`. */
export function secondsTime(at: number): string {
  return recordTime(at).replace(/\.\d+Z$/, '+00:00');
}
