import type { RequestHandler, Response } from 'express';
import { readCallbackUrl } from './callback-posts';
import { originOf, requestFields, sendCarrierError } from './carrier-http';
import { faultMode, OPTED_OUT, resetConnection } from './fault-answers';
import { asksForMms, isMmsFlag, readMediaUrls } from './message-log';
import { newMessageId, type ApiVersion, type SimulatedMessage } from './message-log';
import { priceDetails, readNumber } from './message-record';
import { courseOf, planReceipts, postReceipts, reachesPhone, type Course } from './receipts';
import type { Carrier } from './simulated-carrier';

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
    else sendTaken(version, message, self, res);
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
    receipts: planReceipts(fate, text.mms, at, settings.timeScale),
  });
}

function sendTaken(
  version: ApiVersion,
  message: SimulatedMessage,
  self: string,
  res: Response,
): void {
  const { id } = message;
  if (version === 'v2') {
    res.status(200).json({ data: { id } });
    return;
  }
  const price = version === 'v2.2' ? { price_details: priceDetails(message) } : {};
  res.status(202).json({ data: { links: { self }, type: 'message', id, ...price } });
}

/** A text that the carrier takes; numbers are 11 digits. */
interface AcceptableText {
  to: string;
  from: string;
  body: string | null;
  mms: boolean;
  media: readonly string[];
  /** Where its receipts go, if not to the address of the number or the account. */
  dlrCallback: string | undefined;
}

/** Why the carrier does not take it. */
interface RefusedText {
  refusal: [status: number, detail: string];
}

/** Reads what is asked for and holds it against the account and the opt-outs. */
function readText(
  version: ApiVersion,
  { settings, optOuts }: Carrier,
  requestBody: unknown,
): AcceptableText | RefusedText {
  const fields = requestFields(requestBody);
  const { to: rawTo, from: rawFrom, dlr_callback } = fields;
  const said = readContent(version, fields);
  if (typeof rawFrom !== 'string' || said === undefined) {
    return { refusal: [422, CONTENT_NEEDED] };
  }
  const dlrCallback = readCallbackUrl(dlr_callback);
  if (dlr_callback !== undefined && dlrCallback === undefined) {
    return { refusal: [422, 'dlr_callback must be a URL.'] };
  }
  const from = readNumber(rawFrom);
  if (from === undefined || !settings.numbers.has(from)) {
    return { refusal: [403, "You don't have permission to access this resource."] };
  }
  // That such texts are blocked is documented; with which answer is not.
  if (settings.unregistered.includes(from)) {
    return { refusal: [403, 'The from number is not registered for 10DLC.'] };
  }
  const to = readNumber(rawTo);
  if (to === undefined) {
    // v2 is known to fail over such a number instead of refusing it.
    if (version === 'v2') return { refusal: [500, 'HTTP Response Not OK'] };
    return { refusal: [422, 'to must be an 11-digit North American number.'] };
  }
  if (optOuts.blocks(to, from)) return { refusal: OPTED_OUT };
  return { to, from, ...said, dlrCallback };
}

const CONTENT_NEEDED =
  'from and body are required and must be strings; on v2.1 and v2.2 media_urls, a list of URLs, may replace body.';

/** What a text says and shows; `undefined` where that is nothing, or malformed. */
function readContent(
  version: ApiVersion,
  fields: Record<string, unknown>,
): Pick<AcceptableText, 'body' | 'mms' | 'media'> | undefined {
  const { media_urls, is_mms, content } = fields;
  // The older clients of v2 call it so.
  const body = fields.body ?? (version === 'v2' ? content : undefined);
  const media = readMediaUrls(media_urls);
  if (media === undefined || !isMmsFlag(is_mms)) return undefined;
  if (version === 'v2' && media.length > 0) return undefined;
  const mms = version !== 'v2' && asksForMms(fields);
  if (typeof body === 'string') return { body, mms, media };
  return body === undefined && media.length > 0 ? { body: null, mms, media } : undefined;
}
