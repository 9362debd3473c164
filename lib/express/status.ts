import { amrOf } from '../core/account';
import {
  attemptsLeft,
  guessKey,
  pendingChallenge,
  type Challenge,
} from '../core/challenge/challenge';
import { agreedConsent, type Consent } from '../core/enrollment';
import { sayTo, type Core, type Requester } from '../core/core';
import { deliveryFrom, deliveryKeys, lookUpDelivery } from '../core/delivery/follow-delivery';
import { recoveryCodesLeft } from '../core/enroll/recovery-codes';
import { failureKeys, standingOf, type Standing } from '../core/failures';
import { iso } from '../core/outcomes';
import { maskDestination, maskPhone } from '../core/phone-number';
import type { Purpose } from '../core/purpose';
import type { SentCode } from '../core/send/send-code';
import type { Count } from '../ports/counter';
import type { Delivery } from '../ports/senders';
import { recentAccount, type Account } from './account';
import type { Edge } from './edge';
import type { HttpRequest } from './http';
import { takeInterrupted } from './interrupted';
import { requesterOf } from './requester';

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
  /**
   * The newest recovery codes wait for the user to say that they are kept. Left out where none do, and
   * where the session is not verified.
   */
  recoveryCodesAcknowledged?: false;
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
  /** What naming a phone agrees to; where the option `terms` is given and a phone may be named. */
  consent?: Consent;
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
    ...(mark === undefined || enrollment?.newRecoveryCodes === undefined
      ? {}
      : { recoveryCodesAcknowledged: false }),
  };
}

/** The status document of the router, with the challenge that is pending in this session. */
export async function statusDocument(
  { core }: Edge,
  who: Requester,
  account: Account,
): Promise<StatusDocument> {
  const { challenge, followed, standing } = await pendingState(core, who, account);
  const document = challenge && challengeDocument(core, challenge, followed);
  return statusWith(core, who, account, { document, standing });
}

/** The same right after a text went out, of what is known then. */
export function statusAfterSend(
  { core }: Edge,
  who: Requester,
  account: Account,
  sent: SentCode,
): StatusDocument {
  const document = sentDocument(core, sent);
  return statusWith(core, who, account, { document, standing: undefined });
}

function statusWith(
  core: Core,
  who: Requester,
  account: Account,
  pending: { document: ChallengeDocument | undefined; standing: Standing | undefined },
): StatusDocument {
  const { document: challenge, standing } = pending;
  const mayName = account.enrollment === undefined || account.mark !== undefined;
  const consent = mayName ? agreedConsent(core, sayTo(core, who)) : undefined;
  return {
    ...accountStatus(account),
    ...(consent === undefined ? {} : { consent }),
    ...(challenge === undefined ? {} : { challenge }),
    ...(account.mark === undefined || account.enrollment === undefined
      ? {}
      : { recoveryCodesLeft: recoveryCodesLeft(core, account.enrollment) }),
    ...(standing?.state === 'locked' ? { lockedUntil: iso(standing.until) } : {}),
  };
}

/** What is known of a challenge beside its record. */
export interface Followed {
  guesses: Count | undefined;
  delivery: Delivery;
}

/** The challenge that the next code would answer, what is known of it, and where the user stands. */
export async function pendingState(
  core: Core,
  who: Requester,
  account: Account,
): Promise<{ challenge: Challenge | undefined; followed: Followed; standing: Standing }> {
  const keys = failureKeys(core, who.userId);
  const challenge = await currentChallenge(core, who, account);
  const guesses = challenge === undefined ? [] : [guessKey(core, who.sessionId, challenge.id)];
  const { read } = await core.counter.settle({
    read: [...keys.all, ...guesses, ...deliveryKeys(core, challenge?.receipt)],
  });
  const known = deliveryFrom(core, challenge?.receipt, read);
  const delivery =
    challenge === undefined ? known : await lookUpDelivery(core, challenge, known, who.address);
  return {
    challenge,
    followed: { guesses: read.get(guesses[0] ?? ''), delivery },
    standing: standingOf(core, keys, read),
  };
}

async function currentChallenge(
  core: Core,
  who: Requester,
  account: Account,
): Promise<Challenge | undefined> {
  const found = await Promise.all(
    purposesOf(account).map((purpose) => pendingChallenge(core, who, purpose)),
  );
  return found.find((challenge) => challenge?.epoch === account.epoch);
}

function purposesOf({ enrollment, mark }: Account): Purpose[] {
  if (enrollment === undefined) return ['enroll'];
  return mark === undefined ? ['sign-in'] : ['step-up', 'replace'];
}

/** A challenge whose text went out a moment ago: nothing is known of its way yet. */
export function sentDocument(core: Core, { challenge, guesses }: SentCode): ChallengeDocument {
  return challengeDocument(core, challenge, { guesses, delivery: 'accepted' });
}

export function challengeDocument(
  core: Core,
  challenge: Challenge,
  { guesses, delivery }: Followed,
): ChallengeDocument {
  const { purpose, channel, phone, sentAt, expiresAt, resendAt, sendsLeft } = challenge;
  return {
    purpose,
    ...(channel === undefined ? {} : { channel }),
    phone: maskDestination(phone),
    codeLength: core.limits.codeLength,
    sentAt: iso(sentAt),
    expiresAt: iso(expiresAt),
    resendAt: iso(resendAt),
    attemptsLeft: attemptsLeft(core, guesses),
    sendsLeft,
    delivery,
  };
}
