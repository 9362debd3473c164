import { amrOf } from '../core/account';
import {
  attemptsLeft,
  guessKey,
  pendingChallenge,
  type Challenge,
} from '../core/challenge/challenge';
import { agreedConsent, type Consent, enrollmentDue } from '../core/enrollment';
import { sayTo } from '../core/challenge/message';
import type { Core, Requester } from '../core/core';
import { deliveryFrom, deliveryKeys, lookUpDelivery } from '../core/delivery/follow-delivery';
import { recoveryCodesLeft } from '../core/enroll/recovery-codes';
import { failureKeys, standingOf, type Standing } from '../core/failures';
import { iso, maskDestination, maskPhone, type Purpose } from '../core/outcomes';
import type { SentCode } from '../core/send/send-code';
import type { Count } from '../ports/counter';
import type { Delivery } from '../ports/senders';
import { acrFor, recentAccount, signedInBy, type Account, type SignedIn } from './account';
import type { Edge } from './edge';
import type { HttpRequest } from './http';
import { takeInterrupted } from './interrupted';
import { hasOwnFactor, requesterOf } from './requester';

/** What the app's own handlers and templates learn of a request. */
export interface Status {
  enrolled: boolean;
  verified: boolean;
  /** When a second factor was passed last; ISO 8601, as all times. */
  verifiedAt?: string;
  /** When the user signed in, where the app says so (`firstFactor`, `enrollmentNeedsFreshLogin`). */
  signedInAt?: string;
  /** The later one of the two: when the user authenticated last, as OpenID Connect has `auth_time`. */
  authTime?: string;
  /** How the user was authenticated (RFC 8176): the first factor, such as `pwd`, then `sms` and `mfa`. */
  amr: string[];
  /** What that amounts to (`acr` of OpenID Connect), by the option `acr`; left out where nothing is known. */
  acr?: string;
  /** Masked to the last two digits. */
  phone?: string;
  /**
   * From when on the user must enroll, to come or past, ISO 8601; where the option `enrollment` names a moment and the
   * user has no factor.
   */
  enrollmentRequiredFrom?: string;
  /**
   * The newest recovery codes wait for the user to say that they are kept. Left out where none do, and
   * where the session is not verified.
   */
  recoveryCodesAcknowledged?: false;
  /** A form that the user sent was held up by the gate and not carried out. Said once. */
  interrupted?: true;
}

/** A pending challenge as clients see it. Times are ISO 8601. */
export interface ChallengeDocument {
  purpose: Purpose;
  /** Left out for texts. */
  channel?: 'email';
  /** Where the code went, masked: the last two digits of a number, the first letter of a mail address. */
  phone: string;
  /** Digits of the code. */
  codeLength: number;
  /** When it went out last. */
  sentAt: string;
  /** Until when the code works; a resend does not lengthen it. */
  expiresAt: string;
  /** From when on it may be asked for again. */
  resendAt: string;
  /** Guesses left at this code. */
  attemptsLeft: number;
  /** How often it may be asked for again. */
  sendsLeft: number;
  /** How far it got; see `Delivery`. */
  delivery: string;
  /** What the code confirms, as the text says it; see `require({ transaction })`. */
  transaction?: string;
}

export interface StatusDocument extends Status {
  challenge?: ChallengeDocument;
  /** To a verified session only. */
  recoveryCodesLeft?: number;
  /** What naming a phone agrees to; where the option `terms` is given and a phone may be named. */
  consent?: Consent;
  /** While wrong codes have locked the user; ISO 8601. */
  lockedUntil?: string;
}

/** The status of a request; of nobody where nobody is signed in. */
export async function statusOf(edge: Edge, req: HttpRequest): Promise<Status> {
  const who = await requesterOf(edge, req);
  if (who === undefined) return { enrolled: false, verified: false, amr: [] };
  const account = await recentAccount(edge, req, who);
  const { mark } = account;
  const told = mark !== undefined && takeInterrupted(req, mark, edge.core.clock());
  const first = await signedInBy(edge, req);
  const due = await dueFrom(edge, who, account);
  const status = accountStatus(edge, account, first);
  return { ...status, ...due, ...(told ? { interrupted: true } : {}) };
}

