'use strict';

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  // Types are checked by `npm run lint`; here they are only stripped, which keeps the suite short.
  transform: {
    '^.+\\.ts$': '<rootDir>/test/helpers/strip-types.cjs',
  },
  moduleNameMapper: {
    '^passport-sms-2fa$': '<rootDir>/lib/index.ts',
    '^passport-sms-2fa/(simulator|client|testing)$': '<rootDir>/lib/$1/index.ts',
  },
  // These have packages of their own: npm run test:recipes, test:hosts, test:servers, test:matrix.
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/(recipes|matrix|servers|hosts)/'],
  modulePathIgnorePatterns: [
    '<rootDir>/dist',
    '<rootDir>/example-app/dist',
    '<rootDir>/test/(matrix|servers|hosts)/',
  ],
  // Two cores are enough for the suite, and both are wanted.
  maxWorkers: 2,
  // A test that hangs is found by this as well; one that waits for a busy machine is not ended by it.
  testTimeout: 120_000,
};
