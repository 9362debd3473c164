import { SecondFactorError } from '../../errors';
import { challengeKey, isLive, readChallenge, type Challenge, type Purpose } from './challenge';
import type { Core } from '../core';

/** The live challenge of a session and purpose, or `undefined`. */
export async function pendingChallenge(
  core: Core,
  sessionId: string,
  purpose: Purpose,
): Promise<Challenge | undefined> {
  const record = await core.records.get(challengeKey(sessionId, purpose));
  if (record === undefined) return undefined;
  const challenge = readChallenge(record, purpose);
  if (challenge === undefined) {
    throw new SecondFactorError(
      'store_unavailable',
      'The session store answered with something that is not the challenge that was kept there.',
    );
  }
  return isLive(challenge, core.clock()) ? challenge : undefined;
}

/** Keeps a challenge until it expires; never longer. */
export async function keepChallenge(
  core: Core,
  sessionId: string,
  challenge: Challenge,
): Promise<void> {
  await core.records.set(
    challengeKey(sessionId, challenge.purpose),
    challenge,
    challenge.expiresAt,
  );
}

/** Forgets the challenge of a session and purpose. */
export async function dropChallenge(
  core: Core,
  sessionId: string,
  purpose: Purpose,
): Promise<void> {
  await core.records.delete(challengeKey(sessionId, purpose));
}

/** How long the counts of a challenge are kept: longer than any challenge lives. */
const COUNT_LIFETIME = 15 * 60_000;

/** Counts one guess at this challenge; returns how many there were. */
export async function countGuess(core: Core, challenge: Challenge): Promise<number> {
  return (await core.counter.add(`guess:${challenge.id}`, COUNT_LIFETIME)).count;
}

/** Guesses left on a challenge. */
export async function attemptsLeft(core: Core, challenge: Challenge): Promise<number> {
  const used = (await core.counter.peek(`guess:${challenge.id}`))?.count ?? 0;
  return Math.max(0, core.limits.guessesPerChallenge - used);
}

/** As long as anybody may ask whether a code was used: until its text is forgotten. */
const SPENT_LIFETIME = 3_600_000;
/** A report weighs more than all uses together, so that one count tells the two apart. */
const REPORT = 1_000_000;

/** Spends the challenge: true for exactly one of any number of parallel callers. */
export async function spend(core: Core, challenge: Challenge): Promise<boolean> {
  return (await core.counter.add(`spent:${challenge.id}`, SPENT_LIFETIME)).count === 1;
}

/**
 * Spends the challenge for who knows no more than its id: no code for it counts from now on. Returns
 * whether the right one came back at all; a report before is not taken for that.
 */
export async function spendByReport(core: Core, challengeId: string): Promise<boolean> {
  const { count } = await core.counter.add(`spent:${challengeId}`, SPENT_LIFETIME, REPORT);
  return count % REPORT > 0;
}
