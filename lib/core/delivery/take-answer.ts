import type { InboundText } from '../../ports/carrier-callback';
import { challengeKey } from '../challenge/challenge';
import { spendId } from '../challenge/pending-challenge';
import type { Core } from '../core';
import { maskPhone } from '../phone-number';
import { forgetOptOut, rememberOptOut } from '../send/opt-out';
import { textByPhone } from './sent-text';

/** What a text from a user means to the second factor. */
export type Answer = 'opt-out' | 'opt-in' | 'report' | 'other';

/** A single word, as the carrier reads it: "STOP PLEASE" stops nothing. */
export function meaningOf(body: string, reportWords: readonly string[]): Answer {
  const word = body.trim().toUpperCase();
  if (word === 'STOP') return 'opt-out';
  if (word === 'UNSTOP') return 'opt-in';
  const bare = word.replace(/[.!]+$/, '');
  return reportWords.some((each) => each.toUpperCase() === bare) ? 'report' : 'other';
}

/** The owner of the phone wants no texts: the carrier is not asked again until UNSTOP. */
export async function takeOptOut(core: Core, text: InboundText): Promise<void> {
  await rememberOptOut(core, text.from, 'heard');
  const sent = await textByPhone(core, text.from);
  if (sent === undefined) return;
  const { userId, purpose } = sent;
  core.emit('opted_out', { at: core.clock(), userId, purpose, phone: maskPhone(text.from) });
}

export async function takeOptIn(core: Core, text: InboundText): Promise<void> {
  await forgetOptOut(core, text.from);
}

/**
 * "That was not me": the code dies, and so does the session that asked for it, which knows the
 * password. It takes away and never gives: somebody who forges the answer can annoy, not get in.
 */
export async function takeReport(
  core: Core,
  text: InboundText,
  endSession: (sessionId: string) => Promise<void>,
): Promise<void> {
  const sent = await textByPhone(core, text.from);
  if (sent === undefined) return;
  const { userId, purpose, ip, sessionId, challengeId } = sent;
  // Whoever spends it first wins: the code that comes back, or the report.
  const unused = await spendId(core, challengeId);
  await core.records.delete(challengeKey(sessionId, purpose));
  await endSession(sessionId);
  const phone = maskPhone(text.from);
  core.emit('reported', { at: core.clock(), userId, purpose, phone, ip, codeUsed: !unused });
}
