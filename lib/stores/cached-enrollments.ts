import type { Clock } from '../ports/clock';
import type { Enrollments } from '../ports/enrollments';

/** Enrollments with a short memory for the gate, which asks on every request. */
export interface CachedEnrollments extends Enrollments {
  /** The enrollment as it was at most ten seconds ago. */
  recent(userId: string): Promise<unknown>;
}

const FRESH_FOR = 10_000;
const MOST_REMEMBERED = 10_000;

/**
 * What this process writes, it sees at once; what another one writes, within ten seconds. `get`
 * always asks, and is not remembered: `user` may be as old as a request that took its time, and what it
 * carries must open no gate to others.
 */
export function cachedEnrollments(enrollments: Enrollments, clock: Clock): CachedEnrollments {
  const looks = new Map<string, { freshUntil: number; found: Promise<unknown> }>();

  const look = (userId: string): Promise<unknown> => {
    const found = Promise.resolve(enrollments.get(userId));
    looks.delete(userId);
    looks.set(userId, { freshUntil: clock() + FRESH_FOR, found });
    found.catch(() => {
      if (looks.get(userId)?.found === found) looks.delete(userId);
    });
    const oldest = looks.keys().next();
    if (looks.size > MOST_REMEMBERED && oldest.done !== true) looks.delete(oldest.value);
    return found;
  };
  // Forgotten before and after a write: a look that began before it must not outlive it.
  const writing = async <T>(userId: string, write: () => T | Promise<T>): Promise<T> => {
    looks.delete(userId);
    try {
      return await write();
    } finally {
      looks.delete(userId);
    }
  };

  return {
    recent: (userId) => {
      const known = looks.get(userId);
      return known !== undefined && clock() < known.freshUntil ? known.found : look(userId);
    },
    get: (userId, user) => enrollments.get(userId, user),
    set: (userId, enrollment, expectedVersion) =>
      writing(userId, () => enrollments.set(userId, enrollment, expectedVersion)),
    delete: (userId, expectedVersion) =>
      writing(userId, () => enrollments.delete(userId, expectedVersion)),
  };
}
