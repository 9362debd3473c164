import type { ApiVersion, Receipt, SimulatedMessage } from './message-log';

/** The message detail record of one text, as each API version writes it. */
export function messageRecord(message: SimulatedMessage, version: ApiVersion, now: number): object {
  const attributes = version === 'v2' ? oldAttributes(message) : { ...newAttributes(message, now) };
  return { attributes, ...mediaRelationship(message), type: 'message', id: message.id };
}

/** Where a message says which pictures it has; nothing where it has none. */
export function mediaRelationship(message: SimulatedMessage): object {
  const data = mediaOf(message).map(({ type, id }) => ({ type, id }));
  return data.length === 0 ? {} : { relationships: { media: { data } } };
}

interface Media {
  attributes: object;
  type: 'media';
  id: string;
}

function mediaOf({ id, media }: SimulatedMessage): Media[] {
  return media.map((url, index) => ({
    attributes: { url, file_name: new URL(url).pathname.split('/').at(-1) },
    type: 'media',
    id: `${id}-${index + 1}`,
  }));
}

/** The pictures of these messages, which stand beside them and not in them. */
export function includedMedia(messages: readonly SimulatedMessage[]): { included?: Media[] } {
  const included = messages.flatMap(mediaOf);
  return included.length === 0 ? {} : { included };
}

/** v2 knows nothing of receipts. */
function oldAttributes(message: SimulatedMessage): object {
  return {
    ...commonAttributes(message),
    timestamp: oldRecordTime(message.at),
    has_mms: message.mms,
    message_type: isTollFree(message) ? 'toll-free' : 'long-code',
    callback_url: message.dlrCallback ?? null,
  };
}

function newAttributes(message: SimulatedMessage, now: number): object {
  const receipts = receiptsUntil(message, now);
  const began = message.direction === 'inbound' ? 'delivered' : 'accepted';
  return {
    ...commonAttributes(message),
    timestamp: recordTime(message.at),
    is_mms: message.mms,
    message_type: isTollFree(message) ? 'toll-free' : 'longcode',
    status: receipts[0]?.status ?? began,
    delivery_receipts: receipts.map(receiptPart),
  };
}

/** What the carrier has told of it by now; the newest comes first, as in the records of Flowroute. */
export function receiptsUntil({ receipts }: SimulatedMessage, now: number): readonly Receipt[] {
  return receipts.filter(({ at }) => at <= now).reverse();
}

function commonAttributes(message: SimulatedMessage): object {
  const { body, direction, from, to } = message;
  const { nanodollars, display } = priceOf(message);
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

/** Invented: what Flowroute takes for an MMS was not found. */
const NANODOLLARS_PER_MMS = 10_000_000;

type Charged = Pick<SimulatedMessage, 'body' | 'mms'>;

/** The price of a text as records and callbacks show it. */
export function priceOf(text: Charged): { nanodollars: number; display: string } {
  const nanodollars = chargedAs(text) * rateOf(text);
  return { nanodollars, display: `$${(nanodollars / 1e9).toFixed(4)}` };
}

/** What v2.2 says of the price where it takes a text, in dollars. */
export function priceDetails(text: Charged): object {
  return {
    base_rate: rateOf(text) / 1e9,
    charged_cost: priceOf(text).nanodollars / 1e9,
    segment_count: chargedAs(text),
    surcharge: 0,
  };
}

/** How many texts it is charged as; an MMS is one, however long. */
export function chargedAs({ body, mms }: Charged): number {
  return mms ? 1 : segmentsOf(body ?? '');
}

function rateOf({ mms }: Charged): number {
  return mms ? NANODOLLARS_PER_MMS : NANODOLLARS_PER_SEGMENT;
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

// The simulator has its own reading of numbers, so that it cannot share a mistake with the client
// that is tested against it.

/** The 11 digits of a North American number written `+1NPANXXXXXX` or `1NPANXXXXXX`. */
export function readNumber(input: unknown): string | undefined {
  if (typeof input !== 'string') return undefined;
  return /^\+?(1[2-9]\d{2}[2-9]\d{6})$/.exec(input)?.[1];
}

/**
 * What a person types to find a number: with or without plus sign, country code and punctuation.
 * A plus sign that a query string turned into a blank is forgiven, too.
 */
export function readTypedNumber(input: string): string {
  const digits = input.replace(/\D/g, '');
  return digits.length === 10 ? `1${digits}` : digits;
}

/** `12065550142` as `+1 206 555 0142`. */
export function showNumber(digits: string): string {
  const parts = /^1(\d{3})(\d{3})(\d{4})$/.exec(digits);
  return parts ? `+1 ${parts.slice(1).join(' ')}` : digits;
}
