import request from 'supertest';
import type { Agent } from '../helpers/app';
import { enroll, PASSWORD, rememberCookie, signUp, startBank, type RunningBank } from './bank';

let bank: RunningBank;
beforeEach(async () => {
  bank = await startBank();
  await signUp(bank.agent(), 'carol');
});

const LOGIN = { username: 'carol', password: PASSWORD };
const TOO_MANY = 'Too many attempts. Wait a few minutes, then try again.';
/** A form that a browser posts, whose answer is not followed. */
const form = (path: string, fields: object, agent: Agent = bank.agent()) =>
  agent.post(path).set('Accept', 'text/html').type('form').send(fields);

test('a program learns who is signed in and what is still to come; a browser goes to the account', async () => {
  const { body } = await bank.agent().post('/login').send(LOGIN).expect(200);
  expect(body).toMatchObject({ username: 'carol', secondFactor: { enrolled: false } });
  const { headers } = await form('/login', LOGIN).expect(303);
  expect(headers.location).toBe('/account');
  const signup = await form('/signup', { ...LOGIN, username: 'dave' }).expect(303);
  expect(signup.headers.location).toBe('/account');
});

test('a wrong password is told in words that do not say which of both was wrong', async () => {
  const message = 'The username or the password is wrong.';
  for (const given of [
    { ...LOGIN, password: 'a guess' },
    { ...LOGIN, username: 'nobody' },
  ]) {
    const { body } = await bank.agent().post('/login').send(given).expect(401);
    expect(body).toEqual({ error: 'credentials_incorrect', message });
    const { text } = await form('/login', given).expect(401);
    expect(text).toContain(message);
    expect(text).toMatch(new RegExp(`name="username"[^>]*value="${given.username}"`));
  }
  const { text } = await form('/login', { password: PASSWORD }).expect(400);
  expect(text).toMatch(/name="username"[^>]*value=""/);
});

test('guesses are counted for the first 64 letters of a name, so that longer ones fill no memory', async () => {
  const guess = (end: string) =>
    bank
      .agent()
      .post('/login')
      .send({ username: 'x'.repeat(64) + end, password: 'a guess' });
  for (let each = 0; each < 10; each += 1) await guess(`${each}`).expect(401);
  const { body } = await guess('another').expect(429);
  expect(body).toEqual({ error: 'too_many_attempts', message: TOO_MANY });
});

test('guesses from one address hold nobody up at another', async () => {
  await bank.close();
  bank = await startBank({ secureCookies: true });
  const from = (ip: string, path: string, fields: object) =>
    request(bank.url)
      .post(path)
      .set({ 'X-Forwarded-Proto': 'https', 'X-Forwarded-For': ip, Accept: 'application/json' })
      .send(fields);
  await from('192.0.2.1', '/signup', LOGIN).expect(201);
  const guess = { ...LOGIN, password: 'a guess' };
  for (let each = 0; each < 10; each += 1) await from('192.0.2.1', '/login', guess).expect(401);
  await from('192.0.2.1', '/login', LOGIN).expect(429);
  await from('192.0.2.2', '/login', LOGIN).expect(200);
  for (let each = 0; each < 5; each += 1) {
    await from('192.0.2.1', '/forgot-password', LOGIN).expect(202);
  }
  await from('192.0.2.1', '/forgot-password', LOGIN).expect(429);
  await from('192.0.2.2', '/forgot-password', LOGIN).expect(202);
});

test('a stranger who signs out gets no session for it', async () => {
  const { headers } = await form('/logout', {}).expect(303);
  expect(headers.location).toBe('/login');
  expect(headers['set-cookie']).toBeUndefined();
});

test('the address of a new account is kept without the spaces around it', async () => {
  const person = { username: 'dave', password: PASSWORD, email: ' dave@mail.example ' };
  await bank.agent().post('/signup').send(person).expect(201);
  const find = bank.database.prepare('SELECT email FROM users WHERE username = ?');
  expect(find.get('dave')).toMatchObject({ email: 'dave@mail.example' });
  const { body } = await bank.agent().post('/signup').send({ username: 'erin' }).expect(400);
  expect(body).toMatchObject({ message: 'Choose a username and a password.' });
});

test('a remembered browser of somebody who is gone is a stranger’s', async () => {
  const agent = bank.agent();
  await agent
    .post('/login')
    .send({ ...LOGIN, remember: true })
    .expect(200);
  const cookie = `bank-remember=${rememberCookie(agent)?.value}`;
  const code = async () => {
    const answer = await bank.agent().get('/api/account').set('Cookie', cookie);
    return (answer.body as { code: string }).code;
  };
  expect(await code()).toBe('enrollment_required');
  bank.database.exec('PRAGMA foreign_keys = OFF');
  bank.database.prepare('DELETE FROM users').run();
  expect(await code()).toBe('not_authenticated');
});

test('the pages of the second factor show the icon of the bank, to strangers as well', async () => {
  const agent = bank.agent();
  await enroll(bank, agent, 'dave');
  for (const whose of [agent, bank.agent()]) {
    const page = await whose.get('/second-factor/nothing').set('Accept', 'text/html').expect(404);
    expect(page.text).toContain('class="brand" href="/"');
    expect(page.headers['content-security-policy']).toContain("img-src 'self'");
  }
});
