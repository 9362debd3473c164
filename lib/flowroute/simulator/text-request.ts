import type { Carrier } from './carrier';
import { OPTED_OUT } from './fault-answers';
import type { ApiVersion } from './message-log';
import { readNumber } from './numbers';
import { fieldsOf } from './request-body';

/** A text that the carrier takes; numbers are 11 digits. */
export interface AcceptableText {
  to: string;
  from: string;
  body: string;
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
  const { to: rawTo, from: rawFrom, body } = readFields(requestBody);
  if (typeof rawFrom !== 'string' || typeof body !== 'string' || body === '') {
    return { refusal: [422, 'from and body are required and must be strings.'] };
  }
  const from = readNumber(rawFrom);
  if (from === undefined || !settings.from.has(from)) {
    return { refusal: [403, "You don't have permission to access this resource."] };
  }
  const to = readNumber(rawTo);
  if (to === undefined) {
    // v2 is known to fail over such a number instead of refusing it.
    if (version === 'v2') return { refusal: [500, 'HTTP Response Not OK'] };
    return { refusal: [422, 'to must be an 11-digit North American number.'] };
  }
  if (optOuts.blocks(to, from)) return { refusal: OPTED_OUT };
  return { to, from, body };
}

/** Both body forms: compact, and JSON:API with everything under `data.attributes`. */
function readFields(requestBody: unknown): Record<string, unknown> {
  const fields = fieldsOf(requestBody);
  return 'data' in fields ? fieldsOf(fieldsOf(fields.data).attributes) : fields;
}
