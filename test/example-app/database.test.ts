import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import { createAccounts } from '../../example-app/src/accounts/accounts';
import { openDatabase } from '../../example-app/src/accounts/database';
import { createDemoUsers } from '../../example-app/src/accounts/demo-users';
import { createPasswords } from '../../example-app/src/accounts/passwords';
import { createUsers } from '../../example-app/src/accounts/users';

const cost = { N: 1_024, r: 8, p: 1 };

test('a file from before there were mails and series opens, and demo users in it get their addresses', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bank-'));
  const file = join(folder, 'demo.db');
  const older = new Libsql(file);
  older.exec(`
    CREATE TABLE users (
      id TEXT PRIMARY KEY, username TEXT NOT NULL UNIQUE, password_hash TEXT NOT NULL,
      credentials_epoch INTEGER NOT NULL DEFAULT 1
    ) STRICT;
    INSERT INTO users VALUES ('1', 'alice', 'x', 1);
    CREATE TABLE remembered_logins (token_hash TEXT PRIMARY KEY, user_id TEXT) STRICT;
    INSERT INTO remembered_logins VALUES ('x', '1');
  `);
  older.close();
  openDatabase(file).close();
  const database = openDatabase(file);
  await createDemoUsers(database, cost);
  const users = createUsers(database, createPasswords(cost), createAccounts(database, Date.now));
  expect(users.emailOf('1')).toBe('alice@bank.example');
  expect(users.emailOf(users.findByName('bob')?.id ?? '')).toBe('bob@bank.example');
  database.close();
  rmSync(folder, { recursive: true });
});

test.each([
  'carol',
  'carol@localhost',
  'Carol <carol@mail.example>',
  'carol@mail.example,dave@mail.example',
  'carol@mail.example\r\nBcc: dave@mail.example',
  `${'c'.repeat(65)}@mail.example`,
  `carol@${'m'.repeat(250)}.example`,
  'carol@@mail.example',
  '@mail.example',
])('the address %j is refused at sign-up', async (email) => {
  const database = openDatabase(':memory:');
  const users = createUsers(database, createPasswords(cost), createAccounts(database, Date.now));
  const newcomer = { username: 'carol', password: 'a long enough password', openingCents: 0 };
  expect(await users.create({ ...newcomer, email })).toEqual({ problem: 'email_invalid' });
  expect(await users.create({ ...newcomer, email: "o'carol+bank@mail.example" })).toHaveProperty(
    'user.username',
    'carol',
  );
  database.close();
});
