import type { CookieOptions, Request, RequestHandler, Response } from 'express';

import type { User } from '../accounts/users';
import type { RememberedLogin, RememberedLogins } from './remembered-logins';
import { currentUser, signIn } from './sign-in';

export interface RememberMe {
  /** After a login: forgets what this browser had, and begins anew where the user wants it. */
  begin(req: Request, res: Response, user: User, wanted: boolean): void;
  /** Ends what this browser had, with every session that came of it. */
  forget(req: Request, res: Response): void;
  /** Signs a remembered browser in, as far as its password did: the gate still stands. */
  restore: RequestHandler;
}

/** The cookie in front of `logins`. */
export function createRememberMe(logins: RememberedLogins, secureCookies: boolean): RememberMe {
  const name = secureCookies ? '__Host-bank-remember' : 'bank-remember';
  const flags: CookieOptions = { httpOnly: true, sameSite: 'lax', secure: secureCookies };
  const hand = (res: Response, { value, expiresAt }: RememberedLogin) =>
    res.cookie(name, value, { ...flags, expires: new Date(expiresAt) });

  function forget(req: Request, res: Response): void {
    const value = readCookie(req, name);
    if (value === undefined) return;
    logins.end(value);
    res.clearCookie(name, flags);
  }

  return {
    forget,
    begin(req, res, user, wanted) {
      forget(req, res);
      if (wanted) hand(res, logins.begin(user));
    },
    async restore(req, res, next) {
      const value = currentUser(req) ? undefined : readCookie(req, name);
      const found = value === undefined ? undefined : logins.redeem(value);
      if (found) {
        if (found.next) hand(res, found.next);
        await signIn(req, found.user, found.series);
      }
      // A cookie that is worth nothing stays where it is: a login beside this request may just have
      // put another one in its place, and clearing it would throw that one away.
      next();
    },
  };
}

/** Tokens are plain letters, so there is nothing to decode. */
function readCookie(req: Request, name: string): string | undefined {
  const pairs = (req.headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}
