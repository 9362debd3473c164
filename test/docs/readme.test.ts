import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const blocks = Array.from(readme.matchAll(/^```js\n(.*?)^```/gms), ([, block]) => block ?? '');
const minimal = readFileSync(join(ROOT, 'example-app', 'minimal.js'), 'utf8');
const linesOf = (text: string): number => text.trimEnd().split('\n').length;

test('the app of the README is the file that `npm run minimal` starts', () => {
  expect(blocks).toHaveLength(2);
  expect(blocks[0]).toBe(minimal);
});

test('it begins as an ES module with the same names of the same packages', () => {
  const required = [...minimal.matchAll(/^const (.*) = require\('(.*)'\);$/gm)].map(
    ([, names = '', from]) => [names.replace(/\b: /g, ' as '), from],
  );
  const imported = [...blocks[1]!.matchAll(/^import (.*) from '(.*)';$/gm)].map(
    ([, names = '', from]) => [names.replace('* as ', ''), from],
  );
  expect(required.length).toBeGreaterThan(3);
  expect(imported).toEqual(required);
  expect(linesOf(blocks[1]!)).toBe(imported.length);
});

test('both are short enough to be read before anything is decided', () => {
  expect(linesOf(minimal)).toBeLessThanOrEqual(60);
  expect(linesOf(readme)).toBeLessThanOrEqual(150);
});

test('what it tells to install is all that the app loads', () => {
  const [, install = ''] = /npm install (.*)/.exec(readme) ?? [];
  const loaded = [...minimal.matchAll(/require\('([^/']+)/g)].map(([, name]) => name);
  expect(install.split(' ').sort()).toEqual([...new Set(loaded)].sort());
});
