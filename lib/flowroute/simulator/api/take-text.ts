import type { RequestHandler, Response } from 'express';

import { postReceipts } from '../callbacks/post-receipts';
import type { Carrier } from '../carrier';
import { resetConnection } from '../faults/fault-answers';
import { courseOf, type Course } from '../texts/course';
import { newMessageId, type ApiVersion, type SimulatedMessage } from '../texts/message-log';
import { priceDetails } from '../texts/price';
import { planReceipts, reachesPhone } from '../texts/receipts';
import { sendCarrierError } from './carrier-errors';
import { originOf } from './list-query';
import { faultMode } from './meet-fault';
import { readText, type AcceptableText } from './text-request';

/** Takes a text or refuses it. What was taken runs its course: to the phone, and its receipts. */
export function takeText(version: ApiVersion, carrier: Carrier): RequestHandler {
  return (req, res) => {
    const text = readText(version, carrier, req.body);
    if ('refusal' in text) {
      sendCarrierError(res, ...text.refusal);
      return;
    }
    const mode = faultMode(res);
    const course = courseOf(mode, carrier.settings);
    const message = accept(version, carrier, text, course);
    const self = `${originOf(req)}/${version}/messages/${message.id}`;
    postReceipts(carrier, message, course, self);
    if (mode === 'accepted-but-lost') resetConnection(req);
    else sendTaken(version, message, self, text.body, res);
  };
}

function accept(
  version: ApiVersion,
  { settings, messages }: Carrier,
  text: AcceptableText,
  { fate }: Course,
): SimulatedMessage {
  const at = settings.clock();
  return messages.add({
    id: newMessageId(version),
    direction: 'outbound',
    ...text,
    at,
    status: reachesPhone(fate) ? 'delivered' : 'accepted',
    receipts: planReceipts(fate, at, settings.timeScale),
  });
}

function sendTaken(
  version: ApiVersion,
  { id }: SimulatedMessage,
  self: string,
  body: string,
  res: Response,
): void {
  if (version === 'v2') {
    res.status(200).json({ data: { id } });
    return;
  }
  const price = version === 'v2.2' ? { price_details: priceDetails(body) } : {};
  res.status(202).json({ data: { links: { self }, type: 'message', id, ...price } });
}
