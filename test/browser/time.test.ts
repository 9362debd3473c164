import type { Page } from 'playwright-core';
import type { SmsSender } from '../../lib';
import { hasChromium, useWindow, type Tab } from '../helpers/chromium';
import { ROUTER } from '../helpers/paths';
import { reach, STATES, type Visitor } from './states';

const suite = hasChromium() ? describe : describe.skip;

suite('[S204] in Chromium', () => {
  const window = useWindow();
  let tab: Tab;

  beforeEach(async () => {
    tab = await window.other();
    // A phone whose battery was out: what it takes for the time of day must not matter.
    await tab.context.clock.install({ time: new Date('2001-01-01') });
  });

  const asked = STATES['code asked for']!;
  const announced = (page: Page) => page.innerText('p.unseen[role=status]');
  const text = (page: Page) => page.innerText('main');

  /** Both clocks go on. */
  async function pass({ app, page }: Visitor, seconds: number): Promise<void> {
    await app.clock.advance(seconds);
    await page.clock.runFor(seconds * 1_000);
  }

  test('a code counts down, is announced now and then, and another one is a click away when it is over', async () => {
    const visitor = await reach(asked, tab);
    const { page, posts } = visitor;
    expect(await text(page)).toMatch(/It works for (?:5:00|4:5\d)\./);
    await pass(visitor, 60);
    expect(await text(page)).toMatch(/It works for (?:4:00|3:5\d)\./);
    expect(await announced(page)).toBe('You can ask for another one now.');
    await pass(visitor, 182);
    expect(await announced(page)).toBe('The code works for 1 minute more.');
    await pass(visitor, 30);
    expect(await announced(page)).toBe('The code works for 30 seconds more.');
    await pass(visitor, 30);
    expect(await announced(page)).toBe("This code can't be used anymore.");
    expect(await page.isVisible('#code')).toBe(false);
    // The focus was in the field that is gone.
    expect(await page.evaluate('document.activeElement.textContent.trim()')).toBe(
      'Text me a new code',
    );
    await page.keyboard.press('Enter');
    await page.waitForSelector('#code:visible');
    expect(posts).toEqual([ROUTER.challenge]);
    await page.fill('#code', visitor.code());
    await page.waitForURL(`${visitor.app.url}/`);
  });

  test('a machine that slept until the code was over says that, and no wait that ended before', async () => {
    const { app, page } = await reach(asked, tab);
    await app.clock.advance(301);
    await page.clock.fastForward(301_000);
    expect(await announced(page)).toBe("This code can't be used anymore.");
  });

  test('the button for another text waits, and then sends', async () => {
    const visitor = await reach(asked, tab);
    const { page, posts } = visitor;
    const button = page.locator('button:has-text("Text it again")');
    expect(await button.innerText()).toMatch(/0:(?:30|2\d)$/);
    expect(await button.getAttribute('aria-disabled')).toBe('true');
    await button.click({ force: true });
    await pass(visitor, 10);
    expect(await button.innerText()).toMatch(/0:(?:20|1\d)$/);
    expect(posts).toEqual([]);
    await pass(visitor, 21);
    expect(await button.innerText()).toBe('Text it again');
    await button.click();
    await page.waitForSelector('button:has-text("Text it again"):has(.clock)');
    expect([posts, await page.innerText('#problem')]).toEqual([[ROUTER.challenge], '']);
  });

  test('a lock counts down, and the page then offers to go on', async () => {
    const visitor = await reach(STATES.locked!, tab);
    expect(await text(visitor.page)).toMatch(/You can try again in (?:15:00|14:5\d)\./);
    await pass(visitor, 901);
    expect(await text(visitor.page)).not.toContain('You can try again in');
    await visitor.page.click('a:has-text("Continue")');
    await visitor.page.waitForSelector('#code');
  });

  async function show(page: Page, hidden: boolean): Promise<void> {
    await page.evaluate(`
      Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    `);
  }

  test('how far the text got is followed, not while the tab is hidden, and again when it is back', async () => {
    let delivery: 'sent' | 'failed' = 'sent';
    const sender: SmsSender = {
      send: () => Promise.resolve({ id: 'text-1' }),
      delivery: () => Promise.resolve(delivery),
    };
    const visitor = await reach({ ...asked, factor: { sender } }, tab);
    const { page } = visitor;
    let looks = 0;
    page.on('request', (each) => {
      if (each.method() === 'GET' && each.url().endsWith(ROUTER.challenge)) looks += 1;
    });
    const look = () => page.waitForResponse((each) => each.url().endsWith(ROUTER.challenge));
    for (const count of [1, 2]) {
      const looked = look();
      await pass(visitor, 6);
      await (await looked).finished();
      expect(looks).toBe(count);
    }
    await show(page, true);
    await pass(visitor, 60);
    expect(looks).toBe(2);
    delivery = 'failed';
    await show(page, false);
    await page.waitForSelector('#delivery.warning');
    expect(await page.innerText('#delivery')).toContain("couldn't deliver");
    // At the field, and told to whoever is in it.
    expect(await page.getAttribute('#code', 'aria-describedby')).toContain('delivery');
    await pass(visitor, 30);
    expect(looks).toBe(3);
  });

  test('a tab that was hidden while another one passed goes on, and one whose code was replaced says so', async () => {
    const visitor = await reach(asked, tab);
    const { page, app } = visitor;
    await show(page, true);
    await visitor.post(ROUTER.verify, { code: visitor.code() });
    await show(page, false);
    await page.waitForURL(`${app.url}/`);
  });
});
