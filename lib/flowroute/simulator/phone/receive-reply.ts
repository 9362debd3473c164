import { postInbound } from '../callbacks/post-inbound';
import type { Carrier } from '../carrier';
import { readNumber } from '../numbers';
import { newMessageId, type SimulatedMessage } from '../texts/message-log';

/**
 * A person with the phone `from` writes to the number `to`. STOP and UNSTOP change what may be
 * sent to them; the callback hears of everything. `undefined` where the fields make no text.
 */
export function receiveReply(
  carrier: Carrier,
  fields: Record<string, unknown>,
): SimulatedMessage | undefined {
  const from = readNumber(fields.from);
  const to = readNumber(fields.to);
  const { body } = fields;
  if (from === undefined || to === undefined) return undefined;
  if (typeof body !== 'string' && body !== null) return undefined;
  carrier.optOuts.hear(from, to, body ?? '');
  const message = carrier.messages.add({
    id: newMessageId('v2.2'),
    direction: 'inbound',
    to,
    from,
    body,
    at: carrier.settings.clock(),
    status: 'delivered',
    receipts: [],
  });
  postInbound(carrier, message);
  return message;
}
