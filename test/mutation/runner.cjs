'use strict';

/**
 * Stryker's test runner for this repository: library and tests are loaded once, and mutants are
 * switched in the running process. A mutant meets the tests that reach it, those first that have
 * noticed its neighbors, and the first red test ends it.
 */
const { existsSync, readdirSync, readFileSync, writeFileSync } = require('node:fs');
const { join, relative, resolve } = require('node:path');
const { performance } = require('node:perf_hooks');
const { commonTokens, declareFactoryPlugin, PluginKind } = require('@stryker-mutator/api/plugin');
const { closeAll, loadTests, open, runTest, watchStrayErrors } = require('./jest-once.cjs');

const FOLDERS = [
  ...['core', 'counters', 'stores', 'express', 'passport'],
  ...['security', 'pages', 'example-app'],
];
/** What needs a browser, which keeps a state of its own. */
const OWN_STATE = /-chromium\.test\.ts$/;

/** A test that takes longer repeats a hundred times what a quicker one holds. */
const SLOW = 500;
/** All tests of one mutant, in milliseconds as they take without it; what is left counts as unnoticed. */
const BUDGET = Number(process.env.MUTATION_BUDGET ?? 15_000);
/** A test of a mutant that waits for what never comes. */
const limitOf = (test) => 1500 + 5 * test.timeSpentMs;
const UNLIMITED = 120_000;
/** How long each takes, in the folder that Stryker runs this in. */
const TIMES = 'mutation-times.json';

function testFiles(root) {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(root, 'test', folder), { recursive: true, withFileTypes: true })
      .filter(({ name }) => name.endsWith('.test.ts') && !OWN_STATE.test(name))
      .map(({ parentPath, name }) => relative(join(root, 'test'), join(parentPath, name)))
      .sort(),
  );
}

class LoadedOnce {
  /** By their names. */
  tests = new Map();
  /** The tests that have noticed a mutant, by the mutant's file, the last one first. */
  noticed = new Map();

  /** Nothing is ever loaded anew: what a module evaluates once is not tried (`ignoreStatic`). */
  capabilities() {
    return { reloadEnvironment: true };
  }

  constructor(log) {
    this.log = log;
  }

  async init() {
    this.stryker = globalThis.__stryker__ ??= {};
    // Tests provoke what is told on stderr; thousands of times over it tells nothing.
    process.stderr.write = () => true;
    watchStrayErrors();
    for (const test of loadTests(process.cwd(), testFiles(process.cwd()))) {
      const again = this.tests.has(test.name) ? ` (${this.tests.size})` : '';
      const id = `${test.name}${again}`;
      this.tests.set(id, { ...test, id });
    }
    // The first process measures them; a test must be green again after all others.
    if (existsSync(TIMES)) this.setTimes(JSON.parse(readFileSync(TIMES, 'utf8')));
    else await this.measureAll();
  }

  setTimes(times) {
    for (const [id, test] of this.tests) test.timeSpentMs = times[id];
  }

  /** What is slow or not green is left out. */
  async measureAll() {
    let slow = 0;
    for (const [id, test] of this.tests) {
      const begun = performance.now();
      const red = await this.run(test, UNLIMITED, id);
      test.timeSpentMs = performance.now() - begun;
      if (red !== undefined) this.leaveOut(id, red);
      else if (test.timeSpentMs > SLOW) {
        slow += 1;
        this.leaveOut(id);
      }
    }
    this.log.info(`${slow} slow tests are left out`);
  }

  leaveOut(id, red) {
    this.tests.delete(id);
    delete this.stryker.mutantCoverage?.perTest[id];
    if (red !== undefined) this.log.warn(`left out, for it is red: ${id}: ${red.slice(0, 300)}`);
  }

  async dryRun() {
    const times = {};
    for (const [id, test] of this.tests) {
      const begun = performance.now();
      const red = await this.run(test, UNLIMITED, id);
      times[id] = performance.now() - begun;
      if (red !== undefined) this.leaveOut(id, red);
    }
    this.setTimes(times);
    writeFileSync(TIMES, JSON.stringify(times));
    const tests = [...this.tests.values()].map(({ id, file, timeSpentMs }) => {
      return { id, name: id, status: 0, timeSpentMs, fileName: resolve('test', file) };
    });
    return { status: 'complete', tests, mutantCoverage: this.stryker.mutantCoverage };
  }

  async mutantRun({ activeMutant, testFilter, hitLimit }) {
    const noticed = this.noticed.get(activeMutant.fileName) ?? [];
    let nrOfTests = 0;
    let spent = 0;
    Object.assign(this.stryker, { hitCount: 0, hitLimit });
    for (const test of this.inOrder(testFilter, activeMutant.fileName, noticed)) {
      spent += test.timeSpentMs;
      if (spent > BUDGET) break;
      nrOfTests += 1;
      await open(test);
      this.stryker.activeMutant = activeMutant.id;
      const red = await this.run(test, limitOf(test));
      this.stryker.activeMutant = undefined;
      if (red === undefined) continue;
      const endless = this.stryker.hitCount > hitLimit;
      Object.assign(this.stryker, { hitCount: undefined, hitLimit: undefined });
      // Stryker starts the process anew, and tries the mutant again.
      const still = await this.run(test, UNLIMITED);
      if (still !== undefined) throw new Error(`red without the mutant as well: ${still}`);
      if (endless) return { status: 'timeout', reason: `${test.id}: endless` };
      this.noticed.set(activeMutant.fileName, [test, ...noticed.filter((each) => each !== test)]);
      return { status: 'killed', killedBy: [test.id], failureMessage: red, nrOfTests };
    }
    return { status: 'survived', nrOfTests };
  }

  /** The last to notice a neighbor, then the file's own tests, then the quickest. */
  inOrder(ids, fileName, noticed) {
    const own = /([^/]+)\.ts$/.exec(fileName)?.[1] ?? '';
    const rank = (test) => {
      const at = noticed.indexOf(test);
      if (at >= 0 && at < 30) return at;
      return test.file.split('/').at(-1).startsWith(own) ? 30 : 31;
    };
    return ids
      .map((id) => this.tests.get(id))
      .filter((test) => test !== undefined)
      .map((test) => ({ test, rank: rank(test) }))
      .sort((a, b) => a.rank - b.rank || a.test.timeSpentMs - b.test.timeSpentMs)
      .map(({ test }) => test);
  }

  async run(test, limit, id) {
    await open(test);
    this.stryker.currentTestId = id;
    const red = await runTest(test, limit);
    this.stryker.currentTestId = undefined;
    return red;
  }

  dispose() {
    return closeAll();
  }
}

const create = (log) => new LoadedOnce(log);
create.inject = [commonTokens.logger];

module.exports.strykerPlugins = [
  declareFactoryPlugin(PluginKind.TestRunner, 'loaded-once', create),
];
