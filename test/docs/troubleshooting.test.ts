import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROBLEM_CODES } from '../../lib/express/problems';
import { en } from '../../lib/locales/en';
import { DOCS } from './page';

const page = readFileSync(join(DOCS, 'troubleshooting.md'), 'utf8');
const section = (title: string): string => {
  const from = page.indexOf(`\n## ${title}\n`);
  expect(from).toBeGreaterThan(-1);
  return page.slice(from, page.indexOf('\n## ', from + 1));
};
const rowsOf = (title: string): string[][] =>
  section(title)
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => cell.trim()));

const LIB = join(__dirname, '..', '..', 'lib');
/** What the sources say, with pieces of one sentence that stand on several lines put together. */
const sources = readdirSync(LIB, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(join(LIB, name), 'utf8'))
  .join('\n')
  .replace(/['"`] \+\s*['"`]/g, '')
  .replace(/\$\{[^}]*\}/g, '…');

/** The parts of a quoted message that are the same in each case. */
function parts(cell: string): string[] {
  const quoted = [...cell.matchAll(/`([^`]+)`/g)].map(([, words = '']) => words);
  return quoted.flatMap((words) => words.split('…')).filter((part) => part.trim().length > 3);
}

test.each(['At the start', 'In an error of a request', 'Warnings of the process'])(
  'each message quoted under "%s" is one that the library says',
  (title) => {
    const column = title === 'Warnings of the process' ? 2 : 1;
    const quoted = rowsOf(title).flatMap((cells) => parts(cells[column] ?? ''));
    expect(quoted.length).toBeGreaterThan(7);
    const invented = quoted.filter((part) => part !== 'check()' && !sources.includes(part.trim()));
    expect(invented).toEqual([]);
  },
);

test('every code of a problem document is explained, with the title that users read', () => {
  const rows = rowsOf('What users and clients are told');
  const told = rows.map(([, code = '', title]) => [code.replaceAll('`', ''), title]);
  const real = PROBLEM_CODES.map((code) => [code, en[`problem.${code}.title`]]);
  expect(told.sort()).toEqual(real.sort());
  for (const [, , , cure = ''] of rows) expect(cure.length).toBeGreaterThan(10);
});

test('every warning of the process is explained', () => {
  const told = rowsOf('Warnings of the process').map(([, code = '']) => code.replaceAll('`', ''));
  const real = [...new Set(sources.match(/\bSMS2FA_[A-Z_]+\b/g))];
  expect(told.sort()).toEqual(real.sort());
});
