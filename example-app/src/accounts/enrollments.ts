import type { Enrollment, Enrollments } from 'passport-sms-2fa';

import type { Database } from './database';
import type { User } from './users';

/**
 * Where the second factor's confirmed numbers are kept: one row a user. The JSON belongs to the
 * library; the bank looks only at the version, which lets SQL decide between two writers.
 */
export function createEnrollments(database: Database): Enrollments<User> {
  const get = database.prepare('SELECT value FROM enrollments WHERE user_id = ?');
  const insert = database.prepare(
    'INSERT INTO enrollments (user_id, value, version) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const update = database.prepare(
    'UPDATE enrollments SET value = ?, version = ? WHERE user_id = ? AND version = ?',
  );
  const remove = database.prepare('DELETE FROM enrollments WHERE user_id = ? AND version = ?');
  return {
    get(userId) {
      const row = get.get(userId) as { value: string } | undefined;
      return row && (JSON.parse(row.value) as Enrollment);
    },
    set(userId, enrollment, expectedVersion) {
      const value = JSON.stringify(enrollment);
      const { changes } =
        expectedVersion === 0
          ? insert.run(userId, value, enrollment.version)
          : update.run(value, enrollment.version, userId, expectedVersion);
      return changes === 1;
    },
    delete: (userId, expectedVersion) => remove.run(userId, expectedVersion).changes === 1,
  };
}
