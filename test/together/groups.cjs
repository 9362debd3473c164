'use strict';

const { readdirSync } = require('node:fs');
const { join } = require('node:path');

const TESTS = join(__dirname, '..');

/**
 * What `npm test` loads as one, and in how many parts: Jest loads every module anew for every file it
 * is told of, which takes longer than the tests of most of them. A part of `security` is what the
 * file `security-1.ts` beside this one stands for, and so on.
 */
const PARTS = {
  browsers: 2,
  cli: 1,
  core: 2,
  counters: 1,
  docs: 1,
  'example-app': 2,
  express: 2,
  flowroute: 1,
  rest: 2,
  security: 6,
  simulator: 2,
};
/** Folders that are too small for a part of their own, as is what lies in none. */
const REST = /^(?:check|client|contract|locales|options|pages|passport|senders|stores|testing)$/;
/**
 * These stay alone: they put something in the place of a module for all that is loaded after them,
 * or would make their part twice as long as any other.
 */
const ALONE = /^(?:core\/simulated-year|simulator\/express-4)\.test\.ts$/;

function groupOf(file) {
  if (ALONE.test(file)) return undefined;
  const [folder, name] = file.split('/');
  if (folder === 'browser' || file.endsWith('-chromium.test.ts')) return 'browsers';
  const group = name === undefined || REST.test(folder) ? 'rest' : folder;
  return group in PARTS ? group : undefined;
}

/** The tests of each part, by its name: dealt out in turns, as those of one subject are alike long. */
const parts = new Map();
const dealt = {};
const all = readdirSync(TESTS, { recursive: true }).filter((file) => file.endsWith('.test.ts'));
for (const file of all.sort()) {
  const group = groupOf(file);
  if (group === undefined) continue;
  dealt[group] = (dealt[group] ?? 0) + 1;
  const part = `${group}-${(dealt[group] % PARTS[group]) + 1}`;
  parts.set(part, [...(parts.get(part) ?? []), file]);
}

/**
 * About how many seconds a worker has with what takes long, for the order alone: the sizes of files
 * do not tell who waits for a browser or for a process.
 */
const SECONDS = {
  'processes/outage': 60,
  'browsers-1': 60,
  'browsers-2': 60,
  docs: 35,
  'model/model': 30,
  'core/simulated-year': 30,
  'processes/cluster': 30,
  'processes/kill': 30,
  'model/honest-walk': 25,
  'package/tarball': 25,
  security: 20,
  'example-app': 20,
  rest: 18,
  cli: 15,
};

/** Of a file of these tests, by its path among them. */
function secondsOf(path) {
  const name = path.replace(/^together\/|(?:\.test)?\.ts$/g, '');
  return SECONDS[name] ?? SECONDS[name.replace(/-\d+$/, '')] ?? 10;
}

module.exports = { TESTS, parts, secondsOf };
