import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { phoneOf, PASSWORD } from './apps/common.mjs';
import { serve } from './processes.mjs';
import { median } from './statistics.mjs';

/** What a browser on this machine asks for and waits for, on the page of a code that is on its way. */

const ROUNDS = 15;
const PLACES = [process.env.CHROMIUM_PATH, '/usr/bin/chromium', '/usr/bin/google-chrome'];

/** Runs in the page: when something was first seen, and what came from the server. */
const LOOK = `new Promise((resolve) => {
  const look = () => {
    const [paint] = performance.getEntriesByName('first-contentful-paint');
    if (!paint) return requestAnimationFrame(look);
    const files = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
    const asked = files.filter(({ transferSize }) => transferSize > 0);
    const bytes = asked.map(({ name, decodedBodySize }) => [new URL(name).pathname, decodedBodySize]);
    resolve({ paint: paint.startTime, asked: bytes });
  };
  look();
})`;

export async function measurePages() {
  // Of the repository, which has it for its tests.
  const { chromium } = createRequire(new URL('..', import.meta.url))('playwright-core');
  const executablePath = PLACES.find((place) => place !== undefined && existsSync(place));
  const app = await serve('library');
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  const rounds = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const context = await browser.newContext({ baseURL: `http://127.0.0.1:${app.port}` });
    const userId = `u${1 + round}`;
    for (const [path, data] of [
      ['/login', { username: userId, password: PASSWORD }],
      ['/second-factor/challenge', {}],
    ]) {
      const answer = await context.request.post(path, { data });
      if (!answer.ok()) throw new Error(`${path} of ${phoneOf(userId)}: ${answer.status()}`);
    }
    const page = await context.newPage();
    const looks = [];
    for (let look = 0; look < 2; look += 1) {
      await page.goto('/second-factor/', { waitUntil: 'load' });
      looks.push(await page.evaluate(LOOK));
    }
    rounds.push(looks);
    await context.close();
  }
  await browser.close();
  await app.stop();
  const [[first]] = rounds;
  const bytesOf = (end) => first.asked.find(([path]) => path.endsWith(end))[1];
  const paints = rounds.map((looks) => looks.map(({ paint }) => paint));
  return {
    requests: rounds[0].map(({ asked }) => asked.length),
    bytes: { page: bytesOf('/'), style: bytesOf('.css'), script: bytesOf('.js') },
    paint: [0, 1].map((look) => median(paints.map((each) => each[look]))),
    slowest: Math.max(...paints.map(([each]) => each)),
  };
}
