import type { Store } from 'express-session';
import {
  createSecondFactor,
  type SecondFactor,
  type SecondFactorOptions,
  type SmsSender,
} from 'passport-sms-2fa';

import type { Database } from '../accounts/database';
import { createEnrollments } from '../accounts/enrollments';
import type { User } from '../accounts/users';
import { BANK } from '../pages/layout';

/** `domain`, `counter` and `limits` go to the library as they are. */
export interface SecondFactorDependencies extends Pick<
  SecondFactorOptions<User>,
  'domain' | 'counter' | 'limits' | 'clock'
> {
  database: Database;
  sessionStore: Store;
  sender: SmsSender;
  secret: string | string[];
  appName?: string | undefined;
}

/** The bank's second factor: the server's, and the same one for an operator's command. */
export function createBankSecondFactor(dependencies: SecondFactorDependencies): SecondFactor {
  const { database, secret, sessionStore, sender, appName = BANK } = dependencies;
  return createSecondFactor<User>({
    appName,
    secret,
    sessionStore,
    sender,
    enrollments: createEnrollments(database),
    credentialsEpoch: (user) => user.credentialsEpoch,
    loginPath: '/login',
    logoutPath: '/logout',
    homePath: '/account',
    trustedDevices: { days: 30 },
    ...given(dependencies, ['domain', 'counter', 'limits', 'clock']),
  });
}

/** The named options that are given at all: one that is there and `undefined` would be a mistake. */
function given<Name extends keyof SecondFactorDependencies>(
  dependencies: SecondFactorDependencies,
  names: Name[],
) {
  const entries = names
    .filter((name) => dependencies[name] !== undefined)
    .map((name) => [name, dependencies[name]]);
  return Object.fromEntries(entries) as Pick<SecondFactorDependencies, Name>;
}
