'use strict';

const root = require('../../jest.config.cjs');

/** The pages that need packages of their own: `npm run test:recipes` installs them here. */
module.exports = {
  ...root,
  rootDir: '../..',
  roots: ['<rootDir>/test/recipes'],
  testPathIgnorePatterns: ['/node_modules/'],
  globalSetup: '<rootDir>/test/recipes/prisma-client.ts',
};
