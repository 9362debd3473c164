/** What the quick tests without HTTP hold. */
const CORE = ['lib/core/**/*.ts', 'lib/counters/**/*.ts'];
/** What the tests over HTTP hold: all that sees requests, sessions and stores. */
const ABOVE = ['lib/stores/**/*.ts', 'lib/passport/**/*.ts', 'lib/express/**/*.ts'];
/** The guards of the example bank. */
const BANK = [
  'example-app/src/web/{same-origin,sessions,bank-routes,errors}.ts',
  'example-app/src/sign-in/*.ts',
  'example-app/src/live/*.ts',
];

/** `--mutate` (`-m`), as it stands on the command line. */
function given() {
  const at = process.argv.findIndex((word) => word === '--mutate' || word === '-m');
  return at < 0 ? [] : (process.argv[at + 1] ?? '').split(',');
}

// A part of the core needs no tests over HTTP, and the others none of the core; a whole run has both.
const parts = given();
if (parts.length > 0) {
  const ofCore = parts.every((part) => /^lib\/(?:core|counters)\//.test(part));
  process.env.MUTATION_TESTS ??= ofCore ? 'core' : 'http';
}

/** Mutation testing of what safety rests on; docs/mutation.md says how to split it. */
export default {
  mutate: [...CORE, ...ABOVE, ...BANK],
  testRunner: 'jest',
  // The tests of a mutant are known from coverage; nothing has to be looked up for each one.
  jest: { configFile: 'jest.mutation.config.cjs', enableFindRelatedTests: false },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  timeoutMS: 15_000,
  incremental: true,
  incrementalFile: 'reports/mutation/incremental.json',
  reporters: ['clear-text', 'progress', 'json'],
  clearTextReporter: { allowColor: false, allowEmojis: false, logTests: false },
  thresholds: { high: 95, low: 90, break: 90 },
  tempDirName: '.stryker-tmp',
  ignorePatterns: ['dist', 'example-app/dist', 'example-app/var', 'coverage', 'reports'],
};
