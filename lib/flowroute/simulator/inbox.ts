import express, { type Router } from 'express';

import type { Carrier } from './carrier';
import { onlyMethods, sendCarrierError } from './carrier-errors';
import { newMessageId, type SimulatedMessage } from './message-log';
import { readNumber, readTypedNumber } from './numbers';
import { fieldsOf, plainBody } from './request-body';

/**
 * `GET /inbox?to=` shows the texts to phones, newest first; `DELETE /inbox` forgets everything;
 * `POST /inbox/reply {from, to, body}` has the person with the phone `from` answer the number `to`.
 */
export function inboxRouter(carrier: Carrier): Router {
  const router = express.Router();
  router.get('/', (req, res) => {
    const messages = textsTo(carrier, req.query.to);
    res.json({ messages: messages.filter(({ direction }) => direction === 'outbound').map(show) });
  });
  router.delete('/', (_req, res) => {
    carrier.messages.clear();
    res.status(204).end();
  });
  router.all('/', onlyMethods('GET', 'DELETE'));
  router.post('/reply', plainBody, (req, res) => {
    const fields = fieldsOf(req.body);
    const from = readNumber(fields.from);
    const to = readNumber(fields.to);
    if (from === undefined || to === undefined || typeof fields.body !== 'string') {
      sendCarrierError(res, 422, 'from and to must be North American numbers, body a string.');
      return;
    }
    carrier.optOuts.hear(from, to, fields.body);
    const reply = carrier.messages.add({
      id: newMessageId('v2.2'),
      direction: 'inbound',
      to,
      from,
      body: fields.body,
      at: carrier.settings.clock(),
      status: 'delivered',
    });
    res.status(201).json({ ...show(reply), optedOut: carrier.optOuts.blocks(from, to) });
  });
  router.all('/reply', onlyMethods('POST'));
  return router;
}

/** The conversation of one phone, or of all where no number is asked for; newest first. */
export function textsTo(carrier: Carrier, phone: unknown): readonly SimulatedMessage[] {
  const messages = carrier.messages.all();
  if (phone === undefined || phone === '') return messages;
  const wanted = typeof phone === 'string' ? readTypedNumber(phone) : undefined;
  return messages.filter(
    (message) => wanted === (message.direction === 'outbound' ? message.to : message.from),
  );
}

function show({ id, to, from, body, at, status }: SimulatedMessage): object {
  return { id, to, from, body, at: new Date(at).toISOString(), status };
}
