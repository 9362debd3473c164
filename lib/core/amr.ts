/** What only the library vouches for: a code that was sent, or a recovery code. */
const BY_CODE: readonly string[] = ['sms', 'email'];
const BY_LIBRARY: readonly string[] = [...BY_CODE, 'recovery'];

/** What most users signed in with; it is no second factor. */
export const PASSWORD = 'pwd';
/** Any second factor. */
export const ANY_FACTOR = 'mfa';

/** A factor that an identity provider asked for, where its own word for it is none of these values. */
export const BY_PROVIDER = 'idp';

/** Whether it has the shape of an AMR value (RFC 8176), of the library's own or the app's. */
export function isMethod(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z0-9_-]{1,32}$/.test(value);
}

/** Whether the method is a code that was sent, which the hard stop ends. */
export function isByCode(method: string): boolean {
  return BY_CODE.includes(method);
}

/** Whether only a user with a phone enrolled can pass the method. */
export function needsEnrollment(method: string): boolean {
  return BY_LIBRARY.includes(method);
}

/** Whether the library's own pages lead to it, enrollment first. */
export function hasOwnPage(method: string): boolean {
  return method === ANY_FACTOR || needsEnrollment(method);
}

/** Whether the app may vouch for it: a second factor that is not the library's. */
export function isAppsOwn(method: string): boolean {
  return method !== PASSWORD && !hasOwnPage(method);
}

/**
 * What was passed, first factor and second, as AMR values; never more than that. `mfa` is said of two
 * that differ: a texted code on top of a sign-in by texted code is one factor, twice.
 */
export function addedAmr(first: readonly string[], second: readonly string[]): string[] {
  const all = [...new Set([...first, ...second])];
  return second.length > 0 && all.length > 1 ? [...all, ANY_FACTOR] : all;
}
