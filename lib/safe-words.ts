/** What must not stand in words of a carrier. */
export interface HiddenFromLogs {
  /** Hidden wherever they stand. */
  keys?: readonly string[];
  /** Texts and addresses of a request: hidden as a whole, not as a part of other words. */
  values?: readonly string[];
}

const LONGEST = 200;
/** Shorter ones would be found within words that have nothing to do with them. */
const SHORTEST_KEY = 8;

/**
 * Makes words of a carrier fit for a log: what it echoed of the request is taken out, so are
 * addresses and digits that could be a number or a code, and they stay on one short line.
 */
export function safeWords(
  text: string,
  { keys = [], values = [] }: HiddenFromLogs = {},
  longest = LONGEST,
): string {
  let words = text;
  for (const key of keys) words = hide(words, key, key.length >= SHORTEST_KEY);
  for (const value of values) words = hide(words, value, false);
  words = words
    // An address may hold a secret, as callback addresses do.
    .replace(/\bhttps?:\/\/[^\s"']+/gi, '(address)')
    // Keys and texts come back encoded, too: a word of a language is not as long.
    .replace(/(?:[\w+/=-]|%[0-9a-f]{2}){20,}/gi, '(hidden)')
    // Four digits or more, also where they are written apart as (206) 555-0142.
    .replace(/\p{Nd}(?:[\s().+-]*\p{Nd}){3,}/gu, '(digits)')
    // Control and formatting characters could forge lines of a log.
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim();
  return words.length > longest ? `${words.slice(0, longest - 3)}...` : words;
}

const PART_OF_A_WORD = /^[\p{L}\p{N}]$/u;

function hide(text: string, value: string, anywhere: boolean): string {
  // It may have been echoed inside of JSON.
  const forms = new Set([value, JSON.stringify(value).slice(1, -1)]);
  let words = text;
  for (const form of forms) {
    if (form === '') continue;
    words = words.split(form).reduce((before, after) => {
      const isPart =
        PART_OF_A_WORD.test(before.at(-1) ?? '') || PART_OF_A_WORD.test(after[0] ?? '');
      return `${before}${isPart && !anywhere ? form : '(hidden)'}${after}`;
    });
  }
  return words;
}
