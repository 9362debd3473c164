import request from 'supertest';
import type { Agent } from '../helpers/app';
import {
  enroll,
  expectHalfWay,
  expectStranger,
  NEW_PASSWORD,
  passSecondFactor,
  PASSWORD,
  rememberCookie,
  signUp,
  startBank,
  type RunningBank,
} from './bank';

let bank: RunningBank;
beforeEach(async () => {
  bank = await startBank();
});

const DAY = 24 * 60 * 60;

async function login(agent: Agent, username = 'carol', remember: unknown = true): Promise<void> {
  await agent.post('/login').send({ username, password: PASSWORD, remember }).expect(200);
}

/** A browser that has nothing but this token. */
async function comeBack(token: string): Promise<Agent> {
  const agent = bank.agent();
  agent.jar.setCookie(`bank-remember=${token}`, '127.0.0.1', '/');
  return agent;
}

const tokenOf = (agent: Agent): string => rememberCookie(agent)?.value ?? '';

test('[S82] a remembered browser still meets the second factor', async () => {
  await enroll(bank, bank.agent(), 'carol');
  const agent = bank.agent();
  await login(agent);
  await passSecondFactor(bank, agent);
  await agent.get('/api/account').expect(200);

  const later = await comeBack(tokenOf(agent));
  await expectHalfWay(later);
  await later.post('/transfer').send({ to: 'dave', amount: '1' }).expect(401);
  const page = await request(bank.url)
    .get('/account')
    .set('Cookie', `bank-remember=${tokenOf(later)}`)
    .set('Accept', 'text/html')
    .expect(302);
  expect(page.headers.location).toBe('/second-factor/');
});

test('a token is replaced at each use', async () => {
  await signUp(bank.agent(), 'carol');
  const agent = bank.agent();
  await login(agent);
  const first = tokenOf(agent);
  expect(first).toMatch(/^[\w-]{43}\.[\w-]{43}$/);
  const later = await comeBack(first);
  await later.get('/').expect(200);
  const second = tokenOf(later);
  expect(second).not.toBe(first);
  const last = await comeBack(second);
  await last.get('/').expect(200);
  expect(tokenOf(last)).not.toBe(second);
});

test('the database keeps a hash of the token and not the token', async () => {
  await signUp(bank.agent(), 'carol');
  const agent = bank.agent();
  await login(agent);
  const rows = bank.database.prepare('SELECT * FROM remembered_series').all();
  expect(rows).toHaveLength(1);
  expect(JSON.stringify(rows)).not.toContain(tokenOf(agent).split('.')[1]);
});

test('using a token does not make it live longer than 30 days after the password', async () => {
  await signUp(bank.agent(), 'carol');
  const agent = bank.agent();
  await login(agent);
  await bank.clock.advance(29 * DAY);
  const later = await comeBack(tokenOf(agent));
  await later.get('/').expect(200);
  await bank.clock.advance(DAY);
  await expectStranger(await comeBack(tokenOf(later)));
});

test.each([null, false, 'off', '', 1])(
  'without the checkbox (%p) nothing is remembered',
  async (remember) => {
    await signUp(bank.agent(), 'carol');
    const agent = bank.agent();
    await login(agent, 'carol', remember);
    expect(rememberCookie(agent)).toBeUndefined();
  },
);

test('signing out ends what this browser had, and so does another login in it', async () => {
  await signUp(bank.agent(), 'carol');
  await signUp(bank.agent(), 'dave');
  const agent = bank.agent();
  await login(agent);
  const first = tokenOf(agent);
  await agent.post('/logout').send({}).expect(204);
  expect(rememberCookie(agent)).toBeUndefined();
  await expectStranger(await comeBack(first));

  await login(agent);
  const second = tokenOf(agent);
  await login(agent, 'dave', false);
  expect(rememberCookie(agent)).toBeUndefined();
  await expectStranger(await comeBack(second));
});

test('a new password ends every remembered browser', async () => {
  const owner = bank.agent();
  await enroll(bank, owner, 'carol');
  const agent = bank.agent();
  await login(agent);
  await owner.post('/password').send({ current: PASSWORD, password: NEW_PASSWORD }).expect(200);
  await expectStranger(await comeBack(tokenOf(agent)));
});

test('[S71] over https the cookie is __Host-, Secure, HttpOnly and SameSite=Lax', async () => {
  await bank.close();
  bank = await startBank({ secureCookies: true });
  const https = { 'X-Forwarded-Proto': 'https', Accept: 'application/json' };
  const person = { username: 'carol', password: PASSWORD };
  await request(bank.url).post('/signup').set(https).send(person).expect(201);
  const answer = await request(bank.url)
    .post('/login')
    .set(https)
    .send({ ...person, remember: true })
    .expect(200);
  const cookies = answer.headers['set-cookie'] as unknown as string[];
  const cookie = cookies.find((each) => each.startsWith('__Host-bank-remember='));
  for (const flag of [/; Path=\/(;|$)/, /; HttpOnly/, /; Secure/, /; SameSite=Lax/]) {
    expect(cookie).toMatch(flag);
  }
  expect(cookie).not.toMatch(/; Domain=/i);
});

test.each(['', '.', 'x', 'x.y', '%00', 'a'.repeat(5_000)])(
  'the token %.20j restores nobody',
  async (token) => {
    await expectStranger(bank.agent().set('Cookie', `bank-remember=${token}`));
  },
);
