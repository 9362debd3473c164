import { randomUUID } from 'node:crypto';

import type { Accounts } from './accounts';
import type { Database } from './database';
import { MAX_PASSWORD_BYTES, passwordProblem, type PasswordProblem } from './password-rules';
import type { Passwords } from './passwords';

/** What `req.user` is: small, and nothing in it that must stay secret. */
export interface User {
  id: string;
  username: string;
  /** Changes with the password: whatever an older password earned is then over. */
  credentialsEpoch: number;
}

export type SignUpProblem =
  'username_invalid' | 'username_taken' | 'email_invalid' | PasswordProblem;

export type SignUp = { user: User } | { problem: SignUpProblem };

export interface NewUser {
  username: string;
  password: string;
  /** Where new passwords and notices go; without one, nothing is mailed. */
  email?: string | undefined;
  openingCents: number;
}

export interface Users {
  create(newcomer: NewUser): Promise<SignUp>;
  /** The user with this name and password, or `undefined`; takes as long either way. */
  authenticate(username: string, password: string): Promise<User | undefined>;
  find(id: string): User | undefined;
  findByName(username: string): User | undefined;
  /** Not part of `User`: only mails need it. */
  emailOf(id: string): string | undefined;
  setEmail(id: string, email: string): void;
}

/** Letters that look alike in two alphabets could send money to the wrong person: ASCII only. */
const USERNAME = /^[a-z0-9][a-z0-9._-]{2,31}$/;
/** One plain address: no name, no list, nothing that could begin another header. */
const EMAIL = /^[^\s@<>()[\],;:"\\]{1,64}@(?=.{1,189}$)[a-z\d-]+(?:\.[a-z\d-]+)+$/i;

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
    'INSERT INTO users (id, username, password_hash, email) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const email = database.prepare('SELECT email FROM users WHERE id = ?');
  const setEmail = database.prepare('UPDATE users SET email = ? WHERE id = ?');
  const insertWithAccount = database.transaction((id: string, hash: string, user: NewUser) => {
    // The UNIQUE column decides, not a look beforehand: two sign-ups can come at the same time.
    if (insert.run(id, user.username, hash, user.email ?? null).changes === 0) return false;
    accounts.open(id, user.openingCents);
    return true;
  });
  return {
    async create(newcomer) {
      const username = normalizeUsername(newcomer.username);
      const problem = problemWith({ ...newcomer, username });
      if (problem) return { problem };
      const id = randomUUID();
      const hash = await passwords.hash(newcomer.password);
      if (!insertWithAccount.immediate(id, hash, { ...newcomer, username })) {
        return { problem: 'username_taken' };
      }
      return { user: { id, username, credentialsEpoch: 1 } };
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
    emailOf: (id) => (email.get(id) as { email: string | null } | undefined)?.email ?? undefined,
    setEmail: (id, address) => void setEmail.run(address, id),
  };
}

/** One name for all spellings of it: full-width letters and capitals do not make another user. */
export function normalizeUsername(username: string): string {
  return username.normalize('NFKC').trim().toLowerCase();
}

function problemWith({ username, password, email }: NewUser): SignUpProblem | undefined {
  if (!USERNAME.test(username)) return 'username_invalid';
  if (email !== undefined && !EMAIL.test(email)) return 'email_invalid';
  return passwordProblem(password);
}

function toUser(row: Row): User;
function toUser(row: Row | undefined): User | undefined;
function toUser(row: Row | undefined): User | undefined {
  return row && { id: row.id, username: row.username, credentialsEpoch: row.credentials_epoch };
}
