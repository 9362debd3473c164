import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/**
 * The quick ones of the tests over HTTP as one, for mutation testing only
 * (jest.mutation.config.cjs): Jest loads every module anew for every file, which takes longer than
 * most of the tests. Left out is what repeats itself hundreds of times, needs processes of its own,
 * or waits.
 */
const TESTS = join(__dirname, '..');
const SLOW =
  /\/(?:accounts|bypass|code|faults|guessing|privacy|resources|sending|session|operator|webhooks-two-processes)\.test\.ts$/;

const quick = ['stores', 'express', 'security', 'pages', 'example-app']
  .flatMap((folder) => readdirSync(join(TESTS, folder)).map((name) => join(TESTS, folder, name)))
  .filter((file) => file.endsWith('.test.ts') && !SLOW.test(file));

for (const file of quick) {
  describe(relative(TESTS, file), () => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- hooks must stay in their file
    require(file);
  });
}
