import { Router, type Request, type Response } from 'express';
import type { SecondFactor } from 'passport-sms-2fa';

import { normalizeUsername } from '../accounts/users';
import { loginPage, type Demo } from '../pages/sign-in-pages';
import { sendPage, sendRefusal, wantsJson } from '../web/answers';
import { readBody, textField, truthField } from '../web/request-body';
import { sameOrigin } from '../web/same-origin';
import { leaveNotice, takeNotice } from '../web/session-notes';
import type { AttemptLimit } from './attempt-limit';
import type { RememberMe } from './remember-me';
import { checkPassword, currentUser, signOut, type BankPassport } from './sign-in';
import { welcome } from './welcome';

export interface LoginRoutes {
  passport: BankPassport;
  secondFactor: SecondFactor;
  attempts: AttemptLimit;
  rememberMe: RememberMe;
  demo: Demo | undefined;
}

export function loginRoutes({ passport, secondFactor, attempts, rememberMe, demo }: LoginRoutes) {
  const router = Router();

  router.get('/login', (req, res) => {
    if (currentUser(req)) res.redirect(303, '/account');
    else sendPage(res, loginPage({ demo, notice: takeNotice(req) }));
  });

  router.post('/login', sameOrigin, readBody, async (req: Request, res: Response) => {
    const username = textField(req, 'username');
    const password = textField(req, 'password');
    const refuse = (status: number, error: string, message: string) =>
      sendRefusal(req, res, { status, error, message }, (problem) =>
        loginPage({ demo, problem, username: username ?? '' }),
      );
    if (!username || !password) {
      refuse(400, 'request_malformed', 'Enter your username and your password.');
      return;
    }
    const key = `${normalizeUsername(username).slice(0, 64)} ${req.ip ?? ''}`;
    const wait = attempts.count(key);
    if (wait > 0) {
      res.set('Retry-After', String(wait));
      refuse(429, 'too_many_attempts', 'Too many attempts. Wait a few minutes, then try again.');
      return;
    }
    const user = await checkPassword(passport, req, res);
    if (!user) {
      refuse(401, 'credentials_incorrect', 'The username or the password is wrong.');
      return;
    }
    attempts.forget(key);
    rememberMe.begin(req, res, user, truthField(req, 'remember'));
    await welcome(secondFactor, req, res, user, 200);
  });

  router.post('/logout', sameOrigin, async (req, res) => {
    const wasSignedIn = currentUser(req) !== undefined;
    rememberMe.forget(req, res);
    if (wasSignedIn) await signOut(req);
    if (wantsJson(req)) {
      res.status(204).end();
      return;
    }
    if (wasSignedIn) leaveNotice(req, 'You are signed out.');
    res.redirect(303, '/login');
  });

  return router;
}
