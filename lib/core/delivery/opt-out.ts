import type { Place } from '../../ports/counter';
import type { Core } from '../core';

/**
 * Numbers whose owner answered STOP. The carrier refuses texts to them, so it is not asked again: for
 * an hour where its refusal said so, because the owner may have answered UNSTOP where nobody heard
 * it; for a month where the app hears such answers itself.
 */
const REMEMBERED = { refused: 3_600_000, heard: 30 * 86_400_000 };

function optOutKey({ keyring }: Core, phone: string): string {
  return `${keyring.subjects.phone(phone)}#stop`;
}

export async function rememberOptOut(
  core: Core,
  phone: string,
  from: keyof typeof REMEMBERED,
): Promise<void> {
  const key = optOutKey(core, phone);
  const limit = Number.MAX_SAFE_INTEGER;
  await core.counter.settle({
    // A place more does not lengthen the life of a count, and STOP outlasts a refusal.
    clear: from === 'heard' ? [key] : [],
    take: [{ key, window: REMEMBERED[from], limit }],
  });
}

export async function forgetOptOut(core: Core, phone: string): Promise<void> {
  await core.counter.settle({ clear: [optOutKey(core, phone)] });
}

/** Asks that the owner of the phone has not opted out. */
export function notOptedOutPlace(core: Core, phone: string): Place {
  return { key: optOutKey(core, phone), window: REMEMBERED.heard, limit: 0, by: 0 };
}
