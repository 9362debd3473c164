import type { SayText } from '../core/core';
import type { Detail, Refusal } from '../core/outcomes';
import type { Messages, SentenceName, Sentences } from './catalog';
import { fill, parseTemplate, type Counting, type Template } from './template';

type Facts<Name extends SentenceName> = keyof Sentences[Name] extends never
  ? [facts?: Sentences[Name]]
  : [facts: Sentences[Name]];

/** A sentence of the language, with what stands in it. */
export type Say = <Name extends SentenceName>(name: Name, ...facts: Facts<Name>) => string;

/** One language: its sentences, and how it writes waits, days and countries. */
export interface Words {
  /** BCP 47, such as `en` or `pt-BR`; the `lang` of pages, and `Content-Language`. */
  lang: string;
  dir: 'ltr' | 'rtl';
  say: Say;
  /** The same for the core, which knows some of them. */
  sayText: SayText;
  /** In the largest unit that does not hide much of it. */
  wait: (seconds: number) => string;
  /** The day of an ISO 8601 time, in UTC. */
  day: (iso: string) => string;
  /** Of an ISO 3166 region. */
  country: (region: string) => string;
  /** In the order of their names. */
  countries: (regions: Iterable<string>) => string[];
  /** With the comma of the language. */
  list: (names: readonly string[]) => string;
}

/** What a refusal says beyond its code; `undefined` where there is nothing, or nothing that is known. */
export function sayDetail(detail: Refusal['detail'], words: Words): string | undefined {
  const said = [detail ?? []].flat().map((each: Detail) => {
    // A session of an older version may hold a sentence that was said already.
    const { say, ...facts } = Object(each) as Detail & { country?: string; countries?: string };
    const { country, countries } = facts;
    const names = {
      ...(country !== undefined && { country: words.country(country) }),
      ...(countries !== undefined && {
        countries: words.list(words.countries(countries.split(' '))),
      }),
    };
    return words.say(say, { ...facts, ...names });
  });
  return said.join(' ') || undefined;
}

/** What an app may give: some sentences of a language that is known, or all of another one. */
export type MessagesOption = Readonly<Record<string, Partial<Messages> | undefined>>;

/** The languages that come with the library; each is loaded when somebody first reads it. */
const OWN: Record<string, () => Messages> = {
  en: () => (require('./en') as typeof import('./en')).en,
  es: () => (require('./es') as typeof import('./es')).es,
  fr: () => (require('./fr') as typeof import('./fr')).fr,
  de: () => (require('./de') as typeof import('./de')).de,
  zh: () => (require('./zh') as typeof import('./zh')).zh,
  ar: () => (require('./ar') as typeof import('./ar')).ar,
};

/** All languages of an app. */
export interface Locales {
  /** The words of the first of these that there are; of English where there are none. */
  best: (wanted: readonly string[]) => Words;
  /** The language that fits the tag, or `undefined`. */
  match: (tag: string) => string | undefined;
}

export const FALLBACK = 'en';

export function createLocales(given: MessagesOption = {}): Locales {
  const tags = [...new Set([...Object.keys(OWN), ...Object.keys(given)])];
  const made = new Map<string, Words>();
  const wordsOf = (tag: string): Words => {
    const words = made.get(tag) ?? createWords(tag, messagesOf(tag, given));
    made.set(tag, words);
    return words;
  };
  const match = (tag: string): string | undefined => matching(tag, tags);
  return {
    match,
    best: (wanted) => {
      for (const tag of wanted) {
        const found = match(tag);
        if (found !== undefined) return wordsOf(found);
      }
      return wordsOf(FALLBACK);
    },
  };
}

/** The sentences of a language: the app's, then those of the languages that it is a kind of. */
export function messagesOf(tag: string, given: MessagesOption): Partial<Messages> {
  const kinds = kindsOf(tag).filter((kind) => scriptOf(kind) === scriptOf(tag));
  const own = kinds.map((kind) => ownOf(kind)?.());
  const all = kinds.map((kind) => defined(given[kind]));
  return Object.assign({}, ...own, ...all) as Partial<Messages>;
}

function ownOf(tag: string): (() => Messages) | undefined {
  return Object.hasOwn(OWN, tag) ? OWN[tag] : undefined;
}

/** What was given as `undefined` was not given. */
function defined(messages: Readonly<Record<string, string | undefined>> = {}): Partial<Messages> {
  return Object.fromEntries(Object.entries(messages).filter(([, text]) => text !== undefined));
}

/** `es-MX` finds `es-MX`, else `es`, else any other Spanish; `zh-TW` finds `zh-Hant` before `zh`. */
function matching(tag: string, tags: readonly string[]): string | undefined {
  const kinds = kindsOf(tag).reverse();
  for (const kind of kinds) {
    const found = tags.find((each) => each.toLowerCase() === kind.toLowerCase());
    if (found !== undefined) return found;
  }
  return tags.find((each) => languageOf(each) === languageOf(tag));
}

