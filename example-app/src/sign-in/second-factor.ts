import type { Request } from 'express';
import type { Store } from 'express-session';
import {
  createSecondFactor,
  type SecondFactor,
  type SecondFactorOptions,
  type SmsSender,
} from 'passport-sms-2fa';

import { createCredentialsEpochs } from '../accounts/credentials-epoch';
import type { Database } from '../accounts/database';
import { createEnrollments } from '../accounts/enrollments';
import type { User } from '../accounts/users';
import { BANK, LINKS, secondFactorLayout } from '../pages/layout';
import { THEME } from '../pages/theme';
import { currentUser } from './sign-in';

/** `domain`, `counter`, `limits` and `logger` go to the library as they are. */
export interface SecondFactorDependencies extends Pick<
  SecondFactorOptions<User>,
  'domain' | 'counter' | 'limits' | 'logger' | 'clock'
> {
  database: Database;
  sessionStore: Store;
  sender: SmsSender;
  secret: string | string[];
  appName?: string | undefined;
}

/** The bank's second factor: the server's, and the same one for an operator's command. */
export function createBankSecondFactor(dependencies: SecondFactorDependencies): SecondFactor {
  const { database, appName = BANK, secret, sessionStore, sender } = dependencies;
  const { domain, counter, limits, logger, clock } = dependencies;
  const epochs = createCredentialsEpochs(database);
  return createSecondFactor<User>({
    appName,
    domain,
    secret,
    sessionStore,
    sender,
    enrollments: createEnrollments(database),
    // Not what the request came with: its client may have held it back while the password changed.
    credentialsEpoch: ({ id }) => epochs.of(id) ?? '',
    loginPath: '/login',
    // No `logoutPath`: the frame around the library's pages has the button on every one of them.
    homePath: '/account',
    // Every page of the bank asks for it, so nobody is told that they may go on without.
    enrollment: 'required',
    trustedDevices: { days: 30 },
    theme: THEME,
    layout: (parts, req: Request) => secondFactorLayout(parts, currentUser(req)?.username).markup,
    csp: { imgSrc: ["'self'"] }, // the icon of the frame
    ...LINKS,
    logger,
    counter,
    limits,
    clock,
  });
}
