import type { Database } from './database';

/** A number that changes when everything is over that the user's password earned so far. */
export interface CredentialsEpochs {
  /** As it is now; `undefined` where there is no such user. */
  of(userId: string): number | undefined;
  /** Ends every session and remembered login of the user. The password stays. */
  raise(userId: string): void;
}

export function createCredentialsEpochs(database: Database): CredentialsEpochs {
  const get = database.prepare('SELECT credentials_epoch FROM users WHERE id = ?');
  const raise = database.prepare(
    'UPDATE users SET credentials_epoch = credentials_epoch + 1 WHERE id = ?',
  );
  return {
    of: (userId) =>
      (get.get(userId) as { credentials_epoch: number } | undefined)?.credentials_epoch,
    raise: (userId) => void raise.run(userId),
  };
}
