import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';

/** Where Debian and other systems put it; `CHROMIUM_PATH` names another place. */
const PLACES = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const executablePath = PLACES.find((place) => place !== undefined && existsSync(place));

/** Whether a Chromium is there. In CI it must be: there nothing is skipped. */
export function hasChromium(): boolean {
  if (executablePath !== undefined) return true;
  if (process.env.CI !== undefined) {
    throw new Error('Chromium is not installed; CI must not skip the tests that need it.');
  }
  process.stderr.write('skipped: Chromium is not installed (CHROMIUM_PATH names one)\n');
  return false;
}

/** A real Chromium; one for a file, which closes it after its tests. Each test opens its own context. */
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
    ],
  });
}

/** Writes the code into its field without a word to the page's script, which would send it with the last digit. */
export async function putCode(page: Page, code: string): Promise<void> {
  await page.waitForSelector('input[name=code]');
  await page.evaluate(`document.querySelector('input[name=code]').value = ${JSON.stringify(code)}`);
}
