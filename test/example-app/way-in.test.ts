import { Browser } from '../helpers/browser';
import { newestCode, PASSWORD, startBank, type RunningBank } from './bank';

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
  await browser.visit('/login');
  expect(browser.url).toBe(`${bank.url}/account`);
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
