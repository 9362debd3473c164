import { DAY_MS } from '../durations';
import { heldOf, NO_COUNT, NO_LIMIT, type Count, type Place } from '../ports/counter';
import type { Enrollment } from '../ports/enrollments';
import type { Core, Requester } from './core';
import { changeEnrollment } from './enrollment';
import { eventFacts } from './emit';
import type { EventFacts } from './events';
import type { Limits } from './limits';
import { refuse, secondsUntil, type Refusal } from './outcomes';

/**
 * The consecutive failures of a user with texted and mailed codes, over all sessions, browsers,
 * purposes and processes (NIST SP 800-63B-4 §3.2.2, RFC 4226 §7.3). Recovery codes have no part in
 * them: see `core/enroll/use-recovery-code.ts`.
 *
 * Three counts lie with the user: `fails`, the failures since the last success; `locks`, how many
 * locks they have begun; and `lock`, which lives as long as the lock that is on. Failures come in
 * levels: level 0 holds `lockAfter` of them, each later one `lockEvery`, and a guess takes a place up
 * to the end of the level that it began in. Only a lock leads to the next level, so a burst of
 * parallel guesses fills a level and never jumps one, and a process that dies between the last guess
 * and its lock leaves a state in which the next guess begins the lock.
 */
export type Standing =
  | { state: 'open'; failures: number }
  | { state: 'locked'; until: number; /** The lock has not begun yet. */ due: boolean }
  | { state: 'disabled' };

/** The hard stop, where the enrollment and not a count says so. */
export const DISABLED = { state: 'disabled' } as const satisfies Standing;

/** Failures have no end but success; a count must have one. */
const LIFETIME = 365 * DAY_MS;
const LONGEST_LOCK = DAY_MS;

type FailureLimits = Pick<Limits, 'lockAfter' | 'lockEvery' | 'hardStop'>;

/** The counts of a user's failures, to be read along with what else a request needs. */
export interface FailureKeys {
  fails: string;
  locks: string;
  lock: string;
  /** What a success forgets. */
  all: readonly string[];
  /** The wrong codes of a month, which no success forgets, and that the user was told of them. */
  wrong: string;
  told: string;
}

export function failureKeys({ keyring }: Core, userId: string): FailureKeys {
  const user = keyring.subjects.user(userId);
  const fails = `${user}#fails`;
  const locks = `${user}#locks`;
  const lock = `${user}#lock`;
  const wrong = `${user}#wrong`;
  return { fails, locks, lock, all: [fails, locks, lock], wrong, told: `${wrong}.told` };
}

/** How many levels are full. */
function levelOf({ lockAfter, lockEvery }: FailureLimits, failures: number): number {
  return failures < lockAfter ? 0 : 1 + Math.floor((failures - lockAfter) / lockEvery);
}

/** The failures at which a level is full. */
function endOf({ lockAfter, lockEvery, hardStop }: FailureLimits, level: number): number {
  return Math.min(hardStop, lockAfter + level * lockEvery);
}

function lockLength({ lockDuration }: Pick<Limits, 'lockDuration'>, level: number): number {
  return Math.min(lockDuration * 1_000 * 2 ** (level - 1), LONGEST_LOCK);
}

/** Where the user stands by what was read. */
export function standingOf(
  { limits, clock }: Core,
  keys: FailureKeys,
  read: ReadonlyMap<string, Count>,
): Standing {
  const lock = read.get(keys.lock);
  const failures = read.get(keys.fails)?.count ?? 0;
  // What cannot be read has no end but `admin.unlock`; it must not disable a phone for good.
  const corrupt = [failures, read.get(keys.locks)?.count, lock?.count].includes(NO_COUNT);
  if (corrupt) return { state: 'locked', until: clock() + LIFETIME, due: false };
  if (failures >= limits.hardStop) return DISABLED;
  if (lock !== undefined) return { state: 'locked', until: clock() + lock.left, due: false };
  const level = levelOf(limits, failures);
  return level > (read.get(keys.locks)?.count ?? 0)
    ? { state: 'locked', until: clock() + lockLength(limits, level), due: true }
    : { state: 'open', failures };
}

/**
 * The places that one guess takes, before anything is compared: one among the failures up to the end
 * of the level, and none where a lock is on. During a lock nothing is counted and nothing extended.
 */
export function guessPlaces({ limits }: Core, keys: FailureKeys, failures: number): Place[] {
  const limit = endOf(limits, levelOf(limits, failures));
  return [
    { key: keys.lock, window: LIFETIME, limit: 0, by: 0 },
    { key: keys.fails, window: LIFETIME, limit },
  ];
}

