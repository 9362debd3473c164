import type { Enrollment, TrustedDevice } from '../../ports/enrollments';
import { codesMatch } from '../challenge/code';
import type { Core, Requester } from '../core';
import { changeEnrollment } from '../enrollment/change-enrollment';
import { eventFacts } from '../event-facts';
import { digest } from '../keyring';
import { digestOfSecret, makeSecret, type DeviceToken } from './device-token';

/** A device that may pass, and the token for its cookie where it was changed. */
export interface PassingDevice {
  id: string;
  expiresAt: number;
  renewed: DeviceToken | undefined;
}

/**
 * How long the token before the last change still passes, in the session that changed it: a page
 * asks for many things in the same moment, all with the same cookie.
 */
const OVERLAP = 60_000;

type Match = 'current' | 'before' | 'reused' | 'none';

/**
 * Whether a browser with this token passes without a code. The token is changed at each use; one
 * that comes back after that was copied, so all devices and all verified sessions of the user end.
 */
export async function useDevice(
  core: Core,
  who: Requester,
  account: { enrollment: Enrollment; epoch: string },
  token: DeviceToken,
): Promise<PassingDevice | undefined> {
  const now = core.clock();
  const given = digestOfSecret(token.secret);
  const secret = makeSecret(core.random);
  const session = digest('session', who.sessionId);
  // Judged on what is stored now, and again on what the winner of a lost race wrote.
  let match: Match = 'none';
  let passing: TrustedDevice | undefined;
  const written = await changeEnrollment(core, who.userId, (enrollment) => {
    const { devices = [] } = enrollment;
    const device = devices.find(({ id }) => id === token.id);
    passing = device;
    match =
      enrollment.epoch === account.enrollment.epoch
        ? matchOf(device, { given, session, epoch: account.epoch, now })
        : 'none';
    if (device === undefined || match === 'none' || match === 'before') return undefined;
    if (match === 'reused') return { ...enrollment, devices: [], epoch: core.random(12) };
    const renewed: TrustedDevice = {
      ...device,
      digest: digestOfSecret(secret),
      before: { digest: given, session, until: now + OVERLAP },
      lastUsedAt: now,
    };
    return { ...enrollment, devices: devices.map((each) => (each === device ? renewed : each)) };
  });
  return passed(core, who, { match, passing, written, secret });
}

function matchOf(
  device: TrustedDevice | undefined,
  seen: { given: string; session: string; epoch: string; now: number },
): Match {
  const { given, session, epoch, now } = seen;
  // A device of an older phone or password is forgotten, not stolen.
  if (device === undefined || now >= device.expiresAt || device.epoch !== epoch) return 'none';
  if (codesMatch(device.digest, given)) return 'current';
  const { before } = device;
  const overlaps = before?.session === session && now < before.until;
  // The id is 128 random bits that stand in the cookie only: whoever has it had a token.
  return overlaps && codesMatch(before.digest, given) ? 'before' : 'reused';
}

function passed(
  core: Core,
  who: Requester,
  found: {
    match: Match;
    passing: TrustedDevice | undefined;
    written: Enrollment | undefined;
    secret: string;
  },
): PassingDevice | undefined {
  const { match, passing, written, secret } = found;
  if (passing === undefined || match === 'none') return undefined;
  const { id, name, expiresAt } = passing;
  if (match === 'before') return { id, expiresAt, renewed: undefined };
  // The factor was removed meanwhile.
  if (written === undefined) return undefined;
  const facts = { ...eventFacts(core, who, written), device: { id, name } };
  if (match === 'reused') {
    core.emit('device_revoked', { ...facts, reason: 'reused' });
    return undefined;
  }
  core.emit('device_used', facts);
  return { id, expiresAt, renewed: { id, secret } };
}
