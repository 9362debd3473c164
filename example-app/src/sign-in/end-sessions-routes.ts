import { Router, type Request, type Response } from 'express';
import type { SecondFactor } from 'passport-sms-2fa';

import type { CredentialsEpochs } from '../accounts/credentials-epoch';
import type { EndLinks } from '../accounts/end-links';
import { endSessionsPage } from '../pages/password-pages';
import { messagePage } from '../pages/pages';
import { sendJson, sendPage, sendRefusal, wantsJson } from '../web/answers';
import { readBody, textField } from '../web/request-body';
import { sameOrigin } from '../web/same-origin';

export interface EndSessionsRoutes {
  endLinks: EndLinks;
  epochs: CredentialsEpochs;
  secondFactor: SecondFactor;
}

const LINK_INVALID = {
  status: 400,
  error: 'link_invalid',
  message: 'This link was used or is older than a week, or your password was changed since.',
};
const linkDead = (problem: string) => messagePage('This link does not work any more', problem);

/**
 * One click for whoever reads in a mail that somebody may be in their account: all sessions,
 * remembered logins and trusted browsers end. It asks for nothing, for a thief may have changed what
 * it could ask for; and it gives nothing.
 */
export function endSessionsRoutes({ endLinks, epochs, secondFactor }: EndSessionsRoutes) {
  const router = Router();

  // Only shows the button: mail programs follow links to look at them.
  router.get('/end-sessions', (req, res) => {
    const { token } = req.query;
    res.set('Referrer-Policy', 'no-referrer');
    if (typeof token === 'string' && endLinks.ownerOf(token) !== undefined) {
      sendPage(res, endSessionsPage(token));
    } else sendRefusal(req, res, LINK_INVALID, linkDead);
  });

  router.post('/end-sessions', sameOrigin, readBody, async (req: Request, res: Response) => {
    const userId = endLinks.ownerOf(textField(req, 'token') ?? '');
    if (userId === undefined) {
      sendRefusal(req, res, LINK_INVALID, linkDead);
      return;
    }
    await secondFactor.admin.revoke(userId, { operator: 'The link in our mail' });
    // Last: it ends the link as well, which must work again where something failed.
    epochs.raise(userId);
    if (wantsJson(req)) sendJson(res, { ended: true });
    else {
      const done = 'Everyone is signed out of your account, and every browser asks for a code.';
      sendPage(res, messagePage('Signed out everywhere', `${done} Now change your password.`));
    }
  });

  return router;
}
