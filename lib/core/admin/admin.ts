import { misuse } from '../../misuse';
import type { Enrollment } from '../../ports/enrollments';
import type { Core } from '../core';
import { recoveryCodesLeft } from '../enroll/recovery-codes';
import { changeEnrollment, removeEnrollment } from '../enrollment';
import { failureKeys, standingOf } from '../failures';
import { iso } from '../outcomes';
import { maskPhone } from '../phone-number';
import { readEnrollment } from '../read-enrollment';
import { endVerifiedSessions, noteRevoked } from '../sessions';
import { own } from '../untrusted';

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
  /** The IP address that the phone was confirmed from. */
  confirmedFrom?: string;
  /** ISO 8601; while wrong codes have locked the user. */
  lockedUntil?: string;
  /** The hard stop was reached. */
  disabled: boolean;
  recoveryCodesLeft: number;
  /** The browsers that pass without a code, by name; also those that a new password has ended. */
  devices: { name: string; trustedAt: string; lastUsedAt: string; expiresAt: string }[];
}

/** What a support desk may do for a user, without a request of that user. */
export interface Admin {
  status(userId: string): Promise<AdminStatus>;
  /** Ends a lock or the hard stop; the phone stays. */
  unlock(userId: string, action: AdminAction): Promise<void>;
  /** Removes the factor and every failure, so that the user can enroll anew. */
  reset(userId: string, action: AdminAction): Promise<void>;
  /** Ends all verified sessions and trusted devices: here at once, in other processes within ten seconds. */
  revoke(userId: string, action: AdminAction): Promise<void>;
}

export function createAdmin(core: Core): Admin {
  const tell = (name: 'unlocked' | 'reset' | 'revoked', userId: string, operator: string): void =>
    core.emit(name, { at: core.clock(), userId, operator });
  const forgetFailures = async (userId: string): Promise<void> => {
    const { all, wrong, told } = failureKeys(core, userId);
    await core.counter.settle({ clear: [...all, wrong, told] });
  };

  return {
    status: async (userId) => {
      checkUserId('status', userId);
      return statusOf(core, userId);
    },
    unlock: async (userId, action) => {
      const operator = operatorOf('unlock', userId, action);
      await forgetFailures(userId);
      await changeEnrollment(core, userId, ({ disabledAt, ...enrollment }) => enrollment);
      tell('unlocked', userId, operator);
    },
    reset: async (userId, action) => {
      const operator = operatorOf('reset', userId, action);
      // Before the removal: without a phone, sessions verified by the app's own factor would hold again.
      await noteRevoked(core, userId);
      await removeEnrollment(core, userId);
      await forgetFailures(userId);
      tell('reset', userId, operator);
    },
    revoke: async (userId, action) => {
      const operator = operatorOf('revoke', userId, action);
      await endVerifiedSessions(core, userId);
      tell('revoked', userId, operator);
    },
  };
}

async function statusOf(core: Core, userId: string): Promise<AdminStatus> {
  const now = core.clock();
  const enrollment = readEnrollment(await core.enrollments.get(userId));
  const keys = failureKeys(core, userId);
  const { read } = await core.counter.settle({ read: keys.all });
  const standing = standingOf(core, keys, read);
  const disabled = standing.state === 'disabled' || enrollment?.disabledAt !== undefined;
  const { devices = [] } = enrollment ?? {};
  return {
    enrolled: enrollment !== undefined,
    ...(enrollment === undefined ? {} : phoneOf(enrollment)),
    ...(standing.state === 'locked' ? { lockedUntil: iso(standing.until) } : {}),
    disabled,
    recoveryCodesLeft: enrollment === undefined ? 0 : recoveryCodesLeft(core, enrollment),
    devices: devices
      .filter(({ expiresAt }) => now < expiresAt)
      .map(({ name, trustedAt, lastUsedAt, expiresAt }) => ({
        name,
        trustedAt: iso(trustedAt),
        lastUsedAt: iso(lastUsedAt),
        expiresAt: iso(expiresAt),
      })),
  };
}

function phoneOf({ phone, confirmedAt, confirmedFrom }: Enrollment) {
  const masked = { phone: maskPhone(phone), confirmedAt: iso(confirmedAt) };
  return confirmedFrom === undefined ? masked : { ...masked, confirmedFrom };
}

/** Refuses a user id that would silently name nobody, such as a number. */
function checkUserId(verb: string, userId: unknown, call = `admin.${verb}('42')`): void {
  if (typeof userId === 'string' && userId !== '') return;
  throw misuse(`the user id of admin.${verb}()`, userId, `Give a text: ${call}.`);
}

/** Who does it; a call without a user or a name changes nothing. */
function operatorOf(verb: string, userId: unknown, action: unknown): string {
  const call = `admin.${verb}('42', { operator: 'Jo' })`;
  checkUserId(verb, userId, call);
  const operator = own(action, 'operator');
  if (typeof operator === 'string' && operator !== '') return operator;
  throw misuse(`the operator of admin.${verb}()`, operator, `Say who does it: ${call}.`);
}
