import { unknownEnd, type FailedCall, type Subject } from './call';
import type { CarrierAnswer } from './carrier-answer';
import { quoteItems, readErrorItems } from './error-items';
import type { AccountSettings } from './account-options';
import { FlowrouteError } from './flowroute-error';
import { explainText, type Explanation } from './refused-text';
import { readRetryAfter, sayRetryAfter } from './retry-after';

/** What was asked for, of whom. */
export interface Asked {
  settings: AccountSettings;
  subject: Subject;
  /** Never in an error: credentials, and the header made of them. */
  secrets: readonly string[];
  now: number;
}

/** Turns any answer that is not a success into an error that says what to do. */
export function explainAnswer(answer: CarrierAnswer, asked: Asked): FailedCall {
  const { status, retryAfter } = answer;
  const { settings, subject, secrets, now } = asked;
  const items = readErrorItems(answer);
  const supportId = items.find(({ id }) => id !== undefined)?.id;
  const { reason, refused, advice } =
    (subject.kind === 'text' ? explainText(status, items, settings, subject) : undefined) ??
    explainStatus(answer, asked);
  const message = `${advice}${quoteItems(items, [...secrets, ...subject.hidden])}`;
  const error = new FlowrouteError(message, {
    status,
    reason,
    // A read that failed has changed nothing, whatever became of it.
    refused: refused || subject.kind === 'read',
    retryAfterMs: readRetryAfter(retryAfter, now),
    supportId,
  });
  // On v2 a 500 is typically a wrong number, which says nothing about the carrier.
  const isNumber = reason === 'to_rejected';
  const health = status < 500 ? 'well' : isNumber ? 'unknown' : 'ill';
  const again = status === 429 ? 'any' : status >= 500 ? 'reads' : 'never';
  return { error, again, health };
}

function explainStatus(answer: CarrierAnswer, { settings, subject }: Asked): Explanation {
  const { status } = answer;
  const host = new URL(settings.baseUrl).host;
  const sure = (reason: Explanation['reason'], advice: string): Explanation => {
    return { reason, refused: true, advice };
  };
  if (status === 401) {
    return sure(
      'credentials_rejected',
      'Flowroute refused the credentials (401). Check accessKey and secretKey: ' +
        'they are the API keys of the Flowroute portal, not its login.',
    );
  }
  if (status === 429) {
    return sure(
      'rate_limited',
      'Flowroute takes 5 calls per second for each access key and endpoint, and counts attempts (429). ' +
        `Call less at once or ask Flowroute for a higher rate.${sayRetryAfter(answer.retryAfter)}`,
    );
  }
  if (status >= 300 && status < 400) {
    const advice = `${host} answered with a redirect (${status}), which is not followed. Check baseUrl.`;
    return sure('unavailable', advice);
  }
  if (status >= 500) {
    const advice = `Flowroute is out of order (${status}${answer.html ? ', a web page' : ''}).${unknownEnd(subject)}`;
    return { reason: 'unavailable', refused: false, advice };
  }
  if (answer.html) {
    return sure(
      'unavailable',
      `${host} answered ${status} with a web page, so it is not the Flowroute API or something stands before it. Check baseUrl and proxies.`,
    );
  }
  const advice = `Flowroute refused the request (${status}). Check baseUrl and apiVersion (${settings.apiVersion}).`;
  return sure('rejected', advice);
}
