import type { BrowserContext, Page } from 'playwright-core';
import { newestCode, startApp, type TestApp } from '../helpers/app';
import { hasChromium, putCode, useWindow } from '../helpers/chromium';
import { startOtherSite } from '../helpers/other-site';
import { ROUTER } from '../helpers/paths';
import { hold } from '../helpers/web';

const { home: HOME, resume: RESUME } = ROUTER;
const SIGN_IN = `<form method="post" action="/login-returning">
  <input name="username"><input name="password"><button>Sign in</button></form>`;
const PAY = `<form method="post" action="/pay"><input name="to"><button>Pay</button></form>`;

const suite = hasChromium() ? describe : describe.skip;

suite('in Chromium', () => {
  const window = useWindow();
  let context: BrowserContext;
  let page: Page;
  let app: TestApp;
  /** Where the app sends the browser: another site, or an app on the phone. */
  let next: string;
  let paid: number;
  /** What a payment waits for. */
  let bank: Promise<void>;
  let onPayment: () => void;
  let scripts: boolean;

  const open = async (javaScriptEnabled = true): Promise<void> => {
    scripts = javaScriptEnabled;
    // Where a test ends its tab may still be on its way to another site.
    ({ context, page } = await window.other({ javaScriptEnabled }));
    paid = 0;
    bank = Promise.resolve();
    onPayment = () => undefined;
    app = await startApp({
      factor: { logoutPath: '/open' },
      before: (each) => each.get('/login', (_req, res) => void res.send(SIGN_IN)),
      after: (each, secondFactor) => {
        each.get('/authorize', secondFactor.require(), (_req, res) => res.redirect(next));
        each.get('/form', (_req, res) => void res.send(PAY));
        each.get('/paid', (_req, res) => void res.send('<h1>Paid</h1>'));
        each.post(
          '/pay',
          secondFactor.require({ maxAge: 300, resume: true }),
          async (_req, res) => {
            paid += 1;
            onPayment();
            await bank;
            res.redirect(303, next);
          },
        );
        each.post('/open', (req, res, fail) => {
          req.logout((error) => (error === undefined ? res.redirect(303, next) : fail(error)));
        });
      },
    });
  };
  const signIn = async (path: string, username = 'A'): Promise<void> => {
    await page.goto(`${app.url}/login`);
    await page.fill('[name=username]', username);
    await page.fill('[name=password]', 'right');
    await page.click('button');
    await page.goto(`${app.url}${path}`);
  };
  const confirm = async (): Promise<void> => {
    // With a script the page does it.
    if (!scripts) await page.click('button:has-text("Text me a code")');
    await page.waitForSelector('#code');
    await putCode(page, newestCode(app));
    await page.click('button:has-text("Confirm")', { noWaitAfter: true });
  };
  /** Comes to the page that asks whether a payment shall be done. */
  const askedToPay = async (): Promise<void> => {
    await signIn('/form');
    await confirm();
    await page.waitForURL(`${app.url}/form`);
    await app.clock.advance(301);
    await page.fill('[name=to]', 'bob');
    await page.click('button');
    await confirm();
    await page.waitForURL(`${app.url}${RESUME}`);
  };
  const yes = 'button:has-text("Yes, go ahead")';

  /** Does it, and comes to `next`: a page, or an app that this machine has not got. */
  const comesTo = async (act: () => Promise<void>): Promise<void> => {
    const refused: string[] = [];
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) refused.push(message.text());
    });
    const asked = page.waitForRequest(next).catch(() => undefined);
    await act();
    const request = await asked;
    expect([refused, request?.url()]).toEqual([[], next]);
  };

  describe.each(['another site', 'an app'])('to %s', (where) => {
    beforeEach(async () => {
      const other = await startOtherSite();
      next = where === 'an app' ? 'acme-bank://callback?code=1' : `${other}/callback?code=1`;
      await open();
    });

    test('[S192] after a code', async () => {
      await signIn('/authorize');
      await comesTo(confirm);
    });

    test('[S192] after a recovery code', async () => {
      await signIn(HOME, 'C');
      await page.fill('[name=phone]', '206-555-0199');
      await page.click('button[type=submit]:not(.quiet)');
      await page.waitForSelector('#code');
      await putCode(page, newestCode(app));
      await page.click('button:has-text("Confirm")');
      await page.waitForSelector('.codes');
      const code = (await page.textContent('.codes code')) ?? '';
      await context.clearCookies();
      await signIn('/authorize', 'C');
      await page.waitForSelector('summary');
      await page.click('summary');
      await page.fill('[name=recoveryCode]', code);
      await comesTo(() => page.click('details button', { noWaitAfter: true }));
    });

    test('[S192] after a form that was kept, which is told as done then', async () => {
      await askedToPay();
      await comesTo(() => page.click(yes, { noWaitAfter: true }));
      expect(paid).toBe(1);
      // In a tab of its own: the other site's page may still be on its way in this one.
      const tab = await page.context().newPage();
      await tab.goto(`${app.url}${RESUME}`);
      expect(await tab.textContent('h1')).toBe('This has been done');
    });

    test('[S192] after a sign-out on the page of the code', async () => {
      await signIn('/authorize');
      await comesTo(() => page.click('button:has-text("Sign out")', { noWaitAfter: true }));
    });
  });

  test('[S191] back after the form: the page says that it has been done', async () => {
    next = '/paid';
    await open();
    await askedToPay();
    await page.click(yes);
    await page.waitForURL(`${app.url}/paid`);
    await page.goBack();
    await page.waitForSelector('h1:has-text("This has been done")');
    expect(paid).toBe(1);
  });

  test.each([
    ['with', true],
    ['without', false],
  ])('[S191] a double click %s a script pays once, and is told the truth', async (_how, script) => {
    next = '/paid';
    await open(script);
    await askedToPay();
    const way = hold();
    bank = way.released;
    onPayment = way.enter;
    const { x, y, height } = (await page.locator(yes).boundingBox())!;
    await page.mouse.click(x + height, y + height / 2);
    await way.entered;
    await page.mouse.click(x + height, y + height / 2);
    if (script) {
      way.release();
      await page.waitForURL(`${app.url}/paid`);
    } else {
      await page.waitForSelector('h1:has-text("This has been sent")');
      way.release();
      await page.goto(`${app.url}${RESUME}`);
      expect(await page.textContent('h1')).toBe('This has been done');
    }
    expect(paid).toBe(1);
  });
});
