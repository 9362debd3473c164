import type { Enrollment, TrustedDevice } from '../../ports/enrollments';
import type { Core, Requester } from '../core';
import { changeEnrollment, readEnrollment } from '../enrollment';
import { eventFacts } from '../events';
import { equalInConstantTime } from '../untrusted';
import { nextSecret, publicDevice, secretDigest, type DeviceToken } from './trusted-devices';

/** A device that was recognized, and the token that its cookie is to hold now. */
interface KnownDevice {
  id: string;
  expiresAt: number;
  token: DeviceToken;
  /** `changed`: by this use. `overlapping`: by another request of this session, a moment ago. */
  use: 'changed' | 'overlapping' | 'too late';
}

/**
 * How long the token before the last change still passes, in the session that changed it: a page
 * asks for many things in the same moment, all with the same cookie.
 */
export const OVERLAP = 60_000;

type Match = 'current' | 'before' | 'late' | 'reused' | 'none';

/** Nothing is written for these. */
const UNCHANGED = new Set<Match>(['none', 'before', 'late']);

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
): Promise<KnownDevice | undefined> {
  const now = core.clock();
  const given = secretDigest(token.secret);
  const session = core.keyring.digest('session', who.sessionId);
  const secret = nextSecret(core.keyring, token, session);
  const seen = { given, session, epoch: account.epoch, now, lifetimeMs: account.lifetimeMs };
  // Judged on what is stored now, and again on what the winner of a lost race wrote.
  let judged: Judged = { match: 'none' };
  const written = await changeEnrollment(core, who.userId, (enrollment) => {
    const { devices = [] } = enrollment;
    const device = devices.find(({ id }) => id === token.id);
    const same = enrollment.epoch === account.enrollment.epoch;
    judged = { match: same ? matchOf(device, seen) : 'none', device };
    if (device === undefined || UNCHANGED.has(judged.match)) return undefined;
    if (judged.match === 'reused') return { ...enrollment, devices: [], epoch: core.random(12) };
    const renewed: TrustedDevice = {
      ...device,
      digest: secretDigest(secret),
      before: { digest: given, session, until: now + OVERLAP },
      lastUsedAt: now,
    };
    return { ...enrollment, devices: devices.map((each) => (each === device ? renewed : each)) };
  }).catch((error: unknown) => keptAllTheSame(core, who.userId, secretDigest(secret), error));
  return known(core, who, judged, written, secret);
}

/**
 * The enrollment, where the new token was kept and reported as not kept: a browser that did not get
 * it would pass for a thief at its next sign-in.
 */
async function keptAllTheSame(
  core: Core,
  userId: string,
  digest: string,
  error: unknown,
): Promise<Enrollment> {
  const enrollment = readEnrollment(await core.enrollments.get(userId));
  if (enrollment?.devices?.some((device) => device.digest === digest) === true) return enrollment;
  throw error;
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
  if (equalInConstantTime(device.digest, given)) return 'current';
  const { before } = device;
  if (before?.session === session && equalInConstantTime(before.digest, given)) {
    // Not a theft: the answer that brought the new token got lost on its way to this session.
    return now < before.until ? 'before' : 'late';
  }
  // The id is 128 random bits that stand in cookies only: whoever has it had a token.
  return 'reused';
}

function known(
  core: Core,
  who: Requester,
  { match, device }: Judged,
  written: Enrollment | undefined,
  secret: string,
): KnownDevice | undefined {
  if (device === undefined || match === 'none') return undefined;
  const { id, expiresAt } = device;
  const token = { id, secret };
  if (match === 'before') return { id, expiresAt, token, use: 'overlapping' };
  if (match === 'late') return { id, expiresAt, token, use: 'too late' };
  // The factor was removed meanwhile.
  if (written === undefined) return undefined;
  const facts = { ...eventFacts(core, who, written), device: publicDevice(device) };
  if (match === 'reused') {
    core.emit('device_revoked', { ...facts, reason: 'reused' });
    return undefined;
  }
  core.emit('device_used', facts);
  return { id, expiresAt, token, use: 'changed' };
}
