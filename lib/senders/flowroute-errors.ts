import { SecondFactorError, type DeliveryFailureReason } from '../errors';
import { quoteCarrier } from './carrier-quote';
import { readErrorItems, type CarrierAnswer, type CarrierErrorItem } from './flowroute-answer';
import type { FlowrouteSettings } from './flowroute-options';
import { maskNumber } from './north-american-number';

/** What an error may talk about, and what it must keep to itself. */
export interface FailedText {
  settings: FlowrouteSettings;
  /** 11 digits. */
  to: string;
  /** Never in an error: credentials, the header made of them, the text. */
  secrets: readonly string[];
}

interface Explanation {
  reason: DeliveryFailureReason;
  refused: boolean;
  advice: string;
}

/**
 * The code for "the phone rejected the message", standing alone: not as a part of a longer number
 * and not as the end of 206-555-1110.
 */
const OPTED_OUT_CODE = /(?<!\d[-.]?)1110(?!\d|[-.]\d)/;

/** Turns any answer that is not a success into an error that says what to do. */
export function explainAnswer(answer: CarrierAnswer, text: FailedText): SecondFactorError {
  const items = readErrorItems(answer);
  const said = quoteItems(items, text.secrets);
  if (answer.status === 400 && items.some(saysOptedOut)) {
    return new SecondFactorError(
      'phone_opted_out',
      `The owner of ${maskNumber(text.to)} has opted out of texts from ${maskNumber(text.settings.from)} ` +
        `(400, code 1110). Offer another way in; only a text UNSTOP from that phone undoes it.${said}`,
      { reason: 'opted_out', refused: true },
    );
  }
  const { reason, refused, advice } = explainStatus(answer, text);
  return new SecondFactorError('delivery_failed', `${advice}${said}`, { reason, refused });
}

function explainStatus(answer: CarrierAnswer, { settings, to }: FailedText): Explanation {
  const { status } = answer;
  const host = new URL(settings.baseUrl).host;
  const refusedTo =
    `Flowroute did not take ${maskNumber(to)} as the to number (${status}). ` +
    'It must be a complete US or Canadian number.';
  switch (true) {
    case status === 401:
      return {
        reason: 'credentials_rejected',
        refused: true,
        advice:
          'Flowroute refused the credentials (401). Check accessKey and secretKey: ' +
          'they are the API keys of the Flowroute portal, not its login.',
      };
    case status === 403:
      return { reason: 'from_rejected', refused: true, advice: explainForbidden(settings, to) };
    case status === 422:
      return { reason: 'to_rejected', refused: true, advice: refusedTo };
    case status === 500 && settings.apiVersion === 'v2':
      return {
        reason: 'to_rejected',
        refused: false,
        advice: `Flowroute answered 500. On v2 that is typically the to number, here ${maskNumber(to)}: it must be a complete US or Canadian number.`,
      };
    case status === 429:
      return { reason: 'rate_limited', refused: true, advice: explainRate(answer.retryAfter) };
    case status >= 300 && status < 400:
      return {
        reason: 'unavailable',
        refused: true,
        advice: `${host} answered with a redirect (${status}), which is not followed. Check baseUrl.`,
      };
    case status >= 500:
      return {
        reason: 'unavailable',
        refused: false,
        advice: `Flowroute is out of order (${status}${answer.html ? ', a web page' : ''}). Whether it took the text is not known, so it is not sent again by itself.`,
      };
    case answer.html:
      return {
        reason: 'unavailable',
        refused: true,
        advice: `${host} answered ${status} with a web page, so it is not the Flowroute API or something stands before it. Check baseUrl and proxies.`,
      };
    default:
      return {
        reason: 'rejected',
        refused: true,
        advice: `Flowroute refused the request (${status}). Check baseUrl and apiVersion (${settings.apiVersion}).`,
      };
  }
}

function explainForbidden(settings: FlowrouteSettings, to: string): string {
  const from =
    `Flowroute refused the from number (403): ${maskNumber(settings.from)} is not yours or not able to text. ` +
    'Check from, and in the Flowroute portal that the number is enabled for messaging and registered.';
  if (settings.apiVersion !== 'v2') return from;
  return `${from} On v2 the to number, here ${maskNumber(to)}, may also be the cause: it must be a complete US or Canadian number.`;
}

function explainRate(retryAfter: string | undefined): string {
  const wait = readWait(retryAfter);
  return (
    'Flowroute takes 5 texts per second for each access key and endpoint, and counts attempts (429). ' +
    `Send less at once or ask Flowroute for a higher rate.${wait}`
  );
}

/** Flowroute documents no `Retry-After`; read in both forms of RFC 9110 in case one comes. */
function readWait(retryAfter: string | undefined): string {
  if (retryAfter === undefined) return '';
  if (/^\d{1,5}$/.test(retryAfter)) return ` It asks to wait ${retryAfter} s.`;
  const until = Date.parse(retryAfter);
  return Number.isNaN(until) ? '' : ` It asks to wait until ${new Date(until).toISOString()}.`;
}

function saysOptedOut(item: CarrierErrorItem): boolean {
  // The random id of an error may hold these digits, too.
  const whole = item.id === undefined ? item.whole : item.whole.replace(item.id, '');
  return OPTED_OUT_CODE.test(whole) || /rejected the message/i.test(whole);
}

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