/** The places that whatever a lock forbids asks for, and none of which it takes. */
export function openPlaces({ limits }: Core, keys: FailureKeys): Place[] {
  return [
    { key: keys.lock, window: LIFETIME, limit: 0, by: 0 },
    { key: keys.fails, window: LIFETIME, limit: limits.hardStop - 1, by: 0 },
  ];
}

/**
 * Wrong codes of a user that are told, whatever came between: a success forgets the failures in a row,
 * and a user who signs in every day would forgive a thief's guesses with each of theirs.
 */
const MANY_WRONG = { codes: 20, window: 30 * DAY_MS };

/** The place of one wrong code of the month; a guess takes it before it is compared. */
export function wrongPlace(keys: FailureKeys): Place {
  return { key: keys.wrong, window: MANY_WRONG.window, limit: NO_LIMIT };
}

/** Tells of the wrong codes of the month, once in it: one of those who find so many. */
export async function tellManyWrong(
  { counter, clock, emit }: Core,
  keys: FailureKeys,
  wrong: Count | undefined,
  facts: EventFacts,
): Promise<void> {
  if (wrong === undefined || wrong.count < MANY_WRONG.codes) return;
  // It ends with what was counted, so that the next month is told anew.
  const told = { key: keys.told, window: wrong.left, limit: 1 };
  const { ok } = await counter.settle({ take: [told] });
  if (!ok) return;
  const since = clock() + wrong.left - MANY_WRONG.window;
  emit('notice', { action: 'many_wrong_codes', ...facts, wrongCodes: wrong.count, since });
}

/** Guesses left until the level is full, after one that brought the failures to this. */
export function guessesLeft({ limits }: Core, failures: number): number {
  return endOf(limits, levelOf(limits, failures - 1)) - failures;
}

/**
 * A level is full: its lock begins, or the hard stop has been reached. Of any number of callers one
 * begins it; where a success came in between, or a guess went back, there is nothing to lock.
 */
export async function beginLock(
  core: Core,
  keys: FailureKeys,
  failures: number,
): Promise<Standing> {
  const { limits, counter, clock } = core;
  if (failures >= limits.hardStop) return DISABLED;
  const level = levelOf(limits, failures);
  const take: Place[] = [
    // The lock first: where a counter adds one key at a time, a lock counted and not begun were a
    // level jumped.
    { key: keys.lock, window: lockLength(limits, level), limit: 1 },
    { key: keys.locks, window: LIFETIME, limit: level },
  ];
  const { ok, read, places } = await counter.settle({ read: [keys.fails], take });
  const now = read.get(keys.fails)?.count ?? 0;
  if (ok && now < failures) {
    // What was taken here and no more: where one guess went back, earlier locks still count.
    await counter.settle({ give: heldOf(take, places) });
    return { state: 'open', failures: now };
  }
  const left = places.get(keys.lock)?.left ?? lockLength(limits, level);
  return { state: 'locked', until: clock() + left, due: false };
}

/** Begins a lock that is due: who should have begun it died, and one that never begins never ends. */
export async function beginDueLock(
  core: Core,
  keys: FailureKeys,
  standing: Standing,
  read: ReadonlyMap<string, Count>,
): Promise<void> {
  if (standing.state !== 'locked' || !standing.due) return;
  await beginLock(core, keys, read.get(keys.fails)?.count ?? 0);
}

/** A locked or disabled user, in the words of the contract. */
export function lockedRefusal(
  standing: Exclude<Standing, { state: 'open' }>,
  now: number,
): Refusal {
  return standing.state === 'locked'
    ? refuse('too_many_attempts', { retryAfter: secondsUntil(standing.until, now) })
    : refuse('too_many_attempts', { detail: { say: 'detail.disabled' } });
}

/** What a store that failed left unwritten. */
export async function completeHardStop(
  core: Core,
  who: Requester,
  enrollment: Enrollment | undefined,
): Promise<void> {
  if (enrollment === undefined || enrollment.disabledAt !== undefined) return;
  await writeHardStop(core, who, eventFacts(core, who, enrollment));
}

/**
 * Writes the hard stop into the enrollment, so that it outlives the counters (NIST SP 800-63B-4
 * §3.2.2), and tells of it. A user without an enrollment has only the counters' word for it.
 */
export async function writeHardStop(core: Core, who: Requester, facts: EventFacts): Promise<void> {
  const disabledAt = core.clock();
  await changeEnrollment(core, who.userId, (enrollment) => ({ ...enrollment, disabledAt }));
  core.emit('disabled', facts);
}
