import { SecondFactorError } from './errors';

/**
 * Reports a wrong option at start: which one, what was given, and the cure. All that the library throws
 * for a wrong option or argument has this form.
 */
export function misuse(option: string, given: unknown, cure: string): TypeError {
  return wrong(option, shown(given), cure);
}

/** The same for a value that no log may show: its kind and length are said instead. */
export function hiddenMisuse(option: string, given: unknown, cure: string): TypeError {
  return wrong(option, kindOf(given), cure);
}

function wrong(option: string, what: string, cure: string): TypeError {
  return new TypeError(`passport-sms-2fa: ${option} is ${what}. ${cure}`);
}

/** Said of a setting that usually comes from there, where there is none. */
export function fromEnvironment(given: unknown): string {
  const isUnset = given === undefined || given === '' || given === 'undefined';
  return isUnset ? ' If it comes from the environment, its variable is not set.' : '';
}

/** What a message calls the options that stand together, and each one of them. */
export interface Naming {
  whole: string;
  one: (name: string) => string;
}

export function inCall(verb: string): Naming {
  return { whole: `the argument of ${verb}()`, one: (name) => `${verb}({ ${name} })` };
}

export function inOption(option: string): Naming {
  return { whole: option, one: (name) => `${option}.${name}` };
}

/** Refuses what is no object of options, and an option that there is not: it would be left out without a word. */
export function refuseUnknown(
  { whole, one }: Naming,
  given: unknown,
  names: readonly string[],
  cure = 'Give an object, or leave it out.',
): void {
  if (!isOptions(given)) throw misuse(whole, given, cure);
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const meant = meantBy(unknown, names);
  const near = meant.map((each) => `\`${each}\``).join(' or ');
  const hint = near === '' ? [] : [`Did you mean ${near}?`];
  const value = (given as Record<string, unknown>)[unknown];
  const said = ['There is no such option.', ...hint, ...listed(names, near !== '')].join(' ');
  throw mayBeSecret(unknown, meant, value)
    ? hiddenMisuse(one(unknown), value, said)
    : misuse(one(unknown), value, said);
}

/** Nobody reads more names than these in an error. */
const MOST_NAMES = 12;

function listed(names: readonly string[], isGuessed: boolean): string[] {
  if (names.length <= MOST_NAMES) {
    return [`${names.length === 1 ? 'There is only' : 'There are'} ${names.join(', ')}.`];
  }
  return isGuessed ? [] : ['docs/options.md of passport-sms-2fa lists those that there are.'];
}

const SECRET_NAME = /secret|key|token|pass|pwd|cred|auth|salt|pepper|pin|^code$|^phone$/i;
const SECRET_LENGTH = 16;

/** Under a name that is misspelled there may be a secret. */
function mayBeSecret(name: string, meant: readonly string[], value: unknown): boolean {
  if (SECRET_NAME.test(name) || meant.some((each) => SECRET_NAME.test(each))) return true;
  if (meant.length > 0) return false;
  return typeof value === 'string' ? value.length >= SECRET_LENGTH : Array.isArray(value);
}

const LONGEST_SHOWN = 80;
const MOST_SHOWN = 8;

/** The value as it was given; of what has no short text of its own, what it is. */
export function shown(given: unknown): string {
  if (typeof given === 'string') {
    // Quotes alone are overlooked where a number or the like was meant.
    const looksElse = /^(?:-?[\d.]+|true|false|null|undefined|NaN)$/.test(given);
    const text = JSON.stringify(given.slice(0, LONGEST_SHOWN));
    return `${looksElse ? 'the string ' : ''}${text}${given.length > LONGEST_SHOWN ? '…' : ''}`;
  }
  if (!Array.isArray(given)) return isPlain(given) ? String(given) : kindOf(given);
  const items = given.slice(0, MOST_SHOWN).map((each: unknown) => {
    if (Array.isArray(each)) return kindOf(each);
    return typeof each === 'string' ? JSON.stringify(each.slice(0, LONGEST_SHOWN)) : shown(each);
  });
  return `[${items.join(', ')}${given.length > MOST_SHOWN ? ', …' : ''}]`;
}

function isPlain(given: unknown): boolean {
  return (
    given === null || ['undefined', 'boolean', 'number', 'bigint', 'symbol'].includes(typeof given)
  );
}

