import type { Core } from '../core';

/**
 * Numbers whose owner answered STOP. The carrier refuses texts to them, so it is not asked again for
 * an hour; after that it is, because the owner may have answered UNSTOP where nobody heard it.
 */
const REMEMBERED = 3_600_000;

const key = (core: Core, phone: string): string =>
  `opted-out:${core.keyring.fingerprint('phone', phone)}`;

export async function rememberOptOut(core: Core, phone: string): Promise<void> {
  await core.counter.add(key(core, phone), REMEMBERED);
}

export async function hasOptedOut(core: Core, phone: string): Promise<boolean> {
  return (await core.counter.peek(key(core, phone))) !== undefined;
}
