'use strict';

const { statSync } = require('node:fs');
const { basename, join } = require('node:path');
const { default: Sequencer } = require('@jest/test-sequencer');
const { parts, TESTS } = require('./groups.cjs');

const sizeOf = (path) => statSync(path).size;

/** What is largest is begun first, so that no worker is left with a long part at the end. */
module.exports = class LargestFirst extends Sequencer {
  sort(tests) {
    const sizes = new Map(
      tests.map(({ path }) => {
        const files = parts.get(basename(path, '.ts'))?.map((file) => join(TESTS, file)) ?? [path];
        return [path, files.reduce((sum, file) => sum + sizeOf(file), 0)];
      }),
    );
    return [...tests].sort((one, other) => sizes.get(other.path) - sizes.get(one.path));
  }
};
