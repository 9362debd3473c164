'use strict';

/** Lets a plain `node` find this package by its name in `lib`, as the tests do, without a build. */
const Module = require('node:module');
const { join } = require('node:path');

const lib = join(__dirname, '..', '..', 'lib');
const doors = {
  'passport-sms-2fa': join(lib, 'index.ts'),
  'passport-sms-2fa/simulator': join(lib, 'simulator', 'index.ts'),
};
const resolve = Module._resolveFilename;
Module._resolveFilename = (request, ...rest) => resolve(doors[request] ?? request, ...rest);
