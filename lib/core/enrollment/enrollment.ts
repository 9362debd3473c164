import { SecondFactorError } from '../../errors';
import type { Enrollment } from '../../ports/enrollments';
import { own } from '../own';
import { E164 } from '../phone-number';

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
    !E164.test(phone) ||
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

/**
 * The enrollment after `phone` was confirmed: a new epoch, so every earlier mark dies. A first
 * version is the time, so that a writer who still knows a removed enrollment cannot hit this one.
 */
export function confirmedEnrollment(
  before: Enrollment | undefined,
  phone: string,
  epoch: string,
  now: number,
): Enrollment {
  return { phone, confirmedAt: now, epoch, version: (before?.version ?? now) + 1 };
}
