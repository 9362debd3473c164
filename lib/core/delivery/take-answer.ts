import type { InboundText } from '../../ports/carrier-callback';
import { dropChallenge, spendByReport } from '../challenge/challenge';
import type { Core } from '../core';
import { TEXT_LIFETIME } from '../limits';
import { maskPhone } from '../phone-number';
import { endVerifiedSessions } from '../revocation';
import { wentOnKey } from '../sessions';
import { forgetOptOut, rememberOptOut, textsByPhone, type SentText } from './sent-text';

/** What a text from a user means to the second factor. */
export type Answer = 'opt-out' | 'opt-in' | 'report' | 'other';

/** The longest word that may say something, and some marks behind it. */
const LONGEST_ANSWER = 40;

/** A single word, as the carrier reads it: "STOP PLEASE" stops nothing. */
export function meaningOf(body: string, reportWords: readonly string[]): Answer {
  const word = body.trim().toUpperCase();
  if (word === 'STOP') return 'opt-out';
  if (word === 'UNSTOP') return 'opt-in';
  // A text is long and written by strangers: nothing that backtracks is run on it.
  if (word.length > LONGEST_ANSWER) return 'other';
  const bare = word.replace(/[.!]+$/, '');
  return reportWords.some((each) => each.toUpperCase() === bare) ? 'report' : 'other';
}

/** The owner of the phone wants no texts: the carrier is not asked again until UNSTOP. */
export async function takeOptOut(core: Core, text: InboundText): Promise<void> {
  await rememberOptOut(core, text.from, 'heard');
  const [newest] = await textsByPhone(core, text.from);
  if (newest === undefined) return;
  const { userId, purpose } = newest;
  core.emit('opted_out', { at: core.clock(), userId, purpose, phone: maskPhone(text.from) });
}

export async function takeOptIn(core: Core, text: InboundText): Promise<void> {
  await forgetOptOut(core, text.from);
}

/** Texts that an answer may be about, in milliseconds: as old as a code can be, and a little more. */
const ANSWERED_WITHIN = 15 * 60_000;

/**
 * "That was not me": the codes that were texted to this phone lately die, and so do the sessions that
 * asked for them, which know the password. Where a code had come back before, all verified sessions
 * of its user end. It takes away and never gives: who forges it can annoy, not get in.
 */
export async function takeReport(
  core: Core,
  text: InboundText,
  endSession: (sessionId: string) => Promise<void>,
): Promise<void> {
  const texts = await textsByPhone(core, text.from);
  const recent = texts.filter(({ sentAt }) => core.clock() - sentAt < ANSWERED_WITHIN);
  const meant = recent.length > 0 ? recent : texts.slice(0, 1);
  // All of them, not the last only: a text to the same phone from another account must not hide one.
  const challenges = new Map(meant.map((sent) => [sent.challengeId, sent]));
  for (const sent of challenges.values()) await report(core, sent, endSession);
}

async function report(
  core: Core,
  sent: SentText,
  endSession: (sessionId: string) => Promise<void>,
): Promise<void> {
  const { userId, purpose, phone, ip, sessionId, challengeId } = sent;
  // Whoever spends it first wins: the code that comes back, or the report.
  const [{ codeUsed }] = await Promise.all([
    spendByReport(core, sessionId, challengeId),
    dropChallenge(core, sent, purpose),
    endSession(sessionId),
  ]);
  // Asked after the end: who passes a factor at the same time notes it first and then sees the end.
  const wentOn = wentOnKey(core, sessionId);
  const { read } = await core.counter.settle({ read: [wentOn] });
  if (codeUsed || read.has(wentOn)) await endVerifiedSessions(core, userId);
  // Told once, but last: what failed above is done when the carrier passes the same NO on again.
  const key = `${core.keyring.subjects.session(sessionId)}#told.${challengeId}`;
  const first = await core.counter.settle({ take: [{ key, window: TEXT_LIFETIME, limit: 1 }] });
  if (!first.ok) return;
  core.emit('reported', { at: core.clock(), userId, purpose, phone, ip, codeUsed });
}
