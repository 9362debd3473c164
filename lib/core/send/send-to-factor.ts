import { storeCall } from '../../store-call';
import type { Challenge, Purpose } from '../challenge/challenge';
import type { Enrollment } from '../../ports/enrollments';
import type { Core, Requester } from '../core';
import { DISABLED, lockedRefusal } from '../verify/failures';
import { refuse, type Outcome } from '../outcomes';
import { sendCode } from './send-code';
import type { AccountState } from '../verify/verify-code';

/**
 * Sends a code to the user's confirmed phone, or where the app offers that and the user asks for it,
 * to their address. Both come from what the app keeps and from nowhere else: what a request says about
 * phones does not matter here [S40].
 */
export async function sendToFactor(
  core: Core,
  who: Requester,
  account: AccountState,
  purpose: Extract<Purpose, 'sign-in' | 'step-up'>,
  channel?: 'email',
): Promise<Outcome<{ challenge: Challenge }>> {
  const { enrollment, epoch } = account;
  if (enrollment === undefined) return refuse('enrollment_required');
  if (enrollment.disabledAt !== undefined) return lockedRefusal(DISABLED, core.clock());
  const phone = await confirmedDestination(core, who, enrollment, channel);
  if (phone === undefined) return refuse('channel_not_available');
  return sendCode(core, who, { purpose, channel, phone, confirmed: true, epoch });
}

/** Where codes for the factor go on this channel, as things are now. */
export async function confirmedDestination(
  core: Core,
  who: Requester,
  enrollment: Enrollment | undefined,
  channel: 'email' | undefined,
): Promise<string | undefined> {
  if (channel === undefined) return enrollment?.phone;
  const { email } = core;
  if (email === undefined) return undefined;
  const address = await storeCall('email.address', () => email.address(who.user));
  // One @ and no blank or line break: what goes into a mail's header.
  const whole = typeof address === 'string' && /^[^\s@,<>]{1,64}@[^\s@,<>]{1,255}$/.test(address);
  return whole ? address : undefined;
}
