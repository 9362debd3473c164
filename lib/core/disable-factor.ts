import { SecondFactorError } from '../errors';
import type { Core, Requester } from './core';
import { readEnrollment } from './enrollment';

const TRIES = 5;

/**
 * Writes the hard stop into the enrollment, so that it outlives the counters (NIST SP 800-63B-4
 * §3.2.2). A user without one has only the counters' word for it.
 */
export async function disableFactor(core: Core, who: Requester): Promise<void> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const enrollment = readEnrollment(await core.enrollments.get(who.userId));
    if (enrollment === undefined || enrollment.disabledAt !== undefined) return;
    const { version } = enrollment;
    const disabled = { ...enrollment, disabledAt: core.clock(), version: version + 1 };
    if (await core.enrollments.set(who.userId, disabled, version)) return;
  }
  throw new SecondFactorError(
    'store_unavailable',
    'The enrollment kept changing while it was being disabled.',
  );
}
