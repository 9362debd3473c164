import type { Clock } from '../ports/clock';
import type { Enrollments } from '../ports/enrollments';
import { recentLooks } from './recent-looks';

/** Enrollments with a short memory for the gate, which asks on every request. */
export interface CachedEnrollments extends Enrollments {
  /** The enrollment as it was at most ten seconds ago. */
  recent(userId: string): Promise<unknown>;
}

/**
 * `get` always asks, and is not remembered: `user` may be as old as a request that took its time, and
 * what it carries must open no gate to others.
 */
export function cachedEnrollments(enrollments: Enrollments, clock: Clock): CachedEnrollments {
  const looks = recentLooks<unknown>(clock);
  return {
    recent: (userId) => looks.find(userId, async () => enrollments.get(userId)),
    get: (userId, user) => enrollments.get(userId, user),
    set: (userId, enrollment, expectedVersion) =>
      looks.writing(userId, () => enrollments.set(userId, enrollment, expectedVersion)),
    delete: (userId, expectedVersion) =>
      looks.writing(userId, () => enrollments.delete(userId, expectedVersion)),
  };
}
