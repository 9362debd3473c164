import type { IncomingMessage } from 'node:http';
import { failureKeys } from '../core/failures';
import { factorPurpose } from '../core/purpose';
import { SecondFactorError } from '../errors';
import { checkProof, checkSatisfied } from '../options/check-verbs';
import type { ProofOptions } from '../options/verb-options';
import { accountNow } from './account';
import type { Edge } from './edge';
import { refusalOf } from './gate';
import type { HttpRequest } from './http';
import { requesterOf } from './requester';
import { markIn } from './session-state';
import { adopt, awaitSuccessor } from './succession';
import { beginVerifiedSession } from './verified-session';

/**
 * Whether the session of this request has passed the second factor. For what no middleware guards,
 * such as the upgrade of a websocket; `session()` and `passport.session()` must have run. False
 * where a store fails.
 */
export async function isVerified(
  edge: Edge,
  req: IncomingMessage,
  options: ProofOptions | undefined,
): Promise<boolean> {
  return (await refusalOf(edge, req, checkProof(options, edge.settings))) === undefined;
}

/** The app's own second factor (TOTP, a passkey) was passed: the session is verified by it. */
export async function satisfy(
  edge: Edge,
  req: IncomingMessage,
  methods: readonly string[],
): Promise<void> {
  const amr = checkSatisfied(methods);
  const request = req as HttpRequest;
  const who = await requesterOf(edge, request);
  if (who === undefined) {
    throw new SecondFactorError('misconfigured', 'satisfy was called, but nobody is signed in.');
  }
  const { enrollment, mark } = await accountNow(edge, request, who);
  // Consecutive failures end with a success, whichever factor it was.
  await edge.core.counter.settle({ clear: failureKeys(edge.core, who.userId).all });
  const passed = { enrollment, amr, purpose: factorPurpose(mark), mark };
  if (await beginVerifiedSession(edge, request, who, passed)) return;
  // Its form was sent twice, or another factor was passed in the same moment: that session has it, too.
  const successor = await awaitSuccessor(edge, who.sessionId);
  if (successor !== undefined && (await adopt(edge, request, who, successor))) {
    const missing = amr.some((method) => markIn(request)?.amr.includes(method) !== true);
    return missing ? satisfy(edge, req, amr) : undefined;
  }
  throw new SecondFactorError('store_unavailable', 'The session was ended while it was verified.');
}
