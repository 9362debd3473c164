import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { closedWithFile } from './servers';

/**
 * Where Debian and other systems put it; `CHROMIUM_PATH` names another place. The shell is the same
 * browser without windows, tabs and menus, which take more of the processor than our pages do.
 */
const PLACES = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const executablePath = PLACES.find((place) => place !== undefined && existsSync(place));

/** What Playwright switches off; of two lists Chromium reads the second one only. */
const FEATURES_OF_PLAYWRIGHT = [
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsUpgrades',
  'HttpsFirstBalancedModeAutoEnable',
  'LensOverlay',
  'MediaRouter',
  'PaintHolding',
  'ThirdPartyStoragePartitioning',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'OptimizationHints',
  'NetworkTimeServiceQuerying',
  'AimEnabled',
  'PreconnectToSearch',
];
/** Pages behind the address bar, two for each window, and a process for a page that may come. */
const FEATURES_OF_WINDOWS = [
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  'WebUIOmniboxFullPopup',
  'SpareRendererForSitePerProcess',
];

/** Whether a Chromium is there. In CI it must be: there nothing is skipped. */
export function hasChromium(): boolean {
  if (executablePath !== undefined) return true;
  if (process.env.CI !== undefined) {
    throw new Error('Chromium is not installed; CI must not skip the tests that need it.');
  }
  process.stderr.write('skipped: Chromium is not installed (CHROMIUM_PATH names one)\n');
  return false;
}

/** A real Chromium, for whoever closes it; tests share the one of `useWindow()`. */
export function startChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: executablePath ?? '',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      `--disable-features=${[...FEATURES_OF_PLAYWRIGHT, ...FEATURES_OF_WINDOWS].join(',')}`,
    ],
  });
}

/** A page, and what keeps its cookies. */
export interface Tab {
  readonly page: Page;
  readonly context: BrowserContext;
}

/** A tab that is empty when a test begins: no cookies, no rights, nobody listens. */
export interface Window extends Tab {
  /** Another browser, as it were, until the test is over: without scripts, or with a clock to be set. */
  other(...options: Parameters<Browser['newContext']>): Promise<Tab>;
}

let started: Promise<{ browser: Browser; page: Page }> | undefined;

/** One for all tests of a process: to open another takes longer than most tests. */
async function start(): Promise<{ browser: Browser; page: Page }> {
  const browser = await startChromium();
  closedWithFile(() => browser.close());
  const page = await (await browser.newContext()).newPage();
  page.setDefaultTimeout(60_000);
  return { browser, page };
}

/** For the tests of this `describe`; what they opened besides is closed after each. */
export function useWindow(): Window {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    started ??= start();
    ({ browser, page } = await started);
  });
  beforeEach(() => empty(page));
  afterEach(async () => {
    const others = browser.contexts().filter((each) => each !== page.context());
    await Promise.all(others.map((each) => each.close()));
  });
  return {
    get page() {
      return page;
    },
    get context() {
      return page.context();
    },
    other: async (...options) => {
      const context = await browser.newContext(...options);
      return { context, page: await context.newPage() };
    },
  };
}

/** What a test may have listened to. */
const HEARD = ['console', 'dialog', 'download', 'pageerror', 'request', 'response'] as const;

async function empty(page: Page): Promise<void> {
  const context = page.context();
  for (const name of HEARD) await page.removeAllListeners(name, { behavior: 'ignoreErrors' });
  const others = context.pages().filter((each) => each !== page);
  await Promise.all(others.map((each) => each.close()));
  await page.goto('about:blank');
  await page.setViewportSize({ width: 1280, height: 720 });
  await page.emulateMedia({ media: null, colorScheme: null, forcedColors: null });
  await context.clearPermissions();
  await context.clearCookies();
}

/** Writes the code into its field without a word to the page's script, which would send it with the last digit. */
export async function putCode(page: Page, code: string): Promise<void> {
  await page.waitForSelector('input[name=code]');
  await page.evaluate(`document.querySelector('input[name=code]').value = ${JSON.stringify(code)}`);
}
