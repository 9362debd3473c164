import { heldOf, type Held, type Place, type Settlement } from '../../ports/counter';
import type { Successor } from '../../ports/session-store';
import { confirmedDestination, type AccountState } from '../account';
import {
  attemptsLeft,
  challengePlaces,
  dropChallenge,
  guessKey,
  keepChallenge,
  pendingChallenge,
  repeatPlaces,
  spendPlaces,
  codeOf,
  type Challenge,
} from '../challenge/challenge';
import { codesMatch } from '../challenge/code';
import type { Core, Requester } from '../core';
import { changeEnrollment } from '../enrollment';
import { eventFacts, type EventFacts } from '../events';
import {
  beginDueLock,
  beginLock,
  DISABLED,
  failureKeys,
  guessesLeft,
  guessPlaces,
  lockedRefusal,
  standingOf,
  type FailureKeys,
} from '../failures';
import { refuse, type Outcome, type Refusal } from '../outcomes';
import { parsePhone } from '../phone-number';
import { isConfirmed, type Purpose } from '../purpose';
import { waitsOf } from '../send/budgets';
import { verifiedPlaces } from '../send/conversion';
import { endedKey, goOnPlaces, isSealed, notEndedPlace, type Typed } from '../sessions';

/** A code that came back right. */
export interface Verified {
  challenge: Challenge;
  /** What spent it and ended its session, to be given back where nothing came of it after all. */
  spent: Held[];
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
): Promise<Outcome<Verified>> {
  const keys = failureKeys(core, who.userId);
  const challenge = await pendingChallenge(core, who, purpose);
  const key = challenge && core.keyring.codeKey(challenge.keyId);
  if (
    challenge === undefined ||
    key === undefined ||
    isDisabled(purpose, account) ||
    !(await answers(core, challenge, who, account))
  ) {
    return unanswerable(core, who, purpose, keys, account);
  }
  const places = [notEndedPlace(core, who.sessionId), ...challengePlaces(core, who, challenge)];
  const guess = await takeGuess(core, who, challenge, keys, account, places);
  if (!guess.ok) return guess;
  if (!codesMatch(codeOf(core, challenge, key), code)) {
    return failed(core, who, challenge, keys, guess);
  }
  return spend(core, who, challenge, keys);
}

/** The phone is disabled, not the user: who got in by another factor may enroll one anew. */
function isDisabled(purpose: Purpose, { enrollment }: AccountState): boolean {
  return isConfirmed(purpose) && enrollment?.disabledAt !== undefined;
}

/** Nothing is there to be compared; during a lock that is not told. */
async function unanswerable(
  core: Core,
  who: Requester,
  purpose: Purpose,
  keys: FailureKeys,
  account: AccountState,
): Promise<Refusal> {
  const ended = endedKey(core, who.sessionId);
  const { read } = await core.counter.settle({ read: [...keys.all, ended] });
  if (read.has(ended)) return refuse('not_authenticated');
  const locked = await lockIn(core, who, keys, account, read);
  if (locked !== undefined) return locked;
  return isDisabled(purpose, account)
    ? lockedRefusal(DISABLED, core.clock())
    : refuse('challenge_expired');
}

/** What a lock answers, by what was read; completes what a crash left undone of it. */
async function lockIn(
  core: Core,
  who: Requester,
  keys: FailureKeys,
  account: AccountState,
  read: Settlement['read'],
): Promise<Refusal | undefined> {
  const standing = standingOf(core, keys, read);
  if (standing.state === 'open') return undefined;
  await beginDueLock(core, keys, standing, read);
  if (standing.state === 'disabled') await completeHardStop(core, who, account);
  return lockedRefusal(standing, core.clock());
}

/** The account is what the challenge was opened for. */
async function answers(
  core: Core,
  { channel, phone, purpose, epoch }: Challenge,
  who: Requester,
  account: AccountState,
): Promise<boolean> {
  return (
    epoch === account.epoch &&
    (!isConfirmed(purpose) ||
      phone === (await confirmedDestination(core, who, account.enrollment, channel)))
  );
}

/** The challenge that a guess is at; of one that was answered a moment ago there is only its id. */
type Answered = Pick<Challenge, 'id'> & Partial<Challenge>;

async function drop(core: Core, who: Requester, { purpose }: Answered): Promise<void> {
  if (purpose !== undefined) await dropChallenge(core, who, purpose);
}

interface Guess {
  /** The user's failures, this guess among them. */
  failures: number;
  /** Guesses left on the challenge. */
  left: number;
}

/**
 * Counts one guess, for the challenge and for the user at once. One beyond the budget of the
 * challenge costs the user nothing; one beyond the level of failures meets the lock. During a lock
 * the answer depends on nothing else: not on the challenge, not on the code.
 *
 * `failures` says which level the guess is in; nearly everybody is in the first.
 */
