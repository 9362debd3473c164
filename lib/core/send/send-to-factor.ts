import type { Challenge, Purpose } from '../challenge/challenge';
import type { Core, Requester } from '../core';
import { DISABLED, lockedRefusal } from '../verify/failures';
import { refuse, type Outcome } from '../outcomes';
import { sendCode } from './send-code';
import type { AccountState } from '../verify/verify-code';

/**
 * Texts a code to the user's confirmed phone. The number comes from the enrollment and from nowhere
 * else: what a request says about phones does not matter here [S40].
 */
export async function sendToFactor(
  core: Core,
  who: Requester,
  account: AccountState,
  purpose: Extract<Purpose, 'sign-in' | 'step-up'>,
): Promise<Outcome<{ challenge: Challenge }>> {
  const { enrollment, epoch } = account;
  if (enrollment === undefined) return refuse('enrollment_required');
  if (enrollment.disabledAt !== undefined) return lockedRefusal(DISABLED, core.clock());
  return sendCode(core, who, { purpose, phone: enrollment.phone, confirmed: true, epoch });
}
