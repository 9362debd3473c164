import type { CountryCode } from 'libphonenumber-js/max';
import { refuse, type Detail, type Refusal } from './outcomes';
import { isRegion, numberingPlans, parsePhone, servedBy, type Destinations } from './phone-number';
import { notText, plain, typedNumber } from './typed';

/** A list of so many countries is read at a glance; a longer one is only counted where there is little room. */
const FEW = 6;

/** Where texts go, in one sentence. */
export function servedWords({ allowedCountries }: Destinations): Detail {
  const [country = '', ...others] = allowedCountries;
  const count = allowedCountries.size;
  if (count > FEW) return { say: 'detail.servedMany', count };
  return others.length === 0
    ? { say: 'detail.servedOne', country }
    : { say: 'detail.servedFew', countries: [...allowedCountries].join(' ') };
}

/** The refusal of a number that is not texted, in words that help whoever typed it. */
export function refusePhone(
  refused: Exclude<ReturnType<typeof parsePhone>, { ok: true }>,
  destinations: Destinations,
  written: { phone: unknown; country: string },
): Refusal {
  const home = plusWords(written, destinations) ?? homeWords(destinations, written);
  if (refused.code === 'phone_invalid') {
    const detail = unlikeANumber(written.phone) ?? home;
    return refuse(refused.code, detail === undefined ? {} : { detail });
  }
  const why = whyNot(refused);
  const served = servedWords(destinations);
  const isHome = refused.because === 'unknown' && home !== undefined;
  return refuse(refused.code, { detail: isHome ? [why, home, served] : [why, served] });
}

/** Of what is no text, or a number with something beside it, which is not guessed at. */
function unlikeANumber(phone: unknown): Detail | undefined {
  const kind = notText(phone, 'phone', '+12065550142');
  if (kind !== undefined) return kind;
  const isMore = typedNumber(phone) === undefined && /[0-9].*[0-9]/.test(plain(phone) ?? '');
  return isMore ? { say: 'detail.phoneOnly' } : undefined;
}

/** What is dialed before a country code in most of the world, and in North America. */
const ABROAD = /^(?:00|011)/;

/** Of a number written as it is dialed from somewhere else: how it is written everywhere. */
function plusWords(
  { phone, country }: { phone: unknown; country: string },
  destinations: Destinations,
): Detail | undefined {
  const digits = typedNumber(phone);
  if (digits === undefined || !ABROAD.test(digits)) return undefined;
  const rest = digits.replace(ABROAD, '');
  const codes = callingCodes(destinations);
  const home = isRegion(country)
    ? numberingPlans().getCountryCallingCode(country as CountryCode)
    : undefined;
  const callingCode = codes.find((code) => rest.startsWith(code)) ?? home ?? codes[0];
  return callingCode === undefined ? undefined : { say: 'detail.phonePlus', callingCode };
}

/** How a number of another country is written: without a plus sign it was taken for one of this. */
function homeWords(
  destinations: Destinations,
  { phone, country }: { phone: unknown; country: string },
): Detail | undefined {
  const digits = typedNumber(phone);
  if (digits === undefined || digits.startsWith('+') || !isRegion(country)) return undefined;
  const home = numberingPlans().getCountryCallingCode(country as CountryCode);
  const abroad = callingCodes(destinations).find((code) => code !== home);
  if (abroad === undefined) return undefined;
  return { say: 'detail.phoneReadAs', country, callingCode: abroad };
}

function whyNot({ because, country }: { because: string; country: string | undefined }): Detail {
  switch (because) {
    case 'kind':
      return { say: 'detail.phoneKind' };
    case 'unknown':
      return { say: 'detail.areaUnknown' };
    default:
      return country === undefined
        ? { say: 'detail.countryUnnamed' }
        : { say: 'detail.countryUnserved', country };
  }
}

/**
 * What is wrong with a prefix of the option `numberOverrides`, as the cure; `undefined` where it may be used.
 * Numbers that the numbering plans know go by them, whatever the option says, so a prefix is good
 * for what they do not know, and only of a country that is served.
 */
export function prefixFlaw(prefix: string, destinations: Destinations): string | undefined {
  if (!/^[1-9][0-9]{1,6}$/.test(prefix)) {
    return "Give the first 2 to 7 digits of the numbers as a text, country code first, such as '1436'.";
  }
  const phone = `+${prefix}`;
  const country = servedBy(phone, destinations);
  if (country === undefined) {
    const codes = callingCodes(destinations).join(', ');
    return `It must begin with the country code of a country in allowedCountries: ${codes}.`;
  }
  if (prefix.startsWith('1') && !/^1[2-9][0-9]{2}/.test(prefix)) {
    return "Give a whole area code of North America behind the 1, such as '1436'.";
  }
  if (callingCodes(destinations).includes(prefix)) {
    return 'It is the code of a whole country; give the first digits behind it, too.';
  }
  const found = samples(prefix).map((sample) => parsePhone(sample, destinations));
  const opened = { ...destinations, numberOverrides: [prefix] };
  const closed = !samples(prefix).some((sample) => parsePhone(sample, opened).ok);
  if (closed || found.some((each) => !each.ok && 'because' in each && each.because !== 'unknown')) {
    return 'There are premium, toll-free or personal numbers behind it, or those of a country that is not in allowedCountries. Give a prefix that has none.';
  }
  return undefined;
}

function callingCodes({ allowedCountries }: Destinations): string[] {
  const { getCountryCallingCode } = numberingPlans();
  const codes = [...allowedCountries].map((each) => getCountryCallingCode(each as CountryCode));
  return [...new Set<string>(codes)];
}

/** Numbers of every length that begin so, and go on with each two digits. */
function samples(prefix: string): string[] {
  const all = prefix.startsWith('1') ? [11] : [8, 9, 10, 11, 12, 13];
  const lengths = all.filter((length) => length > prefix.length + 1);
  return Array.from({ length: 100 }, (_, digits) => String(digits).padStart(2, '0')).flatMap(
    (two) => lengths.map((length) => `+${prefix}${two}2345678901`.slice(0, length + 1)),
  );
}
