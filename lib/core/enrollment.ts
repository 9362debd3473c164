import { SecondFactorError } from '../errors';
import type { Enrollment } from '../ports/enrollments';
import { own } from './own';

/**
 * Reads what the app's `enrollments.get` answered. Nothing is no enrollment; anything that is not
 * a whole one is a broken store, and the gate stays shut.
 */
export function readEnrollment(value: unknown): Enrollment | undefined {
  if (value === undefined || value === null) return undefined;
  const phone = own(value, 'phone');
  const epoch = own(value, 'epoch');
  const version = own(value, 'version');
  if (
    typeof phone !== 'string' ||
    !/^\+[1-9][0-9]{6,14}$/.test(phone) ||
    typeof epoch !== 'string' ||
    !Number.isSafeInteger(version)
  ) {
    throw new SecondFactorError(
      'store_unavailable',
      'enrollments.get answered with something that is not an enrollment. Return the value that enrollments.set was given, unchanged, or undefined.',
    );
  }
  return value as Enrollment;
}

/** The enrollment after `phone` was confirmed: a new epoch, so every earlier mark dies. */
export function confirmedEnrollment(
  before: Enrollment | undefined,
  phone: string,
  epoch: string,
  now: number,
): Enrollment {
  return { phone, confirmedAt: now, epoch, version: (before?.version ?? 0) + 1 };
}
