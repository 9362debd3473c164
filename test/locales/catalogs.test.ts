import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { charactersOver, codeText } from '../../lib/core/challenge/message';
import { PURPOSES } from '../../lib/core/outcomes';
import type { Messages, SentenceName } from '../../lib/locales/catalog';
import { acceptedLanguages, createLocales, messagesOf } from '../../lib/locales/locales';
import { factsIn, fill, parseTemplate, type Template } from '../../lib/locales/template';
import { DOCS } from '../docs/page';
import { pseudo } from './pseudo';

const LANGUAGES = ['es', 'fr', 'de', 'zh', 'ar'] as const;
const catalog = (tag: string) => messagesOf(tag, {}) as Messages;
const en = catalog('en');
const names = Object.keys(en) as SentenceName[];
const each = (tag: string) => names.map((name) => [name, catalog(tag)[name]] as const);

/** What is the same word in English, as all who speak the language say. */
const SAME: Partial<Record<string, SentenceName[]>> = { fr: ['code.label'], de: ['code.label'] };
/** What a number is called in a sentence. */
const NUMBERS = new Set(['count', 'days', 'digits', 'group', 'length', 'minutes']);
const UP_TO = 120;

test.each(LANGUAGES)('%s has every sentence, with the facts of the English one', (tag) => {
  expect(Object.keys(catalog(tag)).sort()).toEqual([...names].sort());
  const facts = (text: string) => [...factsIn(parseTemplate(text))].sort();
  for (const [name, text] of each(tag)) {
    expect([name, facts(text)]).toEqual([name, facts(en[name])]);
  }
});

test.each(LANGUAGES)('%s says nothing in English', (tag) => {
  const same = each(tag).filter(([name, text]) => text === en[name]);
  expect(same.map(([name]) => name)).toEqual(SAME[tag] ?? []);
});

const casesIn = (template: Template): string[][] =>
  template.flatMap((piece) =>
    typeof piece === 'string' || piece.cases === undefined
      ? []
      : [[...piece.cases.keys()], ...[...piece.cases.values()].flatMap(casesIn)],
  );

test.each(['en', ...LANGUAGES])('%s has a case for each way that it counts', (tag) => {
  const plurals = new Intl.PluralRules(tag);
  for (const [name, text] of each(tag)) {
    for (const cases of casesIn(parseTemplate(text))) {
      const missing = [...Array(UP_TO).keys()]
        .filter((count) => !cases.includes(`=${count}`))
        .map((count) => plurals.select(count))
        .filter((category) => !cases.includes(category));
      expect([name, missing]).toEqual([name, []]);
    }
  }
});

test.each(['en', ...LANGUAGES])('%s reads differently for each number, with every fact', (tag) => {
  const plurals = new Intl.PluralRules(tag);
  const counting = { category: (count: number) => plurals.select(count), number: String };
  for (const [name, text] of each(tag)) {
    const template = parseTemplate(text);
    const facts = [...factsIn(template)];
    const others = facts.filter((fact) => !NUMBERS.has(fact));
    const given = Object.fromEntries(others.map((fact) => [fact, `<${fact}>`]));
    for (const number of facts.filter((fact) => NUMBERS.has(fact))) {
      const said = [...Array(UP_TO).keys()].map((count) =>
        fill(template, { ...given, [number]: count }, counting),
      );
      expect([name, new Set(said).size]).toEqual([name, UP_TO]);
      for (const one of said) for (const fact of others) expect(one).toContain(`<${fact}>`);
    }
  }
});

