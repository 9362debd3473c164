import { heldOf, type Count, type Held, type Place, type Settlement } from '../../ports/counter';
import type { Successor } from '../../ports/session-store';
import { confirmedDestination, type AccountState } from '../account';
import {
  attemptsLeft,
  challengePlaces,
  codeOf,
  dropChallenge,
  guessKey,
  keepChallenge,
  pendingChallenge,
  repeatPlaces,
  spendPlaces,
  type Challenge,
} from '../challenge/challenge';
import { codesMatch } from '../challenge/code';
import type { Core, Requester } from '../core';
import { eventFacts } from '../emit';
import {
  beginDueLock,
  beginLock,
  completeHardStop,
  DISABLED,
  failureKeys,
  guessesLeft,
  guessPlaces,
  lockedRefusal,
  standingOf,
  tellManyWrong,
  wrongPlace,
  writeHardStop,
  type FailureKeys,
} from '../failures';
import { isConfirmed, type Outcome, type Purpose, type Refusal, refuse } from '../outcomes';
import { parseAgain } from '../phone-number';
import { answeredWaits, textedIn } from '../send/budgets';
import { verifiedKey, verifiedPlaces } from '../send/conversion';
import { endedKey, isSealed, type Typed } from '../sessions';

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
  const places = challengePlaces(core, who, challenge);
  const guess = await takeGuess(core, who, challenge, keys, account, places);
  if (!guess.ok) return guess;
  if (!codesMatch(codeOf(core, challenge, key), code)) {
    return failed(core, who, challenge, keys, guess);
  }
  return spend(core, who, challenge, keys, guess.held);
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
  if (standing.state === 'disabled') await completeHardStop(core, who, account.enrollment);
  return lockedRefusal(standing, core.clock());
}

/** The account is what the challenge was opened for. */
async function answers(
  core: Core,
  { channel, phone, purpose, epoch, transaction }: Challenge,
  who: Requester,
  account: AccountState,
): Promise<boolean> {
  return (
    epoch === account.epoch &&
    (!isConfirmed(purpose) ||
      (transaction === account.transaction &&
        phone === (await confirmedDestination(core, who, account.enrollment, channel))))
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
  /** The wrong codes of the month, this guess among them; told where nobody has yet. */
  wrong: Count | undefined;
  /** Its places among those of the month and of the challenge, to go back where the code is right. */
  held: Held[];
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
  const wrong = wrongPlace(keys);
  const { ok, full, places, read } = await core.counter.settle({
    read: [...keys.all, keys.told],
    take: [...asked, ...guessPlaces(core, keys, failures), wrong],
  });
  if (ok) {
    const guess = asked.at(-1);
    return {
      ok: true,
      failures: places.get(keys.fails)?.count ?? failures + 1,
      wrong: read.has(keys.told) ? undefined : places.get(keys.wrong),
      held: heldOf(guess === undefined ? [wrong] : [wrong, guess], places),
      left: attemptsLeft(core, guess && places.get(guess.key)),
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
  { failures, left, wrong }: Guess,
): Promise<Refusal> {
  if (left === 0) await drop(core, who, challenge);
  const untilLock = guessesLeft(core, failures);
  const attempts = Math.min(left, untilLock);
  const facts = eventFacts(core, who, challenge);
  core.emit('failed', { attemptsLeft: attempts, ...facts });
  const standing = untilLock === 0 ? await beginLock(core, keys, failures) : undefined;
  if (standing?.state === 'locked') core.emit('locked', { ...facts, until: standing.until });
  if (standing?.state === 'disabled') await writeHardStop(core, who, facts);
  await tellManyWrong(core, keys, wrong, facts);
  return refuse('code_incorrect', { attemptsLeft: attempts });
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
  guess: readonly Held[],
): Promise<Outcome<Verified>> {
  const { userId, address } = who;
  const { channel, phone, purpose, held } = challenge;
  const confirmed = isConfirmed(purpose);
  const spending = spendPlaces(core, who, challenge);
  const waits = answeredWaits(core, { userId, address, channel, phone, confirmed });
  const settle = (earned: Place[]): Promise<Settlement> =>
    core.counter
      .settle({
        take: [...spending, ...waits.take, ...earned],
        give: [...held, ...guess],
        clear: [...keys.all, ...waits.clear, ...textedIn(core, who).keys],
      })
      .catch((error: unknown) => {
        // It may be carried out yet, and undone; what it gave back is given back once, whoever tries
        // the code again. Not waited for: the stores have been.
        void keepChallenge(core, who, { ...challenge, held: [] }).catch(() => undefined);
        throw error;
      });
  let earned = confirmed ? [] : conversion(core, phone);
  let settled = await settle(earned);
  // The number has counted today: one phone in a loop earns its country nothing [S168].
  const hasCounted = ({ key }: Place): boolean => key === verifiedKey(core, phone);
  if (!settled.ok && earned.length > 0 && settled.full.every(hasCounted)) {
    earned = [];
    settled = await settle(earned);
  }
  const { ok, full, places } = settled;
  if (ok) return { ok: true, challenge, spent: heldOf([...spending, ...earned], places) };
  const ended = full.some(({ key }) => key === endedKey(core, who.sessionId));
  // A copy of the right code is no failure: a double click must not leave one behind.
  await core.counter.settle({ clear: ended ? [] : keys.all, give: guess });
  return refuse(ended ? 'not_authenticated' : 'challenge_expired');
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
  await core.counter.settle({ clear: keys.all, give: guess.held });
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

function conversion(core: Core, phone: string): Place[] {
  if (core.testCode?.(phone) !== undefined) return [];
  const parsed = parseAgain(phone, core);
  return parsed.ok ? verifiedPlaces(core, parsed, core.clock()) : [];
}
