import type { Express, Request, Response } from 'express';
import type { BrowserContext, Page } from 'playwright-core';
import { newestCode, type TestApp, type User } from '../helpers/app';
import { hasChromium, useWindow } from '../helpers/chromium';
import { DAY, listen, startTrusting, type Told } from './trusting-browser';

let app: TestApp;
let told: Told[];

/** What the app remembers of a browser whose session is gone: it signs its user in again. */
function remembering(routes: Express): void {
  routes.get('/tabs/:tab', (req: Request, res: Response, next) => {
    if (req.isAuthenticated()) {
      res.send(`tab ${String(req.params.tab)}`);
      return;
    }
    if (/\bremember=A\b/.test(req.headers.cookie ?? '')) {
      req.login(app.users.get('A') as Express.User & User, (error: unknown) => {
        if (error === undefined || error === null) res.redirect(req.originalUrl);
        else next(error);
      });
    } else res.status(401).send('nobody');
  });
  routes.get('/own-cookie', (_req, res) => {
    res.setHeader('Set-Cookie', 'theme=dark; Path=/');
    res.send('the app’s own');
  });
  routes.get('/lost', (req) => {
    // The gate has let it pass; its answer never gets there.
    req.socket.destroy();
  });
}

const suite = hasChromium() ? describe : describe.skip;

suite('in Chromium', () => {
  const window = useWindow();
  let context: BrowserContext;
  let page: Page;

  beforeEach(async () => {
    app = await startTrusting({ after: remembering });
    told = listen(app, 'device_copied', 'device_used');
    ({ context, page } = window);
    await page.goto(`${app.url}/`);
    await context.addCookies([{ name: 'remember', value: 'A', url: app.url }]);
    await post('/login', { username: 'A', password: 'right' });
    await post('/second-factor/challenge', {});
    await post('/second-factor/verify', { code: newestCode(app), trustDevice: true });
    expect(await look('/secret')).toContain('the secret marker');
  });

  /** A browser with this jar. */
  async function open(storageState: Awaited<ReturnType<BrowserContext['storageState']>>) {
    ({ context, page } = await window.other({ storageState }));
    await page.goto(`${app.url}/`);
  }

  async function post(path: string, body: object): Promise<void> {
    const status = await page.evaluate(
      async ([to, json]) => {
        const headers = { 'content-type': 'application/json', accept: 'application/json' };
        return (await fetch(to!, { method: 'POST', headers, body: json! })).status;
      },
      [path, JSON.stringify(body)],
    );
    expect([path, Math.floor(status / 100)]).toEqual([path, 2]);
  }

  async function look(path: string, tab = page): Promise<string> {
    await tab.goto(app.url + path);
    return tab.innerText('body');
  }

  const copied = (): unknown[] => told.filter(({ name }) => name === 'device_copied');
  /** The browser was closed: cookies without an age are gone. */
  const forgetSession = (): Promise<void> => context.clearCookies({ name: 'connect.sid' });

  /** Signs in with the password and opens a page behind the gate. */
  async function passes(): Promise<boolean> {
    await post('/login', { username: 'A', password: 'right' });
    return (await look('/secret')).includes('the secret marker');
  }

  test('[S179] three tabs that are restored at once all pass, day after day', async () => {
    const tabs = [page, await context.newPage(), await context.newPage()];
    for (let day = 0; day < 4; day += 1) {
      await forgetSession();
      const shown = await Promise.all(tabs.map((tab, at) => look(`/tabs/${at}`, tab)));
      expect(shown).toEqual(['tab 0', 'tab 1', 'tab 2']);
      await app.clock.advance(DAY);
    }
    expect(told.length).toBeGreaterThanOrEqual(4);
    expect(copied()).toEqual([]);
  });

  test('[S179] two sign-ins at once, in two tabs, pass or ask for a code, and alarm nobody', async () => {
    const other = await context.newPage();
    await other.goto(`${app.url}/`);
    for (let day = 0; day < 4; day += 1) {
      const signIn = (tab: Page) =>
        tab.evaluate(async () => {
          const headers = { 'content-type': 'application/json', accept: 'application/json' };
          const body = JSON.stringify({ username: 'A', password: 'right' });
          await fetch('/login', { method: 'POST', headers, body });
          return (await fetch('/secret', { headers })).status;
        });
      expect(await Promise.all([signIn(page), signIn(other)])).toEqual([
        expect.any(Number),
        expect.any(Number),
      ]);
      await app.clock.advance(DAY);
    }
    expect(copied()).toEqual([]);
  });

  test('[S179] an answer that is lost costs nothing', async () => {
    for (let each = 0; each < 3; each += 1) {
      await post('/login', { username: 'A', password: 'right' });
      const lost = page.evaluate(() => fetch('/lost').then(String, () => 'lost'));
      expect(await lost).toBe('lost');
      expect(await passes()).toBe(true);
    }
    expect(copied()).toEqual([]);
  });

  test('[S179] a jar from before the last sign-in passes; an older one ends its device, is told and asked', async () => {
    const older = await context.storageState();
    expect(await passes()).toBe(true);
    const last = await context.storageState();
    expect(await passes()).toBe(true);
    await open(last);
    expect(await passes()).toBe(true);
    expect(copied()).toEqual([]);
    expect(await passes()).toBe(true);

    await open(older);
    await post('/login', { username: 'A', password: 'right' });
    expect(await look('/second-factor/')).toContain("Confirm it's you");
    expect(copied()).toHaveLength(1);
  });

  test('[S183] a page that sets a cookie of its own brings the token all the same', async () => {
    for (let each = 0; each < 3; each += 1) {
      const [before] = (await context.cookies()).filter(({ name }) => name.startsWith('__Host-'));
      await post('/login', { username: 'A', password: 'right' });
      expect(await look('/own-cookie')).toContain('the app’s own');
      const cookies = await context.cookies();
      expect(cookies.find(({ name }) => name === 'theme')?.value).toBe('dark');
      const [after] = cookies.filter(({ name }) => name.startsWith('__Host-'));
      expect(after?.name).toBe(before?.name);
      expect(after?.value).not.toBe(before?.value);
    }
    expect(copied()).toEqual([]);
  });
});
