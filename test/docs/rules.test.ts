import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const sourcesIn = (folder: string): string =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter(
      (file) =>
        file.endsWith('.ts') &&
        !file.includes('node_modules') &&
        !__filename.endsWith(join(folder, file)),
    )
    .map((file) => read(join(folder, file)))
    .join('\n');

/** Each number once, the lowest first. */
const numbersIn = (text: string, pattern: RegExp): number[] =>
  [...new Set(Array.from(text.matchAll(pattern), ([, number]) => Number(number)))].sort(
    (a, b) => a - b,
  );

const tests = sourcesIn('test');
const lines = read('docs/rules.md')
  .split('\n')
  .filter((line) => line.startsWith('- '));
const listed = lines.map((line) => Number(/^- S([1-9]\d*): [A-Z].*\.$/.exec(line)?.[1]));

test('every rule that a test names is on the list, and every rule of the list has a test', () => {
  const named = numbersIn(tests, /\[S(\d+)\]/g);
  expect(named.length).toBeGreaterThan(100);
  expect({ withoutTest: listed.filter((number) => !named.includes(number)) }).toEqual({
    withoutTest: [],
  });
  expect({ notListed: named.filter((number) => !listed.includes(number)) }).toEqual({
    notListed: [],
  });
});

test('the list has one sentence a line, and its numbers go up', () => {
  expect(lines.filter((_, index) => Number.isNaN(listed[index]))).toEqual([]);
  expect(listed).toEqual([...new Set(listed)].sort((a, b) => a - b));
});

test('a name says each number by itself, so that it can be searched for', () => {
  expect(tests.match(/\[S\d+[^\]\d][^\]]*\]/g)).toBeNull();
});

test('what the sources and the table of standards refer to is on the list', () => {
  const security = read('SECURITY.md');
  const table = security.slice(security.indexOf('## From the standards to the tests'));
  const cited = [...numbersIn(sourcesIn('lib'), /\[S(\d+)\]/g), ...numbersIn(table, /\bS(\d+)\b/g)];
  expect(cited.length).toBeGreaterThan(50);
  expect(cited.filter((number) => !listed.includes(number))).toEqual([]);
});
