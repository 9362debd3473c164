import type { Page } from 'playwright-core';
import { Browser } from '../helpers/browser';
import { hasChromium, putCode, useWindow } from '../helpers/chromium';
import { newestCode, PASSWORD, startBank, type RunningBank } from './bank';

let bank: RunningBank;
beforeEach(async () => {
  bank = await startBank();
});

const FRAME = /<link rel="stylesheet" href="\/styles\.css" \/>[^]*class="brand" href="\/"/;

test('the pages of the second factor stand in the frame of the bank, with one way to sign out', async () => {
  const browser = new Browser(bank.url);
  await browser.visit('/signup');
  expect(browser.page).toMatch(FRAME);
  await browser.submit('/signup', { username: 'carol', password: PASSWORD });
  for (const path of ['/second-factor', '/second-factor/enrollment', '/nothing', '/help']) {
    await browser.visit(path);
    expect(browser.page).toMatch(FRAME);
    expect(browser.page.match(/action="\/logout"/g)).toHaveLength(1);
    expect(browser.page).not.toContain('href="/login"');
  }
});

test('terms, privacy and help are named where a phone is added, and are there for strangers', async () => {
  const browser = new Browser(bank.url);
  await browser.visit('/signup');
  await browser.submit('/signup', { username: 'carol', password: PASSWORD });
  await browser.visit('/account');
  const [main = ''] = /<main>[^]*<\/main>/.exec(browser.page) ?? [];
  const stranger = new Browser(bank.url);
  for (const path of ['/terms', '/privacy', '/help']) {
    expect(main).toContain(`href="${path}"`);
    await stranger.visit(path);
    expect(stranger.status).toBe(200);
  }
});

const withChromium = hasChromium() ? describe : describe.skip;

withChromium('in a browser', () => {
  const window = useWindow();

  test('nothing is refused by a policy, and nothing is wider than 320 pixels', async () => {
    const { page } = window;
    await page.setViewportSize({ width: 320, height: 640 });
    const said: string[] = [];
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => said.push(error.message));
    const seen: string[] = [];
    const look = async () => {
      seen.push(new URL(page.url()).pathname);
      const width = await page.evaluate('document.documentElement.scrollWidth');
      expect([page.url(), width]).toEqual([page.url(), 320]);
    };
    for (const path of ['/', '/login', '/terms', '/privacy', '/help', '/signup']) {
      await page.goto(bank.url + path);
      await look();
    }
    await page.fill('#username', 'carol');
    await page.fill('#password', PASSWORD);
    await press(page, 'Open account');
    await look();
    await page.fill('input[name=phone]', '2065550177');
    await press(page, 'Text me a code');
    await look();
    await putCode(page, newestCode(bank));
    await press(page, 'Confirm phone');
    await look();
    for (const path of ['/account', '/settings', '/password', '/second-factor/']) {
      await page.goto(bank.url + path);
      await look();
    }
    expect(seen.slice(6)).toEqual([
      '/second-factor/',
      '/second-factor/',
      '/second-factor/recovery-codes',
      '/account',
      '/settings',
      '/password',
      '/second-factor/',
    ]);
    expect(said).toEqual([]);
  });
});

async function press(page: Page, name: string): Promise<void> {
  await Promise.all([
    page.waitForEvent('framenavigated'),
    page.locator('main').getByRole('button', { name }).click(),
  ]);
  await page.waitForLoadState();
}
