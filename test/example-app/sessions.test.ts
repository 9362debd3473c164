import session from 'express-session';
import request from 'supertest';
import { PASSWORD, signUp, startBank } from './bank';

test('over plain http the session cookie has a plain name, and lasts twelve hours', async () => {
  const { url } = await startBank();
  const person = { username: 'carol', password: PASSWORD };
  const { headers } = await request(url).post('/signup').send(person).expect(201);
  const [cookie = ''] = headers['set-cookie'] as unknown as string[];
  expect(cookie).toMatch(/^bank=s%3A/);
  for (const flag of [/; Path=\/(;|$)/, /; HttpOnly/, /; SameSite=Lax/])
    expect(cookie).toMatch(flag);
  expect(cookie).not.toMatch(/; Secure|; Domain/i);
  const ends = Date.parse(/Expires=([^;]+)/.exec(cookie)?.[1] ?? '');
  expect(Math.abs(ends - Date.now() - 12 * 3_600_000)).toBeLessThan(60_000);
});

test('strangers leave no session, and a look at a page writes none anew', async () => {
  const store = new session.MemoryStore();
  const bank = await startBank({ sessionStore: store });
  const written = jest.spyOn(store, 'set');
  const { headers } = await bank.agent().get('/login').set('Accept', 'text/html').expect(200);
  expect(headers['set-cookie']).toBeUndefined();
  expect(written).not.toHaveBeenCalled();
  const agent = bank.agent();
  await signUp(agent, 'carol');
  written.mockClear();
  await agent.get('/').expect(200);
  expect(written).not.toHaveBeenCalled();
});

test('a session of somebody who is gone, or whose credentials changed, is nobody’s', async () => {
  const ends = [
    'UPDATE users SET credentials_epoch = credentials_epoch + 1',
    'DELETE FROM users WHERE username = ?',
  ];
  for (const end of ends) {
    const bank = await startBank();
    const agent = bank.agent();
    await signUp(agent, 'carol');
    await agent.get('/api/account').expect(403);
    bank.database.prepare(end).run(...(end.includes('?') ? ['carol'] : []));
    const { body } = await agent.get('/api/account').expect(401);
    expect((body as { code: string }).code).toBe('not_authenticated');
  }
});
