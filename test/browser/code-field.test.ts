import type { Page } from 'playwright-core';
import { wrongCode } from '../helpers/app';
import { hasChromium, useWindow } from '../helpers/chromium';
import { ROUTER } from '../helpers/paths';
import { reach, STATES, type Visitor } from './states';

const suite = hasChromium() ? describe : describe.skip;

suite('the code field in Chromium', () => {
  const window = useWindow();

  const asked = STATES['code asked for']!;
  const withoutBox = { ...asked, factor: { trustedDevices: undefined } };
  const button = 'form[action$="/verify"] button';
  /** What the script lets through is counted, and goes nowhere: the page stays as it is while a form is sent. */
  const holdUp = (page: Page) =>
    page.evaluate(`
      self.held = true;
      self.submits = 0;
      document.querySelector('#code').form.addEventListener('submit', (event) => {
        if (!event.defaultPrevented) self.submits += 1;
        if (self.held) event.preventDefault();
      });
    `);
  const home = ({ app, page }: Visitor) => page.waitForURL(`${app.url}/`);
  const type = (page: Page, text: string) => page.locator('#code').pressSequentially(text);

  test('the whole text, pasted, leads to the account without a click', async () => {
    const visitor = await reach(withoutBox, window);
    await window.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const { body } = visitor.app.outbox.last()!;
    await visitor.page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(body)})`);
    await visitor.page.keyboard.press('Control+V');
    await home(visitor);
    expect(visitor.posts).toEqual([ROUTER.verify]);
  });

  test('what other keyboards and apps put in is the code; what is no code is not sent', async () => {
    const visitor = await reach(withoutBox, window);
    const { page, posts } = visitor;
    const code = visitor.code();
    const shifted = (zero: number) =>
      code.replace(/\d/g, (digit) => String.fromCodePoint(zero + Number(digit)));
    await page.evaluate(
      `document.querySelector('#code').form.requestSubmit = () => { self.sent = (self.sent || 0) + 1; }`,
    );
    const put = async (text: string) => {
      await page.fill('#code', '');
      await page.focus('#code');
      await page.keyboard.insertText(text);
      return [await page.inputValue('#code'), await page.evaluate('self.sent || 0')];
    };
    let sent = 0;
    for (const text of [
      `${code.slice(0, 3)} ${code.slice(3)}`,
      `${code.slice(0, 3)}\u2013${code.slice(3)}`,
      `\u200e${code}\u200f`,
      shifted(0xff10),
      shifted(0x660),
      shifted(0x6f0),
      `#${code}`,
      `“${code}”.`,
      `Your code is ${code}. Call 206-555-0142 for help.`,
    ]) {
      sent += 1;
      expect([text, ...(await put(text))]).toEqual([text, code, sent]);
    }
    for (const text of [
      `${code}1`,
      code.slice(1),
      `${code} or ${wrongCode(code)} is it`,
      'no code',
    ]) {
      expect(await put(text)).toEqual([text, sent]);
    }
    expect(posts).toEqual([]);
  });

  test('typing sends with the last digit; a code that was refused is not sent by itself again', async () => {
    const visitor = await reach(withoutBox, window);
    const { page, posts } = visitor;
    const wrong = wrongCode(visitor.code());
    await type(page, wrong);
    await page.waitForSelector('#problem.warning');
    await type(page, wrong);
    expect([await page.inputValue('#code'), posts.length]).toEqual([wrong, 1]);
    // Whoever means it can send it.
    await page.click(button);
    await page.waitForSelector('#problem.warning:has-text("3 attempts left")');
    expect(posts).toHaveLength(2);
    await type(page, visitor.code());
    await home(visitor);
  });

  test('beside a box to tick it is sent by itself, too, which is said before; ticked before, it counts', async () => {
    const visitor = await reach(asked, window);
    const { page, posts } = visitor;
    expect(await page.isChecked('[name=trustDevice]')).toBe(false);
    expect(await page.innerText('#goes-on')).toContain('tick it first');
    expect(await page.getAttribute('#code', 'aria-describedby')).toMatch(/^goes-on /);
    await page.keyboard.type(visitor.code());
    await home(visitor);
    expect(posts).toEqual([ROUTER.verify]);
    const devices = async () =>
      (
        (await (
          await window.context.request.get(`${visitor.app.url}${ROUTER.devices}`)
        ).json()) as {
          devices: unknown[];
        }
      ).devices.length;
    expect(await devices()).toBe(0);
    await window.context.request.post(`${visitor.app.url}/logout`, { data: {} });
    await visitor.app.clock.advance(60);
    await window.context.request.post(`${visitor.app.url}/login`, {
      data: { username: 'A', password: 'right' },
    });
    await visitor.post(ROUTER.challenge);
    await visitor.show();
    await page.check('[name=trustDevice]');
    await type(page, visitor.code());
    await home(visitor);
    expect(await devices()).toBe(1);
  });

  test('what is still being composed is not sent', async () => {
    const visitor = await reach(withoutBox, window);
    const { page } = visitor;
    const sent = page.evaluate<boolean>(`new Promise((resolve) => {
      const field = document.querySelector('#code');
      field.form.requestSubmit = () => resolve(self.composed === true);
      field.value = '${visitor.code()}';
      field.dispatchEvent(new InputEvent('input', { isComposing: true }));
      self.composed = true;
      field.dispatchEvent(new CompositionEvent('compositionend'));
    })`);
    expect(await sent).toBe(true);
  });

  test('a code that the phone hands over is filled in and sent, and nothing waits for another one', async () => {
    const tab = await window.other();
    await tab.context.addInitScript(`
      self.OTPCredential = class {};
      navigator.credentials.get = (options) => new Promise((resolve) => { self.asked = { options, resolve }; });
    `);
    const visitor = await reach(withoutBox, tab);
    const { page, posts } = visitor;
    await holdUp(page);
    expect(await page.evaluate('self.asked.options.otp')).toEqual({ transport: ['sms'] });
    expect(await page.evaluate('self.asked.options.signal.aborted')).toBe(false);
    await page.evaluate(`self.asked.resolve({ code: '${visitor.code()}' })`);
    expect(await page.inputValue('#code')).toBe(visitor.code());
    expect(await page.evaluate('[self.submits, self.asked.options.signal.aborted]')).toEqual([
      1,
      true,
    ]);
    await page.evaluate(`self.held = false; document.querySelector('#code').form.submit()`);
    await home(visitor);
    expect(posts).toEqual([ROUTER.verify]);
  });

  test('while it is sent the button says so and takes no second click; it comes back with the page', async () => {
    const visitor = await reach(asked, window);
    const { page } = visitor;
    await holdUp(page);
    await page.fill('#code', visitor.code());
    const state = async () => [
      await page.innerText(button),
      await page.getAttribute(button, 'aria-disabled'),
    ];
    expect(await state()).toEqual(['Checking…', 'true']);
    await page.click(button, { force: true });
    await page.focus('#code');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('self.submits')).toBe(1);
    // The browser shows the page from its history.
    await page.evaluate(`dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))`);
    expect(await state()).toEqual(['Confirm', null]);
    await page.evaluate('self.held = false');
    await page.click(button);
    await home(visitor);
  });
});
