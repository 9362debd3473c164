import examples from 'libphonenumber-js/examples.mobile.json';
import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/max';
import metadata from 'libphonenumber-js/metadata.max.json';
import {
  examplePhone,
  numberingPlans,
  oneSpelling,
  parseAgain,
  parsePhone,
  readablePhone,
} from '../../lib/core/phone-number';

const north = new Set(['US', 'CA']);
const US = { defaultCountry: 'US', allowedCountries: north, numberOverrides: [] };
const parse = (input: unknown, country = 'US', allowed = north) =>
  parsePhone(input, { ...US, defaultCountry: country, allowedCountries: allowed });
const invalid = { ok: false, code: 'phone_invalid' };
const refused = { ok: false, code: 'destination_not_allowed' };

test.each([
  '+12065550142',
  '12065550142',
  '2065550142',
  '206-555-0142',
  '206.555.0142',
  '206 555 0142',
  '206/555-0142',
  '(206) 555-0142',
  '(206)555-0142',
  '1 206 555 0142',
  '1-206-555-0142',
  '1 (206) 555-0142',
  '+1 206 555 0142',
  '+1 (206) 555-0142',
  '+1 (206) 555 - 0142',
  '+1-206-555-0142',
  '+1.206.555.0142',
  '+1\u00a0206\u00a0555\u00a00142',
  '+1 2065550142',
  '+1(206)5550142',
  '206  555  0142',
  '011 1 206 555 0142',
])('[S45] %p is one and the same number', (written) => {
  expect(parse(written)).toMatchObject({ ok: true, phone: '+12065550142' });
});

test.each([
  '+1 206 555 0142 ext. 5',
  '+12065550142;ext=1',
  '+1 206 555 0142x5',
  '1-206-FLOWERS',
  '+12065550142\r\nBcc: x',
  '+12065550142,+12065550143',
  '+12065550142 or +12065550143',
  '++12065550142',
  '+1+2065550142',
  '+',
  '',
  ' ',
  '-',
  '()',
  '0',
  '1',
  '911',
  '12345',
  '+1206555014',
  '+120655501421',
  '+12065550142'.padEnd(65, ' '),
  '1'.repeat(10_000),
  '+'.repeat(1_000_000),
  '-'.repeat(64),
  '+00000000000',
])('[S113] %.40p is no number', (written) => {
  expect(parse(written)).toEqual(invalid);
});

test.each([undefined, null, 12_065_550_142, true, ['+12065550142'], { phone: 'x' }, Symbol('x')])(
  '[S106] %p is no text, so no number',
  (given) => {
    expect(parse(given)).toEqual(invalid);
  },
);

test.each([
  ['Jamaica', '+18765550100'],
  ['Jamaica, new code', '+16585550100'],
  ['the Bahamas', '+12423591234'],
  ['the Dominican Republic', '+18095550100'],
  ['the Dominican Republic, 829', '+18295550100'],
  ['Trinidad', '+18682911234'],
  ['Barbados', '+12462501234'],
  ['Bermuda', '+14413701234'],
  ['Grenada', '+14734031234'],
  ['Puerto Rico', '+17875550100'],
  ['premium, 900', '+19005550100'],
  ['premium, 976 exchange', '+12069765555'],
  ['premium, 976 as area', '+19765550100'],
  ['toll-free, 800', '+18005550100'],
  ['toll-free, 888', '+18885550100'],
  ['toll-free, 833', '+18335550100'],
  ['the United Kingdom', '+447400123456'],
  ['Sierra Leone', '+23276123456'],
  ['a satellite network', '+881612345678'],
  ['international premium rate', '+979123456789'],
  ['universal freephone', '+80012345678'],
])('[S47] [S48] %s is not texted: %s', (_where, written) => {
  const parsed = parse(written);
  expect(parsed.ok).toBe(false);
  expect(parsed).toMatchObject(refused);
});

test.each(['+18765550100', '+12425550100', '+19005550100', '+18005550100'])(
  '[S48] %s gets no text, be it a number or not',
  (written) => {
    expect(parse(written).ok).toBe(false);
  },
);

test.each([
  ['+447400123456', 'GB', '+447400123456'],
  ['07400 123456', 'GB', '+447400123456'],
  ['+14165550142', 'US', '+14165550142'],
])('[S47] %s is texted where %s is listed', (written, country, phone) => {
  expect(parse(written, country, new Set(['US', 'CA', 'GB']))).toMatchObject({ ok: true, phone });
});

