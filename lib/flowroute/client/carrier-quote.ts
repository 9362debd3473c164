const LONGEST_QUOTE = 200;

/**
 * Makes words of the carrier fit for a log: whatever it echoed of the request is taken out, so
 * are addresses and digits that could be a number or a code, and it stays on one short line.
 */
export function quoteCarrier(text: string, secrets: readonly string[]): string {
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
