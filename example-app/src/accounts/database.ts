import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';

import Libsql from 'libsql';

import { SettingsError } from '../server/settings-error';

export type Database = Libsql.Database;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS users (
    id TEXT PRIMARY KEY,
    username TEXT NOT NULL UNIQUE, -- NFKC, lower case: see users.ts
    password_hash TEXT NOT NULL,
    credentials_epoch INTEGER NOT NULL DEFAULT 1,
    email TEXT
  ) STRICT;
  CREATE TABLE IF NOT EXISTS accounts (
    user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    balance_cents INTEGER NOT NULL CHECK (balance_cents >= 0)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS transfers (
    id INTEGER PRIMARY KEY,
    from_id TEXT NOT NULL REFERENCES users (id),
    to_id TEXT NOT NULL REFERENCES users (id),
    amount_cents INTEGER NOT NULL CHECK (amount_cents > 0),
    at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS transfers_from ON transfers (from_id);
  CREATE INDEX IF NOT EXISTS transfers_to ON transfers (to_id);
  CREATE TABLE IF NOT EXISTS enrollments (
    user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    value TEXT NOT NULL,
    version INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS remembered_series (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    credentials_epoch INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    token_hash TEXT NOT NULL, -- the token whose turn it is
    used_hash TEXT, -- the one before it, and when it was used
    used_at INTEGER
  ) STRICT;
  DROP TABLE IF EXISTS remembered_logins; -- of an earlier version, without series
  CREATE TABLE IF NOT EXISTS password_resets (
    user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE, -- one link: the newest
    token_hash TEXT NOT NULL UNIQUE,
    expires_at INTEGER NOT NULL
  ) STRICT;
`;

/** Opens the bank's SQLite file and lays its tables where they are missing. ':memory:' works, too. */
export function openDatabase(file: string): Database {
  try {
    if (file !== ':memory:') makeFile(file);
    const database = new Libsql(file);
    // Several processes may share the file: readers do not block, and writers wait for one another.
    database.exec('PRAGMA busy_timeout = 2000');
    database.pragma('journal_mode = WAL');
    database.exec('PRAGMA foreign_keys = ON');
    database.transaction(layTables).immediate(database);
    return database;
  } catch (error) {
    throw new SettingsError(
      `The database '${file}' cannot be opened (${(error as Error).message}). ` +
        `Set DATA_DIR to a folder that this user may write to.`,
    );
  }
}

function layTables(database: Database): void {
  database.exec(SCHEMA);
  // A file that an earlier version of the bank made has users without an address.
  const email = database.prepare("SELECT 1 FROM pragma_table_info('users') WHERE name = 'email'");
  if (email.get() === undefined) database.exec('ALTER TABLE users ADD COLUMN email TEXT');
}

/** For this user's eyes only, also where the folder is not: phone numbers lie in it. */
function makeFile(file: string): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  closeSync(openSync(file, 'a', 0o600));
}

/** Throws where the database does not answer. */
export function checkDatabase(database: Database): void {
  database.prepare('SELECT COUNT(*) FROM accounts').get();
}
