import type { BrowserContext, Page } from 'playwright-core';
import { newestCode, startApp, type TestApp } from '../helpers/app';
import { hasChromium, putCode, useWindow } from '../helpers/chromium';
import { ROUTER } from '../helpers/paths';

let app: TestApp;
/** Answers to the form of a new phone's code get lost on their way, after it was carried out. */
let loses = false;

const suite = hasChromium() ? describe : describe.skip;

suite('in Chromium', () => {
  const window = useWindow();
  let context: BrowserContext;
  let page: Page;

  beforeEach(async () => {
    loses = false;
    app = await startApp({
      before: (routes) => {
        routes.use((req, res, next) => {
          if (req.method === 'POST' && req.path === ROUTER.confirm && loses) {
            res.writeHead = () => {
              req.socket.destroy();
              return res;
            };
          }
          next();
        });
      },
    });
    ({ context, page } = window);
  });

  async function signIn(): Promise<void> {
    await page.goto(`${app.url}/`);
    await page.evaluate(async () => {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ username: 'C', password: 'right' });
      await fetch('/login', { method: 'POST', headers, body });
    });
  }

  /** Asks for a code to a first phone, and types it. */
  async function typeCode(): Promise<void> {
    await signIn();
    await page.goto(`${app.url}/second-factor/`);
    await page.fill('#phone', '(206) 555-0177');
    await page.click('form[action$="/enrollment"] button');
    await putCode(page, newestCode(app));
  }

  const confirm = 'form[action$="/enrollment/verify"] button';
  const kept = 'form[action$="/recovery-codes/kept"] button';
  const codes = () => page.locator('.codes code').allInnerTexts();

  /** Confirms the phone; the browser tries more than once by itself, and gets no answer. */
  async function loseAnswer(): Promise<void> {
    loses = true;
    const failed = page.waitForEvent('requestfailed');
    await page.click(confirm).catch(() => undefined);
    await failed;
    await page.waitForURL('chrome-error://chromewebdata/');
    loses = false;
  }

  /** The codes can be seen again, here and on the page that is due, until they are said to be kept. */
  async function expectShownUntilKept(): Promise<void> {
    const shown = await codes();
    expect(shown).toHaveLength(10);
    await page.reload();
    expect(await codes()).toEqual(shown);
    await page.goto(`${app.url}/second-factor/`);
    expect(await codes()).toEqual(shown);
    await page.click(kept);
    await page.waitForURL(`${app.url}/second-factor/`);
    await page.goto(`${app.url}/second-factor/recovery-codes`);
    expect([new URL(page.url()).pathname, await codes()]).toEqual(['/second-factor/', []]);
    expect(app.enrollments.get('id-of-C')!.recoveryCodes!.digests).toHaveLength(10);
  }

  test('[S178] [S177] a double click at "Confirm phone" shows the codes, each time', async () => {
    for (let run = 0; run < 4; run += 1) {
      await typeCode();
      await page.dblclick(confirm);
      await page.waitForSelector(kept);
      await expectShownUntilKept();
      app.enrollments.clear();
      await context.clearCookies();
      await app.clock.advance(86_400);
    }
  });

  test('[S178] [S177] an answer to "Confirm phone" that got lost is asked for again, and shows the codes', async () => {
    await typeCode();
    await loseAnswer();
    expect(app.enrollments.get('id-of-C')).toBeDefined();
    // The user has the browser post the form again.
    await page.reload();
    await page.waitForSelector(kept);
    await expectShownUntilKept();
  });

  test('[S178] who comes too late for that signs in, is told, and makes other codes', async () => {
    await typeCode();
    await loseAnswer();
    await app.clock.advance(60);
    await signIn();
    await page.goto(`${app.url}/second-factor/`);
    // The page has asked for a text by itself.
    await putCode(page, newestCode(app));
    await page.click('form[action$="/verify"] button');
    await page.waitForURL(`${app.url}/`);
    await page.goto(`${app.url}/second-factor/`);
    expect(await page.innerText('main')).toContain('Did you save your new recovery codes?');
    expect(await codes()).toEqual([]);
    await page.click('summary:has-text("Recovery codes")');
    await page.click('form[action$="/recovery-codes"] button');
    await page.waitForSelector('form:has([name=confirm])');
    await page.click('form:has([name=confirm]) button');
    await page.waitForSelector(kept);
    await expectShownUntilKept();
  });

  test('a double click at "Text me a code" asks once, and alarms nobody', async () => {
    const posts: string[] = [];
    page.on('request', (each) => {
      if (each.url().endsWith(ROUTER.enrollment)) posts.push(each.method());
    });
    for (let run = 0; run < 2; run += 1) {
      await signIn();
      await page.goto(`${app.url}/second-factor/`);
      await page.fill('#phone', '(206) 555-0177');
      await page.dblclick('form[action$="/enrollment"] button');
      await page.waitForSelector('#code');
      await page.waitForLoadState('networkidle');
      expect(await page.innerText('#problem')).toBe('');
      expect(posts.splice(0)).toEqual(['POST']);
      await context.clearCookies();
      await app.clock.advance(86_400);
    }
  });

  test('[S178] the codes can be read, on a phone and on a desk: none lies on another or beyond the edge', async () => {
    await typeCode();
    await page.click(confirm);
    await page.waitForSelector(kept);
    for (const width of [320, 360, 1_280]) {
      await page.setViewportSize({ width, height: 740 });
      const boxes = await Promise.all(
        (await page.locator('.codes code').all()).map((code) => code.boundingBox()),
      );
      const overlap = boxes.filter((one, index) =>
        boxes
          .slice(index + 1)
          .some(
            (other) =>
              one!.x < other!.x + other!.width &&
              other!.x < one!.x + one!.width &&
              one!.y < other!.y + other!.height &&
              other!.y < one!.y + one!.height,
          ),
      );
      const beyond = boxes.filter((box) => box!.x < 0 || box!.x + box!.width > width);
      expect([width, boxes.length, overlap, beyond]).toEqual([width, 10, [], []]);
    }
  });

  test('[S178] two clicks at "I’ve saved them" are one', async () => {
    await typeCode();
    await page.click(confirm);
    await page.waitForSelector(kept);
    await page.dblclick(kept);
    await page.waitForURL(`${app.url}/second-factor/`);
    expect(await page.innerText('main')).toContain('We text your codes to');
    expect(await page.innerText('main')).not.toContain('kept');
    const { recoveryCodes, newRecoveryCodes } = app.enrollments.get('id-of-C')!;
    expect([recoveryCodes!.digests.length, newRecoveryCodes]).toEqual([10, undefined]);
  });
});
