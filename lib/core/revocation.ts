import type { Core } from './core';
import { changeEnrollment } from './enrollment/change-enrollment';
import { digest } from './keyring';
import { own } from './own';

/**
 * The support desk's revocation of a user without a phone: there is no enrollment whose epoch could
 * change. Kept as long as a session that it must end could last.
 */
export async function noteRevoked(core: Core, userId: string): Promise<void> {
  const at = core.clock();
  await core.records.set(keyOf(userId), { at }, at + core.limits.verifiedSession * 1_000);
}

/** Whether a mark of that time was revoked since. */
export async function wasRevoked(core: Core, userId: string, verifiedAt: number): Promise<boolean> {
  const at = own(await core.records.get(keyOf(userId)), 'at');
  return at !== undefined && verifiedAt <= Number(at);
}

const PREFIX = 'sms2fa-revoked-';
const keyOf = (userId: string): string => `${PREFIX}${digest('user', userId)}`;

/** Whether a record is one of these, which the gate asks for on each request of such a user. */
export function isRevocation(key: string): boolean {
  return key.startsWith(PREFIX);
}

/** Ends all verified sessions and trusted devices of a user: here at once, elsewhere within 10 s. */
export async function endVerifiedSessions(core: Core, userId: string): Promise<void> {
  const epoch = core.random(12);
  await noteRevoked(core, userId);
  await changeEnrollment(core, userId, ({ devices, ...enrollment }) => ({ ...enrollment, epoch }));
}
