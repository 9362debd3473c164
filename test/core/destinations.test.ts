import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { prefixFlaw, refusePhone, servedWords } from '../../lib/core/destinations';
import { parsePhone, type Destinations } from '../../lib/core/phone-number';
import { sayDetail } from '../../lib/locales/locales';
import { english } from '../helpers/core';

const served = (...countries: string[]): Destinations => ({
  defaultCountry: countries[0] ?? 'US',
  allowedCountries: new Set(countries),
  numberOverrides: [],
});
const NORTH = served('US', 'CA');

test.each(['1436', '1679', '14362', '1436234', '1206'])('the prefix %s may be opened', (prefix) => {
  expect(prefixFlaw(prefix, NORTH)).toBeUndefined();
});

test.each([
  ['', /first 2 to 7 digits/],
  ['1', /first 2 to 7 digits/],
  ['14362345', /first 2 to 7 digits/],
  ['x', /first 2 to 7 digits/],
  ['0436', /first 2 to 7 digits/],
  ['14', /whole area code/],
  ['143', /whole area code/],
  ['1036', /whole area code/],
  ['44', /country in allowedCountries: 1\./],
  ['447', /country in allowedCountries: 1\./],
  ...[900, 976, 800, 822, 833, 844, 855, 866, 877, 880, 888, 889, 500, 521, 533, 600, 710, 911].map(
    (area): [string, RegExp] => [`1${area}`, /premium, toll-free or personal/],
  ),
  ['1206976', /premium/],
  ['1876', /not in allowedCountries/],
  ['1242', /not in allowedCountries/],
] as [string, RegExp][])('[S48] the prefix %j may not', (prefix, flaw) => {
  expect(prefixFlaw(prefix, NORTH)).toMatch(flaw);
});

test.each([
  ['101436', NORTH, /whole area code/],
  ['33', served('FR'), /whole country/],
  ['1436', served('GB', 'FR', 'GG'), /country in allowedCountries: 44, 33\.$/],
])('[S48] nor may the prefix %s of %j', (prefix, destinations, flaw) => {
  expect(prefixFlaw(prefix, destinations)).toMatch(flaw);
});

test.each(['449', '4470', '4480', '3389', '4970'])(
  '[S48] nor does the prefix %s open premium, free or personal numbers elsewhere',
  (prefix) => {
    expect(prefixFlaw(prefix, served('GB', 'FR', 'DE'))).toMatch(/premium/);
  },
);

test.each([
  '+14362345678',
  '+1 (436) 234-5678',
  '436-234-5678',
  '1 436 234 5678',
  '011 1 436 234 5678',
])('[S45] with its area opened %s is a number of the first country with its code', (written) => {
  const open = { ...NORTH, numberOverrides: ['1436'] };
  const texted = { ok: true, phone: '+14362345678' };
  expect(parsePhone(written, NORTH)).toMatchObject({ ok: false, because: 'unknown' });
  expect(parsePhone(written, open)).toEqual({ ...texted, country: 'US' });
  const canada = { ...open, ...served('CA'), numberOverrides: ['1436'] };
  expect(parsePhone(written, canada)).toEqual({ ...texted, country: 'CA' });
  expect(parsePhone('+14362345678', { ...open, ...served('GB') }).ok).toBe(false);
});

test.each([
  '+14361345678',
  '+1436234567',
  '+143623456789',
  '+14369765555',
  '+16792345678',
  '+18765550100',
  '+18005550100',
])('[S47] [S48] an opened area opens no more than itself: %s', (written) => {
  // None of these but the first would start.
  const numberOverrides = ['1436', '1876', '1800', '1'];
  const parsed = parsePhone(written, { ...NORTH, numberOverrides: numberOverrides.slice(0, 3) });
  expect(parsed.ok).toBe(false);
});

test('[S48] not even a prefix of one digit opens a special area', () => {
  for (const area of ['822', '880', '500', '522', '600', '710', '911', '900', '976']) {
    const parsed = parsePhone(`+1${area}2345678`, { ...NORTH, numberOverrides: ['1'] });
    expect([area, parsed.ok]).toEqual([area, false]);
  }
});

