import { randomUUID } from 'node:crypto';

import type { Accounts } from './accounts';
import type { Database } from './database';
import type { Passwords } from './passwords';

/** What `req.user` is: small, and nothing in it that must stay secret. */
export interface User {
  id: string;
  username: string;
  /** Changes with the password: whatever an older password earned is then over. */
  credentialsEpoch: number;
}

export type SignUpProblem =
  'username_invalid' | 'username_taken' | 'password_too_short' | 'password_too_long';

export type SignUp = { user: User } | { problem: SignUpProblem };

export interface Users {
  create(username: string, password: string, openingCents: number): Promise<SignUp>;
  /** The user with this name and password, or `undefined`; takes as long either way. */
  authenticate(username: string, password: string): Promise<User | undefined>;
  find(id: string): User | undefined;
  findByName(username: string): User | undefined;
}

/** Letters that look alike in two alphabets could send money to the wrong person: ASCII only. */
const USERNAME = /^[a-z0-9][a-z0-9._-]{2,31}$/;
const MIN_PASSWORD_CHARACTERS = 8;
/** scrypt takes any length; a limit keeps a megabyte of password from being hashed. */
const MAX_PASSWORD_BYTES = 128;

interface Row {
  id: string;
  username: string;
  password_hash: string;
  credentials_epoch: number;
}

export function createUsers(database: Database, passwords: Passwords, accounts: Accounts): Users {
  const byId = database.prepare('SELECT * FROM users WHERE id = ?');
  const byName = database.prepare('SELECT * FROM users WHERE username = ?');
  const insert = database.prepare(
    'INSERT INTO users (id, username, password_hash) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const insertWithAccount = database.transaction(
    (id: string, username: string, hash: string, openingCents: number) => {
      // The UNIQUE column decides, not a look beforehand: two sign-ups can come at the same time.
      if (insert.run(id, username, hash).changes === 0) return false;
      accounts.open(id, openingCents);
      return true;
    },
  );
  return {
    async create(username, password, openingCents) {
      const name = normalizeUsername(username);
      const problem = problemWith(name, password);
      if (problem) return { problem };
      const id = randomUUID();
      const hash = await passwords.hash(password);
      if (!insertWithAccount.immediate(id, name, hash, openingCents)) {
        return { problem: 'username_taken' };
      }
      return { user: { id, username: name, credentialsEpoch: 1 } };
    },
    async authenticate(username, password) {
      const row = byName.get(normalizeUsername(username)) as Row | undefined;
      // What is too long was never accepted at sign-up, so it need not be hashed now.
      const usable = Buffer.byteLength(password) <= MAX_PASSWORD_BYTES;
      const right = await passwords.verify(usable ? password : '', row?.password_hash);
      return row && right && usable ? toUser(row) : undefined;
    },
    find: (id) => toUser(byId.get(id) as Row | undefined),
    findByName: (username) => toUser(byName.get(normalizeUsername(username)) as Row | undefined),
  };
}

/** One name for all spellings of it: full-width letters and capitals do not make another user. */
export function normalizeUsername(username: string): string {
  return username.normalize('NFKC').trim().toLowerCase();
}

function problemWith(name: string, password: string): SignUpProblem | undefined {
  if (!USERNAME.test(name)) return 'username_invalid';
  if (Array.from(password).length < MIN_PASSWORD_CHARACTERS) return 'password_too_short';
  if (Buffer.byteLength(password) > MAX_PASSWORD_BYTES) return 'password_too_long';
  return undefined;
}

function toUser(row: Row): User;
function toUser(row: Row | undefined): User | undefined;
function toUser(row: Row | undefined): User | undefined {
  return row && { id: row.id, username: row.username, credentialsEpoch: row.credentials_epoch };
}
