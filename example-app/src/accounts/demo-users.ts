import { randomUUID } from 'node:crypto';

import { createAccounts } from './accounts';
import type { Database } from './database';
import { createEnrollments } from './enrollments';
import { createPasswords, type PasswordCost } from './passwords';
import { createUsers } from './users';

export const DEMO_PASSWORD = 'correct horse battery staple';
export const DEMO_USERNAMES = ['alice', 'bob'];
/** A number of the range kept for fiction: nobody has it. */
export const BOBS_PHONE = '+12065550142';

const OPENING_CENTS = 1_250_00;

/**
 * alice, who still has to add a phone, and bob, who has one. Their password is in the README, so
 * they exist only where the simulator takes the texts. Doing it again changes nothing, except that
 * bob gets his phone back where a visitor removed it. Their addresses are of the domain kept for examples.
 */
export async function createDemoUsers(database: Database, cost?: PasswordCost): Promise<void> {
  const users = createUsers(database, createPasswords(cost), createAccounts(database, Date.now));
  for (const username of DEMO_USERNAMES) {
    const email = `${username}@bank.example`;
    const there = users.findByName(username);
    if (there) users.setEmail(there.id, email);
    else {
      await users.create({ username, password: DEMO_PASSWORD, email, openingCents: OPENING_CENTS });
    }
  }
  const bob = users.findByName('bob');
  if (!bob) throw new Error('The demo user bob could not be created');
  // An app never writes these records itself; here it plays a user who enrolled before.
  const enrollment = {
    phone: BOBS_PHONE,
    confirmedAt: Date.now(),
    epoch: randomUUID(),
    version: 1,
  };
  await createEnrollments(database).set(bob.id, enrollment, 0);
}
