import { Router, type Request, type Response } from 'express';
import type { SecondFactor } from 'passport-sms-2fa';

import { sendJson, sendPage, sendRefusal, wantsJson } from './answers';
import type { AttemptLimit } from './attempt-limit';
import type { Cents } from './money';
import { loginPage, signupPage, type Demo } from './pages';
import { readBody, textField } from './request-body';
import { sameOrigin } from './same-origin';
import { leaveNotice, takeNotice } from './session-notes';
import { checkPassword, currentUser, signIn, signOut, type BankPassport } from './sign-in';
import { normalizeUsername, type SignUpProblem, type User, type Users } from './users';

export interface SignInRoutes {
  users: Users;
  passport: BankPassport;
  secondFactor: SecondFactor;
  attempts: AttemptLimit;
  demo: Demo | undefined;
}

/** Play money for whoever signs up, so that there is something to send. */
const WELCOME_CENTS: Cents = 100_00;

const PROBLEMS: Record<SignUpProblem, { status: number; message: string }> = {
  username_invalid: {
    status: 422,
    message:
      'Choose a username of 3 to 32 letters, digits, dots, dashes or underscores that starts with a letter or digit.',
  },
  username_taken: { status: 409, message: 'This username is taken. Choose another one.' },
  password_too_short: { status: 422, message: 'Choose a password of at least 8 characters.' },
  password_too_long: { status: 422, message: 'Choose a password of at most 128 bytes.' },
};

export function signInRoutes({ users, passport, secondFactor, attempts, demo }: SignInRoutes) {
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
    await welcome(req, res, user, 200);
  });

  router.get('/signup', (req, res) => {
    if (currentUser(req)) res.redirect(303, '/account');
    else sendPage(res, signupPage({}));
  });

  router.post('/signup', sameOrigin, readBody, async (req: Request, res: Response) => {
    const username = textField(req, 'username');
    const password = textField(req, 'password');
    const refuse = (status: number, error: string, message: string) =>
      sendRefusal(req, res, { status, error, message }, (problem) =>
        signupPage({ problem, username: username ?? '' }),
      );
    if (!username || !password) {
      refuse(400, 'request_malformed', 'Choose a username and a password.');
      return;
    }
    const signUp = await users.create(username, password, WELCOME_CENTS);
    if ('problem' in signUp) {
      const { status, message } = PROBLEMS[signUp.problem];
      refuse(status, signUp.problem, message);
      return;
    }
    await welcome(req, res, signUp.user, 201);
  });

  router.post('/logout', sameOrigin, async (req, res) => {
    const wasSignedIn = currentUser(req) !== undefined;
    if (wasSignedIn) await signOut(req);
    if (wantsJson(req)) {
      res.status(204).end();
      return;
    }
    if (wasSignedIn) leaveNotice(req, 'You are signed out.');
    res.redirect(303, '/login');
  });

  /** The password was right: that is one factor, and the gate asks for the other one. */
  async function welcome(req: Request, res: Response, user: User, status: number) {
    await signIn(req, user);
    if (wantsJson(req)) {
      const secondFactorStatus = await secondFactor.status(req);
      sendJson(res, { username: user.username, secondFactor: secondFactorStatus }, status);
    } else {
      res.redirect(303, '/account');
    }
  }

  return router;
}