function accountStatus(edge: Edge, { enrollment, mark }: Account, first: SignedIn): Status {
  // A trusted device stands in for a factor that nobody passed in this session.
  const verifiedAt = mark === undefined || mark.amr.length === 0 ? undefined : mark.verifiedAt;
  const times = [first.at, verifiedAt].filter((at) => at !== undefined);
  const amr = amrOf(first.amr, mark);
  const acr = acrFor(edge, amr);
  return {
    enrolled: enrollment !== undefined,
    verified: mark !== undefined,
    ...(verifiedAt === undefined ? {} : { verifiedAt: iso(verifiedAt) }),
    ...(first.at === undefined ? {} : { signedInAt: iso(first.at) }),
    ...(times.length === 0 ? {} : { authTime: iso(Math.max(...times)) }),
    amr,
    ...(acr === undefined ? {} : { acr }),
    ...(enrollment === undefined ? {} : { phone: maskPhone(enrollment.phone) }),
    ...(mark === undefined || enrollment?.newRecoveryCodes === undefined
      ? {}
      : { recoveryCodesAcknowledged: false }),
  };
}

/** Of somebody who has no factor at all: from when on they must. */
async function dueFrom(
  edge: Edge,
  who: Requester,
  { enrollment, mark }: Account,
): Promise<Pick<Status, 'enrollmentRequiredFrom'>> {
  if (enrollment !== undefined || mark !== undefined) return {};
  const { from } = await enrollmentDue(edge.settings.enrollment, who.user, edge.core.clock());
  if (from === undefined || (await hasOwnFactor(edge, who))) return {};
  return { enrollmentRequiredFrom: iso(from) };
}

/** The status document of the router, with the challenge that is pending in this session. */
export async function statusDocument(
  edge: Edge,
  req: HttpRequest,
  who: Requester,
  account: Account,
): Promise<StatusDocument> {
  const { core } = edge;
  const { challenge, followed, standing } = await pendingState(core, who, account);
  const document = challenge && challengeDocument(core, challenge, followed);
  const first = await signedInBy(edge, req);
  const due = await dueFrom(edge, who, account);
  return { ...statusWith(edge, who, account, first, { challenge: document, standing }), ...due };
}

/** The same right after a text went out, of what is known then. */
export async function statusAfterSend(
  edge: Edge,
  req: HttpRequest,
  who: Requester,
  account: Account,
  sent: SentCode,
): Promise<StatusDocument> {
  const challenge = sentDocument(edge.core, sent);
  return statusWith(edge, who, account, await signedInBy(edge, req), { challenge });
}

function statusWith(
  edge: Edge,
  who: Requester,
  account: Account,
  first: SignedIn,
  known: { challenge?: ChallengeDocument | undefined; standing?: Standing },
): StatusDocument {
  const { core } = edge;
  const { challenge, standing } = known;
  const mayName = account.enrollment === undefined || account.mark !== undefined;
  const consent = mayName ? agreedConsent(core, sayTo(core, who)) : undefined;
  const document: StatusDocument = accountStatus(edge, account, first);
  if (consent !== undefined) document.consent = consent;
  if (challenge !== undefined) document.challenge = challenge;
  if (account.mark !== undefined && account.enrollment !== undefined) {
    document.recoveryCodesLeft = recoveryCodesLeft(core, account.enrollment);
  }
  if (standing?.state === 'locked') document.lockedUntil = iso(standing.until);
  return document;
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
  // A code for what is no longer held up is good for nothing.
  return found.find(
    (challenge) =>
      challenge?.epoch === account.epoch &&
      (challenge.purpose !== 'step-up' || challenge.transaction === account.transaction),
  );
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
  const { purpose, channel, phone, sentAt, expiresAt, resendAt, sendsLeft, transaction } =
    challenge;
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
    ...(transaction === undefined ? {} : { transaction }),
  };
}
