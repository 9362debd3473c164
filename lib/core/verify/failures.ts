import type { Counter } from '../../ports/counter';
import { digest } from '../keyring';
import type { Limits } from '../limits';
import { refuse, secondsUntil, type Refusal } from '../outcomes';

/**
 * The consecutive failures of a user, over all sessions, browsers, purposes and processes
 * (NIST SP 800-63B-4 §3.2.2, RFC 4226 §7.3).
 *
 * Guesses come in levels: level 0 holds `lockAfter` of them, each later one `lockEvery`; between
 * two levels lies a lock. Each level has its own count and each lock its own key, whose birth is
 * when the lock began. So a burst of parallel guesses can fill a level but never jump one, nothing
 * has to be given back, and a process that dies between two steps leaves a state that the next
 * guess completes.
 */
export type Standing =
  | { state: 'open'; level: number }
  | { state: 'locked'; level: number; until: number }
  | { state: 'disabled'; level: number };

export type Guess =
  | { allowed: true; level: number; left: number; last: boolean }
  | { allowed: false; standing: Standing };

/** The hard stop, where the enrollment and not a count says so. */
export const DISABLED = { state: 'disabled', level: 0 } as const satisfies Standing;

const DAY = 86_400_000;
/** Failures have no end but success; a key must have one. */
const LIFETIME = 365 * DAY;
const FIRST_LOCK = 15 * 60_000;
const LONGEST_LOCK = DAY;

const guessesKey = (user: string, level: number): string => `guesses:${user}:${level}`;
const lockKey = (user: string, level: number): string => `lock:${user}:${level}`;

type FailureLimits = Pick<Limits, 'lockAfter' | 'lockEvery' | 'hardStop'>;

/** How many guesses a level holds; 0 where the hard stop has been reached. */
function room(limits: FailureLimits, level: number): number {
  if (level === 0) return Math.min(limits.lockAfter, limits.hardStop);
  const before = limits.lockAfter + (level - 1) * limits.lockEvery;
  return Math.max(0, Math.min(limits.lockEvery, limits.hardStop - before));
}

function standingAt(limits: FailureLimits, level: number, lockEnds: number, now: number): Standing {
  if (level === 0) return { state: 'open', level };
  if (room(limits, level) === 0) return { state: 'disabled', level };
  const until = lockEnds - LIFETIME + Math.min(FIRST_LOCK * 2 ** (level - 1), LONGEST_LOCK);
  return now < until ? { state: 'locked', level, until } : { state: 'open', level };
}

/** Where the user stands. Nothing is counted. */
export async function standingOf(
  counter: Counter,
  limits: FailureLimits,
  userId: string,
  now: number,
): Promise<Standing> {
  const user = digest('user', userId);
  let level = 0;
  let lockEnds = 0;
  while (room(limits, level) > 0) {
    const lock = await counter.peek(lockKey(user, level + 1));
    if (lock === undefined) break;
    level += 1;
    // A lock that cannot be read has no end but `admin.unlock`.
    lockEnds = lock.count === Number.MAX_SAFE_INTEGER ? now + LIFETIME : lock.expiresAt;
  }
  return standingAt(limits, level, lockEnds, now);
}

/**
 * Counts one guess, before anything is compared. During a lock nothing is counted and nothing
 * extended. The last guess of a level begins the lock at once, so a crash cannot lose it.
 */
export async function takeGuess(
  counter: Counter,
  limits: FailureLimits,
  userId: string,
  now: number,
): Promise<Guess> {
  const standing = await standingOf(counter, limits, userId, now);
  if (standing.state !== 'open') return { allowed: false, standing };
  const { level } = standing;
  const user = digest('user', userId);
  const { count } = await counter.add(guessesKey(user, level), LIFETIME);
  const left = room(limits, level) - count;
  if (left > 0) return { allowed: true, level, left, last: false };
  const lock = await counter.add(lockKey(user, level + 1), LIFETIME);
  // A success may have cleared the level between the two steps; then there is nothing to lock.
  const still = (await counter.peek(guessesKey(user, level)))?.count ?? 0;
  const cleared = still < room(limits, level);
  if (cleared) await counter.clear(lockKey(user, level + 1));
  if (left === 0) return { allowed: true, level, left, last: true };
  if (cleared) return { allowed: false, standing };
  return { allowed: false, standing: standingAt(limits, level + 1, lock.expiresAt, now) };
}

/** Where a user stands right after the last guess of `level` went wrong. */
export function standingAfter(limits: FailureLimits, level: number, now: number): Standing {
  return standingAt(limits, level + 1, now + LIFETIME, now);
}

/** A locked or disabled user, in the words of the contract. */
export function lockedRefusal(
  standing: Exclude<Standing, { state: 'open' }>,
  now: number,
): Refusal {
  return standing.state === 'locked'
    ? refuse('too_many_attempts', { retryAfter: secondsUntil(standing.until, now) })
    : refuse('too_many_attempts', { detail: 'The second factor is disabled. Ask for help.' });
}

/** Success, and success only, clears the failures up to the level where it came. */
export async function clearFailures(
  counter: Counter,
  userId: string,
  level: number,
): Promise<void> {
  const user = digest('user', userId);
  const levels = Array.from({ length: level + 1 }, (_, each) => each);
  // Guesses before locks: whoever begins a lock meanwhile sees that its guesses are gone.
  await Promise.all(levels.map((each) => counter.clear(guessesKey(user, each))));
  await Promise.all(levels.map((each) => counter.clear(lockKey(user, each + 1))));
}

/** Takes one guess back that was none: a copy of a code that was right a moment ago. */
export async function returnGuess(
  counter: Counter,
  userId: string,
  { level, last }: { level: number; last: boolean },
): Promise<void> {
  const user = digest('user', userId);
  await counter.add(guessesKey(user, level), LIFETIME, -1);
  if (last) await counter.clear(lockKey(user, level + 1));
}

/** Clears every failure of a user, at whatever level: for a support desk. */
export async function clearAllFailures(
  counter: Counter,
  limits: FailureLimits,
  userId: string,
): Promise<void> {
  let last = 0;
  while (room(limits, last) > 0) last += 1;
  await clearFailures(counter, userId, last);
}
