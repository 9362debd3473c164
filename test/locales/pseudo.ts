import type { Messages } from '../../lib';
import { en } from '../../lib/locales/en';

const [OPEN, CLOSE] = ['\u27e6', '\u27e7'];

/** A catalog in which each sentence stands between brackets: what stands outside is in none. */
export const pseudo = Object.fromEntries(
  Object.entries(en).map(([name, text]) => [
    name,
    // In a text they would take the room that a text has.
    name.startsWith('text.') ? `${text} (pseudo)` : `${OPEN}${text}${CLOSE}`,
  ]),
) as Messages;

/** What a reader sees of a page beside the sentences of the catalog. */
export function outside(text: string): string {
  let left = text;
  for (let before = ''; before !== left;) {
    before = left;
    left = left.replace(/\u27e6[^\u27e6\u27e7]*\u27e7/g, ' ');
  }
  return left;
}
