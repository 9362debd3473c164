import { wrongCode } from '../helpers/app';
import { hasChromium, useWindow } from '../helpers/chromium';
import { ROUTER } from '../helpers/paths';
import { misplaced, unfold } from './measure';
import { reach, STATES } from './states';

const suite = hasChromium() ? describe : describe.skip;

/** What the page that asks for a code is called. */
const LANGUAGES = {
  'en-US': "Confirm it's you",
  'es-MX': 'Confirme que es usted',
  'fr-CA': 'Confirmez que c’est bien vous',
  'de-AT': 'Bestätigen Sie, dass Sie es sind',
  'zh-CN': '请确认是您本人',
  'ar-EG': 'تأكيد هويتك',
};

suite('in Chromium', () => {
  const window = useWindow();

  test.each(Object.entries(LANGUAGES))(
    '[S201] from the sign-in by the code to the account nothing overlaps at 320 px: %s',
    async (locale, title) => {
      const tab = await window.other({ locale, viewport: { width: 320, height: 640 } });
      const visitor = await reach({ ...STATES['code asked for']!, says: title }, tab);
      const { page, app, errors } = visitor;
      const found: Record<string, string[]> = {};
      const look = async (where: string) => {
        await unfold(page);
        found[where] = await misplaced(page);
      };
      expect(await page.innerText('h1')).toBe(title);
      const { lang, dir } = await page.evaluate<{ lang: string; dir: string }>(
        `(({ lang, dir }) => ({ lang, dir }))(document.documentElement)`,
      );
      expect([lang, dir]).toEqual([locale.slice(0, 2), lang === 'ar' ? 'rtl' : 'ltr']);
      await look('code');
      await page.fill('#code', '');
      await page.keyboard.type(wrongCode(visitor.code()));
      await page.waitForSelector('#problem.warning');
      await look('wrong code');
      await page.focus('#code');
      await page.keyboard.type(visitor.code());
      await page.waitForURL(`${app.url}/`);
      await visitor.show(ROUTER.home);
      await look('second factor');
      expect({ ...found, errors }).toEqual({
        code: [],
        'wrong code': [],
        'second factor': [],
        errors: [],
      });
    },
  );
});
