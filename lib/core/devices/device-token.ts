import { createHash } from 'node:crypto';
import type { TrustedDevice } from '../../ports/enrollments';
import type { Keyring } from '../keyring';
import { equalInConstantTime } from '../untrusted';

/** What the cookie of a trusted device holds. */
export interface DeviceToken {
  /** Names the device. */
  id: string;
  /** 256 bits; the enrollment has their SHA-256 only. */
  secret: string;
}

const SHAPE = /^([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/;

export function writeDeviceToken({ id, secret }: DeviceToken): string {
  return `${id}.${secret}`;
}

/** Reads a cookie's value; anything but a whole token is none. */
export function readDeviceToken(value: string | undefined): DeviceToken | undefined {
  const [, id, secret] = SHAPE.exec(value ?? '') ?? [];
  return id === undefined || secret === undefined ? undefined : { id, secret };
}

export function secretDigest(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

/**
 * The first token of a device, for the session that its user has verified: whoever posts the right code
 * twice gets the same one twice. The id of the session is random, and the secret is the app's.
 */
export function firstToken(keyring: Keyring, userId: string, session: string): DeviceToken {
  const part = (name: string): string => keyring.seal([name, userId, session].join('\0'));
  return { id: part('device id').slice(0, 22), secret: part('device secret') };
}

/**
 * The secret of the token that this device is handed in this session, whichever token it shows there: of
 * the answers to a page each can bring it, and none, however late, an older one. Nobody derives it
 * without the app's secret.
 */
export function nextSecret(keyring: Keyring, id: string, session: string): string {
  return secretDigest(keyring.fingerprint('device secret', [id, session].join('\0')));
}

/**
 * How long what a page asks for in the same moment, all with the same cookies, passes beside the
 * session that took the place of theirs.
 */
export const OVERLAP = 60_000;

/**
 * What a token is, in two steps at each use: the token before stays good until the one after it has
 * been seen, because the answer that brought that one may be lost.
 *
 * - `seen`: the last one that came.
 * - `next`: one that was handed out for it. Each session gets one of its own; the first that comes is
 *   the browser's.
 * - `lost`: one of the others. Two sign-ins at once leave such a token behind, and so does a copy that
 *   was used beside its owner: it passes no more, and proves nothing.
 * - `copied`: older than all of these, so its browser has had a younger one.
 * - `none`: of no device that passes.
 */
export type Match = 'seen' | 'next' | 'lost' | 'copied' | 'none';

/** The digests that a device is known by. */
type Tokens = Required<Pick<TrustedDevice, 'digest' | 'next' | 'lost'>>;

/** Devices of versions before 0.2 named the last one that was handed out, and the one before. */
function tokensOf({ digest, before, next = [], lost = [] }: TrustedDevice): Tokens {
  if (before === undefined) return { digest, next, lost };
  return { digest: before.digest, next: [{ digest, until: before.until }], lost };
}

/** The state of the account and the time that a token is looked at in. */
export interface Seen {
  epoch: string;
  now: number;
  /** How long the app lets devices be trusted, which may have been shortened since. */
  lifetimeMs: number;
}

export function matchOf(
  device: TrustedDevice | undefined,
  given: string,
  { epoch, now, lifetimeMs }: Seen,
): Match {
  // A device of an older phone or password is forgotten, not stolen.
  if (device?.epoch !== epoch) return 'none';
  if (now >= Math.min(device.expiresAt, device.trustedAt + lifetimeMs)) return 'none';
  const { digest, next, lost } = tokensOf(device);
  if (equalInConstantTime(digest, given)) return 'seen';
  if (next.some((each) => equalInConstantTime(each.digest, given))) return 'next';
  if (lost.some((each) => equalInConstantTime(each, given))) return 'lost';
  // The id is 128 random bits that stand in cookies only: whoever has it had a token.
  return 'copied';
}

/** More sign-ins at once than a browser makes; an enrollment must not grow without end. */
const MOST_HANDED_OUT = 5;

/** The device once this token was seen and that one handed out for it. */
export function handedOut(
  device: TrustedDevice,
  seen: string,
  after: string,
  now: number,
): TrustedDevice {
  const { digest, next, lost } = tokensOf(device);
  const entry = { digest: after, until: now + OVERLAP };
  const { before: _, ...rest } = device;
  if (seen !== digest) {
    const others = next
      .map((each) => each.digest)
      .filter((each) => each !== seen && each !== after);
    return { ...rest, digest: seen, next: [entry], lost: others, lastUsedAt: now };
  }
  const all = [entry, ...next];
  const over = all.slice(MOST_HANDED_OUT).map((each) => each.digest);
  return {
    ...rest,
    digest,
    next: all.slice(0, MOST_HANDED_OUT),
    lost: [...over, ...lost].slice(0, MOST_HANDED_OUT),
    lastUsedAt: now,
  };
}

/** Until when this session, which was handed the token already, overlaps with the one after it. */
export function overlapOf(device: TrustedDevice, after: string): number | undefined {
  return tokensOf(device).next.find(({ digest }) => digest === after)?.until;
}
