import { ANY_FACTOR, isMethod, PASSWORD } from '../core/amr';
import type { Logger } from '../core/core';
import { localPath, own } from '../core/untrusted';
import { DAY_MS } from '../durations';
import { inOption, misuse, refuseUnknown } from '../misuse';
import { checkPort, ownOr } from './check-values';
import type { FreshLogin } from './options';

const MOST_DAYS = 30;

/** The option `trustedDevices`, as a lifetime in milliseconds. */
export function checkTrustedDevices(given: unknown): number | undefined {
  if (given === undefined) return undefined;
  const cure = `Give whole days, { days: 1 } to { days: ${MOST_DAYS} }, or leave it out.`;
  refuseUnknown(inOption('trustedDevices'), given, ['days'], cure);
  const days = own(given, 'days');
  const whole = Number.isInteger(days) && Number(days) >= 1 && Number(days) <= MOST_DAYS;
  if (whole) return Number(days) * DAY_MS;
  throw misuse('trustedDevices.days', days, `Give a whole number from 1 to ${MOST_DAYS}.`);
}

/** The option `enrollmentNeedsFreshLogin`. */
export function checkFreshLogin(given: unknown): FreshLogin | undefined {
  if (given === undefined) return undefined;
  const place = inOption('enrollmentNeedsFreshLogin');
  const cure = 'Give { seconds, signedInAt: (req) => req.session.signedInAt }, or leave it out.';
  refuseUnknown(place, given, ['seconds', 'signedInAt'], cure);
  const seconds = own(given, 'seconds');
  if (!Number.isFinite(seconds) || Number(seconds) <= 0) {
    throw misuse(place.one('seconds'), seconds, 'Give a number above 0, such as 600.');
  }
  const signedInAt = own(given, 'signedInAt');
  if (typeof signedInAt !== 'function') {
    const such = 'Give a function, such as (req) => req.session.signedInAt.';
    throw misuse(place.one('signedInAt'), signedInAt, such);
  }
  return given as FreshLogin;
}

/** Addresses that users are shown: https, or a path of the app. */
export function checkLink(
  option: 'terms' | 'privacy' | 'support',
  given: unknown,
): string | undefined {
  if (given === undefined) return undefined;
  const isPath = typeof given === 'string' && localPath(given) === given;
  // As it is shown and sent: what a browser would have to mend is no address.
  const isAddress =
    typeof given === 'string' &&
    /^https:\/\/[^\s@"'<>\\]{1,200}$/.test(given) &&
    URL.canParse(given) &&
    new URL(given).username === '';
  if (isPath || isAddress) return given;
  const cure = `Give an https address or a path of this app, such as https://www.acme.example/${option} or /${option}.`;
  throw misuse(option, given, cure);
}

/** The option `logger`; `undefined` for none. */
export function checkLogger(given: unknown): Logger | undefined {
  if (given === undefined) return console;
  if (given === false) return undefined;
  const cure = 'Give { warn, error }, such as console or a logger of pino, or false.';
  return checkPort('logger', given, ['warn', 'error'], cure) as Logger;
}

/** The option `email`. */
export function checkEmail(given: unknown): unknown {
  if (given === undefined) return undefined;
  const cure = 'Give { sender, address: (user) => user.email }, or leave it out.';
  refuseUnknown(inOption('email'), given, ['sender', 'address', 'stepUp'], cure);
  const sender = checkPort(
    'email.sender',
    own(given, 'sender'),
    ['send'],
    'Give emailSender({ transport, from }).',
  );
  const address = own(given, 'address');
  if (typeof address !== 'function') {
    throw misuse('email.address', address, 'Give a function, such as (user) => user.email.');
  }
  const stepUp = ownOr(given, 'stepUp', false);
  if (typeof stepUp !== 'boolean') throw misuse('email.stepUp', stepUp, 'Give true or false.');
  return Object.freeze({ sender, address, stepUp });
}

/** The option `firstFactor`: AMR values, or the function that says them. */
export function checkFirstFactor(given: unknown = 'password'): unknown {
  if (typeof given === 'function') return given;
  const methods = methodsIn(given);
  if (methods !== undefined) return Object.freeze(methods);
  const cure =
    "Give 'password', 'unknown', AMR values (RFC 8176) such as ['hwk'], or a function of the user and the request.";
  throw misuse('firstFactor', given, cure);
}

/** The AMR values of a first factor; `undefined` where that is no first factor. */
export function methodsIn(said: unknown): string[] | undefined {
  if (said === 'password') return [PASSWORD];
  if (said === 'unknown') return [];
  // `mfa` is not for the app to say: it stands for what is passed here.
  const whole =
    Array.isArray(said) &&
    said.length > 0 &&
    said.every((each) => isMethod(each) && each !== ANY_FACTOR);
  return whole ? [...new Set(said as string[])] : undefined;
}

const VERBS = ['get', 'set', 'delete'] as const;
const SIGNATURES = '{ get(userId), set(userId, enrollment, expectedVersion), delete(userId) }';
const RECIPES = 'docs/enrollments.md has a recipe for each usual database.';

/** The option `enrollments`. What looks like it and cannot keep a version is told with the line to write. */
export function checkEnrollmentFunctions(given: unknown): unknown {
  const refused = (cure: string): TypeError => misuse('enrollments', given, `${cure} ${RECIPES}`);
  if (typeof given === 'function') {
    throw refused('Call it and give what it makes, such as postgresEnrollments(pool).');
  }
  if (typeof given !== 'object' || given === null) {
    throw refused(`Give ${SIGNATURES}, or mapEnrollments(new Map()) to try things out.`);
  }
  // Verbs of a class stand on its prototype, so these are looked up as the calls will be.
  const has = (name: string): boolean =>
    typeof (given as Record<string, unknown>)[name] === 'function';
  if (has('then')) throw refused('Await it first, and give what it makes.');
  if (isMapLike(given, has)) {
    throw refused(
      'A Map or a Keyv cannot keep a version: give mapEnrollments(new Map()) to try things out, or mapEnrollments(keyv).',
    );
  }
  return checkPort('enrollments', given, [...VERBS], `Give ${SIGNATURES}. ${RECIPES}`);
}

/** What keeps any key: it would take the version for something else, and never refuse a writer. */
function isMapLike(given: object, has: (name: string) => boolean): boolean {
  if (given instanceof Map || given instanceof WeakMap) return true;
  const { set } = given as { set?: { length?: unknown } };
  // The third argument of a Keyv's set is a lifetime.
  const takesVersion = Number(set?.length) > 2 && !('opts' in given);
  return VERBS.every(has) && has('has') && has('clear') && !takesVersion;
}
