import { factorPurpose, refuse } from '../core/outcomes';
import { sendToFactor, type Sent } from '../core/send/send-code';
import { own } from '../core/untrusted';
import type { ChallengeOptions } from '../options/verb-options';
import { accountNow } from './account';
import type { Edge } from './edge';
import {
  middleware,
  type HttpRequest,
  type HttpResponse,
  type Middleware,
  languageOf,
} from './http';
import { guardedPost } from './post';
import { problemOf } from './problems';
import { brokenRefusal } from './respond';
import { sendRefusal } from './show-page';
import { sentDocument } from './status';

/**
 * Texts a code, for apps with pages of their own. Goes on to the next handler with
 * `res.locals.secondFactor.challenge`.
 */
export function sendChallenge(edge: Edge, options: ChallengeOptions): Middleware {
  return middleware(async (req, res, next) => {
    const outcome = await textCode(edge, req);
    if (outcome.ok) {
      tell(res, { challenge: sentDocument(edge.core, outcome) });
      next();
    } else if (own(options, 'refusal') === 'next') {
      tell(res, { problem: problemOf(outcome, languageOf(edge, req)) });
      next();
    } else await sendRefusal(edge, req, res, outcome);
  });
}

async function textCode(edge: Edge, req: HttpRequest): Promise<Sent> {
  if (req.method !== 'POST') return refuse('method_not_allowed', { allow: 'POST' });
  try {
    return await guardedPost(edge, req, async (who) => {
      const account = await accountNow(edge, req, who);
      return sendToFactor(edge.core, who, account, factorPurpose(account.mark));
    });
  } catch (error) {
    return brokenRefusal(edge, req, error);
  }
}

function tell(res: HttpResponse, facts: object): void {
  res.locals = { ...res.locals, secondFactor: facts };
}
