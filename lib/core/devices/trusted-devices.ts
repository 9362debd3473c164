import type { EndedDevice, Enrollment, TrustedDevice } from '../../ports/enrollments';
import { accountEpoch } from '../account';
import type { Core, Requester } from '../core';
import { changeEnrollment } from '../enrollment';
import { eventFacts } from '../emit';
import type { PublicDevice } from '../events';
import { refuse, type Outcome } from '../outcomes';
import { readEnrollment } from '../read-enrollment';
import {
  handedOut,
  matchOf,
  nextSecret,
  overlapOf,
  secretDigest,
  type DeviceToken,
  type Match,
  type Seen,
} from './device-token';

/** A device as others may see it: its id is a digest of the one in the cookie. */
export function publicDevice({ id, name }: PublicDevice): PublicDevice {
  return { id: secretDigest(`device id\0${id}`).slice(0, 24), name };
}

/** Beyond this many, the one that was used longest ago goes. */
const MOST_DEVICES = 10;
/** Not any more, or never was. */
const NOT_TRUSTED = { say: 'detail.browserUnknown' } as const;

interface Judged {
  match: Match;
  device: TrustedDevice | undefined;
  /** When the trust in it was ended. */
  endedAt?: number;
}

/** Of no device that passes. */
const NONE: Judged = { match: 'none', device: undefined };

/** What a token is for this user. One of an ended device proves nothing but, perhaps, a copy. */
function judge(
  { devices = [], endedDevices = [] }: Pick<Enrollment, 'devices' | 'endedDevices'>,
  token: DeviceToken,
  seen: Seen,
): Judged {
  const given = secretDigest(token.secret);
  const live = devices.find(({ id }) => id === token.id);
  if (live !== undefined) return { match: matchOf(live, given, seen), device: live };
  const ended = endedDevices.find(({ id }) => id === token.id);
  if (ended === undefined || matchOf(ended, given, seen) !== 'copied') return NONE;
  return { match: 'copied', device: ended, endedAt: ended.endedAt };
}

/** Whether this token makes its browser a trusted one. */
export function isTrusted(enrollment: Enrollment, token: DeviceToken, seen: Seen): boolean {
  return passes(judge(enrollment, token, seen).match);
}

/** The enrollment with these devices, and those of before that have just ended, as long as they could be shown. */
function withDevices(
  { endedDevices = [], ...enrollment }: Enrollment,
  devices: TrustedDevice[],
  justEnded: readonly TrustedDevice[],
  now: number,
): Enrollment {
  const marks: EndedDevice[] = [
    ...justEnded.map((device) => ({ ...device, endedAt: now })),
    ...endedDevices.filter(({ expiresAt }) => now < expiresAt),
  ].slice(0, MOST_DEVICES);
  return { ...enrollment, devices, ...(marks.length > 0 ? { endedDevices: marks } : {}) };
}

/** Without the device of a token that was copied: told once, and gone for thief and owner alike. */
function withoutCopied(enrollment: Enrollment, copied: DeviceToken, now: number): Enrollment {
  const isOther = ({ id }: TrustedDevice): boolean => id !== copied.id;
  const endedDevices = (enrollment.endedDevices ?? []).filter(isOther);
  const devices = (enrollment.devices ?? []).filter(isOther);
  return withDevices({ ...enrollment, endedDevices }, devices, [], now);
}

/** Tells of a copy. It ended its own device and nothing else: what more, the user says. */
function tellCopied(
  core: Core,
  who: Requester,
  enrollment: Enrollment,
  { device, endedAt }: Judged,
): void {
  if (device === undefined) return;
  const facts = { ...eventFacts(core, who, enrollment), device: publicDevice(device) };
  core.emit('device_copied', { ...facts, ...(endedAt === undefined ? {} : { endedAt }) });
}

/**
 * Trusts the browser of a user who has just passed the second factor. `undefined` where it is trusted
 * already, and where the factor was changed meanwhile.
 */