test('[S47] a US number is refused where only Canada is served, although both begin with +1', () => {
  expect(parse('+12065550142', 'US', new Set(['CA']))).toMatchObject(refused);
  expect(parse('+14165550142', 'US', new Set(['US']))).toMatchObject(refused);
});

test('[S48] UK premium and toll-free numbers are refused where the UK is listed', () => {
  const british = new Set(['GB']);
  for (const written of ['+449098790000', '+448001111111']) {
    expect(parse(written, 'GB', british)).toMatchObject(refused);
  }
});

/** Every country that there is. */
const everywhere = new Set(Object.keys(metadata.countries));

const nanp = [500, 521, 522, 523, 524, 525, 526, 527, 528, 529, 533, 544, 566, 577, 588].map(
  (area): [string, string] => [`+1 ${area}`, `+1${area}2345678`],
);
test.each([
  ...nanp,
  ['+1 622', '+16222345678'],
  ['+1 500 555, numbers of test accounts', '+15005550006'],
  ['+44 70', '+447012345678'],
  ['+44 70, as written at home', '07012345678'],
  ['+44 70 of Jersey', '+447015114123'],
  ['+49 700', '+4970012345678'],
  ['+41 878', '+41878123456'],
  ['+34 70', '+34701234567'],
  ['+39 178', '+391781234567'],
  ['+39 199', '+391991234567'],
  ['+30 70', '+307012345678'],
  ['+353 700', '+353700123456'],
  ['+46 75', '+46751234567'],
  ['+47 880', '+4788012345'],
  ['+351 884', '+351884123456'],
  ['+52 500', '+525001234567'],
  ['+82 50', '+825012345678'],
  ['+81 60, ten digits at home', '+81601234567'],
  ['+852 81', '+85281012345'],
  ['+886 99', '+886991234567'],
  ['+90 592', '+905922121234'],
  ['+7 808', '+78081234567'],
  ['+64 70', '+64701234567'],
  ['+92 122', '+92122123456'],
  ['+51 80', '+5180212345'],
  ['+878, of no country', '+878101234567890'],
])('[S174] a personal number is refused like a premium one: %s', (_what, written) => {
  expect(parse(written, 'GB', everywhere)).toMatchObject(refused);
});

test.each([
  ['a mobile number beside +44 70', '+447124123456'],
  ['Arizona, 520', '+15202345678'],
  ['California, 530', '+15302345678'],
  ['a mobile number of Japan, +81 60 with eleven digits at home', '+816012345678'],
  ['a mobile number of Germany', '+4915123456789'],
])('[S174] what only looks like one is texted: %s', (_what, written) => {
  expect(parse(written, 'GB', everywhere)).toMatchObject({ ok: true, phone: written });
});

/** How the mobile number of a country may be written. */
const spelled = Object.entries(examples as Record<string, string>).flatMap(
  ([country, national]) => {
    const number = parsePhoneNumberFromString(national, country as CountryCode)!;
    const code = `+${number.countryCallingCode}`;
    const trunk = (metadata.countries as Record<string, unknown[]>)[country]![5];
    // Colombia has one that mobile numbers were never called with.
    const zeros = typeof trunk === 'string' && country !== 'CO' ? [`${code} (${trunk}) `] : [];
    const written = [
      national,
      number.formatNational(),
      number.formatInternational(),
      ...zeros.flatMap((zero) => [zero + national, zero.replace(/[ ()]/g, '') + national]),
    ];
    return [{ country, phone: number.number, written }];
  },
);

test('[S174] in every country a number is one number, with its trunk prefix and without', () => {
  expect(spelled.length).toBeGreaterThan(200);
  for (const { country, phone, written } of spelled) {
    for (const each of written) {
      const parsed = parse(each, country, everywhere);
      const spelling = parsed.ok ? parsed.phone : parsed.code;
      expect([country, each, spelling]).toEqual([country, each, phone]);
      expect(oneSpelling(spelling)).toBe(oneSpelling(phone));
    }
  }
});

