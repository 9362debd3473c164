import { prefixFlaw } from '../core/destinations';
import { isRegion, type Destinations } from '../core/phone-number';
import { typedNumber, typedRegion } from '../core/typed';
import { misuse } from '../misuse';

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
