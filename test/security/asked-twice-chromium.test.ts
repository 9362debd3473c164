import type { Express, Response } from 'express';
import type { Page } from 'playwright-core';
import { newestCode, startApp, type TestApp } from '../helpers/app';
import { hasChromium, putCode, useWindow } from '../helpers/chromium';
import { until } from '../helpers/cluster';
import { ROUTER } from '../helpers/paths';

const suite = hasChromium() ? describe : describe.skip;

suite('[S177] in Chromium', () => {
  const window = useWindow();
  let page: Page;
  let app: TestApp;
  /** How many answers to the next posts of a code get lost. */
  let lost: number;
  let posts: number;

  /** The app has answered, and the answer never gets there. */
  function losing(routes: Express): void {
    routes.post([ROUTER.verify, ROUTER.confirm], (req, res: Response, next) => {
      posts += 1;
      if (lost > 0) {
        lost -= 1;
        res.end = (() => {
          req.socket.destroy();
          return res;
        }) as Response['end'];
      }
      next();
    });
  }

  beforeEach(async () => {
    [lost, posts] = [0, 0];
    app = await startApp({ before: losing });
    page = window.page;
    await page.goto(`${app.url}/`);
  });

  async function signIn(username: string): Promise<void> {
    const status = await page.evaluate(async (name) => {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ username: name, password: 'right' });
      return (await fetch('/login', { method: 'POST', headers, body })).status;
    }, username);
    expect(status).toBe(200);
  }

  /** The page with the field for a code; its text is on its way. */
  async function comeToCode(): Promise<void> {
    await page.goto(`${app.url}/secret`);
    await page.waitForSelector('input[name=code]');
    await putCode(page, newestCode(app));
  }

  /** The browser comes to where its user wanted to go. */
  const landing = () =>
    until('the user is where they wanted to go', () => page.url() === `${app.url}/secret`);

  async function isVerified(): Promise<boolean> {
    await page.goto(`${app.url}/secret`);
    return (await page.innerText('body')).includes('the secret marker');
  }

  const button = 'form:has(input[name=code]) button[type=submit]';

  test.each([0, 5, 30, 120])(
    'a double click on the button of a code, %i ms apart, signs in',
    async (delay) => {
      await signIn('A');
      await comeToCode();
      await page.dblclick(button, { delay, noWaitAfter: true });
      await landing();
      expect(await isVerified()).toBe(true);
    },
  );

  test('a form that a script sends twice signs in, whichever answer comes last', async () => {
    await signIn('A');
    await comeToCode();
    await page.evaluate(`
      const form = document.querySelector('form:has(input[name=code])');
      form.submit();
      setTimeout(() => form.submit(), 10);
    `);
    await landing();
    expect(await isVerified()).toBe(true);
  });

  test('an answer that got lost is had by sending the form once more', async () => {
    await signIn('A');
    await comeToCode();
    // A browser asks again by itself where an old connection broke: all of them are lost.
    lost = 8;
    await page.click(button, { noWaitAfter: true });
    await until('the code was sent', () => posts > 0 && page.url() !== `${app.url}/second-factor/`);
    lost = 0;
    await page.goto(`${app.url}/open`);
    await page.setContent(
      `<form method="post" action="${ROUTER.verify}">
        <input name="code" value="${newestCode(app)}"><button type="submit">Again</button></form>`,
    );
    await page.click('button');
    await landing();
    expect(await isVerified()).toBe(true);
  });

  test('a phone is confirmed by a double click', async () => {
    await signIn('C');
    await page.goto(`${app.url}/second-factor/`);
    await page.fill('input[name=phone]', '+12065550177');
    await page.click('form:has(input[name=phone]) button[type=submit]');
    await page.waitForSelector('input[name=code]');
    await putCode(page, newestCode(app));
    await page.dblclick(button, { delay: 10, noWaitAfter: true });
    await page.waitForURL(/recovery-codes/);
    expect(app.enrollments.get('id-of-C')?.phone).toBe('+12065550177');
    expect(await isVerified()).toBe(true);
  });
});
