import { misuse } from '../misuse';
import type { Clock } from '../ports/clock';
import { UnclearAnswer, type Enrollment, type Enrollments } from '../ports/enrollments';
import { storeCall } from '../store-call';
import { recentLooks } from './records';

/** Enrollments with a short memory for the gate, which asks on every request. */
export interface CachedEnrollments extends Enrollments {
  /** The enrollment as it was at most ten seconds ago. */
  recent(userId: string): Promise<Enrollment | undefined>;
}

/** Puts a time limit on the app's enrollments, and one error for all that breaks. */
export function guardedEnrollments(enrollments: Enrollments): Enrollments {
  return {
    get: (userId, user) => storeCall('enrollments.get', () => enrollments.get(userId, user)),
    set: (userId, enrollment, expectedVersion) =>
      storeCall('enrollments.set', async () => {
        const kept = await enrollments.set(userId, enrollment, expectedVersion);
        if (typeof kept === 'boolean') return kept;
        throw new UnclearAnswer('it must answer true, or false where another writer was first');
      }),
    delete: (userId, expectedVersion) =>
      storeCall('enrollments.delete', () => enrollments.delete(userId, expectedVersion)),
  };
}

/**
 * `get` always asks, and is not remembered: `user` may be as old as a request that took its time, and
 * what it carries must open no gate to others. `read` makes an enrollment of what the app answers.
 */
export function cachedEnrollments(
  enrollments: Enrollments,
  read: (value: unknown) => Enrollment | undefined,
  steady: Clock,
): CachedEnrollments {
  const looks = recentLooks<Enrollment | undefined>(steady);
  return {
    recent: (userId) => looks.find(userId, async () => read(await enrollments.get(userId))),
    get: (userId, user) => enrollments.get(userId, user),
    set: (userId, enrollment, expectedVersion) =>
      looks.writing(userId, () => enrollments.set(userId, enrollment, expectedVersion)),
    delete: (userId, expectedVersion) =>
      looks.writing(userId, () => enrollments.delete(userId, expectedVersion)),
  };
}

/** A `Map`, a Keyv instance, or anything else with these three functions. */
export interface MapLike {
  get(key: string): unknown;
  set(key: string, value: Enrollment): unknown;
  delete(key: string): unknown;
}

/**
 * Keeps enrollments in a `Map` or a Keyv instance. A Keyv must be made with `throwOnErrors: true`:
 * else it answers "nothing there" while its database is away, and the gate would take everybody for
 * not enrolled. Writers of one process take turns, so a lost race is seen; writers of several
 * processes need a store that can compare and set.
 */
export function mapEnrollments(map: MapLike): Enrollments {
  checkMap(map);
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = turn.then(work);
    turn = done.catch(() => undefined);
    return done;
  };
  const get = async (userId: string): Promise<Enrollment | undefined> =>
    (await map.get(userId)) as Enrollment | undefined;

  return {
    get,
    set: (userId, enrollment, expectedVersion) =>
      inTurn(async () => {
        const stored = await get(userId);
        if ((stored?.version ?? 0) !== expectedVersion) return false;
        // Keyv answers false for what it did not write.
        if ((await map.set(userId, enrollment)) === false) throw new Error('it was not written');
        return true;
      }),
    delete: (userId, expectedVersion) =>
      inTurn(async () => {
        const stored = await get(userId);
        if (stored !== undefined && stored.version !== expectedVersion) return false;
        await map.delete(userId);
        return true;
      }),
  };
}

function checkMap(map: unknown): void {
  const given = (typeof map === 'object' && map !== null ? map : {}) as Record<string, unknown>;
  if (!['get', 'set', 'delete'].every((verb) => typeof given[verb] === 'function')) {
    throw misuse('the argument of mapEnrollments()', map, 'Give a Map or a Keyv instance.');
  }
  if (given.throwOnErrors !== false) return;
  const cure = 'Make the Keyv with throwOnErrors: true; else it hides that its database is away.';
  throw misuse('throwOnErrors of the argument of mapEnrollments()', false, cure);
}
