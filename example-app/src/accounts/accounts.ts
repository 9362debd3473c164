import type { Database } from './database';
import type { Cents } from './money';

/** One line of the account's history, seen from its owner. */
export interface TransferLine {
  id: number;
  direction: 'in' | 'out';
  /** The other person's username. */
  with: string;
  cents: Cents;
  /** Milliseconds since the epoch. */
  at: number;
}

export type TransferProblem = 'recipient_unknown' | 'recipient_self' | 'insufficient_funds';

export type Transfer = { id: number; balance: Cents; toId: string } | { problem: TransferProblem };

export interface Accounts {
  open(userId: string, cents: Cents): void;
  balance(userId: string): Cents;
  /** Newest first. */
  history(userId: string, limit: number): TransferLine[];
  /** Moves money in one SQL transaction: it arrives where it left, or it never left. */
  transfer(fromId: string, toUsername: string, cents: Cents): Transfer;
}

export function createAccounts(database: Database, clock: () => number): Accounts {
  const open = database.prepare('INSERT INTO accounts (user_id, balance_cents) VALUES (?, ?)');
  const balance = database.prepare('SELECT balance_cents FROM accounts WHERE user_id = ?');
  const recipient = database.prepare('SELECT id FROM users WHERE username = ?');
  const take = database.prepare(
    'UPDATE accounts SET balance_cents = balance_cents - ? WHERE user_id = ? AND balance_cents >= ?',
  );
  const give = database.prepare(
    'UPDATE accounts SET balance_cents = balance_cents + ? WHERE user_id = ?',
  );
  const record = database.prepare(
    'INSERT INTO transfers (from_id, to_id, amount_cents, at) VALUES (?, ?, ?, ?) RETURNING id',
  );
  const history = database.prepare(`
    SELECT t.id, t.amount_cents, t.at, t.from_id, users.username
    FROM transfers t
    JOIN users ON users.id = CASE t.from_id WHEN ? THEN t.to_id ELSE t.from_id END
    WHERE t.from_id = ? OR t.to_id = ?
    ORDER BY t.id DESC LIMIT ?`);

  const balanceOf = (userId: string) =>
    (balance.get(userId) as { balance_cents: Cents } | undefined)?.balance_cents ?? 0;

  const transfer = database.transaction(
    (fromId: string, toUsername: string, cents: Cents): Transfer => {
      const to = recipient.get(toUsername) as { id: string } | undefined;
      if (!to) return { problem: 'recipient_unknown' };
      if (to.id === fromId) return { problem: 'recipient_self' };
      if (take.run(cents, fromId, cents).changes === 0) return { problem: 'insufficient_funds' };
      give.run(cents, to.id);
      const { id } = record.get(fromId, to.id, cents, clock()) as { id: number };
      return { id, balance: balanceOf(fromId), toId: to.id };
    },
  );

  return {
    open: (userId, cents) => void open.run(userId, cents),
    balance: balanceOf,
    history: (userId, limit) =>
      (history.all(userId, userId, userId, limit) as HistoryRow[]).map((row) => ({
        id: row.id,
        direction: row.from_id === userId ? 'out' : 'in',
        with: row.username,
        cents: row.amount_cents,
        at: row.at,
      })),
    // IMMEDIATE takes the write lock first: two processes cannot both read and then both write.
    transfer: (fromId, toUsername, cents) => transfer.immediate(fromId, toUsername, cents),
  };
}

interface HistoryRow {
  id: number;
  amount_cents: Cents;
  at: number;
  from_id: string;
  username: string;
}
