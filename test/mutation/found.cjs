'use strict';

/**
 * What runs of the mutants have found. Each result is written down at once, so that a run that is broken
 * off goes on where it was; of files that are through, `found.json` keeps what nobody noticed.
 */
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const { join, relative } = require('node:path');
const { declareFactoryPlugin, PluginKind } = require('@stryker-mutator/api/plugin');

/** The tree itself; what runs is a copy of it with the mutants in. */
const ROOT = join(__dirname, '../..');
const REPORTS = join(ROOT, 'reports/mutation');
const TRIED = join(REPORTS, 'tried.jsonl');
const FOUND = join(__dirname, 'found.json');

/** What a mutant replaces in its file, and by what: the same in each run, unlike its number. */
function placeOf({ location: { start, end }, replacement }) {
  return [start.line, start.column, end.line, end.column, replacement].join();
}

const fileDigest = (source) => createHash('sha256').update(source).digest('hex').slice(0, 16);
const readFound = () => (fs.existsSync(FOUND) ? JSON.parse(fs.readFileSync(FOUND, 'utf8')) : {});

/**
 * The results of earlier runs that still count. That a mutant was noticed counts for as long as its
 * file is as it was; that it was not, until anything has changed, or there is more time for it.
 */
class KeptResults {
  /** @param sources a digest of all that runs */
  constructor(sources, budget) {
    this.sources = sources;
    this.budget = budget;
    const lines = fs.existsSync(TRIED) ? fs.readFileSync(TRIED, 'utf8').split('\n') : [];
    const tried = lines.filter(Boolean).map((line) => JSON.parse(line));
    const counts = ({ result, sources, budget }) =>
      result.status !== 'survived' || (sources === this.sources && budget >= this.budget);
    this.tried = new Map(
      tried.filter(counts).map(({ of, place, result }) => [`${of} ${place}`, result]),
    );
    this.found = readFound();
    this.digests = new Map();
  }

  digestOf(file) {
    const known = this.digests.get(file);
    const digest = known ?? fileDigest(fs.readFileSync(join(ROOT, file)));
    this.digests.set(file, digest);
    return digest;
  }

  get(file, place) {
    const of = this.digestOf(file);
    const { found } = this;
    const isNoticed = found[file]?.of === of && !found[file].unnoticed.includes(place);
    const noticed = { status: 'killed', killedBy: [], failureMessage: 'before', nrOfTests: 0 };
    return this.tried.get(`${of} ${place}`) ?? (isNoticed ? noticed : undefined);
  }

  add(file, { location, mutatorName: kind }, place, result) {
    const { sources, budget } = this;
    const where = { file, line: location.start.line + 1, kind };
    const line = { ...where, result, of: this.digestOf(file), place, sources, budget };
    fs.mkdirSync(REPORTS, { recursive: true });
    fs.appendFileSync(TRIED, `${JSON.stringify(line)}\n`);
  }
}

/** Writes down what is left of each file all of whose mutants were tried. */
const createReporter = () => ({
  onMutationTestReportReady({ files, config }) {
    // Of some lines nothing is learned about the whole.
    if (config.mutate.some((pattern) => /:\d/.test(pattern))) return;
    const found = readFound();
    for (const [name, { source, mutants }] of Object.entries(files)) {
      const having = (...statuses) => mutants.filter(({ status }) => statuses.includes(status));
      if (having('RuntimeError', 'Pending').length > 0) continue;
      const file = relative(ROOT, join(ROOT, name));
      const noticed = having('Killed', 'Timeout').length;
      // In a report lines and columns begin at one.
      const unnoticed = having('Survived', 'NoCoverage').map(({ location, replacement }) => {
        const [start, end] = [location.start, location.end].map(({ line, column }) => ({
          line: line - 1,
          column: column - 1,
        }));
        return placeOf({ location: { start, end }, replacement });
      });
      found[file] = { of: fileDigest(source), noticed, unnoticed };
    }
    for (const file of Object.keys(found)) {
      if (!fs.existsSync(join(ROOT, file))) delete found[file];
    }
    const sorted = Object.fromEntries(Object.entries(found).sort());
    fs.writeFileSync(FOUND, `${JSON.stringify(sorted, null, 1)}\n`);
  },
});
createReporter.inject = [];

Object.assign(module.exports, { KeptResults, placeOf, REPORTS });
// Told by its name: Stryker imports it as an ES module does.
module.exports.strykerPlugins = [
  declareFactoryPlugin(PluginKind.Reporter, 'found', createReporter),
];
