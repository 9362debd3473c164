/** Mutation testing of what safety rests on: the core, the counters and the gate. */
export default {
  mutate: [
    'lib/core/**/*.ts',
    'lib/counters/**/*.ts',
    'lib/express/gate.ts',
    'lib/express/account.ts',
  ],
  testRunner: 'jest',
  jest: { configFile: 'jest.mutation.config.cjs' },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  timeoutMS: 10_000,
  reporters: ['clear-text', 'progress', 'json'],
  clearTextReporter: { allowColor: false, allowEmojis: false, logTests: false },
  thresholds: { high: 95, low: 90, break: 90 },
  tempDirName: '.stryker-tmp',
  ignorePatterns: ['dist', 'example-app/dist', 'example-app/var', 'coverage', 'reports'],
};
