'use strict';

const base = require('./jest.config.cjs');

/** The tests that mutants meet: all that hold the core, the counters and the gate, and are quick. */
module.exports = {
  ...base,
  testMatch: [
    '<rootDir>/test/core/**/*.test.ts',
    '<rootDir>/test/contract/**/*.test.ts',
    '<rootDir>/test/counters/**/*.test.ts',
    '<rootDir>/test/security/**/*.test.ts',
  ],
};
