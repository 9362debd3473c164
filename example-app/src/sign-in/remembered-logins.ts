import type { Database } from '../accounts/database';
import { newToken, tokenHash } from '../accounts/tokens';
import type { User, Users } from '../accounts/users';

/** What a browser is given to come back with. */
export interface RememberedLogin {
  /** The series, and the token that is its turn. */
  value: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

export interface Restored {
  user: User;
  series: string;
  /** `undefined` where a request beside this one was given it. */
  next: RememberedLogin | undefined;
}

/** Browsers that may come back without the password. That is one factor, and never the second. */
export interface RememberedLogins {
  begin(user: User): RememberedLogin;
  /** Takes a token in and answers its user with the next one of the series. */
  redeem(value: string): Restored | undefined;
  /** Ends the series, and with it the sessions that came of it. */
  end(value: string): void;
  /** Whether a session that came of this series may go on. */
  lives(series: string): boolean;
}

/** Counted from the password: using the token does not make it live longer. */
const LIFETIME_MS = 30 * 24 * 60 * 60 * 1000;
/** A browser sends several requests at once, all with the token that the first of them uses. */
const TOGETHER_MS = 5_000;

interface Row {
  user_id: string;
  credentials_epoch: number;
  expires_at: number;
  token_hash: string;
  used_hash: string | null;
  used_at: number | null;
}

export function createRememberedLogins(
  database: Database,
  users: Users,
  clock: () => number,
): RememberedLogins {
  const insert = database.prepare(
    'INSERT INTO remembered_series (id, user_id, credentials_epoch, expires_at, token_hash) VALUES (?, ?, ?, ?, ?)',
  );
  const find = database.prepare('SELECT * FROM remembered_series WHERE id = ? AND expires_at > ?');
  const turn = database.prepare(
    'UPDATE remembered_series SET token_hash = ?, used_hash = ?, used_at = ? WHERE id = ?',
  );
  const drop = database.prepare('DELETE FROM remembered_series WHERE id = ?');
  const sweep = database.prepare('DELETE FROM remembered_series WHERE expires_at <= ?');
  const lives = (series: string) => find.get(series, clock()) !== undefined;

  const redeem = database.transaction((series: string, token: string): Restored | undefined => {
    const row = find.get(series, clock()) as Row | undefined;
    const user = row && users.find(row.user_id);
    if (!row || user?.credentialsEpoch !== row.credentials_epoch) return undefined;
    const hash = tokenHash(token);
    if (hash === row.token_hash) {
      const next = newToken();
      turn.run(tokenHash(next), hash, clock(), series);
      return { user, series, next: { value: `${series}.${next}`, expiresAt: row.expires_at } };
    }
    const together = hash === row.used_hash && clock() - (row.used_at ?? 0) < TOGETHER_MS;
    if (together) return { user, series, next: undefined };
    // A token works once, so two have it: its owner and a thief. Nobody knows who this one is.
    drop.run(series);
    return undefined;
  });

  return {
    begin({ id, credentialsEpoch }) {
      sweep.run(clock());
      const [series, token] = [newToken(), newToken()];
      const expiresAt = clock() + LIFETIME_MS;
      insert.run(series, id, credentialsEpoch, expiresAt, tokenHash(token));
      return { value: `${series}.${token}`, expiresAt };
    },
    redeem(value) {
      const { series, token } = parts(value);
      // Looks first: only a series that lives is worth the lock on the database.
      return lives(series) ? redeem.immediate(series, token) : undefined;
    },
    end: (value) => void drop.run(parts(value).series),
    lives,
  };
}

function parts(value: string): { series: string; token: string } {
  const [series = '', token = ''] = value.split('.');
  return { series, token };
}
