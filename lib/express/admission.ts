import type { Requester } from '../core/core';
import { hasOwnPage } from '../core/amr';
import { amrOf } from '../core/mark';
import { refuse, type Refusal } from '../core/outcomes';
import { isFresh, noteUse, recentAccount, type Account } from './account';
import { requesterOf } from './requester';
import type { Edge } from './edge';
import { hasOwnFactor } from './has-own-factor';
import type { HttpRequest } from './http';
import { brokenRefusal } from './respond';
import { passByDevice } from './trusted-device';

/** What a route wants to be proven. */
export interface ProofOptions {
  /** The second factor must have been passed within so many seconds (step-up). */
  maxAge?: number | undefined;
  /**
   * AMR values (RFC 8176), one of which must have been passed: `sms`, `email`, `recovery`, or what
   * the app said with `satisfy`, such as `otp`. Default: any second factor.
   */
  methods?: readonly string[] | undefined;
}

/** Why the request may not pass; `undefined` where it may. A gate that cannot see stays shut. */
export async function refusalOf(
  edge: Edge,
  req: HttpRequest,
  wanted: ProofOptions,
): Promise<Refusal | undefined> {
  try {
    const who = await requesterOf(edge, req);
    if (who === undefined) return refuse('not_authenticated');
    const account = await accountAtGate(edge, req, who);
    const { mark } = account;
    if (mark === undefined) return refuse(await missing(edge, who, account, wanted));
    if (!proves(edge, account, wanted)) return refuse('second_factor_required');
    noteUse(edge, req, mark);
    return undefined;
  } catch (error) {
    return brokenRefusal(edge, req, error);
  }
}

async function accountAtGate(edge: Edge, req: HttpRequest, who: Requester): Promise<Account> {
  const account = await recentAccount(edge, req, who);
  return account.mark === undefined ? passByDevice(edge, req, who, account) : account;
}

/** A user without any factor enrolls a phone, where that is of any use here. */
async function missing(
  edge: Edge,
  who: Requester,
  { enrollment }: Account,
  { methods }: ProofOptions,
): Promise<'enrollment_required' | 'second_factor_required'> {
  const byPhone = methods === undefined || methods.some(hasOwnPage);
  const none = enrollment === undefined && !(await hasOwnFactor(edge, who));
  return none && byPhone ? 'enrollment_required' : 'second_factor_required';
}

function proves(edge: Edge, account: Account, { maxAge, methods }: ProofOptions): boolean {
  const amr = amrOf(account.mark);
  const named = methods === undefined || methods.some((method) => amr.includes(method));
  return named && (maxAge === undefined || isFresh(edge, account, maxAge));
}
