import type { Requester } from '../core/core';
import type { Purpose } from '../core/challenge/challenge';
import { noteWentOn } from '../core/delivery/sent-text';
import { eventFacts } from '../core/event-facts';
import { accountEpoch, factorFingerprint, type Mark } from '../core/mark';
import type { Enrollment } from '../ports/enrollments';
import type { Edge } from './edge';
import type { HttpRequest } from './http';
import { interruptedBy } from './interrupted';
import { changeState, rotateSession, saveSession } from './session-state';

/** What was passed: by which methods (AMR values), for what, on which state of the account. */
export interface Passed {
  enrollment: Enrollment | undefined;
  amr: string[];
  purpose: Purpose;
}

/**
 * Opens the gate for this session: a new id, the app's data kept, the mark written and saved, and
 * last the live record, without which a mark is nothing. Whatever fails on the way leaves the gate
 * shut, also where the store carries a failed write out late.
 *
 * Answers false where the user signed out meanwhile, by another request: the session stays ended.
 */
export async function beginVerifiedSession(
  edge: Edge,
  req: HttpRequest,
  who: Requester,
  { enrollment, amr, purpose }: Passed,
): Promise<boolean> {
  const { core } = edge;
  // First, so that a report [NO] that comes now meets either this or a session that has ended.
  await noteWentOn(core, who.sessionId);
  if (await edge.ended.hasEnded(who.sessionId)) return false;
  const mark: Mark = {
    id: core.random(16),
    userId: who.userId,
    phone: factorFingerprint(core.keyring, enrollment),
    epoch: accountEpoch(core.keyring, enrollment, who.credentialsEpoch),
    verifiedAt: core.clock(),
    amr,
  };
  const interrupted = interruptedBy(req, who.userId);
  await rotateSession(req);
  changeState(req, { ...interrupted });
  await keepMark(edge, req, req.sessionID ?? '', mark);
  core.emit('verified', eventFacts(core, who, { ...phoneOf(enrollment), purpose }));
  return true;
}

/** Writes the mark into the session and says outside of it that the session is verified. */
export async function keepMark(
  { core, settings, sessions }: Edge,
  req: HttpRequest,
  sessionId: string,
  mark: Mark,
): Promise<void> {
  changeState(req, { mark, seenAt: undefined });
  try {
    await saveSession(req);
    const expiresAt = core.clock() + settings.limits.verifiedSession * 1_000;
    await sessions.begin(sessionId, mark.id, expiresAt);
  } catch (error) {
    // express-session writes the session once more at the end of the answer: without the mark.
    changeState(req, { mark: undefined });
    // Not waited for: what it forgets in this process it forgets at once.
    void sessions.end(sessionId).catch(() => undefined);
    throw error;
  }
}

function phoneOf(enrollment: Enrollment | undefined): { phone?: string } {
  return enrollment === undefined ? {} : { phone: enrollment.phone };
}
