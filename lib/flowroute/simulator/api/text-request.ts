import { readCallbackUrl } from '../callbacks/callback-addresses';
import type { Carrier } from '../carrier';
import { OPTED_OUT } from '../faults/fault-answers';
import { readNumber } from '../numbers';
import type { ApiVersion } from '../texts/message-log';
import { requestFields } from './request-body';

/** A text that the carrier takes; numbers are 11 digits. */
export interface AcceptableText {
  to: string;
  from: string;
  body: string;
  /** Where its receipts go, if not to the address of the number or the account. */
  dlrCallback: string | undefined;
}

/** Why the carrier does not take it. */
export interface RefusedText {
  refusal: [status: number, detail: string];
}

/** Reads what is asked for and holds it against the account and the opt-outs. */
export function readText(
  version: ApiVersion,
  { settings, optOuts }: Carrier,
  requestBody: unknown,
): AcceptableText | RefusedText {
  const { to: rawTo, from: rawFrom, body, dlr_callback } = requestFields(requestBody);
  if (typeof rawFrom !== 'string' || typeof body !== 'string' || body === '') {
    return { refusal: [422, 'from and body are required and must be strings.'] };
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
  return { to, from, body, dlrCallback };
}
