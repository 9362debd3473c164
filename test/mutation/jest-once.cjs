'use strict';

/**
 * Jest's own words (`describe`, `expect`, `jest.spyOn` ...) in this process, without Jest's loading of
 * everything anew for every file: what is loaded stays, and a test can be run again and again. Only
 * what the quick tests use of `jest` is here.
 */
const Module = require('node:module');
const { join, sep } = require('node:path');
const { setImmediate } = require('node:timers');
const { jestExpect } = require('@jest/expect');
const circus = require('jest-circus');
const { ModuleMocker } = require('jest-mock');

const mocker = new ModuleMocker(globalThis);
/** Within `jest.isolateModules()`: what is loaded in the place of a module. */
const replaced = new Map();

const jest = {
  fn: mocker.fn.bind(mocker),
  spyOn: mocker.spyOn.bind(mocker),
  replaceProperty: mocker.replaceProperty.bind(mocker),
  isMockFunction: mocker.isMockFunction.bind(mocker),
  restoreAllMocks: mocker.restoreAllMocks.bind(mocker),
  doMock: (name, factory) => replaced.set(name, factory()),
};

/** The project's own modules are loaded anew within `fn`, and as before after it. */
function isolatedIn(root) {
  const isOurs = (file) => file.startsWith(root) && !file.includes(`${sep}node_modules${sep}`);
  return (fn) => {
    const before = Object.entries(require.cache).filter(([file]) => isOurs(file));
    for (const [file] of before) delete require.cache[file];
    const stryker = globalThis.__stryker__ ?? {};
    const { currentTestId } = stryker;
    // What a module evaluates when it is loaded is not reached by a test, here as little as elsewhere.
    stryker.currentTestId = undefined;
    try {
      fn();
    } finally {
      stryker.currentTestId = currentTestId;
      replaced.clear();
      for (const file of Object.keys(require.cache).filter(isOurs)) delete require.cache[file];
      Object.assign(require.cache, Object.fromEntries(before));
    }
  };
}

/** The package by its own name, as `moduleNameMapper` of jest.config.cjs has it. */
function mapNames(root) {
  const resolve = Module._resolveFilename;
  Module._resolveFilename = (name, ...rest) => {
    const own = /^passport-sms-2fa(?:\/(simulator|client|testing))?$/.exec(name);
    return resolve(own === null ? name : join(root, 'lib', own[1] ?? '', 'index.ts'), ...rest);
  };
  const load = Module._load;
  Module._load = (name, ...rest) => (replaced.has(name) ? replaced.get(name) : load(name, ...rest));
}

/** Loads these files of tests under `root`, each as a `describe` of its path. */
function loadTests(root, files) {
  // As Jest has it: where an app is under test, it is not looked at when it starts.
  process.env.NODE_ENV ??= 'test';
  require(join(root, 'test/helpers/typescript-hook.cjs'));
  mapNames(root);
  const { describe, it, test, beforeAll, beforeEach, afterAll, afterEach } = circus;
  Object.assign(globalThis, { describe, it, test, beforeAll, beforeEach, afterAll, afterEach });
  Object.assign(globalThis, { expect: jestExpect, jest });
  jest.isolateModules = isolatedIn(root + sep);
  // Its hooks close what any test opens.
  require(join(root, 'test/helpers/servers.ts'));
  for (const file of files) {
    describe(file, () => {
      require(join(root, 'test', file));
    });
  }
  return testsOf(circus.getState().rootDescribeBlock);
}

/** Every test below `block`, with the blocks around it, outermost first. */
function testsOf(block, around = [], file) {
  const blocks = [...around, block];
  return block.children.flatMap((child) => {
    if (child.type !== 'test') return testsOf(child, blocks, file ?? child.name);
    if (child.mode === 'skip' || child.mode === 'todo') return [];
    const name = [...blocks.slice(1), child].map((each) => each.name).join(' ');
    return [{ name, file, blocks, test: child, alone: alone(blocks, child) }];
  });
}

/** These blocks with this one test in them, and without their hooks for all tests. */
function alone(blocks, test) {
  const copies = [];
  for (const block of blocks) {
    const hooks = block.hooks.filter(({ type }) => type.endsWith('Each'));
    copies.push({ ...block, hooks, tests: [], children: [], parent: copies.at(-1) });
    copies.at(-2)?.children.push(copies.at(-1));
  }
  const copy = { ...test, parent: copies.at(-1), timeout: undefined };
  copies.at(-1).children.push(copy);
  return { root: copies[0], copy };
}

/** Errors that nobody caught while the running test ran. */
const stray = new Map();
const opened = new Set();

function watchStrayErrors() {
  process.on('uncaughtException', (error) => stray.set(error, error));
  process.on('unhandledRejection', (error, promise) => stray.set(promise, error));
  process.on('rejectionHandled', (promise) => stray.delete(promise));
}

/** What is opened for all tests of a block is opened once, and closed at the very end. */
async function open({ blocks }) {
  for (const block of blocks) {
    if (opened.has(block)) continue;
    opened.add(block);
    for (const { type, fn } of block.hooks) if (type === 'beforeAll') await fn();
  }
}

async function closeAll() {
  for (const block of [...opened].reverse()) {
    for (const { type, fn } of block.hooks) if (type === 'afterAll') await fn();
  }
}

/** Runs one test, whose blocks are open, and its hooks, for at most so many milliseconds; gives what went wrong, if anything. */
async function runTest({ alone: { root, copy } }, limit) {
  copy.errors = [];
  Object.assign(circus.getState(), { rootDescribeBlock: root, testTimeout: limit });
  stray.clear();
  await circus.run();
  // What was thrown last is told of in the next turn.
  await new Promise((resolve) => setImmediate(resolve));
  const [error] = [...copy.errors.flat(), ...stray.values()];
  return error === undefined ? undefined : String(error?.stack ?? error);
}

module.exports = { loadTests, watchStrayErrors, open, runTest, closeAll };
