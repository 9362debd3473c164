import type { Requester } from '../core/core';
import type { Purpose } from '../core/challenge/challenge';
import { eventFacts } from '../core/event-facts';
import type { Mark } from '../core/mark';
import type { Edge } from './edge';
import type { HttpRequest } from './http';
import { changeState, rotateSession, saveSession } from './session-state';

/**
 * Opens the gate for this session: a new id, the app's data kept, the mark written and saved, and
 * last the live record, without which a mark is nothing. Whatever fails on the way leaves the gate
 * shut, also where the store carries a failed write out late.
 */
export async function beginVerifiedSession(
  edge: Edge,
  req: HttpRequest,
  who: Requester,
  factor: { phone: string; epoch: string; purpose: Purpose },
): Promise<void> {
  const { core, settings, sessions } = edge;
  const now = core.clock();
  const mark: Mark = {
    id: core.random(16),
    userId: who.userId,
    phone: core.keyring.fingerprint('phone', factor.phone),
    epoch: factor.epoch,
    verifiedAt: now,
    amr: ['sms'],
  };
  await rotateSession(req);
  const sessionId = req.sessionID ?? '';
  changeState(req, { mark });
  try {
    await saveSession(req);
    await sessions.begin(sessionId, mark.id, now + settings.limits.verifiedSession * 1_000);
  } catch (error) {
    // express-session writes the session once more at the end of the answer: without the mark.
    changeState(req, { mark: undefined });
    // Not waited for: what it forgets in this process it forgets at once.
    void sessions.end(sessionId).catch(() => undefined);
    throw error;
  }
  core.emit('verified', eventFacts(core, who, factor));
}
