import type { DeliveryFailureReason } from '../errors';
import {
  blamedBy,
  quoteItems,
  readErrorItems,
  saysOptedOut,
  type Blamed,
  type CarrierErrorItem,
} from './carrier-words';
import type { AccountSettings } from './client-options';
import { FlowrouteError, unknownEnd, type FailedCall } from './flowroute-error';
import type { Subject, TextSubject } from './requests';
import { digitsOf, maskNumber, readNorthAmericanNumber, type CarrierAnswer } from './wire';

/** What was asked for, of whom. */
interface Asked {
  settings: AccountSettings;
  subject: Subject;
  /** Never in an error: credentials, and the header made of them. */
  secrets: readonly string[];
  now: number;
}

/** Turns any answer that is not a success into an error that says what to do. */
export function explainAnswer(answer: CarrierAnswer, asked: Asked): FailedCall {
  const { status, retryAfter } = answer;
  const { subject, secrets, now } = asked;
  const items = readErrorItems(answer);
  const supportId = items.find(({ id }) => id !== undefined)?.id;
  const says = quoteItems(items, { keys: secrets, values: subject.hidden });
  const { reason, refused, happened, cure } =
    (subject.kind === 'text' ? explainText(answer, items, asked.settings, subject) : undefined) ??
    explainStatus(answer, asked);
  const quote = says === undefined ? '' : ` Flowroute said: "${says}".`;
  const support = supportId === undefined ? '' : ` Its support knows this error as ${supportId}.`;
  const error = new FlowrouteError(`${happened} ${cure}${quote}${support}`, {
    status,
    reason,
    // A read that failed has changed nothing, whatever became of it.
    refused: refused || subject.kind === 'read',
    retryAfterMs: readRetryAfter(retryAfter, now),
    supportId,
    says,
    cure,
  });
  // On v2 a 500 is typically a wrong number, which says nothing about the carrier.
  const isNumber = reason === 'to_rejected';
  const health = status < 500 ? 'well' : isNumber ? 'unknown' : 'ill';
  const again = status === 429 ? 'any' : status >= 500 ? 'reads' : 'never';
  return { error, again, health };
}

/** A success that is not the carrier's: nobody knows whether the carrier ever saw the request [S196]. */
export function explainStrangeSuccess(
  { status, text, html }: CarrierAnswer,
  { settings, subject }: Pick<Asked, 'settings' | 'subject'>,
): FailedCall {
  const host = new URL(settings.baseUrl).host;
  const what = html ? 'a web page' : text === '' ? 'nothing' : 'something else';
  const wanted = subject.kind === 'text' ? 'the id of a text' : 'an answer of the API';
  const cure =
    'It is not the Flowroute API, or a proxy answers before it. Check baseUrl, and any proxy on the way.';
  const error = new FlowrouteError(
    `${host} answered ${status} with ${what} instead of ${wanted}.${unknownEnd(subject)} ${cure}`,
    { status, reason: 'unknown_outcome', refused: false, cure },
  );
  return { error, again: 'never', health: 'ill' };
}

interface Explanation {
  reason: DeliveryFailureReason;
  refused: boolean;
  happened: string;
  cure: string;
}

const sure = (reason: Explanation['reason'], happened: string, cure: string): Explanation => ({
  reason,
  refused: true,
  happened,
  cure,
});

function explainStatus(answer: CarrierAnswer, { settings, subject }: Asked): Explanation {
  const { status, html } = answer;
  const host = new URL(settings.baseUrl).host;
  if (status >= 300 && status < 400) {
    const happened = `${host} answered with a redirect (${status}), which is not followed.`;
    return sure('unavailable', happened, 'Check baseUrl.');
  }
  if (status >= 500) {
    const happened = `Flowroute is out of order (${status}${html ? ', a web page' : ''}).${unknownEnd(subject)}`;
    const cure = 'Wait a little; where it stays so, ask its support.';
    return { reason: 'unavailable', refused: false, happened, cure };
  }
  if (status === 401) {
    return sure(
      'credentials_rejected',
      'Flowroute refused the credentials (401).',
      'Check accessKey and secretKey: they are the API keys of the Flowroute portal, not its login.',
    );
  }
  if (status === 429) {
    return sure(
      'rate_limited',
      'Flowroute takes 5 calls per second for each access key and endpoint, and counts attempts (429).',
      `Call less at once or ask Flowroute for a higher rate.${sayRetryAfter(answer.retryAfter)}`,
    );
  }
  if (html) {
    return sure(
      'unavailable',
      `${host} answered ${status} with a web page, so it is not the Flowroute API or something stands before it.`,
      'Check baseUrl and proxies.',
    );
  }
  if (status === 402) return sure('rejected', 'Flowroute wants to be paid first (402).', PAY);
  if (status === 408) {
    const happened = `Flowroute did not get the whole request in time (408).${unknownEnd(subject)}`;
    const cure = 'Wait a little; where it stays so, look for a slow network or proxy on the way.';
    return { reason: 'unavailable', refused: false, happened, cure };
  }
  const cure = cureOfStatus(status, subject.kind);
  return sure(
    'rejected',
    `Flowroute refused the request (${status}).`,
    cure ?? `Check baseUrl and apiVersion (${settings.apiVersion}).`,
  );
}