test('a number of a plan with one country is opened, too', () => {
  const written = '+353 10 234 56789';
  expect(parsePhone(written, served('IE'))).toEqual({ ok: false, code: 'phone_invalid' });
  const open = { ...served('GB', 'IE'), numberOverrides: ['35310'] };
  expect(prefixFlaw('35310', open)).toBeUndefined();
  const phone = { ok: true, phone: '+3531023456789', country: 'IE' };
  expect(parsePhone(written, open)).toEqual(phone);
  expect(parsePhone(written, { ...served('GB'), numberOverrides: ['35310'] }).ok).toBe(false);
});

test('the countries that are texted are told by name, and counted where they are many', () => {
  const said = (...countries: string[]) => sayDetail(servedWords(served(...countries)), english);
  expect(said('US')).toBe('We text numbers in this country only: United States.');
  expect(said('US', 'CA')).toBe('We text numbers in these countries: Canada, United States.');
  expect(said('US', 'CA', 'GB', 'FR', 'DE', 'IT', 'ES')).toBe('We text numbers in 7 countries.');
});

test.each([
  ['+18765550100', /^We don't text numbers in this country: Jamaica\. We text numbers in .*Canada/],
  ['+81612345678', /^We don't text numbers in this country: Japan\./],
  ['+18005550100', /^We can't text numbers like premium-rate, .* Use a mobile/],
  ['+18225550100', /^We can't text numbers like/],
  ['+14362345678', /^We don't know the area code of this number\. Check it\..*ask us/],
  ['+16792345678', /^We don't know the area code/],
])('what %s is refused for is said', (written, detail) => {
  const parsed = parsePhone(written, NORTH);
  if (parsed.ok) throw new Error('it was taken');
  const refused = refusePhone(parsed, NORTH, { phone: written, country: 'US' });
  expect(refused).toMatchObject({ ok: false, code: 'destination_not_allowed' });
  expect(sayDetail(refused.detail, english)).toMatch(detail);
});

test('six countries are still named one by one', () => {
  const countries = ['US', 'CA', 'GB', 'FR', 'DE', 'IT'];
  const say = 'detail.servedFew';
  expect(servedWords(served(...countries))).toEqual({ say, countries: countries.join(' ') });
  expect(servedWords(served(...countries, 'ES'))).toEqual({ say: 'detail.servedMany', count: 7 });
});

test('a number that was dialed as at home is told how to write it only where nobody knows its area', () => {
  const wide = served('US', 'CA', 'GB');
  const details = (phone: string, destinations = wide) => {
    const parsed = parsePhone(phone, destinations);
    if (parsed.ok) throw new Error('it was taken');
    return refusePhone(parsed, destinations, { phone, country: 'US' }).detail;
  };
  const home = { say: 'detail.phoneReadAs', country: 'US', callingCode: '44' };
  const few = { say: 'detail.servedFew', countries: 'US CA GB' };
  const [unknown, unserved] = [{ say: 'detail.areaUnknown' }, { say: 'detail.countryUnserved' }];
  expect(details('436-234-5678')).toEqual([unknown, home, few]);
  expect(details('876-555-0100')).toEqual([{ ...unserved, country: 'JM' }, few]);
  expect(details('+14362345678')).toEqual([unknown, few]);
});

test('a number that came as no text is told so, with one that is', () => {
  const parsed = parsePhone(12_065_550_142, NORTH);
  if (parsed.ok) throw new Error('it was taken');
  const told = (phone: unknown) => refusePhone(parsed, NORTH, { phone, country: 'US' }).detail;
  const such = { name: 'phone', such: '+12065550142' };
  expect(told(12_065_550_142)).toEqual({ say: 'detail.stringNotNumber', ...such });
  expect(told(['+12065550142'])).toEqual({ say: 'detail.string', ...such });
});

const ONE = { say: 'detail.phoneOnly' };
const readAs = (country: string, callingCode: string) => ({
  say: 'detail.phoneReadAs',
  country,
  callingCode,
});
const plus = (callingCode: string) => ({ say: 'detail.phonePlus', callingCode });
const WEST = served('US', 'CA', 'GB');

test.each([
  // The words that every number has which is none: `undefined`.
  ['555-0142', 'US', NORTH, undefined],
  ['', 'US', WEST, undefined],
  ['bob', 'US', WEST, undefined],
  [undefined, 'US', WEST, undefined],
  ['+1 206 555', 'US', WEST, undefined],
  ['206 555 0142 ext. 5', 'US', NORTH, ONE],
  ['Home: 206-555-0142', 'US', WEST, ONE],
  ['206-555-0142, 206-555-0143', 'US', NORTH, ONE],
  ['+1 206 555 0142 x5', 'US', WEST, ONE],
  ['1 bob 2', 'US', WEST, ONE],
  // One digit is no number yet.
  ['x5', 'US', WEST, undefined],
  ['5x', 'US', WEST, undefined],
  ['07400 123456', 'US', WEST, readAs('US', '44')],
  ['00 44 7400 123456', 'CA', WEST, plus('44')],
  ['0044 7400 123456', 'US', NORTH, plus('1')],
  ['001 206 555 0142', 'US', NORTH, plus('1')],
  ['00 1 (206) 555-0142', 'US', NORTH, plus('1')],
  ['011 44 7400 12', 'US', NORTH, plus('1')],
  ['011 44 7400 12', 'US', WEST, plus('44')],
  ['07400', 'GB', WEST, readAs('GB', '1')],
] as [string | undefined, string, Destinations, object | undefined][])(
  'what %j is refused for, in %s, names the cure',
  (phone, country, destinations, detail) => {
    const parsed = parsePhone(phone, destinations, country);
    if (parsed.ok) throw new Error('it was taken');
    const said = detail === undefined ? {} : { detail };
    const refused = { ok: false, code: 'phone_invalid', ...said };
    expect(refusePhone(parsed, destinations, { phone, country })).toEqual(refused);
  },
);

test('nor is what is dialed before a country code an area of this one', () => {
  const phone = '011 1 206 555';
  const parsed = parsePhone(phone, WEST, 'GB');
  if (parsed.ok) throw new Error('it was taken');
  expect(refusePhone(parsed, WEST, { phone, country: 'GB' }).detail).toContainEqual(plus('1'));
});

test('an area that is not known may be one of another country', () => {
  const parsed = parsePhone('206-555-0142', WEST, 'GB');
  if (parsed.ok) throw new Error('it was taken');
  const { detail } = refusePhone(parsed, WEST, { phone: '206-555-0142', country: 'GB' });
  expect(detail).toContainEqual(readAs('GB', '1'));
});

/** As docs/going-live.md has them. */
const TERRITORIES: [areas: string, region: string, name: string, phone: string][] = [
  ['787', 'PR', 'Puerto Rico', '+17872345678'],
  ['939', 'PR', 'Puerto Rico', '+19392345678'],
  ['671', 'GU', 'Guam', '+16716491234'],
  ['340', 'VI', 'US Virgin Islands', '+13407771234'],
  ['684', 'AS', 'American Samoa', '+16847331234'],
  ['670', 'MP', 'Northern Mariana Islands', '+16702341234'],
];

test.each(TERRITORIES)(
  'numbers of +1 %s are of %s, which the default does not text, and one line adds',
  (area, region, name, phone) => {
    expect(parsePhone(phone, NORTH)).toEqual({
      ok: false,
      code: 'destination_not_allowed',
      because: 'country',
      country: region,
    });
    expect(parsePhone(phone, served('US', 'CA', region))).toEqual({
      ...{ ok: true, phone, country: region },
    });
    // Nor are they those of the mainland, where only they are served.
    expect(parsePhone(phone, served(region)).ok).toBe(true);
    const page = readFileSync(join(__dirname, '../../docs/going-live.md'), 'utf8');
    expect(page).toMatch(new RegExp(`^\\|.*\\b${area}\\b.*\\| ${name} +\\| \`'${region}'\``, 'm'));
  },
);
