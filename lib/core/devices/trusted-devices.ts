import { createHash } from 'node:crypto';
import type { Enrollment, TrustedDevice } from '../../ports/enrollments';
import { accountEpoch } from '../account';
import type { Core, Requester } from '../core';
import { changeEnrollment } from '../enrollment';
import { eventFacts, type PublicDevice } from '../events';
import type { Keyring } from '../keyring';
import { refuse, type Outcome } from '../outcomes';

/** What the cookie of a trusted device holds. */
export interface DeviceToken {
  /** Names the device. */
  id: string;
  /** 256 random bits; the enrollment has their SHA-256 only. */
  secret: string;
}

const SHAPE = /^([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/;

/** A device as others may see it: its id is a digest of the one in the cookie. */
export function publicDevice({ id, name }: PublicDevice): PublicDevice {
  return { id: secretDigest(`device id\0${id}`).slice(0, 24), name };
}

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
 * The secret that follows this one in this session: the same for every request of it that shows the
 * same token, so that each of their answers can bring it. Nobody derives it without the app's secret.
 */
export function nextSecret(keyring: Keyring, { id, secret }: DeviceToken, session: string): string {
  return secretDigest(keyring.fingerprint('device secret', [id, secret, session].join('\0')));
}

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
  const token = { id: core.random(16), secret: core.random(32) };
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

/** The devices that may still pass. */
export function liveDevices(
  { devices }: Pick<Enrollment, 'devices'>,
  epoch: string,
  now: number,
): TrustedDevice[] {
  return (devices ?? []).filter((each) => now < each.expiresAt && each.epoch === epoch);
}

/**
 * Ends the trust in one device of the user, by its public id, or in all of them; `not_found` where
 * there is none such.
 */
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
