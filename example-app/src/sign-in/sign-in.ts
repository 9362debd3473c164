import { promisify } from 'node:util';

import type { Request, Response } from 'express';
import { Passport } from 'passport';
import { Strategy as LocalStrategy } from 'passport-local';

import type { User, Users } from '../accounts/users';
import type { RememberedLogins } from './remembered-logins';

export type BankPassport = InstanceType<typeof Passport>;

/** What a session keeps of its user. */
interface SignedIn extends Pick<User, 'id' | 'credentialsEpoch'> {
  /** The remembered login that the session came of; with it, the session ends. */
  series?: string | undefined;
}

/** Passport with the first factor. An instance of its own: several apps fit into one process. */
export function createPassport(users: Users, logins: RememberedLogins): BankPassport {
  const passport = new Passport();
  passport.use(
    new LocalStrategy((username, password, done) => {
      users.authenticate(username, password).then((user) => done(null, user ?? false), done);
    }),
  );
  passport.serializeUser<SignedIn>((user, done) => {
    const { id, credentialsEpoch, series } = user as SignedIn;
    done(null, { id, credentialsEpoch, series });
  });
  // Who is no longer there, or has another password by now, is simply not signed in (`false`).
  passport.deserializeUser<SignedIn>(({ id, credentialsEpoch, series }, done) => {
    const user = users.find(id);
    const holds =
      user?.credentialsEpoch === credentialsEpoch && (series === undefined || logins.lives(series));
    done(null, holds ? user : false);
  });
  return passport;
}

export function currentUser(req: Request): User | undefined {
  return req.user as User | undefined;
}

/** For routes behind the gate: there, somebody is signed in. */
export function signedInUser(req: Request): User {
  const user = currentUser(req);
  if (!user) throw new Error('A route of the bank was reached without the gate before it');
  return user;
}

/** The user whom the request's username and password belong to; `undefined` where they are wrong. */
export async function checkPassword(
  passport: BankPassport,
  req: Request,
  res: Response,
): Promise<User | undefined> {
  const user = await promisify((done: UserDone) => {
    // With a callback, Passport leaves the answer to the app and calls nothing else but this.
    const authenticate = passport.authenticate('local', done) as Authenticate;
    authenticate(req, res, done);
  })();
  return user ? (user as User) : undefined;
}

/**
 * Signs the user in, for as long as the remembered login lives that brought the user here, if one
 * did. Passport gives the session a new id and saves it before this resolves.
 */
export async function signIn(req: Request, user: User, series?: string): Promise<void> {
  await promisify((done: Done) => req.logIn({ ...user, series }, done))();
}

export async function signOut(req: Request): Promise<void> {
  await promisify((done: Done) => req.logOut(done))();
}

type Done = (error: unknown) => void;
type UserDone = (error: unknown, user?: Express.User | false | null) => void;
type Authenticate = (req: Request, res: Response, next: Done) => void;