async function takeGuess(
  core: Core,
  who: Requester,
  challenge: Answered,
  keys: FailureKeys,
  account: AccountState,
  asked: readonly Place[],
  failures = 0,
): Promise<Outcome<Guess>> {
  const { ok, full, places, read } = await core.counter.settle({
    read: keys.all,
    take: [...asked, ...guessPlaces(core, keys, failures)],
  });
  if (ok) {
    const guesses = places.get(asked.at(-1)?.key ?? '');
    return {
      ok: true,
      failures: places.get(keys.fails)?.count ?? failures + 1,
      left: attemptsLeft(core, guesses),
    };
  }
  const isFull = (key: string): boolean => full.some((place) => place.key === key);
  if (isFull(endedKey(core, who.sessionId))) return refuse('not_authenticated');
  const locked = await lockIn(core, who, keys, account, read);
  if (locked !== undefined) return locked;
  // Whoever used it up may have failed to drop it; one that was spent may be given back yet.
  if (isFull(guessKey(core, who.sessionId, challenge.id))) await drop(core, who, challenge);
  if (asked.some(({ key }) => isFull(key))) return refuse('challenge_expired');
  // A later level; of those that others fill meanwhile each is nearer to the hard stop.
  const before = read.get(keys.fails)?.count ?? 0;
  if (before <= failures) return refuse('challenge_expired');
  return takeGuess(core, who, challenge, keys, account, asked, before);
}

async function failed(
  core: Core,
  who: Requester,
  challenge: Answered,
  keys: FailureKeys,
  { failures, left }: Guess,
): Promise<Refusal> {
  if (left === 0) await drop(core, who, challenge);
  const untilLock = guessesLeft(core, failures);
  const attempts = Math.min(left, untilLock);
  const facts = eventFacts(core, who, challenge);
  core.emit('failed', { ...facts, attemptsLeft: attempts });
  const standing = untilLock === 0 ? await beginLock(core, keys, failures) : undefined;
  if (standing?.state === 'locked') core.emit('locked', { ...facts, until: standing.until });
  if (standing?.state === 'disabled') await writeHardStop(core, who, facts);
  return refuse('code_incorrect', { attemptsLeft: attempts });
}

/** What a store that failed left unwritten. */
async function completeHardStop(
  core: Core,
  who: Requester,
  { enrollment }: AccountState,
): Promise<void> {
  if (enrollment === undefined || enrollment.disabledAt !== undefined) return;
  await writeHardStop(core, who, eventFacts(core, who, enrollment));
}

/**
 * Writes the hard stop into the enrollment, so that it outlives the counters (NIST SP 800-63B-4
 * §3.2.2), and tells of it. A user without an enrollment has only the counters' word for it.
 */
async function writeHardStop(core: Core, who: Requester, facts: EventFacts): Promise<void> {
  const disabledAt = core.clock();
  await changeEnrollment(core, who.userId, (enrollment) => ({ ...enrollment, disabledAt }));
  core.emit('disabled', facts);
}

/**
 * The code is right. In one step, and by one of any number of parallel callers, the challenge is
 * spent and its session ends, to go on under another id; the user's failures are over, and the texts
 * were answered: their places and waits go back.
 */
async function spend(
  core: Core,
  who: Requester,
  challenge: Challenge,
  keys: FailureKeys,
): Promise<Outcome<Verified>> {
  const { userId, address } = who;
  const { channel, phone, purpose, held } = challenge;
  const confirmed = isConfirmed(purpose);
  // The session ends with the code: of this and a sign-out that comes at the same time one is first.
  const spending = [...spendPlaces(core, who, challenge), ...goOnPlaces(core, who.sessionId)];
  const earned = confirmed ? [] : conversion(core, phone);
  const waits = waitsOf(core, { userId, address, channel, phone, confirmed });
  const { ok, full, places } = await core.counter
    .settle({
      take: [...spending, ...earned],
      give: held,
      clear: [...keys.all, ...waits.flatMap(({ wait, step }) => [wait.key, step.key])],
    })
    .catch((error: unknown) => {
      // It may be carried out yet, and undone; what it gave back is given back once, whoever tries
      // the code again. Not waited for: the stores have been.
      void keepChallenge(core, who, { ...challenge, held: [] }).catch(() => undefined);
      throw error;
    });
  if (ok) return { ok: true, challenge, spent: heldOf([...spending, ...earned], places) };
  const ended = endedKey(core, who.sessionId);
  if (full.some(({ key }) => key === ended)) return refuse('not_authenticated');
  // A copy of the right code is no failure: a double click must not leave one behind.
  await core.counter.settle({ clear: keys.all });
  return refuse('challenge_expired');
}

/**
 * The code once more, in the session that it was right in a moment ago, and which stays for now
 * beside its successor: the first answer got lost, or the button was pressed twice. A guess like any
 * other, counted before it is compared; a right one changes nothing.
 */
export async function verifyAgain(
  core: Core,
  who: Requester,
  account: AccountState,
  successor: Successor,
  typed: Typed,
): Promise<Outcome<object>> {
  const keys = failureKeys(core, who.userId);
  const challenge = { id: successor.challengeId ?? '' };
  const places = repeatPlaces(core, who.sessionId, challenge.id);
  const guess = await takeGuess(core, who, challenge, keys, account, places);
  if (!guess.ok) return guess;
  if (!isSealed(core, who, successor, typed)) return failed(core, who, challenge, keys, guess);
  await core.counter.settle({ clear: keys.all });
  return { ok: true };
}

/** Nothing came of a right code after all: it may be tried again, if the stores still answer. */
export async function unspend(
  core: Core,
  who: Requester,
  { challenge, spent }: Verified,
): Promise<void> {
  // Not waited for: where the store hangs, the answer has waited for it once. The places of its texts
  // went back when it was spent; a second time they would be those of other texts.
  void keepChallenge(core, who, { ...challenge, held: [] }).catch(() => undefined);
  await core.counter.settle({ give: spent }).catch(() => undefined);
}

function conversion(core: Core, phone: string) {
  const parsed = parsePhone(phone, core.defaultCountry, core.allowedCountries);
  return parsed.ok ? verifiedPlaces(core, parsed, core.clock()) : [];
}