/** What it is, without its value. */
export function kindOf(given: unknown): string {
  if (given === undefined || given === null) return String(given);
  if (given === '') return 'an empty string';
  if (typeof given === 'string') return `a string of ${counted(given.length, 'character')}`;
  if (typeof given === 'function')
    return /^class\b/.test(sourceOf(given)) ? 'a class' : 'a function';
  if (typeof given !== 'object') return `a ${typeof given}`;
  if (Array.isArray(given)) return `a list of ${counted(given.length, 'entry')}`;
  const tag = tagOf(given);
  if (tag === 'Promise') return 'a Promise that nobody waited for';
  if (tag === 'Object') return 'an object';
  return `${/^[AEIO]/.test(tag) ? 'an' : 'a'} ${tag}`;
}

function counted(count: number, what: string): string {
  if (count === 1) return `1 ${what}`;
  return `${count} ${what.replace(/y$/, 'ie')}s`;
}

/** Whether it may have options of its own: no list, and no Map, promise or the like, which have none. */
export function isOptions(given: unknown): given is object {
  return tagOf(given) === 'Object';
}

/** `Object` for objects of options, those of a class included; `Map`, `Promise`, `Array` and so on. */
function tagOf(given: unknown): string {
  const tag = Object.prototype.toString.call(given).slice(8, -1);
  return /^\w{1,40}$/.test(tag) ? tag : 'Object';
}

function sourceOf(given: unknown): string {
  return Function.prototype.toString.call(given);
}

const MOST_MEANT = 3;

/** The names that may be meant by this one, where some are near enough to say so; all are as near. */
function meantBy(name: string, names: readonly string[]): readonly string[] {
  const found = nearest(name, names);
  const by = distance(name, found);
  const far = Math.max(1, Math.floor(Math.min(name.length, found.length) / 3));
  if (by <= far) return names.filter((each) => distance(name, each) === by).slice(0, MOST_MEANT);
  // A part of one name alone: `store` of `sessionStore`.
  const lower = name.toLowerCase();
  const parts = names.filter((each) => lower.length > 3 && each.toLowerCase().includes(lower));
  return parts.length <= MOST_MEANT ? parts : [];
}

/** The candidate that takes the fewest changes of a letter to get to. */
export function nearest(word: string, candidates: readonly string[]): string {
  const ranked = candidates.map((candidate) => ({ candidate, by: distance(word, candidate) }));
  return ranked.reduce((best, each) => (each.by < best.by ? each : best)).candidate;
}

/** Levenshtein distance, whatever the case. Long words are cut: nobody means a known name by them. */
function distance(from: string, to: string): number {
  const letters = Array.from(from.slice(0, 64).toLowerCase());
  const wanted = Array.from(to.toLowerCase());
  let row = Array.from({ length: wanted.length + 1 }, (_, index) => index);
  for (const [index, letter] of letters.entries()) {
    const above = row;
    row = [index + 1];
    for (const [column, other] of wanted.entries()) {
      const replaced = (above[column] ?? 0) + (letter === other ? 0 : 1);
      const changed = 1 + Math.min(above[column + 1] ?? 0, row[column] ?? 0);
      row.push(Math.min(replaced, changed));
    }
  }
  return row[wanted.length] ?? 0;
}

type Verb = (...given: never[]) => unknown;

/**
 * The same functions, each of which tells where it was handed to Express itself instead of what it
 * makes: `app.use(secondFactor.router)` would leave every request without an answer. Told by what they
 * are called with: a request and a response, which none of them takes together.
 */
export function calledByApps<Verbs extends Record<string, Verb>>(
  verbs: Verbs,
  cure: (name: string) => string,
): Verbs {
  const told = Object.entries(verbs).map(([name, verb]) => {
    const call = (...given: unknown[]): unknown => {
      if (!isExchange(given)) return verb(...(given as never[]));
      const error = new SecondFactorError('misconfigured', cure(name));
      const next = given[2];
      if (typeof next !== 'function') throw error;
      (next as (error: Error) => void)(error);
      return undefined;
    };
    return [name, Object.defineProperty(call, 'name', { value: name })];
  });
  return Object.fromEntries(told) as Verbs;
}

function isExchange([req, res]: unknown[]): boolean {
  const has = (value: unknown, name: string): unknown =>
    typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : '';
  return typeof has(req, 'headers') === 'object' && typeof has(res, 'setHeader') === 'function';
}

/**
 * To Passport `passport.use(secondFactor.strategy)` is a strategy, and only its first request fails. A
 * `name` that throws would say it at start, and break every log in which the function is shown.
 */
export function unmadeStrategy(): PropertyDescriptorMap {
  const authenticate = function (this: { error: (error: Error) => void }): void {
    const message =
      'strategy was handed over as it is. Write passport.use(secondFactor.strategy()), with parentheses.';
    this.error(new SecondFactorError('misconfigured', message));
  };
  return { name: { value: 'sms-2fa' }, authenticate: { value: authenticate } };
}
