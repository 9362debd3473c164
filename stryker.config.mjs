/** Mutation testing of what safety rests on; docs/mutation.md says what was found. */
export default {
  mutate: [
    'lib/{core,counters,stores,passport,express}/**/*.ts',
    // The guards of the example bank.
    'example-app/src/web/{same-origin,sessions,bank-routes,errors}.ts',
    'example-app/src/{sign-in,live}/*.ts',
  ],
  plugins: ['./test/mutation/runner.cjs', './test/mutation/found.cjs'],
  testRunner: 'loaded-once',
  coverageAnalysis: 'perTest',
  // What a module evaluates once, when it is loaded, stays as it is.
  ignoreStatic: true,
  concurrency: 1,
  dryRunTimeoutMinutes: 20,
  // A test of its own is given up much sooner; this ends what never gives the processor back.
  timeoutMS: 60_000,
  timeoutFactor: 0,
  reporters: ['clear-text', 'progress', 'found'],
  clearTextReporter: { allowColor: false, allowEmojis: false, logTests: false },
  thresholds: { high: 95, low: 92, break: 92 },
  tempDirName: '.stryker-tmp',
  ignorePatterns: ['dist', 'example-app/dist', 'example-app/var', 'coverage', 'reports'],
};
