import { readCode } from '../core/challenge/code';
import { prefixFlaw } from '../core/destinations';
import { iso } from '../core/outcomes';
import { type Destinations, E164, isRegion, parsePhone } from '../core/phone-number';
import { typedNumber, typedRegion } from '../core/typed';
import { DAY_MS } from '../durations';
import { hiddenMisuse, isOptions, misuse } from '../misuse';
import type { Clock } from '../ports/clock';

/** The defaults are known to be regions: for them nothing has to be loaded. */
const AT_HAND = new Set(['US', 'CA']);

/** The options that say where texts may go. Countries and numbers are read as they are from a form. */
export function checkDestinations(given: Record<keyof Destinations, unknown>): Destinations {
  const { allowedCountries = ['US', 'CA'], numberOverrides = [] } = given;
  const allowed = checkCountries(allowedCountries);
  const countries = {
    allowedCountries: allowed,
    defaultCountry: checkDefault(given.defaultCountry, allowed),
  };
  return { ...countries, numberOverrides: checkOverrides(numberOverrides, countries) };
}

function checkCountry(option: string, given: unknown): string {
  const region = typedRegion(given);
  if (region !== undefined && (AT_HAND.has(region) || isRegion(region))) return region;
  throw misuse(option, given, 'Give an ISO 3166 region of two letters, such as US or GB.');
}

/** Numbers as they are written at home must be of a country that is texted: else none of them would be. */
function checkDefault(given: unknown, allowed: ReadonlySet<string>): string {
  const [only = 'US'] = allowed;
  const otherwise = allowed.size === 1 ? only : 'US';
  const country = given === undefined ? otherwise : checkCountry('defaultCountry', given);
  if (allowed.has(country)) return country;
  const list = [...allowed].join(', ');
  throw misuse(
    'defaultCountry',
    given,
    `Numbers without a country code would be read as those of ${country}, which is not in allowedCountries (${list}). Give one of these.`,
  );
}

function checkCountries(given: unknown): ReadonlySet<string> {
  if (!Array.isArray(given) || given.length === 0) {
    throw misuse('allowedCountries', given, "Give a list of regions, such as ['US', 'CA'].");
  }
  return new Set(given.map((entry, index) => checkCountry(`allowedCountries[${index}]`, entry)));
}

function checkOverrides(
  given: unknown,
  countries: Omit<Destinations, 'numberOverrides'>,
): readonly string[] {
  if (!Array.isArray(given)) {
    throw misuse('numberOverrides', given, "Give a list, such as ['1436'], or leave it out.");
  }
  const prefixes = given.map((entry: unknown, index) => {
    const prefix = typedNumber(entry)?.replace('+', '') ?? '';
    const flaw = prefixFlaw(prefix, { ...countries, numberOverrides: [] });
    if (flaw !== undefined) throw misuse(`numberOverrides[${index}]`, entry, flaw);
    return prefix;
  });
  return Object.freeze(prefixes);
}

interface Ways {
  codeLength: number;
  destinations: Destinations;
  clock: Clock;
}

/**
 * The options `testNumbers` and `testNumbersUntil`, as a look-up. A door left open is the usual end
 * of fixed codes [S18], so they have one of their own: after the date there are none.
 */
export function checkTestNumbers(
  given: unknown,
  until: unknown,
  { codeLength, destinations, clock }: Ways,
): ((phone: string) => string | undefined) | undefined {
  if (given === undefined && until === undefined) return undefined;
  if (!isOptions(given)) {
    // What was given in its place may hold the codes.
    const cure = "Give { '+12065550199': '123456' }, or leave it out.";
    throw hiddenMisuse('testNumbers', given, cure);
  }
  const end = endOf(until, clock());
  const codes = new Map<string, string>();
  for (const [written, typed] of Object.entries(given as Record<string, unknown>)) {
    const [phone, code] = [phoneOf(written, destinations), readCode(typed, codeLength)];
    if (phone === undefined || code === undefined || codes.has(phone)) {
      const cure = `Give each number once, as +12065550199, with a code of ${codeLength} digits.`;
      throw hiddenMisuse('testNumbers', given, cure);
    }
    codes.set(phone, code);
  }
  if (codes.size > 0 && clock() < end) warn(codes.size, end);
  return (phone) => (clock() < end ? codes.get(phone) : undefined);
}

/** Also one that no plan has, as long as it is whole: some carriers keep such for tests. */
function phoneOf(written: string, destinations: Destinations): string | undefined {
  const parsed = parsePhone(written, destinations);
  const number = parsed.ok ? parsed.phone : (typedNumber(written) ?? '');
  return E164.test(number) ? number : undefined;
}

/** Further off than this is never, in milliseconds. */
const LONGEST = 366 * DAY_MS;

function endOf(until: unknown, now: number): number {
  const day = typeof until === 'string' && /^\d{4}-\d{2}-\d{2}(?:T.*)?$/.test(until);
  const end = day ? Date.parse(until) : NaN;
  // A day that there is not, such as February 31, is read as a later one.
  const text = String(until).slice(0, 10);
  const isDay = !Number.isNaN(end) && iso(Date.parse(text)).startsWith(text);
  if (isDay && end - now <= LONGEST) return end;
  const cure =
    "Say when testNumbers end, at most a year from now, such as '2027-01-31': fixed codes must not be forgotten.";
  throw misuse('testNumbersUntil', until, cure);
}

function warn(count: number, end: number): void {
  const until = iso(end);
  process.emitWarning(
    `passport-sms-2fa: ${count} test numbers have fixed codes until ${until}. Whoever knows one passes the second factor of its user.`,
    { code: 'SMS2FA_TEST_NUMBERS' },
  );
}
