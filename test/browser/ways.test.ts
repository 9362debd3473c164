import { readFileSync } from 'node:fs';
import type { Express } from 'express';
import type { Page } from 'playwright-core';
import { hasChromium, putCode, useWindow } from '../helpers/chromium';
import { ROUTER } from '../helpers/paths';
import { reach, STATES } from './states';

const suite = hasChromium() ? describe : describe.skip;

suite('in Chromium', () => {
  const window = useWindow();

  const asked = STATES['code asked for']!;
  const codesIn = (page: Page) => page.locator('.codes code').allInnerTexts();

  test('the keyboard alone gets everywhere, and its place is seen', async () => {
    const visitor = await reach(asked, window);
    const { page, app } = visitor;
    // The browser puts it there when it first paints.
    await page.waitForFunction("document.activeElement?.name === 'code'");
    const places: unknown[] = [];
    for (let place = 0; place < 5; place += 1) {
      places.push(
        await page.evaluate(`(() => {
          const at = document.activeElement;
          const { outlineStyle, outlineWidth } = getComputedStyle(at);
          return [at.name || at.innerText.split('\\n')[0].trim(), outlineStyle, parseFloat(outlineWidth) >= 2];
        })()`),
      );
      await page.keyboard.press('Tab');
    }
    const seen = ['solid', true];
    expect(places).toEqual([
      ['code', ...seen],
      ['trustDevice', ...seen],
      ['Confirm', ...seen],
      [expect.stringMatching(/^Text it again/), ...seen],
      ['Sign out', ...seen],
    ]);
    await putCode(page, visitor.code());
    await page.focus('#code');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${app.url}/`);
  });

  test('without JavaScript waits are said in words, nothing is missing, and nothing is there that does nothing', async () => {
    const visitor = await reach(asked, await window.other({ javaScriptEnabled: false }));
    const { page, app } = visitor;
    const text = await page.innerText('main');
    expect(text).toContain('It works for 5 more minutes.');
    expect(text).toContain('You can ask for it again in 30 seconds.');
    expect(text).not.toContain("can't be used anymore");
    await page.fill('#code', visitor.code());
    await page.click('form[action$="/verify"] button');
    await page.waitForURL(`${app.url}/`);

    const other = await window.other({ javaScriptEnabled: false });
    const codes = await reach(STATES['recovery codes']!, other);
    expect(await codesIn(codes.page)).toHaveLength(10);
    expect(await codes.page.isVisible('button:has-text("Copy")')).toBe(false);
  });

  test('[S178] recovery codes are copied, saved and printed', async () => {
    await window.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const { page, errors } = await reach(STATES['recovery codes']!, window);
    const codes = await codesIn(page);
    expect(codes).toHaveLength(10);
    const whole = `Recovery codes for Acme\n\n${codes.join('\n')}\n`;
    await page.click('button:has-text("Copy")');
    await page.waitForSelector('button:has-text("Copied")');
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(whole);
    const saving = page.waitForEvent('download');
    await page.click('button:has-text("Download")');
    const file = await saving;
    expect(file.suggestedFilename()).toBe('recovery-codes.txt');
    expect(readFileSync(await file.path(), 'utf8')).toBe(whole);
    await page.evaluate('self.print = () => { self.printed = true; }');
    await page.click('button:has-text("Print")');
    expect(await page.evaluate('self.printed')).toBe(true);
    // On paper there are the codes, and nothing to press.
    await page.emulateMedia({ media: 'print' });
    expect(await codesIn(page)).toEqual(codes);
    expect(await page.locator('button:visible').count()).toBe(0);
    expect(errors).toEqual([]);
  });

  test.each([
    ['another phone refused', 'phone'],
    ['wrong code of another phone', 'code'],
  ])(
    '[S203] %s: the focus is in its field, its error is seen, and the summary leads there',
    async (state, id) => {
      await window.page.setViewportSize({ width: 390, height: 500 });
      const { page } = await reach(STATES[state]!, window);
      // Chromium focuses a field with the first picture of its page, which may come after the page is there.
      const isFocused = () => page.waitForFunction(`document.activeElement?.id === '${id}'`);
      await isFocused();
      const alert = page.locator('[role=alert]');
      const seen = (box: { y: number; height: number } | null) =>
        box !== null && box.y >= 0 && box.y + box.height <= 500;
      expect(seen(await alert.boundingBox())).toBe(true);
      await page.focus('h1 ~ p.warning a');
      await page.keyboard.press('Enter');
      await isFocused();
    },
  );

  test('a page is three requests the first time and one afterwards; styles and script are no more than 15 kB', async () => {
    const seen: string[] = [];
    const before = (each: Express) => {
      each.use((req, _res, next) => {
        seen.push(req.originalUrl.replace(/\?.*/, ''));
        next();
      });
    };
    const { page, app } = await reach(
      { ...asked, app: { before }, reach: (visitor) => visitor.post(ROUTER.challenge).then() },
      window,
    );
    let total = 0;
    page.on('response', async (answer) => {
      if (!answer.url().endsWith(ROUTER.home)) total += (await answer.body()).length;
    });
    const { length: earlier } = seen;
    await page.goto(`${app.url}${ROUTER.home}`, { waitUntil: 'networkidle' });
    const files = [`${ROUTER.home}style.css`, `${ROUTER.home}script.js`];
    expect(seen.slice(earlier).sort()).toEqual([ROUTER.home, ...files].sort());
    expect(total).toBeGreaterThan(5_000);
    expect(total).toBeLessThanOrEqual(15_000);
    // Another page of theirs, as the account would be.
    const { length: first } = seen;
    await page.goto(`${app.url}${ROUTER.home}nothing`, { waitUntil: 'networkidle' });
    expect(seen.slice(first)).toEqual([`${ROUTER.home}nothing`]);
  });

  test('[S206] a theme is shown: its name, logo, colors by day and by night, corners and font', async () => {
    const { page, errors } = await reach(STATES['a theme of its own']!, window);
    const button = () =>
      page.evaluate(`(() => {
        const { backgroundColor, borderRadius, fontFamily } = getComputedStyle(document.querySelector('form[action$="/verify"] button'));
        return { backgroundColor, borderRadius, fontFamily };
      })()`);
    expect(await button()).toEqual({
      backgroundColor: 'rgb(0, 105, 92)',
      borderRadius: '16px',
      fontFamily: 'Georgia, serif',
    });
    // Made lighter, as none was given for the night.
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await button()).toMatchObject({ backgroundColor: 'rgb(115, 173, 165)' });
    expect(await page.title()).toContain('Banque Élysée');
    expect(await page.evaluate(`document.querySelector('.app img').naturalWidth`)).toBe(200);
    expect(await page.getAttribute('.app img', 'alt')).toBe('Banque Élysée');
    expect(errors).toEqual([]);
  });
});
