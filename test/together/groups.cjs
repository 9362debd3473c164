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
  docs: 2,
  'example-app': 2,
  express: 2,
  flowroute: 1,
  rest: 2,
  security: 6,
  simulator: 2,
};
/** Folders that are too small for a part of their own. */
const REST = /^(?:check|locales|options|pages|passport|senders|stores)$/;
/**
 * These stay alone: they put something in the place of a module for all that is loaded after them,
 * or would make their part twice as long as any other.
 */
const ALONE = /^(?:core\/simulated-year|simulator\/express-4)\.test\.ts$/;

function groupOf(file) {
  if (ALONE.test(file)) return undefined;
  const [folder, name] = file.split('/');
  if (folder === 'browser' || file.endsWith('-chromium.test.ts')) return 'browsers';
  if (name === undefined) return undefined;
  const group = REST.test(folder) ? 'rest' : folder;
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

module.exports = { TESTS, parts };
