import { createCredentialsEpochs } from './credentials-epoch';
import type { Database } from './database';
import { passwordProblem, type PasswordProblem } from './password-rules';
import type { Passwords } from './passwords';
import { newToken, tokenHash } from './tokens';
import type { User } from './users';

export type PasswordChange = { problem: PasswordProblem | 'overtaken' } | { userId: string };
export type PasswordReset = { problem: PasswordProblem | 'link_invalid' } | { userId: string };

/** How passwords are replaced. Whatever an older password or link earned is then over. */
export interface Credentials {
  /** Puts a new password in the place of the one that `user` signed in with. */
  change(user: User, password: string): Promise<PasswordChange>;
  /** A token for a link. It works once, for 30 minutes, until the next one is made. */
  newResetToken(userId: string): string;
  /** Whose token this is, where `resetPassword` would take it now. */
  ownerOfReset(token: string): string | undefined;
  resetPassword(token: string, password: string): Promise<PasswordReset>;
}

const RESET_LIFETIME_MS = 30 * 60 * 1000;

export function createCredentials(
  database: Database,
  passwords: Passwords,
  clock: () => number,
): Credentials {
  const replaceHash = database.prepare(
    'UPDATE users SET password_hash = ?, credentials_epoch = credentials_epoch + 1 WHERE id = ? AND credentials_epoch = ?',
  );
  const epochs = createCredentialsEpochs(database);
  const dropReset = database.prepare('DELETE FROM password_resets WHERE user_id = ?');
  const putReset = database.prepare(
    'INSERT OR REPLACE INTO password_resets (user_id, token_hash, expires_at) VALUES (?, ?, ?)',
  );
  const findReset = database.prepare(
    'SELECT user_id FROM password_resets WHERE token_hash = ? AND expires_at > ?',
  );

  /** `false` where another change came first: this one stands on a password that is gone. */
  function replace(userId: string, epoch: number, hash: string): boolean {
    if (replaceHash.run(hash, userId, epoch).changes === 0) return false;
    dropReset.run(userId);
    return true;
  }
  const ownerOf = (token: string) =>
    (findReset.get(tokenHash(token), clock()) as { user_id: string } | undefined)?.user_id;
  // The link is looked up again inside: of two that come at the same time, one finds it gone.
  const redeem = database.transaction((token: string, hash: string): PasswordReset => {
    const userId = ownerOf(token);
    const epoch = userId === undefined ? undefined : epochs.of(userId);
    if (userId === undefined || epoch === undefined) return { problem: 'link_invalid' };
    replace(userId, epoch, hash);
    return { userId };
  });
  const replaceAtOnce = database.transaction(replace);

  return {
    async change({ id, credentialsEpoch }, password) {
      const problem = passwordProblem(password);
      if (problem) return { problem };
      const hash = await passwords.hash(password);
      const first = replaceAtOnce.immediate(id, credentialsEpoch, hash);
      return first ? { userId: id } : { problem: 'overtaken' };
    },
    newResetToken(userId) {
      const token = newToken();
      putReset.run(userId, tokenHash(token), clock() + RESET_LIFETIME_MS);
      return token;
    },
    ownerOfReset: ownerOf,
    async resetPassword(token, password) {
      // Hashing costs, and strangers can post here: a link that works comes first.
      if (ownerOf(token) === undefined) return { problem: 'link_invalid' };
      const problem = passwordProblem(password);
      if (problem) return { problem };
      return redeem.immediate(token, await passwords.hash(password));
    },
  };
}
