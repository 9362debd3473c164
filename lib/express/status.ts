import type { Challenge, Purpose } from '../core/challenge/challenge';
import type { Core, Requester } from '../core/core';
import { standingOf } from '../core/verify/failures';
import { attemptsLeft, pendingChallenge } from '../core/challenge/pending-challenge';
import { deliveryOfText } from '../core/delivery/follow-delivery';
import { iso } from '../core/iso';
import { amrOf } from '../core/mark';
import { maskDestination, maskPhone } from '../core/phone-number';
import { recentAccount, type Account } from './account';
import { requesterOf } from './requester';
import type { Edge } from './edge';
import type { HttpRequest } from './http';
import { takeInterrupted } from './interrupted';

/** What the app's own handlers and templates learn of a request. */
export interface Status {
  enrolled: boolean;
  verified: boolean;
  /** ISO 8601. */
  verifiedAt?: string;
  /** How the user was authenticated (RFC 8176): `pwd`, then `sms` and `mfa`. */
  amr: string[];
  /** Masked to the last two digits. */
  phone?: string;
  /** A form that the user sent was held up by the gate and not carried out. Said once. */
  interrupted?: true;
}

/** A pending challenge as clients see it. */
export interface ChallengeDocument {
  purpose: Purpose;
  /** Left out for texts. */
  channel?: 'email';
  phone: string;
  codeLength: number;
  sentAt: string;
  expiresAt: string;
  resendAt: string;
  attemptsLeft: number;
  sendsLeft: number;
  delivery: string;
}

export interface StatusDocument extends Status {
  challenge?: ChallengeDocument;
  /** To a verified session only. */
  recoveryCodesLeft?: number;
  lockedUntil?: string;
}

/** The status of a request; of nobody where nobody is signed in. */
export async function statusOf(edge: Edge, req: HttpRequest): Promise<Status> {
  const who = await requesterOf(edge, req);
  if (who === undefined) return { enrolled: false, verified: false, amr: [] };
  const account = await recentAccount(edge, req, who);
  const { mark } = account;
  const told = mark !== undefined && takeInterrupted(req, mark, edge.core.clock());
  return { ...accountStatus(account), ...(told ? { interrupted: true } : {}) };
}

function accountStatus({ enrollment, mark }: Account): Status {
  return {
    enrolled: enrollment !== undefined,
    verified: mark !== undefined,
    // A trusted device stands in for a factor that nobody passed in this session.
    ...(mark === undefined || mark.amr.length === 0 ? {} : { verifiedAt: iso(mark.verifiedAt) }),
    amr: amrOf(mark),
    ...(enrollment === undefined ? {} : { phone: maskPhone(enrollment.phone) }),
  };
}

/** The status document of the router, with the challenge that is pending in this session. */
export async function statusDocument(
  { core }: Edge,
  who: Requester,
  account: Account,
): Promise<StatusDocument> {
  const [challenge, standing] = await Promise.all([
    currentChallenge(core, who, account),
    standingOf(core.counter, core.limits, who.userId, core.clock()),
  ]);
  return {
    ...accountStatus(account),
    ...(challenge === undefined ? {} : { challenge: await challengeDocument(core, challenge) }),
    ...(account.mark === undefined || account.enrollment === undefined
      ? {}
      : { recoveryCodesLeft: account.enrollment.recoveryCodes?.digests.length ?? 0 }),
    ...(standing.state === 'locked' ? { lockedUntil: iso(standing.until) } : {}),
  };
}

/** The challenge that the next code would answer. */
export async function currentChallenge(
  core: Core,
  who: Requester,
  account: Account,
): Promise<Challenge | undefined> {
  for (const purpose of purposesOf(account)) {
    const found = await pendingChallenge(core, who.sessionId, purpose);
    if (found?.userId === who.userId && found.epoch === account.epoch) return found;
  }
  return undefined;
}

function purposesOf({ enrollment, mark }: Account): Purpose[] {
  if (enrollment === undefined) return ['enroll'];
  return mark === undefined ? ['sign-in'] : ['step-up', 'replace'];
}

export async function challengeDocument(
  core: Core,
  challenge: Challenge,
): Promise<ChallengeDocument> {
  const { purpose, channel, phone, sentAt, expiresAt, resendAt, sendsLeft, receipt } = challenge;
  return {
    purpose,
    ...(channel === undefined ? {} : { channel }),
    phone: maskDestination(phone),
    codeLength: core.limits.codeLength,
    sentAt: iso(sentAt),
    expiresAt: iso(expiresAt),
    resendAt: iso(resendAt),
    attemptsLeft: await attemptsLeft(core, challenge),
    sendsLeft,
    delivery: await deliveryOfText(core, receipt),
  };
}
