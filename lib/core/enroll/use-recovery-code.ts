import { heldOf, type Place } from '../../ports/counter';
import type { Enrollment, RecoveryCodes } from '../../ports/enrollments';
import type { Core, Requester } from '../core';
import { changeEnrollment } from '../enrollment';
import { eventFacts } from '../emit';
import { failureKeys } from '../failures';
import type { Rate } from '../limits';
import { refuse, secondsUntil, type Outcome } from '../outcomes';
import {
  isNotInUseYet,
  keptDigest,
  recoveryDigest,
  usableCodes,
  withoutCode,
} from './recovery-codes';

/** Longer than any two uses of one code can cross each other. */
const SPENT_LIFETIME = 15 * 60_000;

/** One answer for a code that never was and one that is used up. */
const WRONG = { say: 'detail.recoveryWrong' } as const;
/** Of the newest set, which nobody has said to be kept. */
const NOT_YET = { say: 'detail.recoveryNotYet' } as const;
const TOO_MANY = { say: 'detail.recoveryTooMany' } as const;

/**
 * Checks one recovery code: counted before it is compared, spent once under any concurrency. It
 * works while wrong texted codes have locked the user, and where the hard stop disabled the phone.
 *
 * No lock stands before it, and nothing is counted of the user: whoever knows the password could
 * else shut the way back. Wrong codes are limited for the session and the address that try them, for
 * a minute. Of 80 random bits that leaves nothing to be guessed: a thousand addresses, each at its
 * limit for ten years, have less than one chance in 10^11 at ten codes. NIST SP 800-63B (revision 3)
 * §5.1.2.2 asks for a limit on the account only below 64 bits; revision 4 §4.2.1.1 asks for one at
 * any length, and is not followed in that: see SECURITY.md.
 */
export async function useRecoveryCode(
  core: Core,
  who: Requester,
  enrollment: Enrollment | undefined,
  code: string,
): Promise<Outcome<{ recoveryCodesLeft: number }>> {
  if (enrollment === undefined) return refuse('enrollment_required');
  const codes = usableCodes(core, who.userId, enrollment);
  const spent = spentKey(core, who.userId, codes, code);
  const tries = triesOf(core, who);
  const { ok, read, places, full } = await core.counter.settle({
    read: [spent],
    take: [...tries.ofSession, ...tries.ofAddress],
  });
  if (!ok) {
    const left = Math.max(...full.map(({ key }) => places.get(key)?.left ?? 0));
    return refuse('too_many_attempts', { retryAfter: secondsUntil(left, 0), detail: TOO_MANY });
  }
  const held = heldOf([...tries.ofSession, ...tries.ofAddress], places);
  const noGuess = async (): Promise<void> => {
    await core.counter.settle({ give: held });
  };
  // A copy of a code that was right a moment ago is no guess: nothing is to be learned by it, and a
  // double click must not leave a failure behind.
  if (read.has(spent)) {
    await noGuess();
    return refuse('code_incorrect', { detail: WRONG });
  }
  const digest = keptDigest(codes, code);
  if (digest === undefined) {
    const left = tries.ofSession.map(({ key, limit }) => limit - (places.get(key)?.count ?? 0));
    const attemptsLeft = Math.max(0, Math.min(...left));
    const facts = { ...eventFacts(core, who, enrollment), method: 'recovery' as const };
    core.emit('failed', { ...facts, attemptsLeft });
    // Who has one of those has been shown it: there is nothing to hide.
    const notYet = isNotInUseYet(core, who.userId, enrollment, code);
    return refuse('code_incorrect', { attemptsLeft, detail: notYet ? NOT_YET : WRONG });
  }
  const left = await spendCode(core, who.userId, digest, spent).catch(async (error: unknown) => {
    // Nobody guessed wrong, and an outage must not keep anybody waiting.
    await noGuess().catch(() => undefined);
    throw error;
  });
  if (left === undefined) {
    await noGuess();
    return refuse('code_incorrect', { detail: WRONG });
  }
  // A success is a success: the failures with texted codes are over, too. A phone that the hard stop
  // disabled stays disabled until it is enrolled anew.
  await core.counter.settle({ give: held, clear: failureKeys(core, who.userId).all });
  core.emit('recovery_used', { ...eventFacts(core, who, enrollment), recoveryCodesLeft: left });
  return { ok: true, recoveryCodesLeft: left };
}

/** The places that one try takes, before anything is compared. */
function triesOf(
  { keyring, limits }: Core,
  { sessionId, address, userId }: Requester,
): { ofSession: Place[]; ofAddress: Place[] } {
  const places = (subject: string, rates: readonly Rate[], common: boolean): Place[] =>
    rates.map(({ count, seconds }) => ({
      key: `${subject}#recovery.${seconds}`,
      window: seconds * 1_000,
      limit: count,
      common,
    }));
  const { subjects } = keyring;
  return {
    ofSession: places(subjects.session(sessionId), limits.recoveryPerSession, false),
    ofAddress: places(subjects.address(address, userId), limits.recoveryPerAddress, true),
  };
}

function spentKey(
  { keyring }: Core,
  userId: string,
  codes: RecoveryCodes | undefined,
  code: string,
): string {
  const digest = recoveryDigest(codes?.salt ?? '', code);
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
    await core.counter.settle({ give: heldOf([spending], places) });
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
    const codes = usableCodes(core, userId, enrollment);
    if (codes?.digests.includes(digest) !== true) return undefined;
    const recoveryCodes = withoutCode(codes, digest);
    const { newRecoveryCodes, ...others } = enrollment;
    // Whoever brings a code of the first set has it: it needs no further word.
    const first = newRecoveryCodes?.id === codes.salt;
    return first ? { ...others, recoveryCodes } : { ...enrollment, recoveryCodes };
  });
  return after?.recoveryCodes?.digests.length;
}
