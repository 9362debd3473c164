import { basename, join } from 'node:path';
import { parts, TESTS } from './groups.cjs';

/** Loads the tests that this file of `test/together` stands for. */
export function load(standsFor: string): void {
  const files = parts.get(basename(standsFor, '.ts'));
  if (files === undefined) throw new Error(`there is no part ${standsFor} in groups.cjs`);
  for (const file of files) {
    describe(file, () => {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- hooks must stay in their file
      require(join(TESTS, file));
    });
  }
}
