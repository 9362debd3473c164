import { versionOf } from './app-dir.mjs';

/** What came of the rows, as the page `docs/compatibility.md`. */

/** What a package is called: its own name without what an alias adds, runtimes by theirs. */
const NAMES = { '@oven/bun-linux-x64': 'Bun', '@deno/linux-x64-glibc': 'Deno', node: 'Node.js' };
function nameOf(alias) {
  const name = alias.replace(/-\d+(\.\d+)?$/, '');
  return NAMES[name] ?? name;
}

/** A package by its name and the version that was installed. */
const shownPackage = (alias) => `${nameOf(alias)} ${versionOf(alias)}`;

/** The title of a row: its own words, then its packages. */
export function titleOf({ title, shown = [] }) {
  return [title, shown.map(shownPackage).join(', ')].filter(Boolean).join(': ');
}

export function resultOf({ outcome, why }) {
  return why === undefined ? outcome : `${outcome}: ${why}`;
}

const inCell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

export function page(found, { date, version, programs }) {
  const sections = found.map(({ kind, rows }) => {
    const lines = rows.map((row) => `| ${inCell(titleOf(row))} | ${inCell(resultOf(row))} |`);
    return [`## ${kind}`, ['| what | result |', '| --- | --- |', ...lines].join('\n')].join('\n\n');
  });
  const all = found.flatMap(({ rows }) => rows);
  const count = (outcome) => all.filter((row) => row.outcome === outcome).length;
  const sums = [...new Set(all.map(({ outcome }) => outcome))].map(
    (each) => `${count(each)} ${each}`,
  );
  return (
    [
      '# What it was run with',
      INTRODUCTION,
      `Last run on ${date}, passport-sms-2fa ${version}, on ${programs.join(', ')}. Of ${all.length} rows: ${sums.join(', ')}.`,
      ...sections,
      '',
    ]
      .join('\n\n')
      .trimEnd() + '\n'
  );
}

const INTRODUCTION = `Written by \`npm run test:matrix\` in a clone of the repository. Each row is an app of its own, in which the packed package was installed as npm does it, and which one drive walks
over real HTTP: an anonymous visitor, the password alone, enrollment, the app's own data kept, signing out with the old cookie dead, the gate shut for JSON and HTML, a wrong and a right code with a
new session id, step-up, the Passport strategy, a slow request that must not bring a session back, a destroyed session, 30 wrong guesses at once of which exactly 5 are evaluated, 20 right
codes at once that make one verified session, a recovery code, and removal. Before it the same app runs without the package: its gate is open then, and all else works.
Rows of TypeScript compile an app instead, and beside it one in which each wrong line must be found.

- **passes**: both did.
- **refused**: the app does not start, and says why, or npm does not install it.
- **control fails**: it does not work without the package either.
- **skipped**: what it needs was not there.`;
