import { localPath } from '../core/local-path';
import { own } from '../core/own';
import type { EnforceOptions, RequireOptions } from '../express/gate';
import { misuse } from '../misuse';

/** Checks the options of `require()` when the route is set up, not when it is asked for. */
export function checkRequire(given: RequireOptions = {}): RequireOptions {
  refuseUnknown('require', given, ['maxAge', 'redirectTo']);
  const maxAge = own(given, 'maxAge');
  if (!(maxAge === undefined || (typeof maxAge === 'number' && maxAge > 0))) {
    throw misuse('require({ maxAge })', maxAge, 'Give a number of seconds above 0, such as 300.');
  }
  const redirectTo = checkRedirect('require', given);
  return Object.freeze({ maxAge, redirectTo });
}

/** Checks the options of `enforce()` when it is mounted. */
export function checkEnforce(given: EnforceOptions = {}): EnforceOptions {
  refuseUnknown('enforce', given, ['allow', 'redirectTo']);
  const allow = own(given, 'allow') ?? [];
  const whole = Array.isArray(allow) && allow.every((path) => localPath(path) === path);
  if (!whole) {
    throw misuse('enforce({ allow })', allow, "Give a list of exact paths, such as ['/logout'].");
  }
  const redirectTo = checkRedirect('enforce', given);
  return Object.freeze({ allow: Object.freeze([...(allow as string[])]), redirectTo });
}

function checkRedirect(where: string, given: object): string | undefined {
  const path = own(given, 'redirectTo');
  if (path === undefined || (typeof path === 'string' && localPath(path) === path)) return path;
  throw misuse(`${where}({ redirectTo })`, path, 'Give a path of this app, such as /confirm.');
}

function refuseUnknown(where: string, given: unknown, names: string[]): void {
  if (typeof given !== 'object' || given === null) {
    throw misuse(`the argument of ${where}()`, given, 'Give an object, or leave it out.');
  }
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue;
    throw misuse(
      `${where}({ ${name} })`,
      own(given, name),
      `There is no such option. There are ${names.join(', ')}.`,
    );
  }
}
