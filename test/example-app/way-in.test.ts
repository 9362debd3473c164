import { Browser } from '../helpers/browser';
import { newestCode, PASSWORD, signUp, startBank, type RunningBank } from './bank';

let bank: RunningBank;
let browser: Browser;
beforeEach(async () => {
  bank = await startBank();
  browser = new Browser(bank.url);
});

const WAITING = 'Did you save your recovery codes?';

async function enroll(): Promise<void> {
  await browser.visit('/signup');
  await browser.submit('/signup', { username: 'carol', password: PASSWORD });
  await browser.submit('/second-factor/enrollment', { phone: '2065550177' });
  await browser.submit('/second-factor/enrollment/verify', { code: newestCode(bank) });
}

test('the page that was asked for before the sign-in is what comes after both locks', async () => {
  await enroll();
  await browser.visit('/account');
  await browser.submit('/logout');
  await bank.clock.advance(11);
  await browser.visit('/account?line=3');
  expect(browser.url).toBe(`${bank.url}/login`);
  await browser.submit('/login', { username: 'carol', password: PASSWORD });
  await browser.submit('/second-factor/challenge');
  await browser.submit('/second-factor/verify', { code: newestCode(bank) });
  expect(browser.url).toBe(`${bank.url}/account?line=3`);
});

test('the account page tells of recovery codes until they are kept', async () => {
  await enroll();
  await browser.visit('/account');
  expect(browser.text()).toContain(WAITING);
  await browser.visit('/second-factor');
  await browser.submit('/second-factor/recovery-codes/kept');
  await browser.visit('/account');
  expect(browser.text()).not.toContain(WAITING);
});

test('whoever is signed in is not asked for a password again, and whoever signs out is told so', async () => {
  await enroll();
  for (const page of ['/login', '/signup']) {
    await browser.visit(page);
    expect(browser.url).toBe(`${bank.url}/account`);
  }
  await browser.submit('/logout');
  expect(browser.url).toBe(`${bank.url}/login`);
  expect(browser.text()).toContain('You are signed out.');
  await browser.visit('/login');
  expect(browser.text()).not.toContain('You are signed out.');
});

test.each([{ username: 'carol' }, { password: PASSWORD }, {}])(
  'a sign-in with %j is malformed, and no wrong password',
  async (given) => {
    const { body } = await bank.agent().post('/login').send(given).expect(400);
    expect(body).toMatchObject({ error: 'request_malformed' });
    const page = await bank.agent().post('/login').accept('html').type('form').send(given);
    expect(page.text).toContain('Enter your username and your password.');
  },
);

test.each([
  [{ username: 'dave' }, 400, 'request_malformed'],
  [{ password: PASSWORD }, 400, 'request_malformed'],
  [{ username: 'CAROL', password: PASSWORD }, 409, 'username_taken'],
  [{ username: 'dave', password: PASSWORD, email: 'dave' }, 422, 'email_invalid'],
  [{ username: 'dave', password: 'short' }, 422, 'password_too_short'],
])(
  'a sign-up with %j makes nobody, and its page keeps what was typed',
  async (given, status, error) => {
    await signUp(bank.agent(), 'carol');
    const { body } = await bank.agent().post('/signup').send(given).expect(status);
    expect(body).toMatchObject({ error });
    const page = await bank.agent().post('/signup').accept('html').type('form').send(given);
    expect(page.status).toBe(status);
    const { username = '', email = '' } = given as { username?: string; email?: string };
    expect(page.text).toMatch(new RegExp(`name="username"[^>]*value="${username}"`));
    expect(page.text).toMatch(new RegExp(`name="email"[^>]*value="${email}"`));
    expect(bank.database.prepare('SELECT username FROM users').all()).toHaveLength(1);
  },
);

test('no code is sent for a link that is none', async () => {
  const { body } = await bank.agent().post('/reset-password/code').send({ token: 'x' }).expect(400);
  expect(body).toMatchObject({ error: 'link_invalid' });
  await bank.agent().post('/reset-password/code').send({}).expect(400);
  expect(bank.outbox.messages).toEqual([]);
});
