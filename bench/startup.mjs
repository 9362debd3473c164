import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { median } from './statistics.mjs';

/** What `require()` of the library takes beyond what every such app loads, in fresh processes. */

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PROCESSES = 15;

const LOAD = `
for (const name of ['express', 'express-session', 'passport']) require(name);
const begun = performance.now();
require('./dist/index.js');
console.log(performance.now() - begun);`;

/** The time of each package and of the library itself, without what they load from others. */
const BY_PACKAGE = `
const Module = require('node:module');
for (const name of ['express', 'express-session', 'passport']) require(name);
const spent = {};
const open = [];
const load = Module.prototype.load;
Module.prototype.load = function (file) {
  const begun = performance.now();
  open.push(0);
  try { return load.call(this, file); } finally {
    const whole = performance.now() - begun;
    const owner = /.*node_modules.((?:@[^/]+.)?[^/]+)/.exec(file)?.[1] ?? 'the library itself';
    spent[owner] = (spent[owner] ?? 0) + whole - open.pop();
    if (open.length > 0) open[open.length - 1] += whole;
  }
};
require('./dist/index.js');
console.log(JSON.stringify(spent));`;

const run = (script) => JSON.parse(execFileSync(process.execPath, ['-e', script], { cwd: ROOT }));

export function measureStartup() {
  const times = Array.from({ length: PROCESSES }, () => run(LOAD));
  const runs = Array.from({ length: PROCESSES }, () => run(BY_PACKAGE));
  const packages = Object.keys(runs[0])
    .map((name) => [name, median(runs.map((spent) => spent[name]))])
    .sort(([, one], [, other]) => other - one);
  return { milliseconds: median(times), packages };
}
