import type { Charge } from '../send/budgets';
import type { Challenge, Purpose } from './challenge';
import { deriveCode } from './code';
import type { EmailMessage } from '../../ports/email-sender';
import type { Core, Requester } from '../core';
import { codeMail, codeText, type TextFacts } from './message';
import { attemptsLeft, pendingChallenge } from './pending-challenge';

export interface SendTarget {
  purpose: Purpose;
  /** Left out for texts. */
  channel?: 'email' | undefined;
  /** Where the code goes: a number, or on the channel `email` an address. */
  phone: string;
  /** Whether a code texted to this phone came back before. */
  confirmed: boolean;
  /** The account epoch that the challenge is bound to. */
  epoch: string;
}

/** With less than this left, a resend opens a new challenge; in milliseconds. */
const TOO_OLD_TO_RESEND = 120_000;

/** The challenge of this session that a resend may text again, or `undefined`. */
export async function resendable(
  core: Core,
  who: Requester,
  target: SendTarget,
): Promise<Challenge | undefined> {
  const pending = await pendingChallenge(core, who.sessionId, target.purpose);
  const same =
    pending?.userId === who.userId &&
    pending.phone === target.phone &&
    pending.epoch === target.epoch &&
    pending.expiresAt - core.clock() >= TOO_OLD_TO_RESEND &&
    core.keyring.codeKey(pending.keyId) !== undefined &&
    (await attemptsLeft(core, pending)) > 0;
  return same ? pending : undefined;
}

/** The challenge as it will be once the text is out: `before` texted again, or a new one. */
export function nextChallenge(
  core: Core,
  who: Requester,
  target: SendTarget,
  before: Challenge | undefined,
  sending: { resendAt: number; sendsLeft: number; charges: Charge[] },
): Challenge {
  const now = core.clock();
  const { resendAt, sendsLeft, charges } = sending;
  const facts = { sentAt: now, resendAt, sendsLeft, delivery: 'accepted' as const };
  if (before !== undefined) {
    // A resend lengthens nothing: `expiresAt` stays what it was [S8].
    const all = [...before.charges, ...charges];
    return { ...before, ...facts, sends: before.sends + 1, charges: all };
  }
  return {
    id: core.random(16),
    userId: who.userId,
    purpose: target.purpose,
    phone: target.phone,
    ...(target.channel === 'email' ? { channel: target.channel } : {}),
    epoch: target.epoch,
    keyId: core.keyring.newestId,
    createdAt: now,
    expiresAt: now + core.limits.challengeLifetime * 1_000,
    sends: 1,
    charges,
    ...facts,
  };
}

/** The text of a challenge. The only place where a code meets anything but a comparison. */
export function textOf(core: Core, challenge: Challenge, key: Buffer): string {
  return codeText(textFacts(core, challenge, key));
}

/** The same by mail. */
export function mailOf(core: Core, challenge: Challenge, key: Buffer): EmailMessage {
  const { subject, text } = codeMail(textFacts(core, challenge, key));
  return { to: challenge.phone, subject, text };
}

function textFacts(core: Core, challenge: Challenge, key: Buffer): TextFacts {
  return {
    appName: core.appName,
    domain: core.domain,
    purpose: challenge.purpose,
    code: codeOf(core, challenge, key),
    lifetimeSeconds: core.limits.challengeLifetime,
  };
}

/** The code that answers a challenge: derived, but for test numbers. */
export function codeOf(core: Core, challenge: Challenge, key: Buffer): string {
  const fixed = challenge.channel === undefined ? core.testCode?.(challenge.phone) : undefined;
  return fixed ?? deriveCode(key, challenge, core.limits.codeLength);
}
