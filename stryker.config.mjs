/** Mutation testing of what safety rests on: the core, the counters and the gate. */
export default {
  mutate: [
    'lib/core/**/*.ts',
    'lib/counters/**/*.ts',
    'lib/express/gate.ts',
    'lib/express/account.ts',
    'lib/express/{admission,turn-away,interrupted,trusted-device,own-proof}.ts',
    'lib/express/{has-own-factor,fresh-login,verified-session}.ts',
  ],
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
