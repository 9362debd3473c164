import type { Enrollment } from '../../ports/enrollments';
import type { Core, Requester } from '../core';
import { changeEnrollment } from '../enrollment';
import { eventFacts } from '../events';
import { readEnrollment } from '../read-enrollment';
import {
  handedOut,
  nextSecret,
  overlapOf,
  secretDigest,
  type DeviceToken,
  type Match,
} from './device-token';
import { judge, publicDevice, tellCopied, withoutCopied } from './trusted-devices';

/** A device that was recognized, and the token that its cookie is to hold now. */
interface KnownDevice {
  id: string;
  expiresAt: number;
  token: DeviceToken;
  /** `changed`: for this session. `overlapping`: by another request of it, a moment ago. */
  use: 'changed' | 'overlapping';
}

/**
 * Whether a browser with this token passes without a code. The token changes in two steps at each use:
 * see `Match`. One that was copied ends its device, is told, and ends nothing else.
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
  const after = { id: token.id, secret: nextSecret(core.keyring, token.id, session) };
  const afterDigest = secretDigest(after.secret);
  // Its answers come in any order: a token that this session was handed moves nothing on in it, so that
  // one that is still on its way, with the token before, is no copy.
  const isOwn = given === afterDigest;
  const seen = { epoch: account.epoch, now, lifetimeMs: account.lifetimeMs };
  // Judged on what is stored now, and again on what the winner of a lost race wrote.
  let judged: ReturnType<typeof judge> = { match: 'none', device: undefined };
  let overlap: number | undefined;
  const written = await changeEnrollment(core, who.userId, (enrollment) => {
    const same = enrollment.epoch === account.enrollment.epoch;
    judged = same ? judge(enrollment, token, seen) : { match: 'none', device: undefined };
    const { match, device } = judged;
    if (device === undefined) return undefined;
    if (match === 'copied') return withoutCopied(enrollment, token, now);
    overlap = match === 'seen' ? overlapOf(device, afterDigest) : undefined;
    if (!passes(match) || isOwn || overlap !== undefined) return undefined;
    const used = handedOut(device, given, afterDigest, now);
    const devices = enrollment.devices ?? [];
    return { ...enrollment, devices: devices.map((each) => (each === device ? used : each)) };
  }).catch((error: unknown) => keptAllTheSame(core, who.userId, judged, afterDigest, error));
  const { match, device } = judged;
  if (match === 'copied' && written !== undefined) tellCopied(core, who, written, judged);
  if (device === undefined || !passes(match)) return undefined;
  const known = { id: device.id, expiresAt: device.expiresAt, token: after };
  // Whether the session goes on, or still stays beside the one that it went on as, says its end.
  if (isOwn) return { ...known, use: 'changed' };
  // A session that was handed its token long ago has had its time: what is still under its name is a
  // copy, or a browser that missed the answer and signs in again.
  if (overlap !== undefined) return now < overlap ? { ...known, use: 'overlapping' } : undefined;
  // The factor was removed meanwhile.
  if (written === undefined) return undefined;
  core.emit('device_used', { ...eventFacts(core, who, written), device: publicDevice(device) });
  return { ...known, use: 'changed' };
}

function passes(match: Match): boolean {
  return match === 'seen' || match === 'next';
}

/**
 * The enrollment, where it was kept and reported as not kept: the next request would find nothing to
 * hand out, or nothing to tell of.
 */
async function keptAllTheSame(
  core: Core,
  userId: string,
  { match, device }: ReturnType<typeof judge>,
  after: string,
  error: unknown,
): Promise<Enrollment> {
  const enrollment = readEnrollment(await core.enrollments.get(userId));
  const { devices = [], endedDevices = [] } = enrollment ?? {};
  const found = [...devices, ...endedDevices].find(({ id }) => id === device?.id);
  const isKept =
    match === 'copied'
      ? found === undefined
      : found?.next?.some(({ digest }) => digest === after) === true;
  if (enrollment !== undefined && isKept) return enrollment;
  throw error;
}
