import type { Core } from '../core';

/**
 * Numbers whose owner answered STOP. The carrier refuses texts to them, so it is not asked again: for
 * an hour where its refusal said so, because the owner may have answered UNSTOP where nobody heard
 * it; for a month where the app hears such answers itself.
 */
const REMEMBERED = { refused: 3_600_000, heard: 30 * 86_400_000 };

const key = (core: Core, phone: string): string =>
  `opted-out:${core.keyring.fingerprint('phone', phone)}`;

export async function rememberOptOut(
  core: Core,
  phone: string,
  from: keyof typeof REMEMBERED,
): Promise<void> {
  // An addition does not lengthen the life of a count, and STOP outlasts a refusal.
  if (from === 'heard') await core.counter.clear(key(core, phone));
  await core.counter.add(key(core, phone), REMEMBERED[from]);
}

export async function forgetOptOut(core: Core, phone: string): Promise<void> {
  await core.counter.clear(key(core, phone));
}

export async function hasOptedOut(core: Core, phone: string): Promise<boolean> {
  return (await core.counter.peek(key(core, phone))) !== undefined;
}
