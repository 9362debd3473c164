import type { ApiVersion, SimulatedMessage } from './message-log';
import { encodingOf, priceOf } from './price';
import type { Receipt } from './receipts';
import { oldRecordTime, recordTime } from './timestamps';

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
