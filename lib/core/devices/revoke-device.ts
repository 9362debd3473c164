import type { Enrollment, TrustedDevice } from '../../ports/enrollments';
import type { Core, Requester } from '../core';
import { changeEnrollment } from '../enrollment/change-enrollment';
import { eventFacts } from '../event-facts';
import { refuse, type Outcome } from '../outcomes';
import { publicDevice } from './device-token';

/** The devices that may still pass. */
export function liveDevices(
  { devices }: Pick<Enrollment, 'devices'>,
  epoch: string,
  now: number,
): TrustedDevice[] {
  return (devices ?? []).filter((each) => now < each.expiresAt && each.epoch === epoch);
}

/** Ends the trust in one device of the user, by its public id, or in all of them; `not_found` where it has none such. */
export async function revokeDevices(
  core: Core,
  who: Requester,
  id: string | undefined,
): Promise<Outcome<object>> {
  let revoked: TrustedDevice[] = [];
  const written = await changeEnrollment(core, who.userId, (enrollment) => {
    const { devices = [] } = enrollment;
    revoked = devices.filter((device) => id === undefined || publicDevice(device).id === id);
    if (revoked.length === 0) return undefined;
    return { ...enrollment, devices: devices.filter((device) => !revoked.includes(device)) };
  });
  if (written === undefined) return id === undefined ? { ok: true } : refuse('not_found');
  for (const device of revoked) {
    const facts = { ...eventFacts(core, who, written), device: publicDevice(device) };
    core.emit('device_revoked', { ...facts, reason: 'user' });
  }
  return { ok: true };
}
