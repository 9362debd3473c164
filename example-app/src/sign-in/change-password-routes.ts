import { Router, type Request, type Response } from 'express';
import type { SecondFactor } from 'passport-sms-2fa';

import type { Credentials } from '../accounts/credentials';
import { PASSWORD_PROBLEMS, type PasswordProblem } from '../accounts/password-rules';
import type { User, Users } from '../accounts/users';
import { passwordChanged } from '../mail/password-letters';
import type { PostOffice } from '../mail/post-office';
import { changePasswordPage } from '../pages/password-pages';
import { sendJson, sendPage, sendRefusal, wantsJson } from '../web/answers';
import { readBody, textField } from '../web/request-body';
import { sameOrigin } from '../web/same-origin';
import { leaveNotice } from '../web/session-notes';
import type { AttemptLimit } from './attempt-limit';
import { signedInUser, signIn } from './sign-in';

export interface ChangePasswordRoutes {
  users: Users;
  credentials: Credentials;
  secondFactor: SecondFactor;
  attempts: AttemptLimit;
  post: PostOffice;
  clock: () => number;
}

type Problem = PasswordProblem | 'request_malformed' | 'too_many_attempts' | 'current_incorrect';

/** A password changes only within five minutes of a code. */
const CODE_MAX_AGE_SECONDS = 300;

const PROBLEMS: Record<Problem | 'overtaken', { status: number; message: string }> = {
  request_malformed: { status: 400, message: 'Enter your password and a new one.' },
  too_many_attempts: { status: 429, message: 'Too many attempts. Wait a few minutes.' },
  current_incorrect: { status: 422, message: 'This is not your password.' },
  overtaken: { status: 409, message: 'Your password was just changed elsewhere.' },
  ...PASSWORD_PROBLEMS,
};

export function changePasswordRoutes(dependencies: ChangePasswordRoutes) {
  const { users, credentials, secondFactor, attempts, post, clock } = dependencies;
  const router = Router();
  const fresh = secondFactor.require({ maxAge: CODE_MAX_AGE_SECONDS });

  // Asks for the code before the form is filled in, so that nothing typed is lost.
  router.get('/password', fresh, (req, res) => {
    sendPage(res, changePasswordPage({ username: signedInUser(req).username }));
  });

  router.post('/password', sameOrigin, readBody, fresh, async (req: Request, res: Response) => {
    const user = signedInUser(req);
    const change = await changeFor(user, textField(req, 'current'), textField(req, 'password'));
    if ('problem' in change) {
      const { problem } = change;
      const { username } = user;
      sendRefusal(req, res, { error: problem, ...PROBLEMS[problem] }, (message) =>
        changePasswordPage({ username, problem: message }),
      );
      return;
    }
    post.tell(user.id, passwordChanged(clock(), req.ip));
    // Every session of the old password is over. This one begins anew with the new password, which
    // is one factor again.
    const now = users.find(user.id);
    if (now) await signIn(req, now);
    finish(req, res);
  });

  async function changeFor(user: User, current?: string, password?: string) {
    if (!current || !password) return { problem: 'request_malformed' as const };
    const key = `password of ${user.id}`;
    if (attempts.count(key) > 0) return { problem: 'too_many_attempts' as const };
    if (!(await users.authenticate(user.username, current))) {
      return { problem: 'current_incorrect' as const };
    }
    attempts.forget(key);
    return credentials.change(user, password);
  }

  return router;
}

function finish(req: Request, res: Response): void {
  if (wantsJson(req)) {
    sendJson(res, { passwordChanged: true });
    return;
  }
  leaveNotice(req, 'Your password is changed.');
  res.redirect(303, '/account');
}
