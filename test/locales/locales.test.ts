import { en } from '../../lib/locales/en';
import { acceptedLanguages, createLocales, type Words } from '../../lib/locales/locales';
import { factsIn, fill, parseTemplate } from '../../lib/locales/template';
import { pseudo } from './pseudo';

const locales = createLocales({ pt: pseudo, 'zh-Hans': pseudo, ar: pseudo, 'en-GB': {} });
const chosen = (header: unknown): string => locales.best(acceptedLanguages(header)).lang;

test.each([
  [undefined, 'en'],
  ['', 'en'],
  ['pt', 'pt'],
  ['PT-br', 'pt'],
  ['en-GB', 'en-GB'],
  ['en-US, pt;q=0.9', 'en'],
  ['fi, pt;q=0.1', 'pt'],
  ['pt;q=0.2, ar;q=0.8', 'ar'],
  ['pt;q=0, ar;q=0.001', 'ar'],
  ['*', 'en'],
  ['fi, *;q=0.5', 'en'],
  ['zh-CN', 'zh-Hans'],
  ['zh-TW', 'zh'],
  ['zh-HK, pt;q=0.5', 'zh'],
  ['xx-YY', 'en'],
  // What no browser sends.
  ['pt;q=2', 'en'],
  ['pt;q=x, ar', 'ar'],
  [';;;,,,q=1', 'en'],
  ['\u0000, pt', 'pt'],
  ['__proto__, constructor', 'en'],
  [`${'a'.repeat(100_000)},pt`, 'en'],
  [`${'fi,'.repeat(50)}pt`, 'en'],
  [['pt'], 'en'],
  [{}, 'en'],
])('Accept-Language %j is answered in %s', (header, lang) => {
  expect(chosen(header)).toBe(lang);
});

test('a language is written in its direction', () => {
  const dirOf = (tag: string) => locales.best([tag]).dir;
  expect(['en', 'pt', 'zh-Hans', 'ar'].map(dirOf)).toEqual(['ltr', 'ltr', 'ltr', 'rtl']);
});

test('an app changes some sentences, and a kind of a language some of those', () => {
  const own = createLocales({
    en: { 'frame.back': 'Go back' },
    'en-GB': { 'frame.notNow': 'Later' },
  });
  const said = ({ say }: Words) => [say('frame.back'), say('frame.notNow'), say('code.label')];
  expect(said(own.best(['en-US']))).toEqual(['Go back', 'Not now', 'Code']);
  expect(said(own.best(['en-GB']))).toEqual(['Go back', 'Later', 'Code']);
});

const counting = (locale: string) => {
  const plurals = new Intl.PluralRules(locale);
  return { category: (count: number) => plurals.select(count), number: String };
};
const filled = (text: string, facts: Record<string, unknown>, locale = 'en') =>
  fill(parseTemplate(text), facts, counting(locale));

test('a template counts as its language does', () => {
  const text =
    '{n, plural, =0 {none} zero {z} one {one of {name}} two {pair} few {# few} many {# many} other {# in all}}';
  const said = (locale: string, ...counts: number[]) =>
    counts.map((n) => filled(text, { n, name: 'x' }, locale));
  expect(said('en', 0, 1, 2, 5)).toEqual(['none', 'one of x', '2 in all', '5 in all']);
  expect(said('ar', 0, 1, 2, 3, 11, 100)).toEqual([
    'none',
    'one of x',
    'pair',
    '3 few',
    '11 many',
    '100 in all',
  ]);
  expect(said('ja', 1)).toEqual(['1 in all']);
});

test('facts stand in a template as they are, and are no template themselves', () => {
  expect(filled('{name}: # {name}', { name: '{code} #' })).toBe('{code} #: # {code} #');
  expect(filled('a {missing} b', {})).toBe('a  b');
  expect([...factsIn(parseTemplate('{a} {n, plural, one {{b}} other {# {c}}}'))]).toEqual([
    'a',
    'n',
    'b',
    'c',
  ]);
});

test.each([
  '{',
  '}',
  'a {b',
  '{a, plural, one {x}}',
  '{a, plural}',
  '{a, select, other {x}}',
  '{}',
  '{a b}',
  '{a, plural, lots {x} other {y}}',
  '{a, plural, other {x}',
  '{a,b,c,d}',
  '{a, plural, other {{a, plural, other {{a, plural, other {{a, plural, other {x}}}}}}}}',
])('the template %j is refused', (text) => {
  expect(() => parseTemplate(text)).toThrow(SyntaxError);
});

test('every sentence can be read, and what is texted is plain ASCII', () => {
  for (const [name, text] of Object.entries(en)) {
    expect([name, () => parseTemplate(text)]).toEqual([name, expect.any(Function)]);
    parseTemplate(text);
    if (/^(text|help)\./.test(name)) expect(text).toMatch(/^[ -~]+$/);
  }
});

test('waits, days and countries are in the words of the language', () => {
  const english = locales.best(['en']);
  expect([1, 30, 119, 120, 3_601, 7_200].map(english.wait)).toEqual([
    '1 second',
    '30 seconds',
    '119 seconds',
    '2 minutes',
    '61 minutes',
    '2 hours',
  ]);
  const other = locales.best(['pt']);
  expect([other.wait(30), other.country('DE'), other.countries(['US', 'AT'])]).toEqual([
    '30 segundos',
    'Alemanha',
    ['Áustria', 'Estados Unidos'],
  ]);
  expect(english.day('2026-11-27T23:59:59.000Z')).toBe('Nov 27, 2026');
  expect(locales.best(['ar']).wait(30)).toMatch(/^30 /);
});
