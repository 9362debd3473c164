import type { Enrollment } from '../ports/enrollments';
import { CLOCK_SKEW } from './challenge/challenge';
import type { Keyring } from './keyring';
import { own } from './own';

/**
 * What a session remembers of a passed second factor. It opens the gate only for the user, phone
 * and epoch it was made for, and only while the live record of its session says so, too: a copy of
 * the session that some slow request writes back after logout finds that record gone.
 */
export interface Mark {
  /** 128 random bits, repeated in the live record of the session. */
  id: string;
  userId: string;
  /** Fingerprint of the phone. */
  phone: string;
  epoch: string;
  verifiedAt: number;
  amr: string[];
}

/** Reads what lies in a session where a mark should be. Anything but a whole mark is none. */
export function readMark(value: unknown): Mark | undefined {
  const strings = ['id', 'userId', 'phone', 'epoch'].every((key) => {
    const part = own(value, key);
    return typeof part === 'string' && part !== '';
  });
  const whole =
    strings && Number.isFinite(own(value, 'verifiedAt')) && Array.isArray(own(value, 'amr'));
  return whole ? (value as Mark) : undefined;
}

/**
 * The state of an account that codes and marks are bound to: the enrollment's epoch (new phone,
 * removal, revocation) and the app's credentials epoch (new password).
 */
export function accountEpoch(
  keyring: Keyring,
  enrollment: Enrollment | undefined,
  credentialsEpoch: string,
): string {
  return keyring.fingerprint('epoch', `${enrollment?.epoch ?? 'none'}\0${credentialsEpoch}`);
}

/** Whether the mark still speaks for this user, with this phone, at this time. */
export function markHolds(
  mark: Mark,
  expected: { userId: string; phone: string; epoch: string; lifetimeMs: number },
  now: number,
): boolean {
  const age = now - mark.verifiedAt;
  return (
    mark.userId === expected.userId &&
    mark.phone === expected.phone &&
    mark.epoch === expected.epoch &&
    age < expected.lifetimeMs &&
    age > -CLOCK_SKEW
  );
}
