import type { TrustedDevice } from '../../ports/enrollments';
import { accountEpoch } from '../mark';
import type { Core, Requester } from '../core';
import { changeEnrollment } from '../enrollment/change-enrollment';
import { eventFacts } from '../event-facts';
import { secretDigest, makeSecret, publicDevice, type DeviceToken } from './device-token';

/** Beyond this many, the one that was used longest ago goes. */
const MOST_DEVICES = 10;

/**
 * Trusts the browser of a user who has just passed the second factor. `undefined` where the factor
 * was changed meanwhile.
 */
export async function trustDevice(
  core: Core,
  who: Requester,
  wanted: {
    name: string;
    epoch: string;
    lifetimeMs: number;
    /** The device that this browser was until now. */
    before: string | undefined;
  },
): Promise<{ token: DeviceToken; expiresAt: number } | undefined> {
  const now = core.clock();
  const token = { id: core.random(16), secret: makeSecret(core.random) };
  const device: TrustedDevice = {
    id: token.id,
    digest: secretDigest(token.secret),
    epoch: wanted.epoch,
    name: wanted.name,
    trustedAt: now,
    lastUsedAt: now,
    expiresAt: now + wanted.lifetimeMs,
  };
  const written = await changeEnrollment(core, who.userId, (enrollment) => {
    const { keyring } = core;
    if (accountEpoch(keyring, enrollment, who.credentialsEpoch) !== wanted.epoch) return undefined;
    const others = (enrollment.devices ?? [])
      .filter(({ id, expiresAt }) => now < expiresAt && id !== wanted.before)
      .sort((a, b) => b.lastUsedAt - a.lastUsedAt)
      .slice(0, MOST_DEVICES - 1);
    return { ...enrollment, devices: [device, ...others] };
  });
  if (written === undefined) return undefined;
  const facts = eventFacts(core, who, written);
  core.emit('device_trusted', { ...facts, device: publicDevice(device) });
  return { token, expiresAt: device.expiresAt };
}
