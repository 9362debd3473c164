import type { Request, Response } from 'express';
import type { SecondFactor } from 'passport-sms-2fa';

import type { User } from '../accounts/users';
import { sendJson, wantsJson } from '../web/answers';
import { signIn } from './sign-in';

/** The password was right: that is one factor, and the gate asks for the other one. */
export async function welcome(
  secondFactor: SecondFactor,
  req: Request,
  res: Response,
  user: User,
  status: number,
): Promise<void> {
  // Where the gate stopped them before they signed in. Signing in begins a session without it.
  const { returnTo } = req.session as typeof req.session & { returnTo?: string };
  await signIn(req, user);
  if (wantsJson(req)) {
    const secondFactorStatus = await secondFactor.status(req);
    sendJson(res, { username: user.username, secondFactor: secondFactorStatus }, status);
  } else {
    res.redirect(303, returnTo ?? '/account');
  }
}
