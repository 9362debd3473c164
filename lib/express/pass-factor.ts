import { readCode } from '../core/code';
import type { Requester } from '../core/core';
import { refuse, type Outcome } from '../core/outcomes';
import { maskPhone } from '../core/phone-number';
import { verifyCode } from '../core/verify-code';
import { accountNow } from './account';
import type { Edge } from './edge';
import type { HttpRequest } from './http';
import { beginVerifiedSession } from './verified-session';

/**
 * A code typed by a signed-in user: the one road from a code to an open gate, for the router and
 * the Passport strategy alike.
 */
export async function passFactor(
  edge: Edge,
  req: HttpRequest,
  who: Requester,
  typed: unknown,
): Promise<Outcome<object>> {
  const { core } = edge;
  const code = readCode(typed, core.limits.codeLength);
  if (code === undefined) return refuse('code_malformed');
  const account = await accountNow(edge, req, who);
  const purpose = account.mark === undefined ? 'sign-in' : 'step-up';
  const verified = await verifyCode(core, who, purpose, code, account);
  if (!verified.ok) return verified;
  const { phone, epoch } = verified.challenge;
  await beginVerifiedSession(edge, req, who, { phone, epoch });
  core.emit('verified', {
    at: core.clock(),
    userId: who.userId,
    ip: who.address,
    purpose,
    phone: maskPhone(phone),
  });
  return { ok: true };
}
