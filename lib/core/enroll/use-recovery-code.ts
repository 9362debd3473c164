import { heldOf, type Held } from '../../ports/counter';
import type { Enrollment, RecoveryCodes } from '../../ports/enrollments';
import type { Core, Requester } from '../core';
import { changeEnrollment } from '../enrollment';
import { eventFacts } from '../events';
import {
  beginDueLock,
  beginLock,
  failureKeys,
  guessesLeft,
  guessPlaces,
  lockedRefusal,
  standingOf,
  type FailureKeys,
} from '../failures';
import { refuse, type Outcome, type Refusal } from '../outcomes';
import { keptDigest, recoveryDigest, withoutCode } from './recovery-codes';

/** Longer than any two uses of one code can cross each other. */
const SPENT_LIFETIME = 15 * 60_000;

/** One answer for a code that never was and one that is used up. */
const WRONG = 'That is not one of your recovery codes that are left. Check it and try again.';

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
  const { recoveryCodes } = enrollment;
  const keys = failureKeys(core, who.userId, 'recovery');
  const spent = spentKey(core, who.userId, recoveryCodes, code);
  const { read } = await core.counter.settle({ read: [...keys.all, spent] });
  const standing = standingOf(core, keys, read);
  if (standing.state !== 'open') {
    await beginDueLock(core, keys, standing, read);
    return lockedRefusal(standing, core.clock());
  }
  // A copy of a code that was right a moment ago is no guess: nothing is to be learned by it, and a
  // double click must not leave a failure behind.
  if (read.has(spent)) return refuse('code_incorrect', { detail: WRONG });
  const guess = guessPlaces(core, keys, standing.failures);
  const counted = await core.counter.settle({ take: guess });
  if (!counted.ok) {
    const now = standingOf(core, keys, (await core.counter.settle({ read: keys.all })).read);
    return now.state === 'open'
      ? refuse('code_incorrect', { detail: WRONG })
      : lockedRefusal(now, core.clock());
  }
  const digest = keptDigest(recoveryCodes, code);
  const failures = counted.places.get(keys.fails)?.count ?? standing.failures + 1;
  if (digest === undefined) return failed(core, who, enrollment, keys, failures);

  const held = heldOf(guess, counted.places);
  const left = await spendCode(core, who.userId, digest, spent).catch(async (error: unknown) => {
    // Nobody guessed wrong, and an outage must not lock anybody out.
    await core.counter.settle({ give: held }).catch(() => undefined);
    throw error;
  });
  if (left === undefined) {
    await core.counter.settle({ give: held });
    return refuse('code_incorrect', { detail: WRONG });
  }
  // A success is a success: the failures with texted codes are over, too. A phone that the hard stop
  // disabled stays disabled until it is enrolled anew.
  await core.counter.settle({ clear: [...keys.all, ...failureKeys(core, who.userId).all] });
  core.emit('recovery_used', { ...eventFacts(core, who, enrollment), recoveryCodesLeft: left });
  return { ok: true, recoveryCodesLeft: left };
}

function spentKey(
  { keyring }: Core,
  userId: string,
  recoveryCodes: RecoveryCodes | undefined,
  code: string,
): string {
  const digest = recoveryDigest(recoveryCodes?.salt ?? '', code);
  return `${keyring.subjects.user(userId)}#rspent.${digest.slice(0, 22)}`;
}

/**
 * Spends a code and says how many are left; `undefined` where another use was first. The counter
 * decides between two that cross, also where the app's database cannot; the list decides for ever.
 */
async function spendCode(
  core: Core,
  userId: string,
  digest: string,
  key: string,
): Promise<number | undefined> {
  const spending = { key, window: SPENT_LIFETIME, limit: 1 };
  const { ok, places } = await core.counter.settle({ take: [spending] });
  if (!ok) return undefined;
  try {
    return await takeFromList(core, userId, digest);
  } catch (error) {
    // It is still on the list, as far as anybody knows; its user may try it again.
    const spent: Held[] = heldOf([spending], places);
    await core.counter.settle({ give: spent });
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

async function failed(
  core: Core,
  who: Requester,
  enrollment: Enrollment,
  keys: FailureKeys,
  failures: number,
): Promise<Refusal> {
  const attemptsLeft = guessesLeft(core, failures);
  const facts = { ...eventFacts(core, who, enrollment), method: 'recovery' as const };
  core.emit('failed', { ...facts, attemptsLeft });
  const standing = attemptsLeft === 0 ? await beginLock(core, keys, failures) : undefined;
  if (standing?.state === 'locked') core.emit('locked', { ...facts, until: standing.until });
  if (standing?.state === 'disabled') core.emit('disabled', facts);
  return refuse('code_incorrect', { attemptsLeft, detail: WRONG });
}
