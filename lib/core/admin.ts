import { changeEnrollment, removeEnrollment } from './enrollment/change-enrollment';
import type { Core } from './core';
import { readEnrollment } from './enrollment/enrollment';
import { clearAllFailures, standingOf } from './verify/failures';
import { maskPhone } from './phone-number';

/** Who does it, for the audit event. */
export interface AdminAction {
  /** The name of the person at the support desk. */
  operator: string;
}

/** What a support desk may see. */
export interface AdminStatus {
  enrolled: boolean;
  /** Masked to the last two digits. */
  phone?: string;
  /** ISO 8601. */
  confirmedAt?: string;
  /** ISO 8601; while wrong codes have locked the user. */
  lockedUntil?: string;
  /** The hard stop was reached. */
  disabled: boolean;
}

/** What a support desk may do for a user, without a request of that user. */
export interface Admin {
  status(userId: string): Promise<AdminStatus>;
  /** Ends a lock or the hard stop; the phone stays. */
  unlock(userId: string, action: AdminAction): Promise<void>;
  /** Removes the factor and every failure, so that the user can enroll anew. */
  reset(userId: string, action: AdminAction): Promise<void>;
  /** Ends all verified sessions: here at once, in other processes within ten seconds. */
  revoke(userId: string, action: AdminAction): Promise<void>;
}

export function createAdmin(core: Core): Admin {
  const tell = (name: 'unlocked' | 'reset' | 'revoked', userId: string, operator: string): void =>
    core.emit(name, { at: core.clock(), userId, operator });

  return {
    status: async (userId) => {
      const enrollment = readEnrollment(await core.enrollments.get(userId));
      const standing = await standingOf(core.counter, core.limits, userId, core.clock());
      return {
        enrolled: enrollment !== undefined,
        ...(enrollment === undefined
          ? {}
          : {
              phone: maskPhone(enrollment.phone),
              confirmedAt: new Date(enrollment.confirmedAt).toISOString(),
            }),
        ...(standing.state === 'locked'
          ? { lockedUntil: new Date(standing.until).toISOString() }
          : {}),
        disabled: standing.state === 'disabled' || enrollment?.disabledAt !== undefined,
      };
    },
    unlock: async (userId, { operator }) => {
      await clearAllFailures(core.counter, core.limits, userId);
      await changeEnrollment(core, userId, ({ disabledAt, ...enrollment }) => enrollment);
      tell('unlocked', userId, operator);
    },
    reset: async (userId, { operator }) => {
      await removeEnrollment(core, userId);
      await clearAllFailures(core.counter, core.limits, userId);
      tell('reset', userId, operator);
    },
    revoke: async (userId, { operator }) => {
      const epoch = core.random(12);
      await changeEnrollment(core, userId, (enrollment) => ({ ...enrollment, epoch }));
      tell('revoked', userId, operator);
    },
  };
}
