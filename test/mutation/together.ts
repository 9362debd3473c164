import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/**
 * All quick tests as one, for mutation testing only (jest.mutation.config.cjs): Jest loads every
 * module anew for every file, which takes ten times as long as the tests themselves.
 */
const TESTS = join(__dirname, '..');
const ROOMS = ['core', 'counters', 'stores', 'express'];
/**
 * Simulations of a month and of random guessing, which hold what is held elsewhere more quickly, too;
 * and the carrier's callbacks, which come over HTTP.
 */
const SLOW = /^(?:conversion-month|failures-model|webhooks(?:-.+)?)\.test\.ts$/;

const quick = (room: string): string[] =>
  readdirSync(join(TESTS, room), { recursive: true, withFileTypes: true })
    .filter(({ name }) => name.endsWith('.test.ts') && !SLOW.test(name))
    .map(({ parentPath, name }) => join(parentPath, name));

for (const file of ROOMS.flatMap(quick)) {
  describe(relative(TESTS, file), () => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- hooks must stay in their file
    require(file);
  });
}
