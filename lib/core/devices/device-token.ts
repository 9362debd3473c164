import { createHash } from 'node:crypto';

/** What the cookie of a trusted device holds. */
export interface DeviceToken {
  /** Names the device. */
  id: string;
  /** 256 random bits; the enrollment has their SHA-256 only. */
  secret: string;
}

const SHAPE = /^([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/;

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

export function digestOfSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