/**
 * What a language is a kind of, from the widest to itself: `zh-TW` of `zh`, and of `zh-Hant`, as it is
 * written in Taiwan.
 */
function kindsOf(tag: string): string[] {
  const { language, script, region } = localeOf(tag)?.maximize() ?? {};
  const whole = [language, script, region].filter((part) => part !== undefined).join('-');
  const kinds = [...shorter(whole), ...shorter(tag)].filter((kind) => kind !== tag);
  return [...new Set(kinds), tag];
}

/** `zh`, `zh-Hant` and `zh-Hant-TW` of `zh-Hant-TW`. */
function shorter(tag: string): string[] {
  const parts = tag.split('-');
  return parts.map((_part, index) => parts.slice(0, index + 1).join('-'));
}

function scriptOf(tag: string): string | undefined {
  return localeOf(tag)?.maximize().script;
}

/** Tags come from browsers, too, and many are none. */
function localeOf(tag: string): Intl.Locale | undefined {
  try {
    return new Intl.Locale(tag);
  } catch {
    return undefined;
  }
}

function languageOf(tag: string): string {
  return tag.split('-', 1)[0]?.toLowerCase() ?? '';
}

const LONGEST_HEADER = 1_000;
const MOST_LANGUAGES = 20;
const RANGE = /^([a-z]{1,8}(?:-[a-z0-9]{1,8}){0,7})(?:\s*;\s*q=([01](?:\.\d{0,3})?))?$/i;

/** The languages of an `Accept-Language`, the most wanted first. What it does not understand it skips. */
export function acceptedLanguages(header: unknown): string[] {
  if (typeof header !== 'string') return [];
  return header
    .slice(0, LONGEST_HEADER)
    .split(',', MOST_LANGUAGES)
    .flatMap((each) => {
      const [, tag, quality = '1'] = RANGE.exec(each.trim()) ?? [];
      return tag === undefined || Number(quality) <= 0 ? [] : [{ tag, quality: Number(quality) }];
    })
    .sort((one, other) => other.quality - one.quality)
    .map(({ tag }) => tag);
}

const COMMAS = new Map([
  ['ar', '\u060c '],
  ['fa', '\u060c '],
  ['ja', '\u3001'],
  ['ur', '\u060c '],
  ['zh', '\u3001'],
]);
const RIGHT_TO_LEFT = new Set(['Adlm', 'Arab', 'Hebr', 'Nkoo', 'Rohg', 'Syrc', 'Thaa']);

function createWords(tag: string, messages: Partial<Messages>): Words {
  // Codes and phone numbers are in these digits in every language, so all numbers are.
  const locale = `${tag}-u-nu-latn`;
  const counting = once(() => countingOf(locale));
  const templates = new Map<string, Template>();
  const names = once(() => new Intl.DisplayNames([locale], { type: 'region' }));
  const days = once(
    () => new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' }),
  );
  const units = new Map<string, Intl.NumberFormat>();
  const country = (region: string): string => names().of(region) ?? region;
  const say: Say = (name, ...[facts]) => {
    const template = templates.get(name) ?? parseTemplate(messages[name] ?? '');
    templates.set(name, template);
    return fill(template, { ...facts }, counting());
  };
  return {
    lang: tag,
    dir: RIGHT_TO_LEFT.has(new Intl.Locale(tag).maximize().script ?? '') ? 'rtl' : 'ltr',
    say,
    sayText: say as SayText,
    wait: (seconds) => {
      const [count, unit] = inUnit(seconds);
      const format = units.get(unit) ?? unitFormat(locale, unit);
      units.set(unit, format);
      return format.format(count);
    },
    day: (iso) => days().format(new Date(iso)),
    country,
    countries: (regions) =>
      [...regions].map(country).sort((one, other) => one.localeCompare(other, tag)),
    list: (names) => names.join(COMMAS.get(languageOf(tag)) ?? ', '),
  };
}

function inUnit(seconds: number): [count: number, unit: string] {
  if (seconds < 120) return [seconds, 'second'];
  return seconds < 7_200
    ? [Math.ceil(seconds / 60), 'minute']
    : [Math.ceil(seconds / 3_600), 'hour'];
}

function unitFormat(locale: string, unit: string): Intl.NumberFormat {
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' });
}

function countingOf(locale: string): Counting {
  const plurals = new Intl.PluralRules(locale);
  const numbers = new Intl.NumberFormat(locale);
  return {
    category: (count) => plurals.select(count),
    // A small one is its digits: in no language does anything stand between them.
    number: (count) =>
      Number.isInteger(count) && count >= 0 && count < 1_000
        ? String(count)
        : numbers.format(count),
  };
}

/** What `Intl` makes takes longer than a sentence does: it is made once, and when it is asked for. */
function once<Value>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => (made ??= make());
}
