import { SecondFactorError } from '../../errors';
import type { Enrollment } from '../../ports/enrollments';
import type { Core } from '../core';
import { readEnrollment } from './enrollment';

const TRIES = 10;

/**
 * Changes a user's enrollment, where there is one, and returns what was written. A lost race is
 * tried again on what the winner wrote, never merged blindly. A change that finds nothing to do
 * any more answers `undefined`; then nothing is written.
 */
export async function changeEnrollment(
  core: Core,
  userId: string,
  change: (enrollment: Enrollment) => Enrollment | undefined,
): Promise<Enrollment | undefined> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const before = readEnrollment(await core.enrollments.get(userId));
    const changed = before && change(before);
    if (before === undefined || changed === undefined) return undefined;
    const after = { ...changed, version: before.version + 1 };
    if (await core.enrollments.set(userId, after, before.version)) return after;
  }
  throw new SecondFactorError(
    'store_unavailable',
    'The enrollment kept changing while it was being written.',
  );
}

/**
 * Removes a user's enrollment, unless `isMeant` says that it is another one than the caller means.
 * Answers whether it is gone.
 */
export async function removeEnrollment(
  core: Core,
  userId: string,
  isMeant: (enrollment: Enrollment) => boolean = () => true,
): Promise<boolean> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const before = readEnrollment(await core.enrollments.get(userId));
    if (before === undefined) return true;
    if (!isMeant(before)) return false;
    if ((await core.enrollments.delete(userId, before.version)) !== false) return true;
  }
  throw new SecondFactorError(
    'store_unavailable',
    'The enrollment kept changing while it was being removed.',
  );
}
