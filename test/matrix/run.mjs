import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { installHosts, installPackage } from './install.mjs';

/**
 * `npm run test:matrix -- [--core] [--only <words>] [--again] [--jobs <number>] [--installed]
 * [--built]`: all rows, or those of the core, or those with these words in their title. `--again` takes
 * from the last run of all rows what was good; `--installed` goes by what the last run installed,
 * `--built` by what lies in `dist`. A run of all rows writes docs/compatibility.md.
 */
const { values: asked } = parseArgs({
  options: {
    core: { type: 'boolean', default: false },
    only: { type: 'string' },
    installed: { type: 'boolean', default: false },
    built: { type: 'boolean', default: false },
    again: { type: 'boolean', default: false },
    jobs: { type: 'string', default: '1' },
  },
});
if (!asked.installed) await installHosts(asked);
// Only now is there what they import.
const { KINDS } = await import('./rows/index.mjs');
const { makeWorld } = await import('./world.mjs');
const { page, resultOf, titleOf } = await import('./table.mjs');
const { readLastRun, writeLastRun } = await import('./last-run.mjs');

const last = asked.again ? readLastRun() : undefined;
const world = await makeWorld(await installPackage(asked));
const found = [];
let programs;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => void world.stop().finally(() => process.exit(1)));
}
try {
  for (const { kind, rows } of KINDS) {
    const chosen = rows.filter(isAsked(kind));
    if (chosen.length === 0) continue;
    process.stdout.write(`${kind}\n`);
    found.push({ kind, rows: await takeAll(kind, chosen) });
  }
  programs = [...new Set([...(await world.programs()), ...(last?.programs ?? [])])];
} finally {
  await world.stop();
}

const all = found.flatMap(({ rows }) => rows);
const skipped = all.filter(({ outcome }) => outcome === 'skipped');
const failed = all.filter((row) => !isGood(row));
if (!asked.core && asked.only === undefined) {
  writeLastRun(found, programs);
  const facts = { date: new Date().toISOString().slice(0, 10), version: world.version, programs };
  writeFileSync(new URL('../../docs/compatibility.md', import.meta.url), page(found, facts));
}
for (const row of failed) process.stdout.write(`NOT GOOD ${titleOf(row)}: ${resultOf(row)}\n`);
process.stdout.write(
  `matrix: ${all.length - failed.length - skipped.length} passed, ${failed.length} failed, ${skipped.length} skipped\n`,
);
// In CI nothing of the core is skipped.
process.exitCode =
  all.length === 0 || failed.length > 0 || (process.env.CI !== undefined && skipped.length > 0)
    ? 1
    : 0;

/** So many at a time; the answers stand in the order of the rows. */
async function takeAll(kind, rows) {
  const done = [];
  const left = rows.entries();
  const worker = async () => {
    for (const [index, row] of left) done[index] = await take(row, last?.of(kind, row));
  };
  await Promise.all(Array.from({ length: Number(asked.jobs) }, worker));
  return done;
}

async function take(row, before) {
  if (before !== undefined && before.outcome !== 'skipped' && isGood({ ...row, ...before }))
    return { ...row, ...before };
  const begun = Date.now();
  let result;
  try {
    result = await row.run(world);
  } catch (error) {
    result = error.isMissing
      ? { outcome: 'skipped', why: error.message }
      : { outcome: 'fails', why: error.stack };
  }
  const done = { ...row, ...result };
  const mark = isGood(done) ? ' ' : '!';
  process.stdout.write(
    `${mark} ${titleOf(done)}: ${resultOf(done)} (${((Date.now() - begun) / 1000).toFixed(1)} s)\n`,
  );
  return done;
}

/** Passes, or is refused or impossible in just the way that the row says. */
function isGood({ outcome, why, expected }) {
  if (outcome === 'skipped') return true;
  return expected === undefined
    ? outcome === 'passes'
    : expected.outcome === outcome && expected.why.test(why);
}

function isAsked(kind) {
  return (row) => {
    if (asked.core && !row.core) return false;
    const text = `${kind} ${titleOf(row)}`.toLowerCase();
    return (
      asked.only === undefined ||
      asked.only
        .toLowerCase()
        .split(' ')
        .every((word) => text.includes(word))
    );
  };
}
