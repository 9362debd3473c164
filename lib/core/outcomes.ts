import type { Enrollment } from '../ports/enrollments';

/** What the library answers to what a user did. Expected, so returned and never thrown. */
export type RefusalCode =
  | 'code_malformed'
  | 'request_malformed'
  | 'not_authenticated'
  | 'second_factor_required'
  | 'fresh_login_required'
  | 'code_incorrect'
  | 'challenge_expired'
  | 'enrollment_required'
  | 'fresh_second_factor_required'
  | 'cross_site_request'
  | 'already_enrolled'
  | 'not_found'
  | 'method_not_allowed'
  | 'phone_opted_out'
  | 'channel_not_available'
  | 'request_too_large'
  | 'phone_invalid'
  | 'destination_not_allowed'
  | 'send_refused'
  | 'resend_too_soon'
  | 'send_limit_reached'
  | 'too_many_attempts'
  | 'delivery_failed'
  | 'store_unavailable'
  | 'sending_suspended'
  | 'misconfigured';

/** A sentence in which nothing stands. */
type Plain = object;

/** Sentences that say more of a refusal than its code does, with what stands in each. */
export interface DetailSentences {
  'detail.lastGuess': Plain;
  'detail.codeMissing': { digits: number };
  'detail.codeNotDigits': { digits: number };
  'detail.codeTooShort': { digits: number };
  'detail.codeTooLong': { digits: number };
  'detail.countryMalformed': Plain;
  'detail.channelUnknown': Plain;
  'detail.disabled': Plain;
  'detail.string': { name: string; such: string };
  'detail.stringNotNumber': { name: string; such: string };
  'detail.recoveryMalformed': { length: number; group: number };
  'detail.recoveryWrong': Plain;
  'detail.recoveryNotYet': Plain;
  'detail.recoveryTooMany': Plain;
  'detail.recoveryReplaced': Plain;
  'detail.recoveryNone': Plain;
  'detail.recoveryElsewhere': Plain;
  'detail.browserUnknown': Plain;
  'detail.formDone': Plain;
  'detail.formSent': Plain;
  'detail.formLost': Plain;
  'detail.formNone': Plain;
  'detail.channelDown': Plain;
  'detail.unsure': Plain;
  'detail.transactionUnfit': { most: number };
  'detail.transactionOther': Plain;
  'detail.phoneOnly': Plain;
  'detail.phoneRefused': Plain;
  'detail.phoneReadAs': { country: string; callingCode: string };
  'detail.phonePlus': { callingCode: string };
  'detail.phoneKind': Plain;
  'detail.areaUnknown': Plain;
  'detail.countryUnserved': { country: string };
  'detail.countryUnnamed': Plain;
  'detail.servedOne': { country: string };
  'detail.servedFew': { countries: string };
  'detail.servedMany': { count: number };
}

/**
 * One of them, to be said in the language of whoever reads it. A `country` is a region (ISO 3166), and
 * `countries` are regions with a space between.
 */
export type Detail = {
  [Name in keyof DetailSentences]: { say: Name } & DetailSentences[Name];
}[keyof DetailSentences];

export interface Refusal {
  ok: false;
  code: RefusalCode;
  /** Guesses left on this challenge, or before the lock where that is nearer. */
  attemptsLeft?: number;
  /** Whole seconds until it is worth trying again. */
  retryAfter?: number;
  /** The methods that the path takes, for `method_not_allowed`. */
  allow?: string;
  /** What the route asks for, for `second_factor_required`: seconds, and AMR values. */
  wanted?: { maxAge?: number | undefined; methods?: readonly string[] | undefined };
  /** More than the code's own words say; only where it tells an attacker nothing. */
  detail?: Detail | readonly Detail[];
}

export type Outcome<T> = ({ ok: true } & T) | Refusal;

export function refuse(code: RefusalCode, facts: Omit<Refusal, 'ok' | 'code'> = {}): Refusal {
  return { ok: false, code, ...facts };
}

/** Whole seconds from now until then, never less than one. */
export function secondsUntil(then: number, now: number): number {
  return Math.max(1, Math.ceil((then - now) / 1_000));
}

/** The time as every document of the API writes it: ISO 8601, UTC. */
export function iso(time: number): string {
  return new Date(time).toISOString();
}

/** A number with all but its last two digits hidden; the same length for every number. */
export function maskPhone(phone: string): string {
  return `••• ••• ••${phone.slice(-2)}`;
}

/** The same of wherever a code went: of an address its first letter and its domain are shown. */
export function maskDestination(destination: string): string {
  const at = destination.lastIndexOf('@');
  if (at < 0) return maskPhone(destination);
  return `${destination.slice(0, 1)}•••${destination.slice(at)}`;
}

/** A problem document (RFC 9457). */
export interface Problem {
  /** `urn:passport-sms-2fa:` and the code. */
  type: string;
  /** In the language of the request, as `detail` is. */
  title: string;
  /** The HTTP status. */
  status: number;
  /** The same in every language, and from version to version. */
  code: RefusalCode;
  detail: string;
  /** Guesses left on this challenge, or before the lock where that is nearer. */
  attemptsLeft?: number;
  /** Whole seconds until it is worth trying again. */
  retryAfter?: number;
}

/** Why a code was texted. A code for one purpose never serves another. */
export type Purpose = (typeof PURPOSES)[number];
export const PURPOSES = ['sign-in', 'step-up', 'enroll', 'replace', 'reset'] as const;

/** What a code to the confirmed phone is for: a verified session steps up, another signs in. */
export function factorPurpose(mark: object | undefined): 'sign-in' | 'step-up' {
  return mark === undefined ? 'sign-in' : 'step-up';
}

/** What a code to a phone that is not confirmed yet is for. */
export function enrollmentPurpose(enrollment: Enrollment | undefined): 'enroll' | 'replace' {
  return enrollment === undefined ? 'enroll' : 'replace';
}

/** Whether codes for this purpose go to a phone that a code came back from before. */
export function isConfirmed(purpose: Purpose): boolean {
  return purpose === 'sign-in' || purpose === 'step-up' || purpose === 'reset';
}
