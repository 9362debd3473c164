import { Router, type Request, type Response } from 'express';
import type { Problem, SecondFactor } from 'passport-sms-2fa';

import type { Credentials } from '../accounts/credentials';
import { PASSWORD_PROBLEMS, passwordProblem } from '../accounts/password-rules';
import { passwordChanged } from '../mail/password-letters';
import type { PostOffice } from '../mail/post-office';
import { linkDeadPage, resetPage } from '../pages/password-pages';
import { sendJson, sendPage, sendRefusal, wantsJson, type Refusal } from '../web/answers';
import { readBody, textField } from '../web/request-body';
import { sameOrigin } from '../web/same-origin';
import { leaveNotice } from '../web/session-notes';

export interface ResetPasswordRoutes {
  credentials: Credentials;
  secondFactor: SecondFactor;
  post: PostOffice;
  clock: () => number;
}

const LINK_INVALID = {
  status: 400,
  error: 'link_invalid',
  message: 'This link was used, is older than 30 minutes, or a newer one was sent.',
};

/**
 * A new password for whoever reads the mailbox and, where the account has a phone, holds that. It signs
 * nobody in and leaves the second factor as it is: a stolen mailbox must not be worth a password.
 */
export function resetPasswordRoutes(dependencies: ResetPasswordRoutes) {
  const { credentials, secondFactor, post, clock } = dependencies;
  const router = Router();
  // Whoever has the link may know it: without a phone they could change the password.
  const needsCode = async (userId: string): Promise<boolean> =>
    (await secondFactor.admin.status(userId)).enrolled;

  // Only shows the form, so a mail program that follows links to look at them uses nothing up.
  router.get('/reset-password', async (req, res) => {
    const token = typeof req.query.token === 'string' ? req.query.token : '';
    const userId = credentials.ownerOfReset(token);
    // The token is in the address: no other page may learn it.
    res.set('Referrer-Policy', 'no-referrer');
    if (userId === undefined) sendRefusal(req, res, LINK_INVALID, linkDeadPage);
    else sendPage(res, resetPage({ token, needsCode: await needsCode(userId) }));
  });

  router.post('/reset-password/code', sameOrigin, readBody, async (req: Request, res: Response) => {
    const token = textField(req, 'token') ?? '';
    const userId = credentials.ownerOfReset(token);
    if (userId === undefined) {
      sendRefusal(req, res, LINK_INVALID, linkDeadPage);
      return;
    }
    const sent = await secondFactor.reset.send({ userId, token, req });
    if (!sent.ok) refuse(req, res, token, refusalOf(res, sent.problem));
    else if (wantsJson(req)) sendJson(res, sent.challenge, 202);
    else sendPage(res, resetPage({ token, needsCode: true, notice: 'A code is on its way.' }), 202);
  });

  router.post('/reset-password', sameOrigin, readBody, async (req: Request, res: Response) => {
    const token = textField(req, 'token') ?? '';
    const password = textField(req, 'password') ?? '';
    const userId = credentials.ownerOfReset(token);
    if (userId === undefined) {
      sendRefusal(req, res, LINK_INVALID, linkDeadPage);
      return;
    }
    const enrolled = await needsCode(userId);
    // Before the code, which is good once.
    const problem = passwordProblem(password);
    if (problem) {
      refuse(req, res, token, { error: problem, ...PASSWORD_PROBLEMS[problem] }, enrolled);
      return;
    }
    if (enrolled) {
      const code = textField(req, 'code');
      const passed = await secondFactor.reset.verify({ userId, token, code, req });
      if (!passed.ok) {
        refuse(req, res, token, refusalOf(res, passed.problem));
        return;
      }
    }
    const reset = await credentials.resetPassword(token, password);
    if ('userId' in reset) {
      post.tell(reset.userId, passwordChanged(clock(), req.ip));
      finish(req, res);
    } else sendRefusal(req, res, LINK_INVALID, linkDeadPage);
  });

  return router;
}

function refuse(
  req: Request,
  res: Response,
  token: string,
  refusal: Refusal,
  needsCode = true,
): void {
  sendRefusal(req, res, refusal, (problem) => resetPage({ token, needsCode, problem }));
}

function refusalOf(res: Response, { status, code, detail, retryAfter }: Problem): Refusal {
  if (retryAfter === undefined) return { status, error: code, message: detail };
  res.set('Retry-After', String(retryAfter));
  const wait = retryAfter < 120 ? `${retryAfter} seconds` : `${Math.ceil(retryAfter / 60)} minutes`;
  return { status, error: code, message: `${detail} Try again in ${wait}.` };
}

function finish(req: Request, res: Response): void {
  if (wantsJson(req)) {
    sendJson(res, { passwordChanged: true });
    return;
  }
  leaveNotice(req, 'Your password is changed. Sign in with the new one.');
  res.redirect(303, '/login');
}
