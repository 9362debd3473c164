import { createHash } from 'node:crypto';
import type { TrustedDevice } from '../../ports/enrollments';
import { digest, type Keyring } from '../keyring';

/** What the cookie of a trusted device holds. */
export interface DeviceToken {
  /** Names the device. */
  id: string;
  /** 256 random bits; the enrollment has their SHA-256 only. */
  secret: string;
}

const SHAPE = /^([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/;

/** What others may know of a device: lists, events and mails. The id itself stands in the cookie. */
export interface PublicDevice {
  id: string;
  name: string;
}

export function publicDevice({ id, name }: TrustedDevice): PublicDevice {
  return { id: digest('device id', id).slice(0, 24), name };
}

export function makeSecret(random: (bytes: number) => string): string {
  return random(32);
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
