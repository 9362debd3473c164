import type { MetadataJson } from 'libphonenumber-js/core';
import type { CountryCode, PhoneNumberType } from 'libphonenumber-js/max';
import { typedNumber } from './typed';

/** Where texts may go, as the app has said. */
export interface Destinations {
  /** The region of numbers without a country code. */
  defaultCountry: string;
  /** Regions (ISO 3166, two letters) that are texted. */
  allowedCountries: ReadonlySet<string>;
  /** How further numbers begin, country code first and without a plus sign. */
  numberOverrides: readonly string[];
}

type ParsedPhone =
  | { ok: true; phone: string; /** ISO 3166, two letters. */ country: string }
  | { ok: false; code: 'phone_invalid' }
  | {
      ok: false;
      code: 'destination_not_allowed';
      /** The kind of number, its country, or a beginning that the numbering plans do not know. */
      because: 'kind' | 'country' | 'unknown';
      country: string | undefined;
    };

/** ITU-T E.164, with the plus sign. */
export const E164 = /^\+[1-9][0-9]{6,14}$/;

/** The numbering plans of all countries: half of what the package weighs, so not before a number. */
export function numberingPlans() {
  // Kept here: `require` looks up where a module lies each time it is asked.
  return (plans ??= require('libphonenumber-js/max') as NumberingPlans);
}

type NumberingPlans = typeof import('libphonenumber-js/max');
let plans: NumberingPlans | undefined;

/** What those are made of: the plans as data, and a number that is read already. */
function bareNumbers() {
  return (bare ??= {
    ...(require('libphonenumber-js/core') as Pick<Bare, 'PhoneNumber'>),
    metadata: require('libphonenumber-js/max/metadata') as MetadataJson,
  });
}

type Bare = Pick<typeof import('libphonenumber-js/core'), 'PhoneNumber'> & {
  metadata: MetadataJson;
};
let bare: Bare | undefined;

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

/** Premium: 900 and 976 as an area, and 976 as an exchange of every other. The metadata misses the last. */
const PREMIUM = /^\+1(?:900|976|[2-9][0-9]{2}976)/;

/**
 * What a prefix of the app's own never opens: areas of +1 whose last two digits are the same (800 and
 * its like are free for the caller, 900 is premium, 500 and 600 personal) and others for a special use.
 */
const SPECIAL = /^\+1(?:[2-9](\d)\1|976|88\d|52[1-9]|710)/;

/**
 * Reads a phone number as a person writes it into E.164.
 *
 * The destination is checked on the region that libphonenumber finds, never on a prefix: Jamaica,
 * the Bahamas and others share +1 with the US. A prefix of the app's own counts only for numbers that
 * libphonenumber knows nothing of.
 */
export function parsePhone(
  input: unknown,
  destinations: Destinations,
  country = destinations.defaultCountry,
): ParsedPhone {
  const written = typedNumber(input);
  const parsed = written === undefined ? undefined : numberIn(written, country as CountryCode);
  if (parsed === undefined || !E164.test(parsed.number))
    return { ok: false, code: 'phone_invalid' };
  const { number: phone } = parsed;
  const type = parsed.getType();
  // A number of a kind is valid. Not every plan has kinds.
  const isKnown = type !== undefined || parsed.isValid();
  // Written as at home, a number that is none is taken for one of that country, whatever its area.
  const region = isKnown ? parsed.country : numberIn(phone)?.country;
  if (isKnown || isRefused(phone, type)) return whereItIs(phone, type, region, destinations);
  if (!parsed.isPossible()) return { ok: false, code: 'phone_invalid' };
  const opened = openedFor(phone, region, destinations);
  if (opened !== undefined) return { ok: true, phone, country: opened };
  // A real number of a country that is not served is told apart from a number that cannot be.
  if (region !== undefined) return { ok: false, code: 'phone_invalid' };
  if (servedBy(phone, destinations) === undefined) return notAllowed('country', region);
  if (isWhole(phone)) return notAllowed(SPECIAL.test(phone) ? 'kind' : 'unknown', region);
  return { ok: false, code: 'phone_invalid' };
}

