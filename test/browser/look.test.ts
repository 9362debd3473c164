import type { Page } from 'playwright-core';
import { hasChromium, useWindow } from '../helpers/chromium';
import { axeFindings, misplaced, unfold } from './measure';
import { reach, STATES } from './states';

const SPACING =
  '*{line-height:1.5!important;letter-spacing:.12em!important;word-spacing:.16em!important}p{margin-block-end:2em!important}';

const suite = hasChromium() ? describe : describe.skip;

suite('in Chromium', () => {
  const window = useWindow();

  const bigger = (page: Page) => page.evaluate(`document.documentElement.style.fontSize = '200%'`);
  const rightToLeft = (page: Page) => page.evaluate(`document.documentElement.dir = 'rtl'`);

  /** The spacing that readers may set (WCAG 2.2 1.4.12), or none again. The policy has no say in such a sheet. */
  const spaced = (page: Page, css = SPACING) =>
    page.evaluate(`(() => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(${JSON.stringify(css)});
      document.adoptedStyleSheets = [sheet];
    })()`);

  test.each(Object.entries(STATES))(
    '[S201] nothing overlaps or leaves its box, and axe finds nothing: %s',
    async (_name, state) => {
      const { page, errors } = await reach(state, window);
      expect(await page.innerText('main')).toContain(state.says);
      const found: Record<string, string[]> = {};
      const look = async (how: string) => {
        found[how] = await misplaced(page);
      };
      found.axe = await axeFindings(page);
      await unfold(page);
      for (const width of [1280, 390, 320]) {
        await page.setViewportSize({ width, height: 740 });
        await look(`${width} px`);
      }
      await spaced(page);
      await look('text spaced out');
      await spaced(page, '');
      await rightToLeft(page);
      await look('right to left');
      await page.setViewportSize({ width: 640, height: 400 });
      await bigger(page);
      await look('text of 200 %');
      await page.emulateMedia({ media: 'print' });
      await look('on paper');
      await page.emulateMedia({ media: 'screen', colorScheme: 'dark' });
      found['axe in the dark'] = await axeFindings(page, ['color-contrast']);
      await page.emulateMedia({ colorScheme: 'light', forcedColors: 'active' });
      await look('forced colors');
      found.errors = errors;
      const none = Object.fromEntries(Object.keys(found).map((how) => [how, []]));
      expect(found).toEqual(none);
    },
  );
});
