import type { CountryCode } from 'libphonenumber-js/max';

type ParsedPhone =
  | { ok: true; phone: string; /** ISO 3166, two letters. */ country: string }
  | { ok: false; code: 'phone_invalid' | 'destination_not_allowed' };

/** Digits and the punctuation people write between them. No letters, extensions, line breaks. */
const WRITTEN = /^\+?[0-9 \u00a0().\-/]+$/;
const LONGEST_INPUT = 64;
/** ITU-T E.164, with the plus sign. */
export const E164 = /^\+[1-9][0-9]{6,14}$/;

/** The numbering plans of all countries: half of what the package weighs, so not before a number. */
function numberingPlans() {
  // Kept here: `require` looks up where a module lies each time it is asked.
  return (plans ??= require('libphonenumber-js/max') as NumberingPlans);
}

type NumberingPlans = typeof import('libphonenumber-js/max');
let plans: NumberingPlans | undefined;

/** Whether there are numbers of this region (ISO 3166, two letters). */
export function isRegion(country: string): boolean {
  return numberingPlans().isSupportedCountry(country);
}

/**
 * Kinds of numbers that cost the caller more, or that nobody reads texts on. Personal numbers, such as
 * `+44 70`, `+1 500` and `+49 700`, look like mobile ones, cost what their owner asks, and ring elsewhere.
 */
const REFUSED_TYPES = new Set([
  'PREMIUM_RATE',
  'PERSONAL_NUMBER',
  'TOLL_FREE',
  'SHARED_COST',
  'UAN',
  'PAGER',
  'VOICEMAIL',
]);

/**
 * Reads a phone number as a person writes it into E.164.
 *
 * The destination is checked on the region that libphonenumber finds, never on a prefix: Jamaica,
 * the Bahamas and others share +1 with the US. `+1 976` is premium in every US area and not in
 * libphonenumber's metadata, so it is refused here by hand.
 */
export function parsePhone(
  input: unknown,
  defaultCountry: string,
  allowedCountries: ReadonlySet<string>,
): ParsedPhone {
  if (typeof input !== 'string' || input.length > LONGEST_INPUT || !WRITTEN.test(input)) {
    return { ok: false, code: 'phone_invalid' };
  }
  const parsed = numberIn(input, defaultCountry as CountryCode);
  if (parsed === undefined || !E164.test(parsed.number) || parsed.ext !== undefined) {
    return { ok: false, code: 'phone_invalid' };
  }
  const type = parsed.getType();
  const premium = type !== undefined && REFUSED_TYPES.has(type);
  if (premium || /^\+1(?:900|976|[2-9][0-9]{2}976)/.test(parsed.number)) {
    return { ok: false, code: 'destination_not_allowed' };
  }
  // A number of a kind is valid. Not every plan has kinds.
  if (type === undefined && !parsed.isValid()) {
    // A real number of a country that is not served is told apart from a number that cannot be.
    const elsewhere = parsed.country === undefined && parsed.isPossible();
    return { ok: false, code: elsewhere ? 'destination_not_allowed' : 'phone_invalid' };
  }
  if (parsed.country === undefined || !allowedCountries.has(parsed.country)) {
    return { ok: false, code: 'destination_not_allowed' };
  }
  return { ok: true, phone: parsed.number, country: parsed.country };
}

function numberIn(input: string, defaultCountry: CountryCode) {
  const { parsePhoneNumberFromString: parse } = numberingPlans();
  const parsed = parse(input, { defaultCountry, extract: false });
  if (parsed === undefined || !OLD_MEXICAN.test(parsed.number)) return parsed;
  // Whoever wrote it so for twenty years still does; the plan of today has no such number.
  return parse(parsed.number.replace(OLD_MEXICAN, '+52'), { extract: false });
}

/**
 * Until August 3, 2019 a 1 stood before Mexican mobile numbers called from abroad, and a trunk prefix
 * before those called from within. Now each is its ten digits, however it is called.
 */
const OLD_MEXICAN = /^\+52(?:1|01|044|045)(?=[2-9][0-9]{9}$)/;

/**
 * Two E.164 numbers that are surely one phone: how one of them begins, and how the other. They are
 * few: elsewhere libphonenumber takes away what is written before a number (trunk zeros, carrier
 * codes), or knows only one of two as a number (Brazil's without the ninth digit, Benin's of before
 * 2024 are none).
 */
const SPELLINGS: readonly (readonly [RegExp, string])[] = [
  // Argentina: a 9 says "mobile" to whoever calls from abroad (libphonenumber's mobile token); the
  // ten digits after it are nobody else's.
  [/^\+54(?=[1-3][0-9]{9}$)/, '+549'],
  [OLD_MEXICAN, '+52'],
  // Gabon: numbers of before 2019, with and without their trunk zero.
  [/^\+2410(?=[2-7][0-9]{6}$)/, '+241'],
  // The Palestinian mobile networks, 56 and 59, are in Israel's plan, too.
  [/^\+970(?=5[69][0-9]{7}$)/, '+972'],
  // San Marino's landlines are an area of Italy's plan, too.
  [/^\+378(?=0549[0-9]{6}$)/, '+39'],
];

/**
 * The one spelling under which a phone is counted and compared, for an E.164 number; what is texted
 * stays as it is. Anything else, such as a mail address, is its own spelling.
 */
export function oneSpelling(phone: string): string {
  const known = SPELLINGS.find(([written]) => written.test(phone));
  return known === undefined ? phone : phone.replace(known[0], known[1]);
}

/** A number with all but its last two digits hidden; the same length for every number. */
export function maskPhone(phone: string): string {
  return `••• ••• ••${phone.slice(-2)}`;
}

/** The same of wherever a code went: of an address its first letter and its domain are shown. */
export function maskDestination(destination: string): string {
  const at = destination.lastIndexOf('@');
  if (at < 0) return maskPhone(destination);
  return `${destination.slice(0, 1)}•••${destination.slice(at)}`;
}
