import { misuse } from '../misuse';
import { checkPort } from './check-values';

const VERBS = ['get', 'set', 'delete'] as const;
const SIGNATURES = '{ get(userId), set(userId, enrollment, expectedVersion), delete(userId) }';
const RECIPES = 'docs/enrollments.md has a recipe for each usual database.';

/** The option `enrollments`. What looks like it and cannot keep a version is told with the line to write. */
export function checkEnrollments(given: unknown): unknown {
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
