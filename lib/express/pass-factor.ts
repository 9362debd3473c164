import { malformedDetail, readCode } from '../core/challenge/code';
import type { Requester } from '../core/core';
import { refuse, type Outcome } from '../core/outcomes';
import { factorPurpose } from '../core/purpose';
import { verifyCode } from '../core/verify/verify-code';
import { accountNow } from './account';
import { field } from './post';
import type { Edge } from './edge';
import type { HttpRequest } from './http';
import { trustThisDevice } from './trusted-device';
import { beginVerifiedSession } from './verified-session';

/**
 * A code typed by a user who signs in or steps up: one road to the open gate, for the router and
 * the Passport strategy alike.
 */
export async function passFactor(
  edge: Edge,
  req: HttpRequest,
  who: Requester,
  typed: unknown,
): Promise<Outcome<object>> {
  const { core } = edge;
  const { codeLength } = core.limits;
  const code = readCode(typed, codeLength);
  if (code === undefined) {
    return refuse('code_malformed', { detail: malformedDetail(typed, codeLength) });
  }
  const account = await accountNow(edge, req, who);
  const purpose = factorPurpose(account.mark);
  const verified = await verifyCode(core, who, purpose, code, account);
  if (!verified.ok) return verified;
  const { enrollment } = account;
  // Signed out meanwhile, by another request: the code is spent, the session stays ended.
  if (
    !(await beginVerifiedSession(edge, req, who, {
      enrollment,
      amr: [verified.challenge.channel ?? 'sms'],
      purpose,
      verified,
    }))
  ) {
    return refuse('not_authenticated');
  }
  if (isTicked(field(req, 'trustDevice'))) await trustThisDevice(edge, req, who, account.epoch);
  return { ok: true };
}

/** JSON's true, or what the box of a form says. */
function isTicked(value: unknown): boolean {
  return value === true || value === 'true' || value === 'on' || value === '1';
}
