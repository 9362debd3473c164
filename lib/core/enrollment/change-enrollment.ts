import { SecondFactorError } from '../../errors';
import type { Enrollment } from '../../ports/enrollments';
import type { Core } from '../core';
import { readEnrollment } from './enrollment';

const TRIES = 5;

/**
 * Changes a user's enrollment, where there is one. A lost race is tried again on what the winner
 * wrote, never merged blindly.
 */
export async function changeEnrollment(
  core: Core,
  userId: string,
  change: (enrollment: Enrollment) => Enrollment,
): Promise<void> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const before = readEnrollment(await core.enrollments.get(userId));
    if (before === undefined) return;
    const after = { ...change(before), version: before.version + 1 };
    if (await core.enrollments.set(userId, after, before.version)) return;
  }
  throw new SecondFactorError(
    'store_unavailable',
    'The enrollment kept changing while it was being written.',
  );
}

/** Removes a user's enrollment, whatever another writer makes of it meanwhile. */
export async function removeEnrollment(core: Core, userId: string): Promise<void> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const before = readEnrollment(await core.enrollments.get(userId));
    if (before === undefined) return;
    if ((await core.enrollments.delete(userId, before.version)) !== false) return;
  }
  throw new SecondFactorError(
    'store_unavailable',
    'The enrollment kept changing while it was being removed.',
  );
}
