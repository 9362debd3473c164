import type { Database } from '../accounts/database';
import { newToken, tokenHash } from '../accounts/tokens';
import type { User, Users } from '../accounts/users';

/** What a browser is given to come back with. */
export interface RememberedLogin {
  token: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

/** Browsers that may come back without the password. That is one factor, and never the second. */
export interface RememberedLogins {
  begin(user: User): RememberedLogin;
  /** Takes a token in, once, and answers its user with the next one. */
  redeem(token: string): { user: User; next: RememberedLogin } | undefined;
  forget(token: string): void;
}

/** Counted from the password: using the token does not make it live longer. */
const LIFETIME_MS = 30 * 24 * 60 * 60 * 1000;

interface Row {
  user_id: string;
  credentials_epoch: number;
  expires_at: number;
}

export function createRememberedLogins(
  database: Database,
  users: Users,
  clock: () => number,
): RememberedLogins {
  const insert = database.prepare(
    'INSERT INTO remembered_logins (token_hash, user_id, credentials_epoch, expires_at) VALUES (?, ?, ?, ?)',
  );
  // One statement looks and takes: of two requests with one token, the second finds nothing.
  const take = database.prepare(
    'DELETE FROM remembered_logins WHERE token_hash = ? RETURNING user_id, credentials_epoch, expires_at',
  );
  const sweep = database.prepare('DELETE FROM remembered_logins WHERE expires_at <= ?');

  function issue(user: User, expiresAt: number): RememberedLogin {
    const token = newToken();
    insert.run(tokenHash(token), user.id, user.credentialsEpoch, expiresAt);
    return { token, expiresAt };
  }

  return {
    begin(user) {
      sweep.run(clock());
      return issue(user, clock() + LIFETIME_MS);
    },
    redeem(token) {
      const row = take.get(tokenHash(token)) as Row | undefined;
      if (!row || row.expires_at <= clock()) return undefined;
      const user = users.find(row.user_id);
      if (user?.credentialsEpoch !== row.credentials_epoch) return undefined;
      return { user, next: issue(user, row.expires_at) };
    },
    forget: (token) => void take.get(tokenHash(token)),
  };
}
