import type { Core } from './core';
import { changeEnrollment } from './enrollment';
import { own } from './untrusted';

/**
 * The support desk's revocation of a user without a phone: there is no enrollment whose epoch could
 * change. Kept as long as a session that it must end could last.
 */
export async function noteRevoked(core: Core, userId: string): Promise<void> {
  const at = core.clock();
  const until = at + core.limits.verifiedSession * 1_000;
  await core.records.set(revocationKey(core, userId), { at }, until);
}

/** Whether a mark of that time was revoked since. The gate asks on each request of such a user. */
export async function wasRevoked(core: Core, userId: string, verifiedAt: number): Promise<boolean> {
  return isAsOldAs(await core.records.recent(revocationKey(core, userId)), verifiedAt);
}

/** The same, asked of the store now. */
export async function isRevoked(
  core: Pick<Core, 'keyring' | 'records'>,
  userId: string,
  verifiedAt: number,
): Promise<boolean> {
  return isAsOldAs(await core.records.get(revocationKey(core, userId)), verifiedAt);
}

function isAsOldAs(revocation: unknown, verifiedAt: number): boolean {
  const at = own(revocation, 'at');
  return at !== undefined && verifiedAt <= Number(at);
}

function revocationKey({ keyring }: Pick<Core, 'keyring'>, userId: string): string {
  return keyring.recordKey('revoked', userId);
}

/** Ends all verified sessions and trusted devices of a user: here at once, elsewhere within 10 s. */
export async function endVerifiedSessions(core: Core, userId: string): Promise<void> {
  const epoch = core.random(12);
  await noteRevoked(core, userId);
  await changeEnrollment(core, userId, ({ devices, endedDevices, ...enrollment }) => ({
    ...enrollment,
    epoch,
  }));
}