/** What to do about a refusal of a status that has nothing to do with the address of the API. */
function cureOfStatus(status: number, kind: Subject['kind']): string | undefined {
  switch (status) {
    case 400:
    case 422:
      return {
        text: 'Check from, and what the text says; where the words of Flowroute do not tell why, ask its support.',
        change: CALLBACK,
        read: 'Check what was asked for: ids, numbers and dates.',
      }[kind];
    case 403:
      return 'Check that these API keys may do that, and that the number is on their account.';
    case 409:
    case 423:
    case 425:
      return 'Wait a little: it collides with another change. Where it stays so, ask its support.';
    case 413:
      return 'Send less at once: a shorter text, fewer or smaller pictures.';
    case 406:
    case 411:
    case 412:
    case 415:
    case 417:
    case 431:
      return 'See whether a proxy on the way changes requests: what is sent is what Flowroute documents.';
  }
  return undefined;
}

const CALLBACK = 'Check the address of the callback: it must be https and open to the internet.';

const PAY = 'See the balance and the way of payment in the Flowroute portal.';

/** What a refusal means for a text and for nothing else: the phone, or one of the numbers. */
function explainText(
  { status, html }: CarrierAnswer,
  items: readonly CarrierErrorItem[],
  { apiVersion }: AccountSettings,
  subject: TextSubject,
): Explanation | undefined {
  const isRefusal = status === 400 || status === 403 || status === 422;
  if (isRefusal && items.some((each) => saysOptedOut(each, status)))
    return explainOptOut(subject, status);
  const isWhole = readNorthAmericanNumber(subject.to) !== undefined;
  // The number can be looked at here: a whole one is not why v2 fails.
  if (status === 500 && apiVersion === 'v2' && !isWhole) {
    const happened = `Flowroute answered 500. On v2 that is typically the to number, here ${maskNumber(subject.to)}.`;
    return { reason: 'to_rejected', refused: false, happened, cure: WHOLE_NUMBER };
  }
  // A web page is of a firewall or a proxy, which looks at no numbers.
  if (!isRefusal || html) return undefined;
  const blamed = blamedBy(items, subject.to);
  // Only the from number is documented as the cause of a 403, and on v2 a broken to number.
  if (blamed === undefined && status === 403) return explainForbidden(subject, apiVersion, isWhole);
  return blamed && explainBlame(blamed, status, subject);
}

const WHOLE_NUMBER = 'It must be a complete US or Canadian number.';
const REGISTER =
  'Check from, and in the Flowroute portal that it is on this account, enabled for messaging and ' +
  'registered: a 10DLC brand and campaign, or the verification of a toll-free number.';

function explainBlame(blamed: Blamed, status: number, { to, from }: TextSubject): Explanation {
  switch (blamed) {
    case 'to':
      return sure(
        'to_rejected',
        `Flowroute did not take ${maskNumber(to)} as the to number (${status}).`,
        `${WHOLE_NUMBER.slice(0, -1)} that can receive texts.`,
      );
    case 'from':
      return sure(
        'from_rejected',
        `Flowroute did not take ${maskNumber(from)} as the from number (${status}).`,
        REGISTER,
      );
    case 'callback':
      return sure('rejected', `Flowroute did not take the callback address (${status}).`, CALLBACK);
    case 'media':
      return sure(
        'rejected',
        `Flowroute did not take the pictures (${status}).`,
        'Each mediaUrls must be an address that anybody can fetch, and no larger than Flowroute takes.',
      );
    case 'spam':
      return sure(
        'rejected',
        `Flowroute did not take what the text says (${status}).`,
        'Bring the text in line with the samples of your campaign, without shortened links.',
      );
    case 'funds':
      return sure('rejected', `Flowroute wants to be paid first (${status}).`, PAY);
  }
}

/**
 * What to do about a text that was taken and failed afterwards, by the words of its receipt; `undefined`
 * where they do not tell.
 */
export function cureOfWords(words: string, to: string): string | undefined {
  const subject: TextSubject = { kind: 'text', from: '', to: digitsOf(to), hidden: [] };
  const item = { title: undefined, detail: words, id: undefined, whole: words };
  if (saysOptedOut(item, 400)) return explainOptOut(subject, 400).cure;
  const blamed = blamedBy([item], subject.to === '' ? 'nobody' : subject.to);
  return blamed && explainBlame(blamed, 0, subject).cure;
}

function explainOptOut({ to, from }: TextSubject, status: number): Explanation {
  return sure(
    'opted_out',
    `The owner of ${maskNumber(to)} has opted out of texts from ${maskNumber(from)} (${status}).`,
    'Offer another way in; only a text UNSTOP from that phone undoes it.',
  );
}

function explainForbidden(
  { to, from }: TextSubject,
  apiVersion: string,
  isWhole: boolean,
): Explanation {
  const happened = `Flowroute refused the from number (403): ${maskNumber(from)} is not yours or not able to text.`;
  if (apiVersion !== 'v2' || isWhole) return sure('from_rejected', happened, REGISTER);
  const mayBeTo = `On v2 the to number, here ${maskNumber(to)}, may also be the cause.`;
  return sure('from_rejected', happened, `${REGISTER} ${mayBeTo} ${WHOLE_NUMBER}`);
}

// Flowroute documents no `Retry-After`; it is read in both forms of RFC 9110 in case one comes.

/** The wait that the carrier asks for, in milliseconds. */
function readRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (isSeconds(header)) return Number(header) * 1_000;
  const until = Date.parse(header);
  return Number.isNaN(until) ? undefined : Math.max(0, until - now);
}

/** The same as a sentence. */
function sayRetryAfter(header: string | undefined): string {
  if (header === undefined) return '';
  if (isSeconds(header)) return ` It asks to wait ${header} s.`;
  const until = Date.parse(header);
  return Number.isNaN(until) ? '' : ` It asks to wait until ${new Date(until).toISOString()}.`;
}

function isSeconds(header: string): boolean {
  return /^\d{1,5}$/.test(header);
}
