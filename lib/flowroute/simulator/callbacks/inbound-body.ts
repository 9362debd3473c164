import type { CallbackShape } from '../options';
import type { SimulatedMessage } from '../texts/message-log';
import { encodingOf, priceOf } from '../texts/price';
import { inboundTime } from '../texts/timestamps';

/** An inbound text as it is posted to `url`. */
export function inboundBody(
  { id, to, from, body, at }: SimulatedMessage,
  shape: CallbackShape,
  url: string,
): object {
  if (shape === 'flat') return { to, body, from, id };
  const { nanodollars, display } = priceOf(body);
  const attributes = {
    amount_display: display,
    // A string here, although it is a number in records.
    amount_nanodollars: String(nanodollars),
    body,
    direction: 'inbound',
    from,
    is_mms: false,
    message_callback_url: url,
    message_encoding: encodingOf(body),
    message_type: 'longcode',
    status: 'delivered',
    timestamp: inboundTime(at),
    to,
  };
  return { data: { attributes, type: 'message', id } };
}
