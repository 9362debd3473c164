import { createServer } from 'node:http';
import type { Page } from 'playwright-core';
import { MANY_TEXTS, newestCode, startApp, wrongCode, type TestApp } from '../helpers/app';
import { hasChromium, useWindow } from '../helpers/chromium';
import { allowOrigin, clientModule } from '../helpers/client-page';
import { listen } from '../helpers/servers';
import { blocksIn } from '../docs/page';

const API = 'https://api.acme.example';
const [dialog = ''] = blocksIn('single-page-app.md', 'html');
const [, dialogModule = ''] = blocksIn('single-page-app.md', 'js');

/** The page of the docs, with one button's worth of an app. */
const page = (api: string): string => `<!doctype html><title>App</title>
<script type="importmap">{"imports": {"passport-sms-2fa/client": "/client.js"}}</script>
${dialog}<script type="module">
${dialogModule.replace(API, api)}
window.api = (path, init) => api('${api}' + path, { credentials: 'include', ...init });
window.signIn = () => fetch('${api}/login', {
  method: 'POST', credentials: 'include', headers: { 'content-type': 'application/json' },
  body: '{"username":"A","password":"right"}',
});
</script>`;

const suite = hasChromium() ? describe : describe.skip;

suite('a page on another port, as docs/single-page-app.md has it, in Chromium', () => {
  const window = useWindow();
  let app: TestApp;
  let tab: Page;
  beforeEach(async () => {
    let origin = '';
    const pages = createServer((req, res) => {
      const isScript = req.url === '/client.js';
      res.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html');
      res.end(isScript ? clientModule() : page(app.url));
    });
    origin = (await listen(pages)).url;
    app = await startApp({
      factor: { origins: [origin], limits: MANY_TEXTS },
      before: (each) => allowOrigin(each, () => origin),
      after: (each, secondFactor) => {
        const guard = secondFactor.require({ maxAge: 300 });
        each.use('/echo', guard, (req, res) => void req.pipe(res.type('txt')));
      },
    });
    tab = window.page;
    await tab.goto(origin);
    await tab.evaluate('signIn()');
  });

  /** Sends these bodies at once; resolves with what came of each. */
  const send = (bodies: string[]): Promise<[number, string][]> =>
    tab.evaluate(`Promise.all(${JSON.stringify(bodies)}.map(async (body) => {
      const answer = await api('/echo', { method: 'POST', body });
      return [answer.status, await answer.text()];
    }))`);
  const type = async (code: string): Promise<void> => {
    await tab.waitForSelector('dialog[open]');
    await tab.fill('#code', code);
    await tab.click('button[value=confirm]');
  };

  test('two requests, one dialog: a wrong code, another text, the right code', async () => {
    const sent = send(['one', 'two']);
    await tab.waitForSelector('dialog[open]');
    expect(await tab.textContent('#where')).toBe('We texted a code to ••• ••• ••42.');
    await type(wrongCode(newestCode(app)));
    await tab.waitForSelector('#problem:has-text("the code we sent you")');
    await tab.click('#again');
    await tab.waitForSelector('#problem:has-text("another one just yet")');
    await app.clock.advance(31);
    await tab.click('#again');
    await tab.waitForSelector('#problem:has-text("Another text")');
    await type(newestCode(app));
    expect(await sent).toEqual([
      [200, 'one'],
      [200, 'two'],
    ]);
    expect(app.outbox.messages).toHaveLength(2);
    expect(await send(['three'])).toEqual([[200, 'three']]);
    expect(await tab.$('dialog[open]')).toBeNull();
  });

  test('who cancels, by button or by key, gets the answer of the gate; a lock is told', async () => {
    const refused = [401, expect.stringContaining('second_factor_required')];
    const cancelled = send(['one']);
    await tab.click('dialog[open] button:has-text("Cancel")');
    expect(await cancelled).toEqual([refused]);
    const escaped = send(['two']);
    await tab.waitForSelector('dialog[open]');
    await tab.press('#code', 'Escape');
    expect(await escaped).toEqual([refused]);
    await app.clock.advance(301);
    app.outbox.send = () => Promise.reject(new Error('no carrier'));
    const [alert, unsent] = await Promise.all([
      tab.waitForEvent('dialog').then(async (each) => {
        await each.accept();
        return each.message();
      }),
      send(['three']),
    ]);
    expect([alert, unsent]).toEqual([expect.stringContaining("can't tell whether"), [refused]]);
  });
});
