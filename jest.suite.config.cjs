'use strict';

const { existsSync } = require('node:fs');
const { join } = require('node:path');
const base = require('./jest.config.cjs');
const { parts } = require('./test/together/groups.cjs');

for (const part of parts.keys()) {
  if (existsSync(join(__dirname, 'test', 'together', `${part}.ts`))) continue;
  throw new Error(`test/together/${part}.ts is missing: what it stands for would not be run.`);
}

/** `npm test`: every test, those of a part loaded as one file. */
module.exports = {
  ...base,
  testMatch: [
    ...base.testMatch,
    ...[...parts.values()].flat().map((file) => `!**/test/${file}`),
    ...[...parts.keys()].map((part) => `<rootDir>/test/together/${part}.ts`),
  ],
  // Some wait, for time limits or for a browser: a third one has the two cores busy meanwhile.
  maxWorkers: 3,
  testSequencer: '<rootDir>/test/together/largest-first.cjs',
  // Its hook closes what tests open; loaded by one of many files it would be that file's alone.
  setupFilesAfterEnv: ['<rootDir>/test/helpers/servers.ts'],
};
