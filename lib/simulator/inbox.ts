import express, { type Router } from 'express';
import { fieldsOf, onlyMethods, plainBody, sendCarrierError } from './carrier-http';
import { newMessageId, type SimulatedMessage } from './message-log';
import { SOME_PICTURE, readMediaUrls } from './message-log';
import {
  encodingOf,
  inboundTime,
  includedMedia,
  mediaRelationship,
  priceOf,
  readNumber,
  readTypedNumber,
} from './message-record';
import type { Carrier } from './simulated-carrier';
import type { CallbackShape } from './simulator-options';

/**
 * `GET /inbox?to=` shows the texts to phones, newest first; `DELETE /inbox` forgets the texts,
 * answers included, and nothing else (`POST /reset` forgets all);
 * `POST /inbox/reply {from, to, body, mediaUrls?}` has the person with the phone `from` answer the number `to`.
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
        'from and to must be North American numbers, body a string or null (a picture only), mediaUrls a list of URLs.';
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

function show({ id, to, from, body, media, at, status }: SimulatedMessage): object {
  const pictures = media.length === 0 ? {} : { mediaUrls: media };
  return { id, to, from, body, ...pictures, at: new Date(at).toISOString(), status };
}

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
  const media = readMediaUrls(fields.mediaUrls ?? (body === null ? [SOME_PICTURE] : []));
  if (media === undefined) return undefined;
  carrier.optOuts.hear(from, to, body ?? '');
  const message = carrier.messages.add({
    id: newMessageId('v2.2'),
    direction: 'inbound',
    to,
    from,
    body,
    mms: media.length > 0,
    media,
    at: carrier.settings.clock(),
    status: 'delivered',
    receipts: [],
  });
  postInbound(carrier, message);
  return message;
}

/** After the first post: four more, half a minute apart, until the answer is 200 and nothing else. */
const FURTHER_TRIES = 4;
const PAUSE_MS = 30_000;

/** Posts what a person wrote to the callback of the number, else to that of the account. */
function postInbound(carrier: Carrier, message: SimulatedMessage): void {
  void attempt(carrier, message, FURTHER_TRIES);
}

async function attempt(
  carrier: Carrier,
  message: SimulatedMessage,
  furtherTries: number,
): Promise<void> {
  const { settings, callbacks, posts, timers } = carrier;
  const url = callbacks.find(message.mms ? 'mms_callback' : 'sms_callback', message.to);
  if (url === undefined) return;
  const outcome = await posts.post(url, inboundBody(message, settings.callbackShape, url));
  if (outcome === 200 || outcome === 'stopped' || furtherTries === 0) return;
  timers.after(PAUSE_MS * settings.timeScale, () => {
    void attempt(carrier, message, furtherTries - 1);
  });
}

/** An inbound text as it is posted to `url`. */
function inboundBody(message: SimulatedMessage, shape: CallbackShape, url: string): object {
  const { id, to, from, body, at, mms } = message;
  if (shape === 'flat') return { to, body, from, id };
  const { nanodollars, display } = priceOf(message);
  const attributes = {
    amount_display: display,
    // A string here, although it is a number in records.
    amount_nanodollars: String(nanodollars),
    body,
    direction: 'inbound',
    from,
    is_mms: mms,
    message_callback_url: url,
    message_encoding: encodingOf(body),
    message_type: 'longcode',
    status: 'delivered',
    timestamp: inboundTime(at),
    to,
  };
  return {
    data: { attributes, ...mediaRelationship(message), type: 'message', id },
    ...includedMedia([message]),
  };
}