test.each([
  [
    'Argentina',
    'AR',
    '+5491123456789',
    [
      '+54 9 11 2345-6789',
      '+54 11 2345-6789',
      '011 15 2345-6789',
      '+54 11 15 2345-6789',
      '11 2345-6789',
    ],
  ],
  [
    'Argentina, an area of three digits',
    'AR',
    '+5493514234567',
    ['+54 351 423 4567', '0351 15 423 4567'],
  ],
  [
    'Argentina, an area of four digits',
    'AR',
    '+5492972412345',
    ['+54 2972 41 2345', '02972 15 41 2345'],
  ],
  [
    'Mexico',
    'MX',
    '+525512345678',
    [
      '+52 55 1234 5678',
      '+52 1 55 1234 5678',
      '+5215512345678',
      '1 55 1234 5678',
      '044 55 1234 5678',
      '045 55 1234 5678',
      '01 55 1234 5678',
    ],
  ],
  ['Gabon, before 2019', 'GA', '+2416031234', ['+241 06 03 12 34', '+241 6 03 12 34']],
  [
    'Palestine, 59',
    'PS',
    '+972599123456',
    ['+970 599 123 456', '+972 59 912 3456', '0599 123 456'],
  ],
  ['Palestine, 56', 'PS', '+972569123456', ['+970 569 123 456', '+972 56 912 3456']],
  [
    'San Marino, through Italy',
    'SM',
    '+390549886377',
    ['+378 0549 886377', '+39 0549 886377', '886377'],
  ],
  ['Italy, which keeps its zero', 'IT', '+390612345678', ['+39 06 1234 5678', '06 1234 5678']],
  ['Brazil', 'BR', '+5511987654321', ['+55 11 98765-4321', '011 98765-4321', '0 15 11 98765-4321']],
  [
    'the United Kingdom',
    'GB',
    '+447400123456',
    ['+44 (0) 7400 123456', '+44 07400 123456', '00 44 7400 123456'],
  ],
  ['Russia', 'RU', '+79123456789', ['8 912 345-67-89', '+7 8 912 345-67-89']],
  ['Hungary', 'HU', '+36201234567', ['06 20 123 4567', '+36 06 20 123 4567', '+36 20 123 4567']],
  [
    'Korea, by a carrier',
    'KR',
    '+821012345678',
    ['010-1234-5678', '+82 010 1234 5678', '002 82 10 1234 5678'],
  ],
])('[S174] %s: however it is spelled, it is one phone', (_where, country, one, written) => {
  for (const each of written) {
    const parsed = parse(each, country, everywhere);
    expect([each, parsed.ok && oneSpelling(parsed.phone)]).toEqual([each, one]);
    expect(oneSpelling(oneSpelling(one))).toBe(one);
  }
});

test('[S174] what is texted stays as it was spelled', () => {
  const phones = ['+541123456789', '+5491123456789', '+970599123456', '+972599123456'];
  for (const phone of phones) {
    expect(parse(phone, 'US', everywhere)).toMatchObject({ ok: true, phone });
  }
});

test.each([
  ['Brazil, before the ninth digit', '+551187654321'],
  ['Benin, before 2024', '+22997123456'],
  ['Ivory Coast, before 2021', '+22507123456'],
  ['Vietnam, before 2018', '+841631234567'],
  ['Mauritius, before 2013', '+2307123456'],
  ['Cameroon, before 2014', '+23777123456'],
  ['Italy without its zero', '+39612345678'],
  ['Mexico with a digit too few', '+521551234567'],
])('[S174] a number that is no longer one gets no text: %s', (_what, written) => {
  expect(parse(written, 'US', everywhere).ok).toBe(false);
});

test.each([
  ['a user of two networks', '+5491123456789', '+5491123456788'],
  ['toll-free in Argentina', '+548001234567', '+5498001234567'],
  ['an Israeli number and a Palestinian', '+972501234567', '+970501234567'],
  ['a mobile number of San Marino', '+37866661212', '+3966661212'],
  ['a Mexican number and an Argentine', '+525512345678', '+545512345678'],
  ['two mail addresses', '+541123456789@acme.example', '+5491123456789@acme.example'],
])('[S174] two phones stay two: %s', (_what, one, other) => {
  expect(oneSpelling(one)).not.toBe(oneSpelling(other));
});

