'use strict';

/**
 * Stryker's test runner for this repository: library and tests are loaded once, and mutants are
 * switched in the running process. A mutant meets the tests that reach it, those first that have
 * noticed its neighbors, and the first red test ends it.
 */
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const { join, relative, resolve } = require('node:path');
const { performance } = require('node:perf_hooks');
const { commonTokens, declareFactoryPlugin, PluginKind } = require('@stryker-mutator/api/plugin');
const { KeptResults, placeOf, REPORTS } = require('./found.cjs');
const { closeAll, loadTests, open, runTest, watchStrayErrors } = require('./jest-once.cjs');

/** Those of a room, and those that belong to none. */
const TESTS =
  /^(?:[\w-]+|(?:core|counters|stores|express|passport|security|pages|example-app)\/.+)\.test\.ts$/;
/** What repeats itself hundreds of times, needs processes or browsers of its own, or waits. */
const LEFT_OUT =
  /(?:-chromium|\b(?:accounts|architecture|bodies|bypass|conversion-guard|conversion-month|costs|failures-model|faults|guessing|privacy|resources|sending|example-app\/operator|simulated-year|webhooks-two-processes))\.test\.ts$/;

/** Nor a single test that takes longer, in milliseconds, whether or not the machine is busy. */
const SLOW = 500;
/** All tests of one mutant, in milliseconds as they take without it; what is left counts as unnoticed. */
const BUDGET = Number(process.env.MUTATION_BUDGET ?? 15_000);
/** A test of a mutant that waits for what never comes. */
const limitOf = (test) => 1500 + 5 * test.timeSpentMs;
/** The same test without a mutant: what takes longer hangs. */
const PATIENCE = 20_000;

/** `MUTATION_PART=2/5`: the second fifth, as if drawn at random, and the same one each time. */
function isDrawn(place) {
  const [part, parts] = (process.env.MUTATION_PART ?? '1/1').split('/').map(Number);
  return createHash('sha256').update(place).digest().readUInt32BE() % parts === part - 1;
}

function testFiles(root) {
  const names = fs.readdirSync(join(root, 'test'), { recursive: true }).sort();
  return names.filter((name) => TESTS.test(name) && !LEFT_OUT.test(name));
}

/** Of all that runs, mutants and all. */
function digestOf(root) {
  const digest = createHash('sha256');
  for (const folder of ['lib', 'test', 'example-app/src']) {
    for (const name of fs.readdirSync(join(root, folder), { recursive: true }).sort()) {
      if (/\.[cm]?[jt]s$/.test(name)) digest.update(fs.readFileSync(join(root, folder, name)));
    }
  }
  return digest.digest('hex').slice(0, 16);
}

class LoadedOnce {
  /** By their numbers. */
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
      this.tests.set(String(this.tests.size + 1), test);
    }
    fs.mkdirSync(REPORTS, { recursive: true });
    const digest = digestOf(process.cwd());
    this.measured = join(REPORTS, `measured-${digest}.json`);
    if (!fs.existsSync(this.measured)) await this.measureAll();
    else this.kept = JSON.parse(fs.readFileSync(this.measured, 'utf8'));
    for (const [id, test] of this.tests)
      test.timeSpentMs = this.kept?.times[id] ?? test.timeSpentMs;
    this.results = new KeptResults(digest, BUDGET);
  }

  /** What is slow or not green is left out. */
  async measureAll() {
    for (const [id, test] of this.tests) {
      const { took, red } = await this.measure(test, id);
      test.timeSpentMs = took;
      if (red !== undefined || took > 2 * SLOW) this.leaveOut(id, test, red);
    }
  }

  async measure(test, id) {
    const begun = performance.now();
    const red = await this.run(test, PATIENCE, id);
    return { red, took: performance.now() - begun };
  }

  leaveOut(id, { name }, red) {
    this.tests.delete(id);
    delete this.stryker.mutantCoverage?.perTest[id];
    this.log.info(`left out: ${name}: ${red?.slice(0, 300) ?? 'slow'}`);
  }

  /** A test must be green again after all others. */
  async dryRun() {
    this.kept ??= await this.measureAgain();
    const { times, mutantCoverage } = this.kept;
    const tests = [...this.tests]
      .filter(([id]) => id in times)
      .map(([id, { name, file }]) => {
        const fileName = resolve('test', file);
        return { id, name, status: 0, timeSpentMs: times[id], fileName };
      });
    return { status: 'complete', tests, mutantCoverage };
  }

  async measureAgain() {
    const times = {};
    for (const [id, test] of this.tests) {
      const { took, red } = await this.measure(test, id);
      test.timeSpentMs = Math.min(took, test.timeSpentMs);
      if (red !== undefined || test.timeSpentMs > SLOW) this.leaveOut(id, test, red);
      else times[id] = test.timeSpentMs;
    }
    const { mutantCoverage } = this.stryker;
    fs.writeFileSync(this.measured, JSON.stringify({ times, mutantCoverage }));
    return { times, mutantCoverage };
  }

  /** What was tried is written down at once: a run that is broken off goes on where it was. */
  async mutantRun(options) {
    const { activeMutant, sandboxFileName } = options;
    const file = relative(process.cwd(), sandboxFileName);
    const place = placeOf(activeMutant);
    const before = this.results.get(file, place);
    if (before !== undefined) return before;
    if (!isDrawn(`${file},${place}`)) return { status: 'error', errorMessage: 'not drawn' };
    const result = await this.tryMutant(options);
    this.results.add(file, activeMutant, place, result);
    return result;
  }

  async tryMutant({ activeMutant, testFilter, hitLimit }) {
    const noticed = this.noticed.get(activeMutant.fileName) ?? [];
    let nrOfTests = 0;
    let spent = 0;
    Object.assign(this.stryker, { hitCount: 0, hitLimit });
    for (const [id, test] of this.inOrder(testFilter, activeMutant.fileName, noticed)) {
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
      const still = await this.run(test, PATIENCE);
      if (still !== undefined) throw new Error(`red without the mutant as well: ${still}`);
      if (endless) return { status: 'timeout', reason: `${test.name}: endless` };
      this.noticed.set(activeMutant.fileName, [test, ...noticed.filter((each) => each !== test)]);
      return { status: 'killed', killedBy: [id], failureMessage: red, nrOfTests };
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
      .filter((id) => this.tests.has(id))
      .map((id) => ({ id, test: this.tests.get(id), rank: rank(this.tests.get(id)) }))
      .sort((a, b) => a.rank - b.rank || a.test.timeSpentMs - b.test.timeSpentMs)
      .map(({ id, test }) => [id, test]);
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
