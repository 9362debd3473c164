import type { Enrollment } from '../../ports/enrollments';
import { giveBack } from '../send/budgets';
import type { Challenge, Purpose } from '../challenge/challenge';
import { codesMatch } from '../challenge/code';
import { codeOf } from '../challenge/open-challenge';
import { countVerified } from '../send/conversion';
import type { Core, Requester } from '../core';
import { eventFacts } from '../event-facts';
import {
  clearFailures,
  DISABLED,
  lockedRefusal,
  standingAfter,
  standingOf,
  takeGuess,
} from './failures';
import { writeHardStop } from './hard-stop';
import { refuse, type Outcome, type Refusal } from '../outcomes';
import { countGuess, dropChallenge, pendingChallenge, spend } from '../challenge/pending-challenge';
import { parsePhone } from '../phone-number';
import { isConfirmed } from '../purpose';
import { confirmedDestination } from '../send/send-to-factor';
import { forgetWaits } from '../send/resend-wait';

/** The account as it is now; a challenge opened for another state of it is dead. */
export interface AccountState {
  enrollment: Enrollment | undefined;
  epoch: string;
}

/**
 * Checks one guess: counted for the challenge and for the user before anything is compared,
 * compared in constant time, spent once. One answer, `challenge_expired`, stands for a challenge
 * that never was, expired, was spent, used up, or opened for another phone or state of the account.
 */
export async function verifyCode(
  core: Core,
  who: Requester,
  purpose: Purpose,
  code: string,
  account: AccountState,
): Promise<Outcome<{ challenge: Challenge }>> {
  const now = core.clock();
  const [standing, challenge] = await Promise.all([
    standingOf(core.counter, core.limits, who.userId, now),
    pendingChallenge(core, who.sessionId, purpose),
  ]);
  // During a lock the answer depends on nothing else: not on the challenge, not on the code.
  if (standing.state !== 'open') {
    const { enrollment } = account;
    const unwritten = enrollment !== undefined && enrollment.disabledAt === undefined;
    // The write failed when the hard stop was reached; made good before anything is lost.
    if (standing.state === 'disabled' && unwritten) {
      await writeHardStop(core, who, eventFacts(core, who, enrollment));
    }
    return lockedRefusal(standing, now);
  }
  // The phone is disabled, not the user: who got in by another factor may enroll one anew.
  if (isConfirmed(purpose) && account.enrollment?.disabledAt !== undefined) {
    return lockedRefusal(DISABLED, now);
  }
  const key = challenge && core.keyring.codeKey(challenge.keyId);
  if (
    challenge === undefined ||
    key === undefined ||
    !(await answers(core, challenge, who, account))
  ) {
    return refuse('challenge_expired');
  }
  // The challenge is counted first: parallel guesses beyond its budget cost the user nothing.
  const guesses = await countGuess(core, challenge);
  if (guesses > core.limits.guessesPerChallenge) return refuse('challenge_expired');
  const guess = await takeGuess(core.counter, core.limits, who.userId, now);
  if (!guess.allowed) {
    return guess.standing.state === 'open'
      ? refuse('challenge_expired')
      : lockedRefusal(guess.standing, now);
  }

  if (!codesMatch(codeOf(core, challenge, key), code)) {
    const left = core.limits.guessesPerChallenge - guesses;
    if (left === 0) await dropChallenge(core, who.sessionId, purpose);
    return failed(core, who, challenge, { ...guess, attemptsLeft: Math.min(left, guess.left) });
  }
  // Of any number of parallel right answers, one spends the challenge; the others find it spent.
  if (!(await spend(core, challenge))) {
    // A copy of the right code is no failure: a double click must not leave one behind.
    await clearFailures(core.counter, who.userId, guess.level);
    return refuse('challenge_expired');
  }
  const confirmed = isConfirmed(purpose);
  const { channel, phone } = challenge;
  const facts = { userId: who.userId, address: who.address, channel, phone, confirmed };
  await Promise.all([
    clearFailures(core.counter, who.userId, guess.level),
    giveBack(core.counter, challenge.charges, now),
    forgetWaits(core.counter, core.keyring, facts),
    dropChallenge(core, who.sessionId, purpose),
    confirmed ? undefined : countConversion(core, challenge.phone),
  ]);
  return { ok: true, challenge };
}

async function countConversion(core: Core, phone: string): Promise<void> {
  const parsed = parsePhone(phone, core.defaultCountry, core.allowedCountries);
  if (!parsed.ok) return;
  await countVerified(core.counter, core.limits, core.keyring, parsed, core.clock());
}

async function answers(
  core: Core,
  challenge: Challenge,
  who: Requester,
  { enrollment, epoch }: AccountState,
): Promise<boolean> {
  const { channel, phone, purpose } = challenge;
  return (
    challenge.userId === who.userId &&
    challenge.epoch === epoch &&
    (!isConfirmed(purpose) ||
      phone === (await confirmedDestination(core, who, enrollment, channel)))
  );
}

async function failed(
  core: Core,
  who: Requester,
  challenge: Challenge,
  guess: { level: number; last: boolean; attemptsLeft: number },
): Promise<Refusal> {
  const { attemptsLeft } = guess;
  const facts = eventFacts(core, who, challenge);
  core.emit('failed', { ...facts, attemptsLeft });
  const standing = guess.last ? standingAfter(core.limits, guess.level, core.clock()) : undefined;
  if (standing?.state === 'locked') core.emit('locked', { ...facts, until: standing.until });
  if (standing?.state === 'disabled') await writeHardStop(core, who, facts);
  return refuse('code_incorrect', { attemptsLeft });
}
