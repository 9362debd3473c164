import type { DeliveryFailureReason } from '../errors';
import type { AccountSettings } from './client-options';
import { FlowrouteError, unknownEnd, type FailedCall } from './flowroute-error';
import type { Subject, TextSubject } from './requests';
import { maskNumber, parseJson, part, type CarrierAnswer } from './wire';

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

interface Explanation {
  reason: DeliveryFailureReason;
  refused: boolean;
  advice: string;
}

/** What a refusal means for a text and for nothing else: the phone, or one of the numbers. */
function explainText(
  status: number,
  items: readonly CarrierErrorItem[],
  { apiVersion }: AccountSettings,
  subject: TextSubject,
): Explanation | undefined {
  const to = maskNumber(subject.to);
  if (status === 400 && items.some(saysOptedOut)) {
    return { reason: 'opted_out', refused: true, advice: explainOptOut(subject) };
  }
  if (status === 403) {
    const advice = explainForbidden(subject, apiVersion === 'v2');
    return { reason: 'from_rejected', refused: true, advice };
  }
  if (status === 422) {
    const advice =
      `Flowroute did not take ${to} as the to number (422). ` +
      'It must be a complete US or Canadian number.';
    return { reason: 'to_rejected', refused: true, advice };
  }
  if (status === 500 && apiVersion === 'v2') {
    const advice = `Flowroute answered 500. On v2 that is typically the to number, here ${to}: it must be a complete US or Canadian number.`;
    return { reason: 'to_rejected', refused: false, advice };
  }
  return undefined;
}

function explainOptOut({ to, from }: TextSubject): string {
  return (
    `The owner of ${maskNumber(to)} has opted out of texts from ${maskNumber(from)} ` +
    '(400, code 1110). Offer another way in; only a text UNSTOP from that phone undoes it.'
  );
}

function explainForbidden({ to, from }: TextSubject, mayBeTo: boolean): string {
  const advice =
    `Flowroute refused the from number (403): ${maskNumber(from)} is not yours or not able to text. ` +
    'Check from, and in the Flowroute portal that the number is enabled for messaging and registered.';
  if (!mayBeTo) return advice;
  return `${advice} On v2 the to number, here ${maskNumber(to)}, may also be the cause: it must be a complete US or Canadian number.`;
}

/** One item of `errors`. Each part may be missing; `detail` may have been an object. */
interface CarrierErrorItem {
  title: string | undefined;
  detail: string | undefined;
  /** The carrier's own name for the failure, for its support. */
  id: string | undefined;
  /** The whole item as JSON. */
  whole: string;
}

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/**
 * The code for "the phone rejected the message", standing alone: not as a part of a longer number
 * and not as the end of 206-555-1110.
 */
const OPTED_OUT_CODE = /(?<!\d[-.]?)1110(?!\d|[-.]\d)/;

/** The items of `errors`, whatever the carrier made of them. */
function readErrorItems(answer: CarrierAnswer): CarrierErrorItem[] {
  const errors = part(parseJson(answer.text), 'errors');
  const items: unknown[] = Array.isArray(errors) ? errors : errors === undefined ? [] : [errors];
  return items.map((item) => {
    const id = part(item, 'id');
    return {
      title: asText(part(item, 'title')),
      detail: asText(typeof item === 'string' ? item : part(item, 'detail')),
      id: typeof id === 'string' && UUID.test(id) ? id : undefined,
      whole: asText(item) ?? '',
    };
  });
}

/** Where the code stands in the real answer is not known, so it is looked for everywhere. */
function saysOptedOut(item: CarrierErrorItem): boolean {
  // The random id of an error may hold these digits, too.
  const whole = item.id === undefined ? item.whole : item.whole.replace(item.id, '');
  return OPTED_OUT_CODE.test(whole) || /rejected the message/i.test(whole);
}

/** What the carrier said, fit for a log. */
function quoteItems(items: readonly CarrierErrorItem[], secrets: readonly string[]): string {
  const words = items
    .map(({ title, detail }) => [title, detail].filter((part) => part !== undefined).join(': '))
    .filter((line) => line !== '')
    .join('; ');
  const quote = quoteCarrier(words, secrets);
  const id = items.find((item) => item.id !== undefined)?.id;
  return (
    (quote === '' ? '' : ` Flowroute said: "${quote}".`) +
    (id === undefined ? '' : ` Its support knows this error as ${id}.`)
  );
}

function asText(value: unknown): string | undefined {
  if (value === undefined || value === null || typeof value === 'string') {
    return value ?? undefined;
  }
  try {
    return JSON.stringify(value);
  } catch {
    // Nested so deep that writing it out overflows the stack.
    return undefined;
  }
}

const LONGEST_QUOTE = 200;

/**
 * Makes words of the carrier fit for a log: whatever it echoed of the request is taken out, so
 * are addresses and digits that could be a number or a code, and it stays on one short line.
 */
function quoteCarrier(text: string, secrets: readonly string[]): string {
  let quote = text;
  for (const secret of secrets) {
    // The carrier may have echoed it inside of JSON.
    for (const form of [secret, JSON.stringify(secret).slice(1, -1)]) {
      if (form !== '') quote = quote.replaceAll(form, '(hidden)');
    }
  }
  quote = quote
    // An address may hold a secret, as callback addresses do.
    .replace(/\bhttps?:\/\/[^\s"']+/gi, '(address)')
    // Keys and texts come back encoded, too: a word of a language is not as long.
    .replace(/(?:[\w+/=-]|%[0-9a-f]{2}){20,}/gi, '(hidden)')
    // Four digits or more, also where they are written apart as (206) 555-0142.
    .replace(/\d(?:[\s().+-]*\d){3,}/g, '(digits)')
    // Control and formatting characters could forge lines of a log.
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim();
  return quote.length > LONGEST_QUOTE ? `${quote.slice(0, LONGEST_QUOTE - 3)}...` : quote;
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
