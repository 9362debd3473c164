import type { FactorAccess } from '../enrollment/enroll';
import { changeEnrollment } from '../enrollment/change-enrollment';
import type { Core, Requester } from '../core';
import { eventFacts } from '../event-facts';
import { refuse, type Outcome } from '../outcomes';
import { clearAllFailures } from '../verify/failures';
import { makeRecoveryCodes } from './recovery-codes';
import { recoveryCounter } from './recovery-failures';

/** Makes a new set; every older code is dead. Needs the second factor fresh. */
export async function replaceRecoveryCodes(
  core: Core,
  who: Requester,
  access: FactorAccess,
): Promise<Outcome<{ recoveryCodes: string[] }>> {
  const { enrollment, fresh } = access;
  if (enrollment === undefined) return refuse('enrollment_required');
  if (!fresh) return refuse('fresh_second_factor_required');
  const { codes, kept } = makeRecoveryCodes(core.random);
  const written = await changeEnrollment(core, who.userId, (now) =>
    now.epoch === enrollment.epoch ? { ...now, recoveryCodes: kept } : undefined,
  );
  // The factor was changed elsewhere meanwhile; what was asked for belongs to the old one.
  if (written === undefined) return refuse('fresh_second_factor_required');
  // Failures were counted against codes that are gone.
  await clearAllFailures(recoveryCounter(core), core.limits, who.userId);
  core.emit('recovery_codes_replaced', eventFacts(core, who, enrollment));
  return { ok: true, recoveryCodes: codes };
}
