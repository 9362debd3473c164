import { refuse } from '../core/outcomes';
import { own } from '../core/own';
import { factorPurpose } from '../core/purpose';
import { sendToFactor } from '../core/send/send-to-factor';
import { accountNow } from './account';
import { requesterOf } from './requester';
import { isCrossSite } from './cross-site';
import type { Edge } from './edge';
import { middleware, type HttpRequest, type HttpResponse, type Middleware } from './http';
import { problemOf } from './problems';
import { brokenRefusal, sendProblem } from './respond';
import { challengeDocument } from './status';

export interface ChallengeOptions {
  /**
   * `respond` (default): a refusal is answered with its problem document. `next`: the app's own
   * handler answers; it finds `res.locals.secondFactor.problem`.
   */
  refusal?: 'respond' | 'next';
}

/**
 * Texts a code, for apps with pages of their own. Goes on to the next handler with
 * `res.locals.secondFactor.challenge`.
 */
export function sendChallenge(edge: Edge, options: ChallengeOptions): Middleware {
  return middleware(async (req, res, next) => {
    const outcome = await textCode(edge, req);
    if (outcome.ok) {
      const challenge = await challengeDocument(edge.core, outcome.challenge);
      tell(res, { challenge });
      next();
    } else if (own(options, 'refusal') === 'next') {
      tell(res, { problem: problemOf(outcome) });
      next();
    } else sendProblem(res, outcome);
  });
}

async function textCode(edge: Edge, req: HttpRequest) {
  // A page that is only viewed or fetched ahead must never cost a text.
  if (req.method !== 'POST') return refuse('method_not_allowed', { allow: 'POST' });
  if (isCrossSite(req, edge.settings.origins)) return refuse('cross_site_request');
  try {
    const who = await requesterOf(edge, req);
    if (who === undefined) return refuse('not_authenticated');
    const account = await accountNow(edge, req, who);
    const purpose = factorPurpose(account.mark);
    return await sendToFactor(edge.core, who, account, purpose);
  } catch (error) {
    return brokenRefusal(edge, req, error);
  }
}

function tell(res: HttpResponse, facts: object): void {
  res.locals = { ...res.locals, secondFactor: facts };
}
