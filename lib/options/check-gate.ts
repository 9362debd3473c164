import { localPath } from '../core/local-path';
import { own } from '../core/own';
import type { ProofOptions } from '../express/admission';
import type { EnforceOptions, RequireOptions } from '../express/gate';
import { misuse } from '../misuse';

/** Checks the options of `require()` when the route is set up, not when it is asked for. */
export function checkRequire(given: RequireOptions = {}): RequireOptions {
  refuseUnknown('require', given, ['maxAge', 'methods', 'redirectTo', 'resume']);
  const maxAge = checkMaxAge('require', given);
  const redirectTo = checkRedirect('require', given);
  const methods = checkMethods('require', given);
  const byText = methods === undefined || BY_CHALLENGE.some((method) => methods.includes(method));
  if (!byText && redirectTo === undefined) {
    throw misuse(
      'require({ methods })',
      methods,
      "Name the page where the user passes it with redirectTo, or add 'sms': the library's own page asks for a texted code.",
    );
  }
  const resume = own(given, 'resume') ?? false;
  if (typeof resume !== 'boolean') {
    throw misuse('require({ resume })', resume, 'Give true or false.');
  }
  return Object.freeze({ maxAge, methods, redirectTo, resume });
}

/** What `isVerified` takes, checked at each call. */
export function checkProof(given: ProofOptions = {}): ProofOptions {
  refuseUnknown('isVerified', given, ['maxAge', 'methods']);
  return { maxAge: checkMaxAge('isVerified', given), methods: checkMethods('isVerified', given) };
}

/** The methods that the library's own page leads to. */
const BY_CHALLENGE = ['sms', 'email', 'recovery', 'mfa'];

function checkMaxAge(where: string, given: object): number | undefined {
  const maxAge = own(given, 'maxAge');
  if (maxAge === undefined || (typeof maxAge === 'number' && maxAge > 0)) return maxAge;
  throw misuse(`${where}({ maxAge })`, maxAge, 'Give a number of seconds above 0, such as 300.');
}

function checkMethods(where: string, given: object): readonly string[] | undefined {
  const methods = own(given, 'methods');
  if (methods === undefined) return undefined;
  // Everybody has 'pwd', so a list with it would open the gate to all.
  const whole =
    Array.isArray(methods) &&
    methods.length > 0 &&
    methods.every((each) => typeof each === 'string' && each !== '' && each !== 'pwd');
  if (whole) return Object.freeze([...(methods as string[])]);
  throw misuse(
    `${where}({ methods })`,
    methods,
    "Give AMR values of second factors, such as ['sms', 'otp'].",
  );
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

/** Refuses an option that there is not, with those that there are. */
export function refuseUnknown(where: string, given: unknown, names: string[]): void {
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
