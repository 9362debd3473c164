import { malformedDetail, readCode } from '../core/challenge/code';
import type { Requester } from '../core/core';
import { refuse, type Outcome } from '../core/outcomes';
import { factorPurpose } from '../core/purpose';
import { verifyCode } from '../core/verify/verify-code';
import { accountNow } from './account';
import type { Edge } from './edge';
import type { HttpRequest } from './http';
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
  const { phone, epoch } = verified.challenge;
  // Signed out meanwhile, by another request: the code is spent, the session stays ended.
  if (await edge.ended.hasEnded(who.sessionId)) return refuse('not_authenticated');
  await beginVerifiedSession(edge, req, who, { phone, epoch, purpose });
  return { ok: true };
}
