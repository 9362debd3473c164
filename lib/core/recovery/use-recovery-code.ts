import type { Counter } from '../../ports/counter';
import { changeEnrollment } from '../enrollment/change-enrollment';
import type { Core, Requester } from '../core';
import { eventFacts } from '../event-facts';
import type { Enrollment, RecoveryCodes } from '../../ports/enrollments';
import { refuse, type Outcome, type Refusal } from '../outcomes';
import {
  clearAllFailures,
  clearFailures,
  lockedRefusal,
  returnGuess,
  standingAfter,
  standingOf,
  takeGuess,
} from '../verify/failures';
import { recoveryDigest, keptDigest, withoutCode } from './recovery-codes';
import { recoveryCounter } from './recovery-failures';

/** Longer than any two uses of one code can cross each other. */
const SPENT_LIFETIME = 15 * 60_000;

/**
 * Checks one recovery code: counted before it is compared, spent once under any concurrency. It
 * works while wrong texted codes have locked the user, and where the hard stop disabled the phone.
 */
export async function useRecoveryCode(
  core: Core,
  who: Requester,
  enrollment: Enrollment | undefined,
  code: string,
): Promise<Outcome<{ recoveryCodesLeft: number }>> {
  if (enrollment === undefined) return refuse('enrollment_required');
  const counter = recoveryCounter(core);
  const now = core.clock();
  const { recoveryCodes } = enrollment;
  const standing = await standingOf(counter, core.limits, who.userId, now);
  if (standing.state !== 'open') return lockedRefusal(standing, now);
  // A copy of a code that was right a moment ago is no guess: nothing is to be learned by it, and a
  // double click must not leave a failure behind.
  if (await wasSpent(counter, recoveryCodes, code))
    return refuse('code_incorrect', { detail: WRONG });
  const guess = await takeGuess(counter, core.limits, who.userId, now);
  if (!guess.allowed) {
    return guess.standing.state === 'open'
      ? refuse('code_incorrect', { detail: WRONG })
      : lockedRefusal(guess.standing, now);
  }
  const digest = keptDigest(recoveryCodes, code);
  if (digest === undefined) return failed(core, who, enrollment, guess);
  const left = await spendCode(core, counter, who.userId, digest).catch(async (error: unknown) => {
    // Nobody guessed wrong, and an outage must not lock anybody out.
    await returnGuess(counter, who.userId, guess);
    throw error;
  });
  if (left === undefined) {
    await returnGuess(counter, who.userId, guess);
    return refuse('code_incorrect', { detail: WRONG });
  }
  await clearFailures(counter, who.userId, guess.level);
  // A success is a success: the failures with texted codes are over, too. A phone that the hard stop
  // disabled stays disabled until it is enrolled anew.
  await clearAllFailures(core.counter, core.limits, who.userId);
  core.emit('recovery_used', { ...eventFacts(core, who, enrollment), recoveryCodesLeft: left });
  return { ok: true, recoveryCodesLeft: left };
}

/** One answer for a code that never was and one that is used up. */
const WRONG = 'That is not one of your recovery codes that are left. Check it and try again.';

const spentKey = (digest: string): string => `spent:${digest}`;

async function wasSpent(
  counter: Counter,
  recoveryCodes: RecoveryCodes | undefined,
  code: string,
): Promise<boolean> {
  if (recoveryCodes === undefined) return false;
  const digest = recoveryDigest(recoveryCodes.salt, code);
  return (await counter.peek(spentKey(digest))) !== undefined;
}

/**
 * Spends a code and says how many are left; `undefined` where another use was first. The counter
 * decides between two that cross, also where the app's database cannot; the list decides for ever.
 */
async function spendCode(
  core: Core,
  counter: Counter,
  userId: string,
  digest: string,
): Promise<number | undefined> {
  const key = spentKey(digest);
  if ((await counter.add(key, SPENT_LIFETIME)).count > 1) return undefined;
  try {
    return await takeFromList(core, userId, digest);
  } catch (error) {
    // It is still on the list, as far as anybody knows; its user may try it again.
    await counter.clear(key);
    throw error;
  }
}

/** How many codes are left, or `undefined` where this one is no longer on the list. */
async function takeFromList(
  core: Core,
  userId: string,
  digest: string,
): Promise<number | undefined> {
  const after = await changeEnrollment(core, userId, (enrollment) => {
    const { recoveryCodes } = enrollment;
    return recoveryCodes?.digests.includes(digest) === true
      ? { ...enrollment, recoveryCodes: withoutCode(recoveryCodes, digest) }
      : undefined;
  });
  return after?.recoveryCodes?.digests.length;
}

function failed(
  core: Core,
  who: Requester,
  enrollment: Enrollment,
  guess: { level: number; left: number; last: boolean },
): Refusal {
  const facts = { ...eventFacts(core, who, enrollment), method: 'recovery' as const };
  core.emit('failed', { ...facts, attemptsLeft: guess.left });
  const standing = guess.last ? standingAfter(core.limits, guess.level, core.clock()) : undefined;
  if (standing?.state === 'locked') core.emit('locked', { ...facts, until: standing.until });
  if (standing?.state === 'disabled') core.emit('disabled', facts);
  return refuse('code_incorrect', { attemptsLeft: guess.left, detail: WRONG });
}
