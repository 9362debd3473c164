import type { BrowserContext, Page } from 'playwright-core';
import { newestCode, startApp, type TestApp, type TestAppOptions } from '../helpers/app';
import { hasChromium, putCode, useWindow } from '../helpers/chromium';
import { startOtherSite } from '../helpers/other-site';

const SIGN_IN = `<form method="post" action="/login-returning">
  <input name="username"><input name="password"><button>Sign in</button></form>`;
const PAY = `<h1>Pay</h1><form method="post" action="/pay"><input name="to"><button>Pay</button></form>`;

const suite = hasChromium() ? describe : describe.skip;

suite('in Chromium', () => {
  const window = useWindow();
  let context: BrowserContext;
  let page: Page;
  let app: TestApp;
  beforeEach(() => {
    ({ context, page } = window);
  });

  const start = async (referrerPolicy?: string, options: TestAppOptions = {}): Promise<void> => {
    app = await startApp({
      before: (each) => {
        each.use((_req, res, next) => {
          if (referrerPolicy !== undefined) res.setHeader('Referrer-Policy', referrerPolicy);
          next();
        });
        each.get('/login', (_req, res) => void res.send(SIGN_IN));
      },
      after: (each, secondFactor) => {
        each.get('/form', (_req, res) => void res.send(PAY));
        each.post('/pay', secondFactor.require({ maxAge: 300 }), (_req, res) => {
          res.send('<h1>Paid</h1>');
        });
      },
      ...options,
    });
  };
  const signIn = async (): Promise<void> => {
    await page.fill('[name=username]', 'A');
    await page.fill('[name=password]', 'right');
    await page.click('button');
  };
  const typeCode = async (): Promise<void> => {
    await putCode(page, newestCode(app));
    await page.click('button[type=submit]:has-text("Confirm")');
  };
  const texts = (): number => app.outbox.messages.length;

  /** What the user does on the other site: its link opens in this tab or in another one. */
  const follow = async (site: string): Promise<Page> => {
    const other = await context.newPage();
    await other.goto(site);
    await Promise.all([other.waitForURL(`${app.url}/**`), other.click('a')]);
    await other.waitForLoadState('networkidle');
    return other;
  };

  test('[S184] the page sends the text of a sign-in by itself; what another site opens sends none', async () => {
    await start();
    const site = await startOtherSite(`${app.url}/enforced?to=mallory`);
    await page.goto(`${app.url}/login`);
    await signIn();
    await page.goto(`${app.url}/enforced?mine`);
    await page.waitForSelector('#code');
    expect(texts()).toBe(1);
    for (let times = 0; times < 3; times += 1) {
      await app.clock.advance(301);
      const other = await follow(site);
      expect(await other.textContent('main')).toContain('Text me a code');
      expect(await other.$('form[data-submit-at-once]')).toBeNull();
      expect(texts()).toBe(1);
      await other.close();
    }
    // Its button does, and so does whatever the user's own hand opens.
    const other = await follow(site);
    await other.click('button:has-text("Text me a code")');
    await other.waitForSelector('#code');
    expect(texts()).toBe(2);
    await app.clock.advance(601);
    await page.goto(`${app.url}/enforced?mine`);
    await page.waitForSelector('#code');
    expect(texts()).toBe(3);
  });

  test('[S185] the user lands where they were going, whatever another site has opened meanwhile', async () => {
    await start();
    const site = await startOtherSite(`${app.url}/enforced?to=mallory`);
    await page.goto(`${app.url}/login`);
    await signIn();
    await page.goto(`${app.url}/enforced?mine`);
    await page.waitForSelector('#code');
    await (await follow(site)).close();
    await typeCode();
    await page.waitForURL(`${app.url}/enforced?mine`);
  });

  test('[S185] what a stranger has typed is gone to after password and code; what another site opened is not', async () => {
    await start();
    await page.goto(`${app.url}/secret?box=7`);
    await signIn();
    await page.waitForSelector('#code');
    await typeCode();
    await page.waitForURL(`${app.url}/secret?box=7`);
    await context.clearCookies();
    const site = await startOtherSite(`${app.url}/secret?to=mallory`);
    await page.goto(site);
    await page.click('a');
    await signIn();
    await page.waitForURL(`${app.url}/`);
  });

  /** helmet's own value, and the one that the docs name. */
  test.each([
    ['no-referrer', '/'],
    ['same-origin', '/form'],
  ])(
    '[S119] under the referrer policy %s a form that was held up leads back to %s',
    async (policy, path) => {
      await start(policy);
      await page.goto(`${app.url}/login`);
      await signIn();
      await page.goto(`${app.url}/form`);
      await page.waitForSelector('#code');
      await typeCode();
      await page.waitForURL(`${app.url}/form`);
      await app.clock.advance(301);
      await page.fill('[name=to]', 'bob');
      await page.click('button');
      await page.waitForSelector('#code');
      expect(await page.textContent('main')).toContain('What you submitted wasn');
      await typeCode();
      await page.waitForURL(`${app.url}${path}`);
    },
  );
});
