import type { Enrollment, TrustedDevice } from '../../ports/enrollments';
import { codesMatch } from '../challenge/code';
import type { Core, Requester } from '../core';
import { changeEnrollment } from '../enrollment/change-enrollment';
import { eventFacts } from '../event-facts';
import { digest } from '../keyring';
import { digestOfSecret, nextSecret, publicDevice, type DeviceToken } from './device-token';

/** A device that may pass, and the token for its cookie where it was changed. */
export interface PassingDevice {
  id: string;
  expiresAt: number;
  renewed: DeviceToken;
}

/**
 * How long the token before the last change still passes, in the session that changed it: a page
 * asks for many things in the same moment, all with the same cookie.
 */
const OVERLAP = 60_000;

type Match = 'current' | 'before' | 'reused' | 'none';

interface Judged {
  match: Match;
  device?: TrustedDevice | undefined;
}

/**
 * Whether a browser with this token passes without a code. The token is changed at each use; one
 * that comes back after that was copied, so all devices and all verified sessions of the user end.
 */
export async function useDevice(
  core: Core,
  who: Requester,
  account: { enrollment: Enrollment; epoch: string; lifetimeMs: number },
  token: DeviceToken,
): Promise<PassingDevice | undefined> {
  const now = core.clock();
  const given = digestOfSecret(token.secret);
  const session = digest('session', who.sessionId);
  const secret = nextSecret(core.keyring, token, session);
  const seen = { given, session, epoch: account.epoch, now, lifetimeMs: account.lifetimeMs };
  // Judged on what is stored now, and again on what the winner of a lost race wrote.
  let judged: Judged = { match: 'none' };
  const written = await changeEnrollment(core, who.userId, (enrollment) => {
    const { devices = [] } = enrollment;
    const device = devices.find(({ id }) => id === token.id);
    const same = enrollment.epoch === account.enrollment.epoch;
    judged = { match: same ? matchOf(device, seen) : 'none', device };
    if (device === undefined || judged.match === 'none' || judged.match === 'before') {
      return undefined;
    }
    if (judged.match === 'reused') return { ...enrollment, devices: [], epoch: core.random(12) };
    const renewed: TrustedDevice = {
      ...device,
      digest: digestOfSecret(secret),
      before: { digest: given, session, until: now + OVERLAP },
      lastUsedAt: now,
    };
    return { ...enrollment, devices: devices.map((each) => (each === device ? renewed : each)) };
  });
  return passed(core, who, judged, written, secret);
}

function matchOf(
  device: TrustedDevice | undefined,
  seen: { given: string; session: string; epoch: string; now: number; lifetimeMs: number },
): Match {
  const { given, session, epoch, now, lifetimeMs } = seen;
  // A device of an older phone or password is forgotten, not stolen.
  if (device?.epoch !== epoch) return 'none';
  // The app may have shortened the time since.
  if (now >= Math.min(device.expiresAt, device.trustedAt + lifetimeMs)) return 'none';
  if (codesMatch(device.digest, given)) return 'current';
  const { before } = device;
  const overlaps = before?.session === session && now < before.until;
  // The id is 128 random bits that stand in cookies only: whoever has it had a token.
  return overlaps && codesMatch(before.digest, given) ? 'before' : 'reused';
}

function passed(
  core: Core,
  who: Requester,
  { match, device }: Judged,
  written: Enrollment | undefined,
  secret: string,
): PassingDevice | undefined {
  if (device === undefined || match === 'none') return undefined;
  const { id, expiresAt } = device;
  const passing = { id, expiresAt, renewed: { id, secret } };
  if (match === 'before') return passing;
  // The factor was removed meanwhile.
  if (written === undefined) return undefined;
  const facts = eventFacts(core, who, written);
  if (match === 'current') {
    core.emit('device_used', { ...facts, device: publicDevice(device) });
    return passing;
  }
  core.emit('device_revoked', { ...facts, device: publicDevice(device), reason: 'reused' });
  return undefined;
}

/**
 * The token of now, for a browser that still shows the one before in the session that changed it:
 * the answer that brought the new one got lost.
 */
export function missedToken(
  core: Core,
  who: Requester,
  { devices = [] }: Enrollment,
  token: DeviceToken,
): PassingDevice | undefined {
  const device = devices.find(({ id }) => id === token.id);
  const session = digest('session', who.sessionId);
  const { before } = device ?? {};
  if (device === undefined || before?.session !== session) return undefined;
  if (!codesMatch(before.digest, digestOfSecret(token.secret))) return undefined;
  const { id, expiresAt } = device;
  return { id, expiresAt, renewed: { id, secret: nextSecret(core.keyring, token, session) } };
}
