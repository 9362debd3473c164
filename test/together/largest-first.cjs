'use strict';

const { relative } = require('node:path');
const { default: Sequencer } = require('@jest/test-sequencer');
const { secondsOf, TESTS } = require('./groups.cjs');

/** What takes longest is begun first, so that no worker is left with a long part at the end. */
module.exports = class LargestFirst extends Sequencer {
  sort(tests) {
    const seconds = ({ path }) => secondsOf(relative(TESTS, path));
    return [...tests].sort((one, other) => seconds(other) - seconds(one));
  }
};
