import type { Server } from 'node:http';

import express, { type Express, type RequestHandler } from 'express';
import type { Store } from 'express-session';
import type { SecondFactor, SecondFactorOptions, SmsSender } from 'passport-sms-2fa';

import { createAccounts } from './accounts/accounts';
import { createCredentials } from './accounts/credentials';
import { createCredentialsEpochs } from './accounts/credentials-epoch';
import type { Database } from './accounts/database';
import { createEndLinks } from './accounts/end-links';
import { createPasswords, type PasswordCost } from './accounts/passwords';
import { createUsers, type User } from './accounts/users';
import { attachLive, type Live } from './live/attach-live';
import { createBalanceFeed } from './live/balance-feed';
import { createFindVerified } from './live/live-session';
import { noMailer, type Mailer } from './mail/mailer';
import type { Schedule } from './mail/merge-happenings';
import { mailNotices } from './mail/notices';
import { createPostOffice } from './mail/post-office';
import type { Demo } from './pages/sign-in-pages';
import { createAttemptLimit } from './sign-in/attempt-limit';
import { changePasswordRoutes } from './sign-in/change-password-routes';
import { endSessionsRoutes } from './sign-in/end-sessions-routes';
import { forgotPasswordRoutes } from './sign-in/forgot-password-routes';
import { loginRoutes } from './sign-in/login-routes';
import { createRememberMe } from './sign-in/remember-me';
import { createRememberedLogins } from './sign-in/remembered-logins';
import { resetPasswordRoutes } from './sign-in/reset-password-routes';
import { createBankSecondFactor } from './sign-in/second-factor';
import { createPassport } from './sign-in/sign-in';
import { signupRoutes } from './sign-in/signup-routes';
import { bankRoutes } from './web/bank-routes';
import { handleErrors, notFound } from './web/errors';
import { homeRoutes, monitoringRoutes } from './web/open-routes';
import { securityHeaders } from './web/security-headers';
import { createSessions } from './web/sessions';

/** `domain`, `counter` and `limits` go to the library as they are. */
export interface AppDependencies extends Pick<
  SecondFactorOptions<User>,
  'domain' | 'counter' | 'limits'
> {
  database: Database;
  sessionStore: Store;
  sender: SmsSender;
  secrets: { session: string | string[]; secondFactor: string | string[] };
  /** Named in every text. Default: 'Pebble Bank'. */
  appName?: string;
  /** Takes links and notices to the users. Default: none, so that no mail goes out. */
  mailer?: Mailer;
  /** Where people reach the bank; mails link there. Default: `http://localhost:3000`. */
  address?: () => string;
  /** True where people reach the bank over https, through a proxy. Default: false. */
  secureCookies?: boolean;
  /** Who may be tried; shown to everybody on the login page, so only where texts are simulated. */
  demo?: Demo;
  clock?: () => number;
  /** Has mails wait that go together. Default: real timers. */
  schedule?: Schedule;
  passwordCost?: PasswordCost;
  /** Answers Prometheus at `/metrics`. Default: nothing is there. */
  metrics?: RequestHandler;
  /** Gets what broke. Default: `console.error`. */
  log?: (error: unknown) => void;
}

export interface Bank {
  /** It does not listen: the server does, or a test. */
  app: Express;
  secondFactor: SecondFactor;
  /** Pushes balances to the browsers that a server has let in. */
  attachLive(server: Server): Live;
  /** Where the carrier calls, below the bank's address. It holds a secret. */
  webhookPath: string;
  /** Resolves when every mail is on its way. */
  mailed(): Promise<void>;
}

const WEBHOOKS = '/webhooks/flowroute';
const FAILED_LOGINS = 10;
const FAILED_LOGINS_WINDOW_MS = 5 * 60 * 1000;

/** The bank as an Express app. */
export function createApp(dependencies: AppDependencies): Express {
  return createBank(dependencies).app;
}

/** The bank with what it does beside answering requests. */
export function createBank(dependencies: AppDependencies): Bank {
  const { database, sessionStore, secrets, clock = Date.now, demo } = dependencies;
  const { secureCookies = false, log = console.error, mailer = noMailer } = dependencies;
  const { address = () => 'http://localhost:3000', schedule } = dependencies;
  const accounts = createAccounts(database, clock);
  const passwords = createPasswords(dependencies.passwordCost);
  const users = createUsers(database, passwords, accounts);
  const credentials = createCredentials(database, passwords, clock);
  const attempts = createAttemptLimit(FAILED_LOGINS, FAILED_LOGINS_WINDOW_MS, clock);
  const logins = createRememberedLogins(database, users, clock);
  const rememberMe = createRememberMe(logins, secureCookies);
  const passport = createPassport(users, logins);
  const secondFactor = createBankSecondFactor({
    ...dependencies,
    secret: secrets.secondFactor,
    // What the operator alone can mend, with its cure: it goes where the bank's own errors go.
    logger: { warn: log, error: log },
  });
  const epochs = createCredentialsEpochs(database);
  const endLinks = createEndLinks(secrets.session, epochs, clock);
  const endToken = (userId: string) => endLinks.tokenFor(userId);
  const post = createPostOffice({ users, mailer, address, endToken, clock, schedule, log });
  mailNotices(secondFactor, post);
  const feed = createBalanceFeed();

  const app = express();
  app.disable('x-powered-by');
  // Over https there is a proxy, for this app speaks http only. Its word on the client's address
  // and on https counts; one hop, because whatever stands further left the client can make up.
  if (secureCookies) app.set('trust proxy', 1);

  app.use(securityHeaders(secureCookies));
  app.use(monitoringRoutes(database, dependencies.metrics));
  app.use(WEBHOOKS, secondFactor.webhooks());

  const sessions = createSessions({ store: sessionStore, secrets: secrets.session, secureCookies });
  app.use(sessions);
  app.use(secondFactor.requireStore());
  app.use(passport.session());
  passport.use(secondFactor.strategy());

  app.use(loginRoutes({ passport, secondFactor, attempts, rememberMe, demo }));
  app.use(signupRoutes({ users, secondFactor, rememberMe }));
  app.use(forgotPasswordRoutes({ users, credentials, post, address, clock, log }));
  app.use(resetPasswordRoutes({ credentials, secondFactor, post, clock }));
  app.use(endSessionsRoutes({ endLinks, epochs, secondFactor }));

  // Below the routes that sign in and out: they mean the password, or the end of it.
  app.use(rememberMe.restore);
  app.use(homeRoutes());
  app.use('/second-factor', secondFactor.router());

  // From here on, a password is not enough: whoever has no second factor adds a phone first.
  app.use(secondFactor.enforce());
  app.use(bankRoutes({ accounts, users, secondFactor, moved: (userIds) => feed.changed(userIds) }));
  app.use(changePasswordRoutes({ users, credentials, secondFactor, attempts, post, clock }));

  app.use(notFound);
  app.use(handleErrors(log));

  const session = [sessions, passport.session() as RequestHandler];
  const findVerified = createFindVerified(session, secondFactor);
  return {
    app,
    secondFactor,
    webhookPath: `${WEBHOOKS}/${secondFactor.webhookToken}`,
    mailed: () => post.idle(),
    attachLive: (server) => attachLive(server, { accounts, feed, findVerified, clock, log }),
  };
}