/** Numbers of every plan, of all kinds and of none: digits that a small generator throws. */
function* thrown(): Generator<string> {
  let state = 1;
  const below = (most: number): number => {
    state = (state * 48_271) % 0x7fffffff;
    return state % most;
  };
  for (const code of Object.keys(metadata.country_calling_codes)) {
    for (let each = 0; each < 40; each += 1) {
      yield `+${code}${Array.from({ length: 6 + below(6) }, () => below(10)).join('')}`;
    }
  }
  for (let each = 0; each < 2_000; each += 1) yield `+1${2_000_000_000 + below(2_147_000_000)}`;
}

test('[S45] what was read once is, asked again, what reading it would find', () => {
  const phones = [...spelled.map(({ phone }) => phone), ...thrown()].filter(
    // What was read is spelled as it was found.
    (phone) => parsePhoneNumberFromString(phone, { extract: false })?.number === phone,
  );
  const destinations = { ...US, numberOverrides: ['1235', '44'] };
  const kinds = new Set<string>();
  for (const allowedCountries of [everywhere, north, new Set(['GB', 'KZ', 'SM', 'JM'])]) {
    for (const phone of phones) {
      const read = parsePhone(phone, { ...destinations, allowedCountries });
      expect(parseAgain(phone, { ...destinations, allowedCountries })).toEqual(read);
      kinds.add(read.ok ? 'texted' : read.code + ('because' in read ? read.because : ''));
    }
  }
  // None of what there is to be found is missing.
  expect([...kinds].sort()).toEqual([
    'destination_not_allowedcountry',
    'destination_not_allowedkind',
    'destination_not_allowedunknown',
    'phone_invalid',
    'texted',
  ]);
});

test.each(['', '+', '+1', 'u@acme.example', '2065550142', '+99912345678', '+88312345678'])(
  'what never was a number is none, asked again: %p',
  (phone) => {
    expect(parseAgain(phone, US)).toEqual(parsePhone(phone, US));
  },
);

test('[S111] a million characters are refused at once', () => {
  const start = process.cpuUsage();
  for (const one of ['+', '1', '(', ' ', '-'])
    expect(parse(one.repeat(1_000_000))).toEqual(invalid);
  // Of the processor, whatever else the machine does: what grows with the square takes hours.
  expect(process.cpuUsage(start).user / 1e6).toBeLessThan(5);
});

test.each(['+883112345678', '+8821234567'])(
  '[S47] a beginning of no country is none that is served, whatever comes behind it: %s',
  (written) => {
    const because = { because: 'country', country: undefined };
    expect(parse(written)).toEqual({ ...refused, ...because });
  },
);

test.each(['+14361345678', '+14360345678', '+10362345678'])(
  '%s is no number that anybody has',
  (written) => {
    expect(parse(written)).toEqual(invalid);
  },
);

test('[S47] a prefix of the app’s own opens no country that is not served, not even for what is no number there', () => {
  const open = { ...US, numberOverrides: ['1876'] };
  expect(parsePhone('+18762001234', open)).toEqual(invalid);
  const served = { ...open, allowedCountries: new Set(['US', 'JM']) };
  expect(parsePhone('+18762001234', served)).toMatchObject({ ok: true, country: 'JM' });
});

test.each(['+12065550142', '+447400123456', '+353861234567', '+4915123456789', '+5491123456789'])(
  'where %s may be is asked again without reading it once more',
  (phone) => {
    const everywhereElse = { ...US, allowedCountries: everywhere };
    const before = parsePhone(phone, everywhereElse);
    const read = jest.spyOn(numberingPlans(), 'parsePhoneNumberFromString');
    try {
      expect(parseAgain(phone, everywhereElse)).toEqual(before);
      expect(before.ok).toBe(true);
      expect(parseAgain(phone, { ...US, allowedCountries: new Set(['JM']) }).ok).toBe(false);
      expect(read).not.toHaveBeenCalled();
    } finally {
      read.mockRestore();
    }
  },
);

test('a number is shown as people write it, and what is none as it is', () => {
  expect(readablePhone('+12065550142')).toBe('+1 206 555 0142');
  expect(readablePhone('+1')).toBe('+1');
  expect(readablePhone('ann@acme.example')).toBe('ann@acme.example');
});

test('the example of a country is one of its own, and there is none where no plan has any', () => {
  expect(examplePhone('GB')).toBe('07400 123456');
  expect(examplePhone('AQ')).toBeUndefined();
});
