import type { CarrierAnswer } from './carrier-answer';
import { quoteCarrier } from './carrier-quote';
import { parseJson, part } from './json';

/** One item of `errors`. Each part may be missing; `detail` may have been an object. */
export interface CarrierErrorItem {
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
export function readErrorItems(answer: CarrierAnswer): CarrierErrorItem[] {
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
export function saysOptedOut(item: CarrierErrorItem): boolean {
  // The random id of an error may hold these digits, too.
  const whole = item.id === undefined ? item.whole : item.whole.replace(item.id, '');
  return OPTED_OUT_CODE.test(whole) || /rejected the message/i.test(whole);
}

/** What the carrier said, fit for a log. */
export function quoteItems(items: readonly CarrierErrorItem[], secrets: readonly string[]): string {
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
