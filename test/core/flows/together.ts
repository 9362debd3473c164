import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/**
 * All quick tests as one, for mutation testing only (jest.mutation.config.cjs): Jest loads every
 * module anew for every file, which takes ten times as long as the tests themselves.
 */
const TESTS = join(__dirname, '..', '..');
/** Simulations of a month and of random guessing; what they hold is held here more quickly, too. */
const SLOW = new Set(['conversion.test.ts', 'failures.test.ts']);

const quick = (folder: string): string[] =>
  readdirSync(join(TESTS, folder))
    .filter((name) => name.endsWith('.test.ts') && !(folder === 'core' && SLOW.has(name)))
    .map((name) => join(TESTS, folder, name));

for (const file of ['core/flows', 'core', 'counters', 'stores', 'express'].flatMap(quick)) {
  describe(relative(TESTS, file), () => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- hooks must stay in their file
    require(file);
  });
}
