import {
  bare,
  isTicked,
  LONGEST_TYPED,
  plain,
  shownAgain,
  typedNumber,
  typedRegion,
} from '../../lib/core/typed';

afterEach(() => jest.restoreAllMocks());

/** What may stand around or between the characters of anything that is typed, and is not meant. */
const UNSEEN = [
  ...['\u00ad', '\u061c', '\u180e', '\u200b', '\u200c', '\u200d', '\u200e', '\u200f'],
  ...['\u202a', '\u202b', '\u202c', '\u202d', '\u202e', '\u2060', '\u2061', '\u2062', '\u2063'],
  ...['\u2064', '\u2066', '\u2067', '\u2068', '\u2069', '\ufeff', '\ufe0e', '\ufe0f', '\u{e0100}'],
];
const BLANKS = [
  ...[' ', '\t', '\n', '\r\n', '\v', '\f', '\u0085', '\u00a0', '\u1680', '\u2000', '\u2007'],
  ...['\u2009', '\u200a', '\u2028', '\u2029', '\u202f', '\u205f', '\u3000', '\u2800'],
];
const DASHES = [
  ...[
    '-',
    '\u058a',
    '\u2010',
    '\u2011',
    '\u2012',
    '\u2013',
    '\u2014',
    '\u2015',
    '\u2212',
    '\u2043',
  ],
  ...['\u207b', '\u2796', '\u2500', '\u30fc', '\uff70', '\ufe58', '\ufe63', '\uff0d', '\u301c'],
];

test.each([...UNSEEN, ...BLANKS, ...DASHES].map((each) => [JSON.stringify(each), each]))(
  '[S109] %s between characters is not meant',
  (_name, each) => {
    expect(bare(`${each}12${each}34${each}`)).toBe('1234');
    expect(typedNumber(`${each}+1${each}206 555${each}0142${each}`)).toBe(
      DASHES.includes(each) ? undefined : '+12065550142',
    );
    expect(typedNumber(`+1 206${each}555${each}0142`)).toBe('+12065550142');
  },
);

test('[S110] the digits of every script that Node knows are read as the digits they are', () => {
  const systems = Intl.supportedValuesOf('numberingSystem').filter((system) =>
    /^\p{Nd}$/u.test(new Intl.NumberFormat('en', { numberingSystem: system }).format(7)),
  );
  expect(systems.length).toBeGreaterThan(40);
  for (const numberingSystem of systems) {
    const format = new Intl.NumberFormat('en', { numberingSystem, useGrouping: false });
    expect([numberingSystem, bare(format.format(9_876_543_210))]).toEqual([
      numberingSystem,
      '9876543210',
    ]);
  }
});

test('[S110] no letter and no sign of Unicode becomes a digit, but those that are one in another shape', () => {
  const odd: string[] = [];
  for (let point = 0x80; point <= 0x10ffff; point += 1) {
    const each = String.fromCodePoint(point);
    if (/^[0-9]+$/.test(plain(each) ?? '') && !/^\p{N}$/u.test(each)) odd.push(each);
  }
  expect(odd).toEqual([]);
});

