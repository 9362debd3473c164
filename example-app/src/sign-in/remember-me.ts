import type { CookieOptions, Request, RequestHandler, Response } from 'express';

import type { User } from '../accounts/users';
import type { RememberedLogin, RememberedLogins } from './remembered-logins';
import { currentUser, signIn } from './sign-in';

export interface RememberMe {
  /** After a login: forgets what this browser had, and begins anew where the user wants it. */
  begin(req: Request, res: Response, user: User, wanted: boolean): void;
  forget(req: Request, res: Response): void;
  /** Signs a remembered browser in, as far as its password did: the gate still stands. */
  restore: RequestHandler;
}

/** The cookie in front of `logins`. */
export function createRememberMe(logins: RememberedLogins, secureCookies: boolean): RememberMe {
  const name = secureCookies ? '__Host-bank-remember' : 'bank-remember';
  const flags: CookieOptions = { httpOnly: true, sameSite: 'lax', secure: secureCookies };
  const hand = (res: Response, { token, expiresAt }: RememberedLogin) =>
    res.cookie(name, token, { ...flags, expires: new Date(expiresAt) });

  function forget(req: Request, res: Response): void {
    const token = readCookie(req, name);
    if (token === undefined) return;
    logins.forget(token);
    res.clearCookie(name, flags);
  }

  return {
    forget,
    begin(req, res, user, wanted) {
      forget(req, res);
      if (wanted) hand(res, logins.begin(user));
    },
    async restore(req, res, next) {
      const token = currentUser(req) ? undefined : readCookie(req, name);
      const found = token === undefined ? undefined : logins.redeem(token);
      if (found) {
        hand(res, found.next);
        await signIn(req, found.user);
      }
      // A token that is not known stays where it is: a request beside this one may just have
      // exchanged it, and clearing the cookie would throw the new one away.
      next();
    },
  };
}

/** Tokens are plain letters, so there is nothing to decode. */
function readCookie(req: Request, name: string): string | undefined {
  const pairs = (req.headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}
