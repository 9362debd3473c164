import { Router, type Request, type Response } from 'express';
import type { SecondFactor } from 'passport-sms-2fa';

import type { Cents } from '../accounts/money';
import { PASSWORD_PROBLEMS } from '../accounts/password-rules';
import type { SignUpProblem, Users } from '../accounts/users';
import { signupPage } from '../pages/sign-in-pages';
import { sendPage, sendRefusal } from '../web/answers';
import { readBody, textField } from '../web/request-body';
import { sameOrigin } from '../web/same-origin';
import type { RememberMe } from './remember-me';
import { currentUser } from './sign-in';
import { welcome } from './welcome';

export interface SignupRoutes {
  users: Users;
  secondFactor: SecondFactor;
  rememberMe: RememberMe;
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
  email_invalid: {
    status: 422,
    message: 'Enter an email address such as name@example.com, or none.',
  },
  ...PASSWORD_PROBLEMS,
};

export function signupRoutes({ users, secondFactor, rememberMe }: SignupRoutes) {
  const router = Router();

  router.get('/signup', (req, res) => {
    if (currentUser(req)) res.redirect(303, '/account');
    else sendPage(res, signupPage({}));
  });

  router.post('/signup', sameOrigin, readBody, async (req: Request, res: Response) => {
    const username = textField(req, 'username');
    const password = textField(req, 'password');
    const email = textField(req, 'email')?.trim();
    const refuse = (status: number, error: string, message: string) =>
      sendRefusal(req, res, { status, error, message }, (problem) =>
        signupPage({ problem, username: username ?? '', email: email ?? '' }),
      );
    if (!username || !password) {
      refuse(400, 'request_malformed', 'Choose a username and a password.');
      return;
    }
    const signUp = await users.create({
      username,
      password,
      email: email === '' ? undefined : email,
      openingCents: WELCOME_CENTS,
    });
    if ('problem' in signUp) {
      const { status, message } = PROBLEMS[signUp.problem];
      refuse(status, signUp.problem, message);
      return;
    }
    rememberMe.forget(req, res);
    await welcome(secondFactor, req, res, signUp.user, 201);
  });

  return router;
}
