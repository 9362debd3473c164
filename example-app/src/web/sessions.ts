import type { RequestHandler } from 'express';
import session, { type Store } from 'express-session';

import { UnavailableError } from './errors';

export interface SessionOptions {
  store: Store;
  secrets: string | string[];
  /** True where people reach the bank over https. */
  secureCookies: boolean;
}

const WORKING_DAY_MS = 12 * 60 * 60 * 1000;

/** express-session as a bank sets it. */
export function createSessions({ store, secrets, secureCookies }: SessionOptions): RequestHandler {
  const load = session({
    store,
    secret: secrets,
    // `__Host-` makes browsers refuse the cookie from another path, another domain or over http.
    // They would refuse it on http://localhost as well, hence the plain name there.
    name: secureCookies ? '__Host-bank' : 'bank',
    cookie: { httpOnly: true, sameSite: 'lax', secure: secureCookies, maxAge: WORKING_DAY_MS },
    resave: false,
    saveUninitialized: false, // strangers get no session, so they cannot fill the store
  });
  return function loadSession(req, res, next) {
    load(req, res, (error?: unknown) => {
      // A store that fails is an outage (503), not a mistake in the bank (500).
      if (error) next(new UnavailableError('The session store failed', { cause: error }));
      else next();
    });
  };
}
