import session from 'express-session';
import request from 'supertest';
import { outboxSender } from 'passport-sms-2fa';
import { createApp } from '../../example-app/src/app';
import { openDatabase } from '../../example-app/src/accounts/database';

test('[S71] the bank’s session cookie is __Host-, Secure, HttpOnly, SameSite=Lax, and says nothing of its user', async () => {
  const database = openDatabase(':memory:');
  const app = createApp({
    database,
    sessionStore: new session.MemoryStore(),
    sender: outboxSender(),
    secrets: {
      session: 'session secret of a test, long enough',
      secondFactor: 'second factor secret, long enough too',
    },
    secureCookies: true,
    passwordCost: { N: 1_024, r: 8, p: 1 },
  });
  try {
    const answer = await request(app)
      .post('/signup')
      .set({ 'X-Forwarded-Proto': 'https', Accept: 'application/json' })
      .send({ username: 'carol', password: 'a long enough password' })
      .expect(201);
    const [cookie = ''] = answer.headers['set-cookie'] as unknown as string[];
    expect(cookie).toMatch(/^__Host-/);
    for (const flag of [/; Path=\/(;|$)/, /; HttpOnly/, /; Secure/, /; SameSite=Lax/])
      expect(cookie).toMatch(flag);
    expect(cookie).not.toMatch(/; Domain=/i);
    expect(decodeURIComponent(cookie)).not.toMatch(/carol|1206/);
  } finally {
    database.close();
  }
});
