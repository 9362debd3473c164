import { PLAIN_TEXT } from '../core/challenge/message';
import { localPath, own } from '../core/untrusted';
import { fromEnvironment, hiddenMisuse, inOption, misuse, refuseUnknown } from '../misuse';

/** An option, or its default. `null` is a value of none: it is refused like every other wrong one. */
export function ownOr(given: unknown, name: string, otherwise: unknown): unknown {
  const value = own(given, name);
  return value === undefined ? otherwise : value;
}

export function checkText(option: string, given: unknown): string {
  if (typeof given === 'string' && PLAIN_TEXT.test(given) && given.trim() === given) return given;
  throw misuse(
    option,
    given,
    `Give a name in plain ASCII letters, digits, spaces and simple punctuation: other characters make texts longer and dearer.${fromEnvironment(given)}`,
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

/** A random secret of 32 characters has more of them, also where all are digits. */
const FEWEST_CHARACTERS = 6;

/** Whether it is nothing but a few characters, or one part again and again, as placeholders are. */
function isGuessable(secret: string): boolean {
  if (new Set(secret).size < FEWEST_CHARACTERS) return true;
  const most = Math.floor(secret.length / 2);
  for (let part = 1; part <= most; part += 1) {
    if (secret.startsWith(secret.slice(part))) return true;
  }
  return false;
}

export function checkSecrets(given: unknown): readonly string[] {
  const secrets: unknown[] = Array.isArray(given) ? given : [given];
  const cure =
    'Give at least 32 random characters, such as the output of: openssl rand -base64 32.';
  if (secrets.length === 0) throw hiddenMisuse('secret', given, cure);
  for (const [index, secret] of secrets.entries()) {
    const option = Array.isArray(given) ? `secret[${index}]` : 'secret';
    if (typeof secret !== 'string' || secret.length < 32) {
      throw hiddenMisuse(option, secret, cure + fromEnvironment(secret));
    }
    if (isGuessable(secret)) {
      throw hiddenMisuse(option, secret, `It repeats itself, so it can be guessed. ${cure}`);
    }
  }
  return Object.freeze([...(secrets as string[])]);
}

export function checkPort(option: string, given: unknown, verbs: string[], cure: string): unknown {
  const isObject = typeof given === 'object' && given !== null;
  if (!isObject) throw misuse(option, given, cure);
  // Verbs of a class stand on its prototype, so these are looked up as the calls will be.
  const missing = verbs.find((verb) => !hasVerb(given, verb));
  if (missing !== undefined) throw misuse(option, given, `It has no ${missing}(). ${cure}`);
  return given;
}

/** Not of what throws when it is only looked at. */
function hasVerb(given: object, verb: string): boolean {
  try {
    return typeof (given as Record<string, unknown>)[verb] === 'function';
  } catch {
    return false;
  }
}

export function checkFunction(option: string, given: unknown): unknown {
  if (given === undefined || typeof given === 'function') return given;
  throw misuse(option, given, 'Give a function, or leave it out.');
}

/** The example is one of this option, so that nobody takes the path of another one for it. */
export function checkPath(option: string, given: unknown, example: string): string {
  const path = localPath(given);
  if (path !== undefined && path === given) return path;
  // A slash was forgotten, and nothing else.
  const meant =
    typeof given === 'string' && /^[\w-]+(?:\/[\w-]+)*$/.test(given) ? `/${given}` : example;
  throw misuse(
    option,
    given,
    `Give a path of this app that begins with one slash, such as ${meant}.`,
  );
}

/** The option `mountPath`: where browsers find the pages, so one path, as they see it. */
export function checkMountPath(given: unknown): string {
  const path = checkPath('mountPath', given, '/second-factor');
  if (/^\/+$/.test(path)) {
    const own =
      'Give a path of its own, such as /second-factor: at / the router would answer for every path of the app.';
    throw misuse('mountPath', given, own);
  }
  if (!/[?#:*(){}]/.test(path)) return path.replace(/\/+$/, '');
  const cure =
    'Give one path, without query, parameters and patterns: browsers are sent there as it stands.';
  throw misuse('mountPath', given, cure);
}

/** The option `basePath`: where browsers see the app, and where the app sees itself. */
export function checkBasePath(given: unknown): { readonly browser: string; readonly app: string } {
  if (given !== undefined && typeof given !== 'string') {
    const cure = "Give a path such as '/shop', or { browser: '/', app: '/app' }.";
    refuseUnknown(inOption('basePath'), given, ['browser', 'app'], cure);
  }
  const side = (name: 'browser' | 'app', path: unknown): string => {
    const option = typeof given === 'string' ? 'basePath' : `basePath.${name}`;
    const whole = checkPath(option, path, '/shop');
    if (/[?%]/.test(whole)) throw misuse(option, path, 'Give a path without a query or escapes.');
    return whole.replace(/\/+$/, '');
  };
  if (given === undefined) return { browser: '', app: '' };
  if (typeof given === 'string') return { browser: side('browser', given), app: '' };
  return { browser: side('browser', own(given, 'browser')), app: side('app', own(given, 'app')) };
}

/** Whether it is a list of texts that all are as asked. */
export function isList(value: unknown, isOne: (item: string) => boolean): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string' && isOne(item));
}
