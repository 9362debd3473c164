import { isDeepStrictEqual } from 'node:util';
import { SecondFactorError } from '../errors';
import { misuse } from '../misuse';
import type { Clock } from '../ports/clock';
import { NO_VERSION, type Enrollment, type Enrollments } from '../ports/enrollments';
import { storeCall } from '../time-limit';
import { recentLooks } from './calls';

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
        const kept: unknown = await enrollments.set(userId, enrollment, expectedVersion);
        if (typeof kept === 'boolean') return kept;
        throw misconfigured(
          `enrollments.set answered ${kept === undefined ? 'nothing' : `a ${typeof kept}`}, so nobody knows whether it wrote. It must answer true, or false where another version is stored.`,
        );
      }),
    delete: (userId, expectedVersion) =>
      storeCall('enrollments.delete', () => enrollments.delete(userId, expectedVersion)),
  };
}

function misconfigured(message: string, cause?: unknown): SecondFactorError {
  return new SecondFactorError('misconfigured', `${message} See docs/enrollments.md.`, { cause });
}

type Read = (value: unknown) => Enrollment | undefined;

/** An id that no user has. */
const NOBODY = 'nobody:passport-sms-2fa';

/**
 * Looks after a write whether the app's functions do what they say: what was written is there, a
 * writer with another version is refused, and a user who is not there has nothing. Answers whether
 * that was seen; false where somebody else wrote meanwhile or the database did not answer. Where the
 * functions cannot be trusted it throws `misconfigured`, and nobody is told "enrolled".
 */
async function prove(
  enrollments: Enrollments,
  read: Read,
  userId: string,
  written: Enrollment,
  before: number,
): Promise<boolean> {
  try {
    const found = readBack(await enrollments.get(userId), read);
    if (!isDeepStrictEqual(found, written)) {
      if (found?.epoch === written.epoch && found.version > written.version) return false;
      const what = found === undefined ? 'nothing' : 'another value';
      const cure =
        found?.version === before && before > 0
          ? 'That is the one before: read from the primary database, past every cache.'
          : 'Both must mean the same user, and keep the value whole.';
      throw misconfigured(
        `enrollments.set answered true, and enrollments.get then answers ${what}. ${cure}`,
      );
    }
    if (await enrollments.set(userId, written, NO_VERSION)) {
      throw misconfigured(
        'enrollments.set wrote although another version is stored than the expectedVersion that it was given. It must compare and write in one statement, and else answer false.',
      );
    }
    const nobodys = await looked(enrollments, NOBODY).catch(() => undefined);
    if (nobodys !== undefined) {
      throw misconfigured(
        'enrollments.get answers an enrollment for a user who is not there. It must look for the userId that it is given.',
      );
    }
    return true;
  } catch (error) {
    if (error instanceof SecondFactorError && error.code === 'misconfigured') throw error;
    // The write itself was done; the next one is looked at.
    return false;
  }
}

/** Where ids are numbers this throws, and that is as good as nothing. */
async function looked(enrollments: Enrollments, userId: string): Promise<unknown> {
  return (await enrollments.get(userId)) ?? undefined;
}

function readBack(answer: unknown, read: Read): Enrollment | undefined {
  try {
    return read(answer);
  } catch (error) {
    const { message, cause } = error as Error;
    throw misconfigured(`enrollments.set answered true, and then ${message}`, cause);
  }
}

/**
 * `get` always asks, and is not remembered: `user` may be as old as a request that took its time, and
 * what it carries must open no gate to others. `read` makes an enrollment of what the app answers.
 * The first write of a process is looked at closely.
 */
export function cachedEnrollments(
  enrollments: Enrollments,
  read: Read,
  steady: Clock,
): CachedEnrollments {
  let isProved = false;
  const looks = recentLooks<Enrollment | undefined>(steady);
  return {
    recent: (userId) => looks.find(userId, async () => read(await enrollments.get(userId))),
    get: (userId, user) => enrollments.get(userId, user),
    set: (userId, enrollment, expectedVersion) =>
      looks.writing(userId, async () => {
        const kept = await enrollments.set(userId, enrollment, expectedVersion);
        if (!kept || isProved) return kept;
        isProved = await prove(enrollments, read, userId, enrollment, expectedVersion);
        return true;
      }),
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
