import { timingSafeEqual } from 'node:crypto';
import { types } from 'node:util';

/**
 * Reads a property that the value itself has. What stands on `Object.prototype` (put there by a
 * prototype pollution elsewhere in the app) must never act as an option, a mark or a field.
 */
export function own(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}

/**
 * What a function of the app's has answered that must answer at once. A promise is no such answer, so
 * nobody waits for it; what it rejects with must not end the process.
 */
export function saidAtOnce<Answer>(answer: Answer): Answer {
  if (types.isPromise(answer)) answer.catch(() => undefined);
  return answer;
}

export const isText = (value: unknown): value is string => typeof value === 'string';
export const isNumber = (value: unknown): value is number => Number.isFinite(value);

/** A list of so many of one kind. */
export function isListOf<T>(
  value: unknown,
  lengths: readonly number[],
  is: (part: unknown) => part is T,
): value is T[] {
  return Array.isArray(value) && lengths.includes(value.length) && value.every(is);
}

/** Compares two texts in a time that does not tell where they differ; never throws. */
export function equalInConstantTime(expected: string, given: string): boolean {
  const a = Buffer.from(expected, 'utf8');
  const b = Buffer.from(given, 'utf8');
  return a.length === b.length && timingSafeEqual(a, b);
}

const LONGEST_PATH = 2_048;

/**
 * A path of this app that a browser may be sent to, or `undefined`. Checked twice: on what comes
 * in, and again on what the URL parser makes of it, because `/..//evil.example` and `/\evil.example`
 * look local before they are resolved (CVE-2024-29041; ASVS 3.7.2).
 */
export function localPath(input: unknown): string | undefined {
  if (typeof input !== 'string' || input.length > LONGEST_PATH) return undefined;
  // Control characters, spaces and backslashes: browsers drop or turn them.
  if (!/^\/[\x21-\x5b\x5d-\x7e]*$/.test(input)) return undefined;
  if (!URL.canParse(input, 'http://local.invalid')) return undefined;
  const url = new URL(input, 'http://local.invalid');
  if (url.origin !== 'http://local.invalid' || url.username !== '') return undefined;
  const path = `${url.pathname}${url.search}`;
  // An encoded slash or backslash up front is one decoding away from another host.
  return /^\/(?![/\\]|%2f|%5c)/i.test(path) ? path : undefined;
}
