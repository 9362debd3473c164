'use strict';

const base = require('./jest.config.cjs');

/**
 * The tests that mutants meet. What calls the core, the counters and the gate directly is loaded as
 * one file; what stands above the core meets the quick tests over HTTP as well, loaded as another.
 * `MUTATION_TESTS` names one of them (stryker.config.mjs); without it both are run.
 */
const TESTS = {
  core: '<rootDir>/test/mutation/together.ts',
  http: '<rootDir>/test/mutation/over-http.ts',
};
const chosen = TESTS[process.env.MUTATION_TESTS];

module.exports = {
  ...base,
  testMatch: chosen === undefined ? Object.values(TESTS) : [chosen],
  testEnvironment: require.resolve('./test/mutation/first-failure-environment.cjs'),
  // Its hook closes what tests open; loaded by one of many files it would be that file's alone.
  setupFilesAfterEnv: ['<rootDir>/test/helpers/servers.ts'],
};