/**
 * The same of a number that it gave before, by a text or by an enrollment: it need not be read, and only
 * where it may be, of which kind, is asked again. The app's list or the numbering plans may have changed.
 */
export function parseAgain(phone: string, destinations: Destinations): ParsedPhone {
  const found = E164.test(phone) ? inFirstPlan(phone) : undefined;
  if (found === undefined) return parsePhone(phone, destinations);
  return whereItIs(phone, found.type, found.country, destinations);
}

/**
 * What a number is by the first plan of its calling code, such as that of the US for +1, where it is one
 * there. `parse` tries the plans in this order; a quarter of its time is all that this takes.
 */
function inFirstPlan(phone: string): { type: PhoneNumberType; country: CountryCode } | undefined {
  const { PhoneNumber, metadata } = bareNumbers();
  const plansOf = metadata.country_calling_codes;
  const codes = [2, 3, 4].map((end) => phone.slice(1, end));
  const country = plansOf[codes.find((each) => Object.hasOwn(plansOf, each)) ?? '']?.[0];
  if (country === undefined) return undefined;
  const number = new PhoneNumber(phone, metadata);
  number.country = country;
  const type = number.getType();
  return type === undefined ? undefined : { type, country };
}

/** A number that there is: whether its kind and its country are texted. */
function whereItIs(
  phone: string,
  type: PhoneNumberType | undefined,
  country: string | undefined,
  { allowedCountries }: Destinations,
): ParsedPhone {
  if (isRefused(phone, type)) return notAllowed('kind', country);
  if (country === undefined || !allowedCountries.has(country))
    return notAllowed('country', country);
  return { ok: true, phone, country };
}

function isRefused(phone: string, type: PhoneNumberType | undefined): boolean {
  const isOfKind = type !== undefined && (REFUSED_TYPES.has(type) || SPECIAL.test(phone));
  return isOfKind || PREMIUM.test(phone);
}

function notAllowed(
  because: 'kind' | 'country' | 'unknown',
  country: string | undefined,
): ParsedPhone {
  return { ok: false, code: 'destination_not_allowed', because, country };
}

/** Neither the area nor the exchange of a number of North America begins with 0 or 1. */
function isWhole(phone: string): boolean {
  return !phone.startsWith('+1') || /^\+1[2-9]\d\d[2-9]\d{6}$/.test(phone);
}

/** The country that a number is texted as which only a prefix of the app's own knows. */
function openedFor(
  phone: string,
  region: string | undefined,
  destinations: Destinations,
): string | undefined {
  const isOpen = destinations.numberOverrides.some((prefix) => phone.startsWith(`+${prefix}`));
  if (!isOpen || !isWhole(phone) || SPECIAL.test(phone)) return undefined;
  if (region === undefined) return servedBy(phone, destinations);
  return destinations.allowedCountries.has(region) ? region : undefined;
}

/** The first country in the app's list whose calling code this number, or its beginning, has. */
export function servedBy(phone: string, { allowedCountries }: Destinations): string | undefined {
  const { getCountryCallingCode } = numberingPlans();
  return [...allowedCountries].find((country) =>
    phone.startsWith(`+${getCountryCallingCode(country as CountryCode)}`),
  );
}

function numberIn(input: string, defaultCountry?: CountryCode) {
  const { parsePhoneNumberFromString: parse } = numberingPlans();
  const parsed = parse(input, {
    ...(defaultCountry === undefined ? {} : { defaultCountry }),
    extract: false,
  });
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

/** A number as people write it, with its country code: for who typed it, to see whether it is right. */
export function readablePhone(phone: string): string {
  return numberIn(phone)?.formatInternational() ?? phone;
}

/** How a mobile number of this region is written there; `undefined` where no plan says so. */
export function examplePhone(region: string): string | undefined {
  examples ??= require('libphonenumber-js/mobile/examples') as Examples;
  const example = numberingPlans().getExampleNumber(region as CountryCode, examples);
  return example?.formatNational();
}

type Examples = Parameters<NumberingPlans['getExampleNumber']>[1];
let examples: Examples | undefined;
