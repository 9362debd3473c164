import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { titleOf } from './table.mjs';

/** What came of the last run of all rows, so that the next one can go on from it. */
const FILE = new URL('last-run.json', import.meta.url);
const nameOf = (kind, row) => `${kind} / ${titleOf(row)}`;

export function readLastRun() {
  const { rows, programs } = existsSync(FILE)
    ? JSON.parse(readFileSync(FILE, 'utf8'))
    : { rows: {}, programs: [] };
  return { programs, of: (kind, row) => rows[nameOf(kind, row)] };
}

export function writeLastRun(found, programs) {
  const rows = found.flatMap(({ kind, rows: all }) =>
    all.map((row) => [nameOf(kind, row), { outcome: row.outcome, why: row.why }]),
  );
  writeFileSync(FILE, JSON.stringify({ rows: Object.fromEntries(rows), programs }));
}
