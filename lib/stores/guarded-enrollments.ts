import type { Enrollments } from '../ports/enrollments';
import { storeCall } from '../store-call';

/** Puts a time limit on the app's enrollments, and one error for all that breaks. */
export function guardedEnrollments(enrollments: Enrollments): Enrollments {
  return {
    get: (userId, user) => storeCall('enrollments.get', () => enrollments.get(userId, user)),
    set: (userId, enrollment, expectedVersion) =>
      storeCall('enrollments.set', async () => {
        const kept = await enrollments.set(userId, enrollment, expectedVersion);
        if (typeof kept === 'boolean') return kept;
        throw new Error('it must answer true, or false where another writer was first');
      }),
    delete: (userId, expectedVersion) =>
      storeCall('enrollments.delete', () => enrollments.delete(userId, expectedVersion)),
  };
}
