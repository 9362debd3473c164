import { Browser } from '../helpers/browser';
import { newestCode, PASSWORD, signUp, startBank, type RunningBank } from './bank';

let bank: RunningBank;
let browser: Browser;
beforeEach(async () => {
  bank = await startBank();
  await signUp(bank.agent(), 'dave');
  browser = new Browser(bank.url);
  await browser.visit('/signup');
  await browser.submit('/signup', { username: 'carol', password: PASSWORD });
  await browser.submit('/second-factor/enrollment', { phone: '2065550177' });
  await browser.submit('/second-factor/enrollment/verify', { code: newestCode(bank) });
  await browser.visit('/account');
  await bank.clock.advance(301);
  await browser.submit('/transfer', { to: 'dave', amount: '12.50' });
  await browser.submit('/second-factor/challenge');
});

const verify = () => browser.submit('/second-factor/verify', { code: newestCode(bank) });
const NOT_DONE = "What you started before you entered the code wasn't done.";

test('[S157] a transfer that waited for a code is offered again, and done once', async () => {
  await verify();
  expect(browser.url).toBe(`${bank.url}/second-factor/resume`);
  expect(browser.text()).toContain("Send money Thanks for confirming. This hasn't been done yet.");
  expect(browser.text()).toContain('To dave Amount $12.50');
  const page = browser.page;
  await browser.submit('/transfer');
  expect(browser.text()).toContain('$12.50 went to dave.');
  expect(browser.text()).not.toContain(NOT_DONE);
  await browser.visit('/second-factor/resume');
  expect(browser.text()).toContain('This has been done');
  // Back to the page as it was, and the same button once more.
  browser.page = page;
  await browser.submit('/transfer');
  expect(browser.text()).toContain('This has been done');
  await browser.visit('/account');
  expect(browser.text()).toContain('$87.50');
});

test('[S157] a transfer that its sender leaves is not done, and the account page says so once', async () => {
  await verify();
  await browser.visit('/account');
  expect(browser.text()).toContain(NOT_DONE);
  expect(browser.text()).toContain('$100.00');
  await browser.visit('/account');
  expect(browser.text()).not.toContain(NOT_DONE);
});
