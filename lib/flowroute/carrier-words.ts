import { safeWords, type HiddenFromLogs } from '../errors';
import { parseJson, part, textPart, type CarrierAnswer } from './wire';

/** One thing that an answer says went wrong. Each part may be missing; `detail` may have been an object. */
export interface CarrierErrorItem {
  title: string | undefined;
  detail: string | undefined;
  /** The carrier's own name for the failure, for its support. */
  id: string | undefined;
  /** The whole item as JSON. */
  whole: string;
}

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** What an answer says went wrong, whatever the carrier made of it. */
export function readErrorItems(answer: CarrierAnswer): CarrierErrorItem[] {
  const body = parseJson(answer.text);
  const errors = part(body, 'errors');
  if (errors === undefined) return readOtherWords(answer, body);
  const items: unknown[] = Array.isArray(errors) ? errors : [errors];
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

/** Gateways before an API answer in a form of their own: a field with words, or plain words. */
function readOtherWords({ text, html }: CarrierAnswer, body: unknown): CarrierErrorItem[] {
  const named = ['message', 'error', 'detail', 'title'].map((name) => textPart(body, name));
  const isPlain = body === undefined && !html && !/^\s*[[{]/.test(text ?? '');
  const detail = named.find((each) => each !== undefined) ?? (isPlain ? text?.trim() : undefined);
  if (detail === undefined || detail === '') return [];
  return [{ title: undefined, detail, id: undefined, whole: detail }];
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

/** What the carrier said, fit for a log; `undefined` where it said nothing. */
export function quoteItems(
  items: readonly CarrierErrorItem[],
  hidden: HiddenFromLogs,
): string | undefined {
  const words = items
    .map(({ title, detail }) => [title, detail].filter((part) => part !== undefined).join(': '))
    .filter((line) => line !== '')
    .join('; ');
  const quote = safeWords(words, hidden);
  return quote === '' ? undefined : quote;
}

/**
 * The code for "the phone rejected the message", standing alone: not as a part of a longer number
 * and not as the end of 206-555-1110.
 */
const OPTED_OUT_CODE = /(?<!\d[-.]?)1110(?!\d|[-.]\d)/;

/** Said of the owner of a phone; a campaign may be refused for how it describes opting out. */
const OPTED_OUT_WORDS = /rejected the message|\b(opted[ -]?out|unsubscribed)\b/i;

/**
 * Where the code stands in the real answer is not known, so it is looked for everywhere, but of the
 * status that it is documented with only: words are plainer than a number.
 */
export function saysOptedOut(item: CarrierErrorItem, status: number): boolean {
  // The random id of an error may hold these digits, too.
  const whole = item.id === undefined ? item.whole : item.whole.replace(item.id, '');
  return (status === 400 && OPTED_OUT_CODE.test(whole)) || OPTED_OUT_WORDS.test(whole);
}

/** What a refusal is about, by the carrier's own words. */
export type Blamed = 'to' | 'from' | 'callback' | 'media' | 'funds' | 'spam';

/** The field as a key or in quotes, or where something is said of it; never the word in a sentence. */
function field(name: string): string {
  const quoted = `["'\`]${name}\\\\?["'\`]`;
  const ahead =
    '(?:^|[.:;,(]\\s*|\\b(?:the|field|parameter|invalid|bad|wrong|missing|your|and|or) )';
  const said =
    '(?= (?:number|field|parameter|is|must|has|was|cannot|(?:and|or) (?:to|from))\\b|\\s*[:.]|\\s*$)';
  return `${quoted}|${ahead}${name}\\b${said}`;
}

const words = (...patterns: string[]): RegExp => new RegExp(patterns.join('|'), 'im');

/** In the order in which they are asked for; a text may be refused for one reason only. */
const WORDS: readonly (readonly [Blamed, RegExp])[] = [
  [
    'funds',
    words('insufficient (funds|balance|credit)', 'out of (funds|credit)', 'payment required'),
  ],
  [
    'from',
    words(
      field('from'),
      '\\b10-?dlc\\b|\\bcampaign\\b|\\bbrand\\b|\\bsender\\b',
      '\\btoll-?free\\b.*\\bverif',
      '\\bnot (sms|mms|text|messaging)\\W?(enabled|provisioned)',
      '\\bnot (registered|provisioned)\\b|\\bunregistered\\b|\\bnot enabled for\\b',
    ),
  ],
  ['callback', words('\\b(?:dlr_|sms_|mms_)*callback(?:_?url)?\\b')],
  ['media', words('\\bmedia(_urls)?\\b', '\\bmms\\b.*\\b(size|type|limit)\\b')],
  ['spam', words('\\bspam\\b|\\bcontent filter|\\bfiltered\\b|\\bprohibited content\\b')],
  [
    'to',
    words(
      field('to'),
      '\\b(recipient|destination|receiver|handset)\\b|\\bland ?line\\b',
      "\\bnot (a )?mobile\\b|\\bcan(not|'t) receive\\b",
    ),
  ],
];
/** Some of these take the square of its length; no carrier says more of one text. */
const LONGEST_SAID = 2_000;
/** Of a number that is named: that it is none. */
const NO_NUMBER = /\binvalid\b|\bnot (a )?valid\b|\bmalformed\b|\bnot exist\b|\bnot in service\b/i;

/**
 * Whom the carrier's words blame. `undefined` where they blame nobody, and where they blame both
 * numbers: then a user must not be told that theirs is wrong.
 */
export function blamedBy(items: readonly CarrierErrorItem[], to: string): Blamed | undefined {
  const all = items.flatMap(({ title, detail }) => [title ?? '', detail ?? '']).join('\n');
  const said = all.slice(0, LONGEST_SAID);
  const found = WORDS.filter(([, pattern]) => pattern.test(said)).map(([blamed]) => blamed);
  const isNamed = said.replace(/[\s().-]/g, '').includes(to.slice(-10));
  if (isNamed && NO_NUMBER.test(said)) found.push('to');
  const [first] = found;
  return first === 'from' && found.includes('to') ? undefined : first;
}
