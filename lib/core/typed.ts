import type { Detail } from './outcomes';

/**
 * What people type or paste into a field, read in one place. Contact apps, chats and keyboards of other
 * languages put in what nobody sees or means: marks of direction, zero-width and no-break characters,
 * full-width letters, digits of other scripts, dashes of all kinds. That is taken out or put into ASCII; what is left is held to
 * the letter by whoever asks. One input is one candidate, or none: nothing is guessed at. A part of a
 * longer text is looked for in one case: a whole text with one code in it, as it is copied or shared.
 */

/** In UTF-16 units. Nothing that is typed is longer, and nothing longer is looked at. */
export const LONGEST_TYPED = 64;

/** What Unicode says is not to be seen: U+00AD, U+200B–200F, U+202A–202E, U+2060–206F, U+FEFF, variation selectors. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu;
/** A text with all its parts, as a phone shows it. */
const LONGEST_TEXT = 320;
/** All blanks, ends of lines (NEL is no `\s`), and the empty Braille cell. */
const BLANK = /[\s\u0085\u2800]/g;
/**
 * Besides dashes (U+2010–2015 and others) the hyphen bullet, minus signs, and what Japanese keyboards
 * have in place of one: the sign of a long vowel and the line of a frame.
 */
const DASH = /[\p{Dash_Punctuation}\u02d7\u2043\u2212\u2500\u2501\u2796\u30fc]/gu;
const DIGIT = /\p{Decimal_Number}/u;

/**
 * The text as it was meant, in plain characters (NFKC, blanks as spaces, ends trimmed); `undefined`
 * for what is no text, or too long for one.
 */
export function plain(input: unknown): string | undefined {
  if (typeof input !== 'string' || input.length > LONGEST_TYPED) return undefined;
  return inAscii(input);
}

/** What has nothing to be taken out: nearly all that is typed. */
const PRINTABLE = /^[ -~]*$/;

function inAscii(text: string): string {
  if (PRINTABLE.test(text)) return text.trim();
  return text
    .normalize('NFKC')
    .replace(INVISIBLE, '')
    .replace(BLANK, ' ')
    .replace(DASH, '-')
    .replace(/\u2795/g, '+')
    .replace(/[^\0-\x7f]/gu, (each) => (DIGIT.test(each) ? asciiDigit(each) : each))
    .trim();
}

/** Each script has its ten digits in a row; rows that touch are of ten, too. */
function asciiDigit(digit: string): string {
  const point = digit.codePointAt(0) ?? 0;
  let zero = point;
  while (DIGIT.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return String((point - zero) % 10);
}

/** The same without spaces and dashes: of a code, what counts. */
export function bare(input: unknown): string | undefined {
  return plain(input)?.replace(/[ -]/g, '');
}

/** Marked along with its quotes and the end of its sentence, or with the sign of the last line. */
const MARKED = /^[#("'“”‘’«»]*\d(?:[ -]?\d)*["'“”‘’«».,;:!?)]*$/;

/**
 * The one number of so many digits in a pasted text such as `123456 is your code`, written in one piece or
 * in groups, or with no more than the punctuation around it that was marked along (`#123456`, `“123456”.`);
 * `undefined` where there is none, or another one beside it, or single letters: then somebody types, and a
 * digit too many is a mistake.
 */
export function numberWithin(input: unknown, digits: number): string | undefined {
  if (typeof input !== 'string' || input.length > LONGEST_TEXT) return undefined;
  const text = inAscii(input);
  const numbers = text.match(/\d(?:[ -]?\d)*/g) ?? [];
  const isMarked = input.length <= LONGEST_TYPED && MARKED.test(text);
  if (!isMarked && !/\p{L}{2}/u.test(text)) return undefined;
  const found = new Set(
    numbers.map((each) => each.replace(/[ -]/g, '')).filter(({ length }) => length === digits),
  );
  return found.size === 1 ? [...found][0] : undefined;
}

/** In UTF-16 units, without the blanks around it. A longer text says more than a word. */
const LONGEST_ANSWER = 160;
/** Blanks, punctuation, quotes, signs and what frames a letter: nothing that is said. */
const UNSAID = /[^\p{L}\p{N}\p{Mn}\p{Mc}]/gu;

/**
 * What a text of one word says, however it is set: its letters and digits in upper case, and nothing
 * else. A sentence comes out as one long word, which is none of those that anybody looks for; `''` for what says nothing, or too much.
 */
export function saidWord(text: string): string {
  // Written by strangers: nothing that backtracks is run on it.
  const body = text.trim();
  if (body.length > LONGEST_ANSWER) return '';
  return inAscii(body).toUpperCase().replace(UNSAID, '');
}

/** What a link to a number begins with. */
const SCHEME = /^(?:tel|sms|smsto|callto):/i;
/** Digits and the punctuation people write between them; no letters, no extension, no second plus sign. */
const NUMBER = /^[([]?\+?[0-9 ().\-/[\]~·・]+$/;

/**
 * The digits of a phone number, behind a plus sign where there is one; `undefined` for anything that is
 * more, or less, than one number. Of a link (`tel:+1-206-555-0142`) only the number is taken: one with
 * an extension, a text or a context of its own is refused.
 */
export function typedNumber(input: unknown): string | undefined {
  const text = plain(input);
  if (text === undefined) return undefined;
  const number = SCHEME.test(text) ? linked(text.replace(SCHEME, '')) : text;
  if (number === undefined || !NUMBER.test(number)) return undefined;
  const digits = number.replace(/[^0-9]/g, '');
  if (digits === '') return undefined;
  return number.includes('+') ? `+${digits}` : digits;
}

/** Phones write the plus sign of a link as %2B. */
function linked(part: string): string | undefined {
  if (!part.includes('%')) return part.trim();
  try {
    return plain(decodeURIComponent(part));
  } catch {
    return undefined;
  }
}

/** A region as it is written in ISO 3166, in either case; `undefined` for anything else. */
export function typedRegion(input: unknown): string | undefined {
  const text = plain(input);
  return text !== undefined && /^[A-Za-z]{2}$/.test(text) ? text.toUpperCase() : undefined;
}

/**
 * Whether a box was ticked: JSON's true, or what the box of a form says. Forms that have a hidden field
 * beside the box send both.
 */
export function isTicked(input: unknown): boolean {
  if (Array.isArray(input) && input.length === 2) return input.some(isTickedOnce);
  return isTickedOnce(input);
}

function isTickedOnce(input: unknown): boolean {
  if (input === true || input === 1) return true;
  return ['true', 'on', '1', 'yes'].includes(plain(input)?.toLowerCase() ?? '');
}

/**
 * What to say of a field that came as something else than text, in JSON; `undefined` where it is text, or
 * not there. Numbers are not taken either: a client would find out by one code in ten that a number
 * has no zeros in front.
 */
export function notText(input: unknown, name: string, such: string): Detail | undefined {
  if (input === undefined || input === null || typeof input === 'string') return undefined;
  const say = typeof input === 'number' ? 'detail.stringNotNumber' : 'detail.string';
  return { say, name, such };
}

/** What was typed, to stand in its field again: without what no field shows. */
export function shownAgain(input: unknown): string | undefined {
  if (typeof input !== 'string') return undefined;
  return input
    .slice(0, LONGEST_TYPED)
    .replace(/[\p{Cc}\p{Cs}]/gu, '')
    .replace(INVISIBLE, '');
}
