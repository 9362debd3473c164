'use strict';

const base = require('./jest.config.cjs');

/**
 * The tests that mutants meet: everything that calls the core, the counters and the gate directly,
 * loaded as one file. The tests over HTTP and with a real Redis hold the same rules, but hundreds
 * of them for each mutant take hours.
 */
module.exports = { ...base, testMatch: ['<rootDir>/test/mutation/together.ts'] };
