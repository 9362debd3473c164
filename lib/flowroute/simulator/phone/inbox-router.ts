import express, { type Router } from 'express';

import { onlyMethods, sendCarrierError } from '../api/carrier-errors';
import { fieldsOf, plainBody } from '../api/request-body';
import type { Carrier } from '../carrier';
import { readTypedNumber } from '../numbers';
import type { SimulatedMessage } from '../texts/message-log';
import { receiveReply } from './receive-reply';

/**
 * `GET /inbox?to=` shows the texts to phones, newest first; `DELETE /inbox` forgets the texts,
 * answers included, and nothing else (`POST /reset` forgets all);
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
    const reply = receiveReply(carrier, fieldsOf(req.body));
    if (reply === undefined) {
      const detail =
        'from and to must be North American numbers, body a string or null (a picture only).';
      sendCarrierError(res, 422, detail);
      return;
    }
    const optedOut = carrier.optOuts.blocks(reply.from, reply.to);
    res.status(201).json({ ...show(reply), optedOut });
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
