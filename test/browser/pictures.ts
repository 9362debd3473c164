import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import { hasChromium, startChromium } from '../helpers/chromium';
import { reach, STATES, type State } from './states';

/**
 * `npm run pictures`: a picture of each state, on a phone and on a desk, by day and by night, in
 * `pictures/`; those of `SHOWN` in `docs/pictures`, too. With words: of the states whose names have them.
 */
const ROOT = resolve(__dirname, '..', '..');
const ALL = join(ROOT, 'pictures');
const DOCS = join(ROOT, 'docs', 'pictures');

/** What `docs/theme.md` shows. */
const SHOWN: Record<string, string> = {
  'code asked for, phone, light': 'code',
  'code asked for, phone, dark': 'code-dark',
  'recovery codes, phone, light': 'recovery-codes',
};

const SIZES = { phone: { width: 390, height: 740 }, desktop: { width: 1280, height: 800 } };

async function picture(chromium: Browser, name: string, state: State): Promise<void> {
  const context = await chromium.newContext({ deviceScaleFactor: 2, reducedMotion: 'reduce' });
  const { app, page } = await reach(state, { context, page: await context.newPage() });
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const title = `${name}, ${size}, ${colorScheme}`;
      const shown = SHOWN[title];
      const path = join(ALL, `${title.replaceAll(/[^\w]+/g, '-')}.png`);
      await page.screenshot({ path, fullPage: true, scale: 'css' });
      if (shown !== undefined)
        await page.screenshot({ path: join(DOCS, `${shown}.png`), scale: 'css' });
    }
  }
  await context.close();
  await app.close();
}

async function main(words: readonly string[]): Promise<void> {
  if (!hasChromium()) return;
  if (words.length === 0) rmSync(ALL, { recursive: true, force: true });
  for (const folder of [ALL, DOCS]) mkdirSync(folder, { recursive: true });
  const chromium = await startChromium();
  try {
    for (const [name, state] of Object.entries(STATES)) {
      if (words.every((word) => name.includes(word))) await picture(chromium, name, state);
    }
  } finally {
    await chromium.close();
  }
}

void main(process.argv.slice(2));
