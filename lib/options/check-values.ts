import { PLAIN_TEXT } from '../core/challenge/message';
import { isRegion } from '../core/phone-number';
import { localPath, own } from '../core/untrusted';
import { hiddenMisuse, misuse } from '../misuse';
import type { Settings } from './options';

/** What a message calls the options that stand together, and each one of them. */
export interface Naming {
  whole: string;
  one: (name: string) => string;
  /** Says what is wrong with an option that there is not. */
  report: typeof misuse;
}

export function inCall(verb: string): Naming {
  return {
    whole: `the argument of ${verb}()`,
    one: (name) => `${verb}({ ${name} })`,
    report: misuse,
  };
}

export function inOption(option: string): Naming {
  return { whole: option, one: (name) => `${option}.${name}`, report: misuse };
}

/** Refuses what is no object of options, and an option that there is not. */
export function refuseUnknown(
  { whole, one, report }: Naming,
  given: unknown,
  names: readonly string[],
  cure = 'Give an object, or leave it out.',
): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw misuse(whole, given, cure);
  }
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const there = names.length === 1 ? 'There is only' : 'There are';
  throw report(
    one(unknown),
    own(given, unknown),
    `There is no such option. ${there} ${names.join(', ')}.`,
  );
}

export function checkText(option: string, given: unknown): string {
  if (typeof given === 'string' && PLAIN_TEXT.test(given) && given.trim() === given) return given;
  throw misuse(
    option,
    given,
    'Give a name in plain ASCII letters, digits, spaces and simple punctuation: other characters make texts longer and dearer.',
  );
}

/** Bare host names only: no scheme, port, path, blank, `@` or `#` can reach the last line. */
export function checkDomain(given: unknown): string | undefined {
  if (given === undefined) return undefined;
  const host =
    /^(?:localhost|(?=.{4,64}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9])$/;
  if (typeof given === 'string' && host.test(given)) return given;
  throw misuse(
    'domain',
    given,
    'Give the bare host name in lower case, such as acme.example, of at most 64 characters: no scheme, port or path.',
  );
}

export function checkSecrets(given: unknown): readonly string[] {
  const secrets: unknown[] = Array.isArray(given) ? given : [given];
  const cure = 'Give at least 32 random characters, such as the output of: openssl rand -base64 32';
  if (secrets.length === 0) throw misuse('secret', given, cure);
  for (const [index, secret] of secrets.entries()) {
    if (typeof secret === 'string' && secret.length >= 32) continue;
    throw hiddenMisuse(Array.isArray(given) ? `secret[${index}]` : 'secret', secret, cure);
  }
  return Object.freeze([...(secrets as string[])]);
}

export function checkPort(option: string, given: unknown, verbs: string[], cure: string): unknown {
  // Verbs of a class stand on its prototype, so these are looked up as the calls will be.
  const whole =
    typeof given === 'object' &&
    given !== null &&
    verbs.every((verb) => typeof (given as Record<string, unknown>)[verb] === 'function');
  if (!whole) throw misuse(option, given, cure);
  return given;
}

export function checkFunction(option: string, given: unknown): unknown {
  if (given === undefined || typeof given === 'function') return given;
  throw misuse(option, given, 'Give a function, or leave it out.');
}

export function checkPath(option: string, given: unknown): string {
  const path = localPath(given);
  if (path !== undefined && path === given) return path;
  throw misuse(
    option,
    given,
    'Give a path of this app that begins with one slash, such as /second-factor.',
  );
}

/** The option `basePath`: where browsers see the app, and where the app sees itself. */
export function checkBasePath(given: unknown): Settings['basePath'] {
  if (given !== undefined && typeof given !== 'string') {
    const cure = "Give a path such as '/shop', or { browser: '/', app: '/app' }.";
    refuseUnknown(inOption('basePath'), given, ['browser', 'app'], cure);
  }
  const side = (name: 'browser' | 'app', path: unknown): string => {
    const option = typeof given === 'string' ? 'basePath' : `basePath.${name}`;
    const whole = checkPath(option, path);
    if (/[?%]/.test(whole)) throw misuse(option, path, 'Give a path without a query or escapes.');
    return whole.replace(/\/+$/, '');
  };
  if (given === undefined) return { browser: '', app: '' };
  if (typeof given === 'string') return { browser: side('browser', given), app: '' };
  return { browser: side('browser', own(given, 'browser')), app: side('app', own(given, 'app')) };
}

/** The defaults are known to be regions: for them nothing has to be loaded. */
const AT_HAND = new Set(['US', 'CA']);

export function checkCountry(option: string, given: unknown): string {
  if (typeof given === 'string' && (AT_HAND.has(given) || isRegion(given))) return given;
  throw misuse(option, given, 'Give an ISO 3166 region of two capital letters, such as US.');
}

export function checkCountries(given: unknown): ReadonlySet<string> {
  if (!Array.isArray(given) || given.length === 0) {
    throw misuse('allowedCountries', given, "Give a list of regions, such as ['US', 'CA'].");
  }
  return new Set(given.map((entry, index) => checkCountry(`allowedCountries[${index}]`, entry)));
}

export function checkOrigins(given: unknown): ReadonlySet<string> {
  if (!Array.isArray(given))
    throw misuse('origins', given, "Give a list such as ['https://www.acme.example'].");
  for (const [index, origin] of (given as unknown[]).entries()) {
    const whole =
      typeof origin === 'string' && URL.canParse(origin) && new URL(origin).origin === origin;
    if (!whole)
      throw misuse(
        `origins[${index}]`,
        origin,
        'Give scheme, host and port only, such as https://www.acme.example.',
      );
  }
  return new Set(given as string[]);
}
