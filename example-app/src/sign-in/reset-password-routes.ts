import { Router, type Request, type Response } from 'express';

import type { Credentials } from '../accounts/credentials';
import { PASSWORD_PROBLEMS } from '../accounts/password-rules';
import { passwordChanged } from '../mail/password-letters';
import type { PostOffice } from '../mail/post-office';
import { linkDeadPage, resetPage } from '../pages/password-pages';
import { sendJson, sendPage, sendRefusal, wantsJson } from '../web/answers';
import { readBody, textField } from '../web/request-body';
import { sameOrigin } from '../web/same-origin';
import { leaveNotice } from '../web/session-notes';

export interface ResetPasswordRoutes {
  credentials: Credentials;
  post: PostOffice;
  clock: () => number;
}

const LINK_INVALID = {
  status: 400,
  error: 'link_invalid',
  message: 'This link was used, is older than 30 minutes, or a newer one was sent.',
};

/**
 * A new password for whoever reads the mailbox. It signs nobody in and leaves the second factor as
 * it is: a stolen mailbox must not be worth more than a stolen password.
 */
export function resetPasswordRoutes({ credentials, post, clock }: ResetPasswordRoutes) {
  const router = Router();

  // Only shows the form, so a mail program that follows links to look at them uses nothing up.
  router.get('/reset-password', (req, res) => {
    const { token } = req.query;
    // The token is in the address: no other page may learn it.
    res.set('Referrer-Policy', 'no-referrer');
    if (typeof token === 'string' && credentials.knowsResetToken(token)) {
      sendPage(res, resetPage({ token }));
    } else {
      sendRefusal(req, res, LINK_INVALID, linkDeadPage);
    }
  });

  router.post('/reset-password', sameOrigin, readBody, async (req: Request, res: Response) => {
    const token = textField(req, 'token') ?? '';
    const reset = await credentials.resetPassword(token, textField(req, 'password') ?? '');
    if ('userId' in reset) {
      post.tell(reset.userId, passwordChanged(clock(), req.ip));
      finish(req, res);
    } else if (reset.problem === 'link_invalid') {
      sendRefusal(req, res, LINK_INVALID, linkDeadPage);
    } else {
      const refusal = { error: reset.problem, ...PASSWORD_PROBLEMS[reset.problem] };
      sendRefusal(req, res, refusal, (problem) => resetPage({ token, problem }));
    }
  });

  return router;
}

function finish(req: Request, res: Response): void {
  if (wantsJson(req)) {
    sendJson(res, { passwordChanged: true });
    return;
  }
  leaveNotice(req, 'Your password is changed. Sign in with the new one.');
  res.redirect(303, '/login');
}