/** A sentence without its facts and its cases' names. */
const wordsOf = (text: string) => text.replace(/\{\w+\}|\w+, plural,|=0|\b[a-z]+(?= \{)/g, '');
/** What is typed as it stands, or is the name of something. */
const LATIN = /\b(?:STOP|UNSTOP|HELP|JSON|US|kB|sms|email|country|channel)\b/g;

test.each<[string, RegExp, RegExp]>([
  ['es', /[áéíóúñ]/, /['"]|(?:^|[.?] )[^¿.?]*\?/],
  ['fr', /[éèêàç’]/, /['"]| [?!:;»]|« /],
  ['de', /[äöüß]/, /['"]/],
  ['zh', /\p{Script=Han}/u, /['"]|\p{Script=Han}[,.:;?!()]|[,;?!()]\p{Script=Han}/u],
  ['ar', /\p{Script=Arabic}/u, /['"]|\p{Script=Arabic}[,;?]/u],
])('%s is written with its own letters, marks and quotes', (tag, letters, never) => {
  const shown = each(tag).filter(
    ([name]) => !name.startsWith('text.') && !name.startsWith('help.'),
  );
  for (const [name, text] of shown)
    expect([name, wordsOf(text)]).not.toEqual([name, expect.stringMatching(never)]);
  const own = shown.filter(([, text]) => letters.test(text));
  const others = !['zh', 'ar'].includes(tag);
  expect(own.length).toBeGreaterThanOrEqual(others ? shown.length / 3 : shown.length);
  if (others) return;
  for (const [name, text] of each(tag)) {
    expect([name, wordsOf(text).replace(LATIN, '')]).not.toEqual([
      name,
      expect.stringMatching(/[A-Za-z]/),
    ]);
  }
});

test('what reads from left to right keeps its order inside an Arabic sentence, as text, too', () => {
  const said = each('ar').flatMap(([name, text]) =>
    [...text.matchAll(/(.?)\{(phone|email|path|name|domain|such)\}(.?)/gu)].map(([, a, , z]) => [
      name,
      a,
      z,
    ]),
  );
  expect(said.length).toBeGreaterThan(6);
  for (const [name, a, z] of said) expect([name, a, z]).toEqual([name, '\u2066', '\u2069']);
  // Words of the app's own run as their first letter says.
  const transactions = each('ar').filter(([, text]) => text.includes('{transaction}'));
  expect(transactions).toHaveLength(3);
  for (const [, text] of transactions) expect(text).toContain('\u2068{transaction}\u2069');
  for (const [name, text] of each('ar')) {
    const marks = text.replace(/[^\u2066\u2068\u2069]/g, '');
    expect([name, marks.replaceAll(/[\u2066\u2068]\u2069/g, '')]).toEqual([name, '']);
  }
});

const chosen = (header: string, own = {}) =>
  createLocales(own).best(acceptedLanguages(header)).lang;

test.each([
  ['es-MX', 'es'],
  ['es-419,es;q=0.9,en;q=0.8', 'es'],
  ['fr-CA', 'fr'],
  ['de-AT', 'de'],
  ['zh-CN', 'zh'],
  ['zh-Hans-SG', 'zh'],
  ['ar-EG', 'ar'],
  // Traditional Chinese is served in simplified characters where the app has no others.
  ['zh-TW,zh;q=0.9,en-US;q=0.8', 'zh'],
  ['zh-Hant-HK', 'zh'],
  ['pt-BR', 'en'],
  ['pt-BR, es;q=0.5', 'es'],
  ['en-US,es;q=0.9', 'en'],
])('Accept-Language %s is answered in %s by the library’s own', (header, lang) => {
  expect(chosen(header)).toBe(lang);
});

test('a catalog in traditional characters is found by those who write them, and no other stands in for it', () => {
  const own = { 'zh-Hant': pseudo, 'zh-HK': { 'frame.back': 'x' } };
  expect(
    ['zh-TW', 'zh-Hant-MO', 'zh-HK', 'zh-CN', 'zh', 'zh-Hans-SG'].map((tag) => chosen(tag, own)),
  ).toEqual(['zh-Hant', 'zh-Hant', 'zh-HK', 'zh', 'zh', 'zh']);
  // Hong Kong's other sentences are those in its own characters.
  expect(messagesOf('zh-HK', own)).toMatchObject({
    'frame.back': 'x',
    'code.label': pseudo['code.label'],
  });
  expect(messagesOf('zh-TW', {})).toEqual({});
  expect(messagesOf('es-MX', {})).toEqual(catalog('es'));
});

const ACME = { appName: 'Acme', domain: 'acme.example', code: '123456', lifetimeSeconds: 600 };
const ASCII = /^[\n -~]*$/;
const roomOf = (text: string) => (ASCII.test(text) ? 160 : 70);
/** As a carrier counts: 140 bytes, less what joins them where there are several. */
const segmentsOf = (text: string) => {
  if (text.length <= roomOf(text)) return 1;
  return Math.ceil(text.length / (ASCII.test(text) ? 140 : 67));
};
const sayIn = (tag: string) => createLocales().best([tag]).sayText;
const textIn = (tag: string, facts: Partial<Parameters<typeof codeText>[0]>) =>
  codeText({ ...ACME, purpose: 'sign-in', ...facts }, sayIn(tag));

test.each(['es', 'fr', 'de'])(
  'texts in %s are ASCII, and one segment in every app that can start',
  (tag) => {
    for (const purpose of PURPOSES) expect(textIn(tag, { purpose })).toMatch(ASCII);
    expect(textIn(tag, { reportWord: 'NO' })).toMatch(/ NO\n\n@acme\.example #123456$/);
    for (const domain of [undefined, 'a.example', `${'a'.repeat(60)}.example`]) {
      const facts = { ...ACME, domain, codeLength: 6, appName: '' };
      const appName = 'x'.repeat(-charactersOver(facts, sayIn('en')));
      for (const purpose of PURPOSES) {
        const text = textIn(tag, { domain, appName, purpose });
        expect([text.length <= 160, text.includes(appName)]).toEqual([true, true]);
      }
    }
  },
);

test.each(['zh', 'ar'])('a text in %s gets shorter where it would be two segments', (tag) => {
  const whole = textIn(tag, {});
  expect([whole.length <= 70, whole.includes('10')]).toEqual([true, true]);
  const short = textIn(tag, { appName: `Acme${'x'.repeat(70 - whole.length + 1)}` });
  expect([short.length <= 70, short.includes('10')]).toEqual([true, false]);
  expect(short).toMatch(/\n\n@acme\.example #123456$/);
  // Nothing would be one segment: then the second one is for the whole sentence.
  const both = textIn(tag, { domain: `${'a'.repeat(50)}.example` });
  expect([both.length > 70, both.includes('10')]).toEqual([true, true]);
  expect(both).toMatch(/\n\n@a{50}\.example #123456$/);
});

test('the page has a row for the texts of each language, as they are', () => {
  const page = readFileSync(join(DOCS, 'languages.md'), 'utf8');
  const namesOf = new Intl.DisplayNames('en', { type: 'language' });
  const rows = ['en', ...LANGUAGES].map((tag) => {
    const texts = PURPOSES.map((purpose) => textIn(tag, { purpose }));
    const short = `${sayIn(tag)('text.short', ACME)}\n\n@acme.example #123456`;
    const of = (text: string) => `${text.length}, ${segmentsOf(text)}`;
    const facts = (ACME.appName + ACME.domain).length;
    const room = (text: string) => facts + roomOf(text) - text.length;
    return [
      `\`${tag}\``,
      namesOf.of(tag),
      ASCII.test(texts.join('')) ? 'ASCII' : 'UCS-2',
      ...texts.map(of),
      of(short),
      String(Math.min(...texts.map(room))),
      String(room(short)),
    ];
  });
  const shown = [...page.matchAll(/^\| (`\w\w` .*) \|$/gm)]
    .map(([, row = '']) => row.split('|').map((cell) => cell.trim()))
    .filter((cells) => cells.length > 2);
  expect(shown).toEqual(rows);
});
