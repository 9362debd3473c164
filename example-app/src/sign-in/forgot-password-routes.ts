import { Router, type Request, type Response } from 'express';

import type { Credentials } from '../accounts/credentials';
import { normalizeUsername, type Users } from '../accounts/users';
import type { PostOffice } from '../mail/post-office';
import { RESET_SUBJECT, resetText } from '../mail/password-letters';
import { forgotPage, linkSentPage } from '../pages/password-pages';
import { sendJson, sendPage, sendRefusal, wantsJson } from '../web/answers';
import { readBody, textField } from '../web/request-body';
import { sameOrigin } from '../web/same-origin';
import { createAttemptLimit } from './attempt-limit';

export interface ForgotPasswordRoutes {
  users: Users;
  credentials: Credentials;
  post: PostOffice;
  /** The bank's own address: a link to the `Host` of a request could lead anywhere. */
  address: () => string;
  clock: () => number;
  log: (error: unknown) => void;
}

const WINDOW_MS = 15 * 60 * 1000;
/** From many addresses at once, the limit of the post office still holds. */
const REQUESTS_PER_CLIENT = 5;

export function forgotPasswordRoutes(dependencies: ForgotPasswordRoutes) {
  const { users, credentials, post, address, clock, log } = dependencies;
  const requests = createAttemptLimit(REQUESTS_PER_CLIENT, WINDOW_MS, clock);
  const router = Router();

  router.get('/forgot-password', (_req, res) => sendPage(res, forgotPage({})));

  router.post('/forgot-password', sameOrigin, readBody, (req: Request, res: Response) => {
    const username = textField(req, 'username');
    const refuse = (status: number, error: string, message: string) =>
      sendRefusal(req, res, { status, error, message }, (problem) =>
        forgotPage({ problem, username }),
      );
    if (!username) {
      refuse(400, 'request_malformed', 'Enter your username.');
      return;
    }
    const wait = requests.count(`${normalizeUsername(username).slice(0, 64)} ${req.ip ?? ''}`);
    if (wait > 0) {
      res.set('Retry-After', String(wait));
      refuse(429, 'too_many_attempts', 'Too many attempts. Wait a few minutes, then try again.');
      return;
    }
    // Neither the answer nor the time it takes tells whether there is such a user.
    res.once('finish', () => {
      try {
        mailLink(username);
      } catch (error) {
        log(error);
      }
    });
    if (wantsJson(req)) sendJson(res, { sent: 'if_known' }, 202);
    else sendPage(res, linkSentPage(), 202);
  });

  function mailLink(username: string): void {
    const user = users.findByName(username);
    if (user) post.send(user.id, RESET_SUBJECT, () => resetText(newLink(user.id)));
  }

  /** Ends the one before. */
  function newLink(userId: string): string {
    const link = new URL('/reset-password', address());
    link.searchParams.set('token', credentials.newResetToken(userId));
    return link.href;
  }

  return router;
}
