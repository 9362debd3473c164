import type { ApiVersion, SimulatedMessage } from './message-log';

/** $0.0040 for each segment. */
const NANODOLLARS_PER_SEGMENT = 4_000_000;

/** The message detail record of one text, as each API version writes it. */
export function messageRecord(message: SimulatedMessage, version: ApiVersion): object {
  const nanodollars = segmentsOf(message.body) * NANODOLLARS_PER_SEGMENT;
  const tollFree = /^18(00|33|44|55|66|77|88)/.test(message.from);
  const attributes = {
    body: message.body,
    direction: message.direction,
    timestamp: new Date(message.at).toISOString(),
    amount_nanodollars: nanodollars,
    amount_display: `$${(nanodollars / 1e9).toFixed(4)}`,
    from: message.from,
    to: message.to,
    message_encoding: isAscii(message.body) ? 0 : 8,
  };
  const forVersion =
    version === 'v2'
      ? {
          has_mms: false,
          message_type: tollFree ? 'toll-free' : 'long-code',
          callback_url: null,
        }
      : {
          is_mms: false,
          message_type: tollFree ? 'toll-free' : 'longcode',
          ...deliveryOf(message),
        };
  return {
    data: { attributes: { ...attributes, ...forVersion }, type: 'message', id: message.id },
  };
}

/** What v2.2 says of the price where it takes a text, in dollars. */
export function priceDetails(body: string): object {
  const segments = segmentsOf(body);
  return {
    base_rate: NANODOLLARS_PER_SEGMENT / 1e9,
    charged_cost: (segments * NANODOLLARS_PER_SEGMENT) / 1e9,
    segment_count: segments,
    surcharge: 0,
  };
}

/** The newest receipt comes first, as in the records that Flowroute shows. */
function deliveryOf(message: SimulatedMessage): object {
  if (message.direction === 'inbound') return { status: 'delivered', delivery_receipts: [] };
  const timestamp = new Date(message.at).toISOString();
  const submitted = {
    level: 1,
    status: 'smsc submit',
    status_code: null,
    status_code_description: 'Message has been sent',
    timestamp,
  };
  if (message.status === 'accepted') {
    return { status: 'smsc submit', delivery_receipts: [submitted] };
  }
  const buffered = {
    level: 2,
    status: 'message buffered',
    status_code: 1003,
    status_code_description: 'Message accepted by Carrier',
    timestamp,
  };
  return { status: 'message buffered', delivery_receipts: [buffered, submitted] };
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
