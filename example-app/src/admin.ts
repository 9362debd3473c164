import { outboxSender } from 'passport-sms-2fa';

import { createAccounts } from './accounts/accounts';
import { createCredentialsEpochs } from './accounts/credentials-epoch';
import { openDatabase } from './accounts/database';
import { createPasswords } from './accounts/passwords';
import { createUsers } from './accounts/users';
import { mailNotices } from './mail/notices';
import { openMailer } from './mail/open-mailer';
import { createPostOffice } from './mail/post-office';
import { LOOPBACK } from './server/carrier';
import { openSessionStore } from './server/session-store';
import { databaseFile, readSettings, type Settings } from './server/settings';
import { SettingsError } from './server/settings-error';
import { createBankSecondFactor } from './sign-in/second-factor';
import { HELP, readCommand, UsageError, type SupportCommand } from './support/command-line';
import { runCommand, type Outcome } from './support/support-desk';

/** What an operator of the bank does for a user, on the database and the Redis of the server. */
async function main(): Promise<void> {
  const command = readCommand(process.argv.slice(2));
  if (!command) {
    console.log(HELP);
    return;
  }
  const { done, lines } = await serve(readSettings(process.env), command);
  for (const line of lines) (done ? console.log : console.error)(line);
  if (!done) process.exitCode = 1;
}

async function serve(settings: Settings, command: SupportCommand): Promise<Outcome> {
  const { redisUrl, secrets, flowroute, publicUrl, port } = settings;
  const database = openDatabase(databaseFile(settings));
  const sessions = await openSessionStore(redisUrl);
  try {
    const users = createUsers(database, createPasswords(), createAccounts(database, Date.now));
    const secondFactor = createBankSecondFactor({
      database,
      sessionStore: sessions.store,
      counter: sessions.counter,
      secret: secrets.secondFactor,
      sender: outboxSender(), // nothing here texts anybody
    });
    const simulator = flowroute ? undefined : `http://${LOOPBACK}:${settings.simulatorPort}`;
    const mailer = openMailer(settings.smtp, simulator);
    const post = createPostOffice({
      users,
      mailer,
      address: () => publicUrl?.origin ?? `http://localhost:${port}`,
      clock: Date.now,
      log: console.error,
    });
    mailNotices(secondFactor, post);
    const { admin } = secondFactor;
    const epochs = createCredentialsEpochs(database);
    const sharesCounts = redisUrl !== undefined;
    const outcome = await runCommand({ admin, users, epochs, sharesCounts }, command);
    await post.idle();
    return outcome;
  } finally {
    sessions.close();
    database.close();
  }
}

main().catch((error: unknown) => {
  if (error instanceof UsageError) {
    console.error(`${error.message}\n\n${HELP}`);
    process.exitCode = 2;
    return;
  }
  // A wrong setting is told in its own sentence; only a mistake in the app deserves its stack.
  console.error(error instanceof SettingsError ? error.message : error);
  process.exitCode = 1;
});