export async function trustDevice(
  core: Core,
  who: Requester,
  wanted: {
    /** The first token; the same again where the same post comes again. */
    token: DeviceToken;
    name: string;
    epoch: string;
    lifetimeMs: number;
    /** The token that this browser showed. */
    shown: DeviceToken | undefined;
  },
): Promise<{ token: DeviceToken; expiresAt: number } | undefined> {
  const now = core.clock();
  const { token, epoch, lifetimeMs, shown } = wanted;
  const seen = { epoch, now, lifetimeMs };
  const device: TrustedDevice = {
    id: token.id,
    digest: secretDigest(token.secret),
    epoch,
    name: wanted.name,
    trustedAt: now,
    lastUsedAt: now,
    expiresAt: now + lifetimeMs,
  };
  let judged = NONE;
  let again: TrustedDevice | undefined;
  const written = await changeEnrollment(core, who.userId, (enrollment) => {
    if (accountEpoch(core.keyring, enrollment, who.credentialsEpoch) !== epoch) return undefined;
    if (shown !== undefined) judged = judge(enrollment, shown, seen);
    if (passes(judged.match)) return undefined;
    const isThis = ({ id }: TrustedDevice): boolean => id === token.id;
    again = enrollment.devices?.find(isThis);
    // Trust that was given a moment ago, and has been ended since, does not come back with the same post.
    if (again !== undefined || enrollment.endedDevices?.some(isThis) === true) return undefined;
    // Its cookie is about to hold another one: what the one before proves is told now, or kept.
    const copied = judged.match === 'copied' && shown !== undefined;
    const before = copied ? withoutCopied(enrollment, shown, now) : enrollment;
    const unexpired = (before.devices ?? []).filter(({ expiresAt }) => now < expiresAt);
    const replaced = unexpired.filter(({ id }) => id === shown?.id);
    const others = unexpired
      .filter(({ id }) => id !== shown?.id)
      .sort((a, b) => b.lastUsedAt - a.lastUsedAt)
      .slice(0, MOST_DEVICES - 1);
    return withDevices(before, [device, ...others], replaced, now);
  });
  if (again !== undefined) return { token, expiresAt: again.expiresAt };
  if (written === undefined) return undefined;
  if (judged.match === 'copied') tellCopied(core, who, written, judged);
  const facts = eventFacts(core, who, written);
  core.emit('device_trusted', { ...facts, device: publicDevice(device) });
  return { token, expiresAt: device.expiresAt };
}

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
  let judged = NONE;
  let overlap: number | undefined;
  const written = await changeEnrollment(core, who.userId, (enrollment) => {
    const same = enrollment.epoch === account.enrollment.epoch;
    judged = same ? judge(enrollment, token, seen) : NONE;
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
  { match, device }: Judged,
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

/** The devices that may still pass. */
export function liveDevices(
  { devices }: Pick<Enrollment, 'devices'>,
  epoch: string,
  now: number,
): TrustedDevice[] {
  return (devices ?? []).filter((each) => now < each.expiresAt && each.epoch === epoch);
}

function noTokenGood({ next, lost, before, ...device }: TrustedDevice): TrustedDevice {
  return { ...device, digest: '' };
}

/**
 * Ends the trust in one device of the user, by its public id, or in all of them; `not_found` where
 * there is none such. They leave a mark until their end: a copy that comes back is told.
 *
 * `own` is the device of the browser that asks. Its cookie goes with the answer, so that each token
 * of it that comes later is a copy. Another browser still has its own and shows it, in good faith.
 */
export async function revokeDevices(
  core: Core,
  who: Requester,
  id: string | undefined,
  own: string | undefined,
): Promise<Outcome<object>> {
  const now = core.clock();
  let revoked: TrustedDevice[] = [];
  const written = await changeEnrollment(core, who.userId, (enrollment) => {
    const { devices = [] } = enrollment;
    revoked = devices.filter((device) => id === undefined || publicDevice(device).id === id);
    if (revoked.length === 0) return undefined;
    const left = devices.filter((device) => !revoked.includes(device));
    const ended = revoked.map((device) => (device.id === own ? noTokenGood(device) : device));
    return withDevices(enrollment, left, ended, now);
  });
  if (written === undefined)
    return id === undefined ? { ok: true } : refuse('not_found', { detail: NOT_TRUSTED });
  for (const device of revoked) {
    const facts = { ...eventFacts(core, who, written), device: publicDevice(device) };
    core.emit('device_revoked', { ...facts, reason: 'user' });
  }
  return { ok: true };
}
