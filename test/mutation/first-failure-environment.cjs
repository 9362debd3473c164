'use strict';

const { TestEnvironment } = require('jest-environment-node');

/** One test that goes red is enough for a mutant: the rest of the file is left out. */
module.exports = class FirstFailureEnvironment extends TestEnvironment {
  failed = false;

  handleTestEvent(event) {
    if (event.name === 'test_fn_failure' || event.name === 'hook_failure') this.failed = true;
    if (event.name === 'test_start' && this.failed) event.test.mode = 'skip';
  }
};
