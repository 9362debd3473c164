import type { Messages, SentenceName } from '../locales/catalog';
import { createLocales, messagesOf, FALLBACK, type Locales } from '../locales/locales';
import { factsIn, parseTemplate } from '../locales/template';
import { inOption, misuse, refuseUnknown, isOptions } from '../misuse';
import type { PageModel, PageName } from '../pages/models';
import { checkFunction } from './check-values';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- any version of Express's types
export type LocaleOption = (req: any) => string | undefined;

/** What a page is made of, for a frame around it. */
export interface LayoutParts {
  title: string;
  /** HTML: the links and scripts of the page, for the `<head>`. */
  head: string;
  /** HTML: the page itself from its `<h1>` on, for the app's `<main>`. */
  body: string;
  /** For `<html lang dir>`. */
  lang: string;
  dir: 'ltr' | 'rtl';
  page: PageName;
}

/**
 * Gets the parts of a page and the Express request, and gives the whole document, HTML, within 5 s. What it
 * throws, and what is no string, goes to the app's error handlers.
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- any version of Express's types
export type Layout = (parts: LayoutParts, req: any) => string | Promise<string>;

/**
 * By the name of a page: the name of a view for `res.render`, whose locals are the page's model, or a function
 * that gets the model and the Express request. It gives the whole document, HTML, within 5 s; errors go
 * as with `Layout`.
 */
export type Views = {
  readonly [Name in PageName]?: string | View<Extract<PageModel, { page: Name }>> | undefined;
};

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- any version of Express's types
type View<Model> = (model: Model, req: any) => string | Promise<string>;

const PAGES = [
  'challenge',
  'enrollment',
  'manage',
  'confirm',
  'recoveryCodes',
  'resume',
  'message',
] as const satisfies PageName[];

/** The options `messages`, `locale`, `layout` and `views`. */
export function checkPages(given: (name: 'messages' | 'locale' | 'layout' | 'views') => unknown): {
  locales: Locales;
  locale: ((req: unknown) => unknown) | undefined;
  layout: Layout | undefined;
  views: Views;
} {
  return {
    locales: checkMessages(given('messages')),
    locale: checkFunction('locale', given('locale')) as ((req: unknown) => unknown) | undefined,
    layout: checkFunction('layout', given('layout')) as Layout | undefined,
    views: checkViews(given('views')),
  };
}

function checkViews(given: unknown): Views {
  if (given === undefined) return {};
  const cure = 'Give { challenge: a name of your views, or a function }, or leave it out.';
  refuseUnknown(inOption('views'), given, PAGES, cure);
  for (const [name, view] of Object.entries(given as object) as [string, unknown][]) {
    if (view === undefined || typeof view === 'function') continue;
    if (typeof view === 'string' && view.trim() !== '') continue;
    throw misuse(
      `views.${name}`,
      view,
      'Give the name of a view for res.render, or a function of the model that gives HTML.',
    );
  }
  return Object.freeze({ ...(given as Views) });
}

const CURE =
  "Give sentences by language, such as { en: { 'frame.back': 'Go back' } }, or leave it out.";

/** Some sentences of a language that is known, or all of another one. */
function checkMessages(given: unknown): Locales {
  if (given === undefined) return createLocales();
  if (!isOptions(given)) throw misuse('messages', given, CURE);
  const all = given as Record<string, Partial<Messages>>;
  const whole = messagesOf(FALLBACK, {}) as Messages;
  const names = Object.keys(whole) as SentenceName[];
  for (const [tag, messages] of Object.entries(all)) {
    const place = `messages[${JSON.stringify(tag)}]`;
    checkTag(tag, place, messages);
    refuseUnknown(
      { whole: place, one: (name) => `${place}[${JSON.stringify(name)}]` },
      messages,
      names,
      CURE,
    );
    const read = messagesOf(tag, all);
    for (const name of names) {
      const text = read[name];
      const sentence = `${place}[${JSON.stringify(name)}]`;
      if (text === undefined) {
        throw misuse(
          sentence,
          text,
          'A language that the library does not have needs all sentences.',
        );
      }
      if (Object.hasOwn(messages, name)) checkSentence(sentence, text, whole[name]);
    }
  }
  return createLocales(all);
}

/** As `Intl` writes it: `pt-BR`. */
function checkTag(tag: string, place: string, messages: unknown): void {
  const cure = "Give the tag of a language that Intl knows, such as 'pt' or 'pt-BR'.";
  let canonical: string | undefined;
  try {
    [canonical] = Intl.getCanonicalLocales(tag);
  } catch {
    throw misuse(place, messages, cure);
  }
  const known = Intl.PluralRules.supportedLocalesOf(tag).length > 0;
  // Extensions, such as another calendar, are no part of what a browser asks for.
  if (!known || tag.includes('-u-')) throw misuse(place, messages, cure);
  if (canonical !== tag) throw misuse(place, messages, `Write the language as '${canonical}'.`);
}

/** What a sentence must say whoever words it: without it the text would be of no use. */
const NEEDED = new Set(['code']);

function checkSentence(place: string, text: unknown, original: string): void {
  if (typeof text !== 'string' || text.trim() === '') {
    throw misuse(place, text, 'Give the sentence as a string.');
  }
  let facts: Set<string>;
  try {
    facts = factsIn(parseTemplate(text));
  } catch (error) {
    throw misuse(place, text, `It cannot be read: ${(error as Error).message}.`);
  }
  const there = factsIn(parseTemplate(original));
  const unknown = [...facts].find((name) => !there.has(name));
  if (unknown !== undefined) {
    const list = [...there].map((name) => `{${name}}`).join(', ');
    throw misuse(
      place,
      text,
      `There is no {${unknown}} in it; there is ${list === '' ? 'nothing' : list}.`,
    );
  }
  const missing = [...there].find((name) => NEEDED.has(name) && !facts.has(name));
  if (missing !== undefined) throw misuse(place, text, `It has to say {${missing}}.`);
}
