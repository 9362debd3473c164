import express, { type Express } from 'express';
import type { Store } from 'express-session';
import { createSecondFactor, type SecondFactorOptions, type SmsSender } from 'passport-sms-2fa';

import { createAccounts } from './accounts';
import { createAttemptLimit } from './attempt-limit';
import { bankRoutes } from './bank-routes';
import type { Database } from './database';
import { createEnrollments } from './enrollments';
import { handleErrors, notFound } from './errors';
import { BANK } from './layout';
import { countEvents } from './metrics';
import type { Demo } from './pages';
import { createPasswords, type PasswordCost } from './passwords';
import { homeRoutes, monitoringRoutes } from './open-routes';
import { securityHeaders } from './security-headers';
import { createSessions } from './sessions';
import { createPassport } from './sign-in';
import { signInRoutes } from './sign-in-routes';
import { createUsers, type User } from './users';

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
  /** True where people reach the bank over https, through a proxy. Default: false. */
  secureCookies?: boolean;
  /** Who may be tried; shown to everybody on the login page, so only where texts are simulated. */
  demo?: Demo;
  clock?: () => number;
  passwordCost?: PasswordCost;
  /** Gets what broke. Default: `console.error`. */
  log?: (error: unknown) => void;
}

const FAILED_LOGINS = 10;
const FAILED_LOGINS_WINDOW_MS = 5 * 60 * 1000;

/** The bank as an Express app. It does not listen: the server does, or a test. */
export function createApp(dependencies: AppDependencies): Express {
  const { database, sessionStore, secrets, clock = Date.now, demo } = dependencies;
  const { secureCookies = false, log = console.error } = dependencies;
  const accounts = createAccounts(database, clock);
  const users = createUsers(database, createPasswords(dependencies.passwordCost), accounts);
  const attempts = createAttemptLimit(FAILED_LOGINS, FAILED_LOGINS_WINDOW_MS, clock);
  const passport = createPassport(users);
  const secondFactor = createSecondFactor<User>({
    appName: dependencies.appName ?? BANK,
    secret: secrets.secondFactor,
    sessionStore,
    sender: dependencies.sender,
    enrollments: createEnrollments(database),
    credentialsEpoch: (user) => user.credentialsEpoch,
    loginPath: '/login',
    logoutPath: '/logout',
    homePath: '/account',
    clock,
    ...given(dependencies, ['domain', 'counter', 'limits']),
  });

  const app = express();
  app.disable('x-powered-by');
  // Over https there is a proxy, for this app speaks http only. Its word on the client's address
  // and on https counts; one hop, because whatever stands further left the client can make up.
  if (secureCookies) app.set('trust proxy', 1);

  app.use(securityHeaders(secureCookies));
  app.use(monitoringRoutes(database, countEvents(secondFactor)));

  app.use(createSessions({ store: sessionStore, secrets: secrets.session, secureCookies }));
  app.use(secondFactor.requireStore());
  app.use(passport.session());
  passport.use(secondFactor.strategy());

  app.use(homeRoutes());
  app.use(signInRoutes({ users, passport, secondFactor, attempts, demo }));
  app.use('/second-factor', secondFactor.router());

  // From here on, a password is not enough for whoever has a second factor.
  app.use(secondFactor.enforce());
  app.use(bankRoutes({ accounts, secondFactor }));

  app.use(notFound);
  app.use(handleErrors(log));
  return app;
}

/** The named options that are given at all: one that is there and `undefined` would be a mistake. */
function given<Name extends keyof AppDependencies>(dependencies: AppDependencies, names: Name[]) {
  const entries = names
    .filter((name) => dependencies[name] !== undefined)
    .map((name) => [name, dependencies[name]]);
  return Object.fromEntries(entries) as Pick<AppDependencies, Name>;
}