test.each<[unknown, string | undefined]>([
  ['tel:+1-206-555-0142', '+12065550142'],
  ['TEL:206-555-0142', '2065550142'],
  ['tel:%2B12065550142', '+12065550142'],
  ['sms:+12065550142', '+12065550142'],
  ['smsto:+12065550142', '+12065550142'],
  ['callto:+12065550142', '+12065550142'],
  ['ｔｅｌ：+12065550142', '+12065550142'],
  ['(+1) 206 555-0142', '+12065550142'],
  ['(+1 206) 555-0142', '+12065550142'],
  ['[206] 555~0142', '2065550142'],
  ['206·555·0142', '2065550142'],
  ['２０６・５５５・０１４２', '2065550142'],
  ['206･555･0142', '2065550142'],
  ['➕1 206 555 0142', '+12065550142'],
  ['＋１（２０６）５５５－０１４２', '+12065550142'],
  ['tel:+12065550142;ext=5', undefined],
  ['tel:2065550142;phone-context=+1', undefined],
  ['sms:+12065550142?body=hello', undefined],
  ['tel:%', undefined],
  ['tel:%2B12065550142%3Bext%3D5', undefined],
  ['tel:tel:2065550142', undefined],
  ['mailto:2065550142', undefined],
  ['%2B12065550142', undefined],
  ['Mobile: 206-555-0142', undefined],
  ['206-555-0142 ext. 5', undefined],
  ['206-555-0142x5', undefined],
  ['206-555-0142,5', undefined],
  ['206-555-0142#5', undefined],
  ['+1 206 555 0142 +1 206 555 0143', undefined],
  ['++12065550142', undefined],
  ['1-206-FLOWERS', undefined],
  ['2065550142\0', undefined],
  ['2065550142\u0301', undefined],
  ['\ud83d2065550142', undefined],
  ['½2065550142', undefined],
  ['()', undefined],
  ['+', undefined],
  ['', undefined],
  [12_065_550_142, undefined],
  [['2065550142'], undefined],
  [{ length: 10, normalize: () => '2065550142' }, undefined],
])('[S113] %j is read as the number %p', (typed, number) => {
  expect(typedNumber(typed)).toBe(number);
});

test('[S111] what is longer than anything typed is not looked at, whatever it would become', () => {
  const normalize = jest.spyOn(String.prototype, 'normalize');
  for (const long of ['1'.repeat(1_000_000), '\u0301'.repeat(65), '\ufdfa'.repeat(400_000)]) {
    expect([plain(long), bare(long), typedNumber(long), typedRegion(long)]).toEqual([
      ...Array.from({ length: 4 }, () => undefined),
    ]);
    expect(isTicked(long)).toBe(false);
    expect(shownAgain(long)?.length).toBeLessThanOrEqual(LONGEST_TYPED);
  }
  expect(normalize.mock.calls.every(([form]) => form !== 'NFKC')).toBe(true);
  expect(plain('\ufdfa'.repeat(LONGEST_TYPED))?.length).toBeLessThan(2_000);
});

test.each<[unknown, string | undefined]>([
  ['us', 'US'],
  [' Us\n', 'US'],
  ['ＵＳ', 'US'],
  ['\u202aus\u202c', 'US'],
  ['USA', undefined],
  ['U', undefined],
  ['', undefined],
  ['ÜS', undefined],
  ['ŭs', undefined],
  [['US'], undefined],
  [7, undefined],
])('%j is read as the region %p', (typed, region) => {
  expect(typedRegion(typed)).toBe(region);
});

test.each([
  [true, true],
  ['true', true],
  ['on', true],
  [' On ', true],
  ['1', true],
  [1, true],
  ['yes', true],
  [['false', 'true'], true],
  [['0', '1'], true],
  [false, false],
  ['false', false],
  ['off', false],
  ['0', false],
  ['', false],
  [null, false],
  [undefined, false],
  [{}, false],
  [[], false],
  [['on'], false],
  [['false', 'false'], false],
  [[['on', 'on'], 'off'], false],
  [['off', 'off', 'on'], false],
])('a box that says %j is ticked: %p', (given, ticked) => {
  expect(isTicked(given)).toBe(ticked);
});

test('what was typed stands in its field again without what no field shows', () => {
  expect(shownAgain('\u202a<b> 206\0\n"\u202c\ud800')).toBe('<b> 206"');
  expect(shownAgain(7)).toBeUndefined();
});

test('a link to a number is read with a blank in it, and one that says nothing is none', () => {
  expect(typedNumber('tel: +12065550142')).toBe('+12065550142');
  expect(typedNumber('sms:%2B12065550142')).toBe('+12065550142');
  for (const link of ['tel:', 'tel:%', 'tel:%E0%A4%A', 'sms:x'])
    expect(typedNumber(link)).toBeUndefined();
});
