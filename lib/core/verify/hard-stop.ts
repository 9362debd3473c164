import { changeEnrollment } from '../enrollment/change-enrollment';
import type { Core, Requester } from '../core';
import type { EventFacts } from '../events';

/**
 * Writes the hard stop into the enrollment, so that it outlives the counters (NIST SP 800-63B-4
 * §3.2.2), and tells of it. A user without an enrollment has only the counters' word for it.
 */
export async function writeHardStop(core: Core, who: Requester, facts: EventFacts): Promise<void> {
  const disabledAt = core.clock();
  await changeEnrollment(core, who.userId, (enrollment) => ({ ...enrollment, disabledAt }));
  core.emit('disabled', facts);
}
