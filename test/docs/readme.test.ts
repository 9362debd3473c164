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

test.each(['README.md', 'SECURITY.md'])(
  '[S158] %s says what SMS is, what it risks, and what to offer, plan and not do',
  (page) => {
    const text = readFileSync(join(ROOT, page), 'utf8').replace(/\s+/g, ' ');
    const at = text.search(/SMS is a \**restricted\** authenticator/);
    expect(at).toBeGreaterThan(-1);
    // One paragraph has it all, so that nobody reads half of it.
    const said = text.slice(at, at + 800);
    expect(said).toContain('NIST SP 800-63B-4 §3.2.9');
    expect(said).toMatch(
      /moved to (?:an)?other cards?, (?:and )?texts (?:can be|are) read on the way/,
    );
    expect(said).toMatch(/[Oo]ffer (?:users )?an alternative/);
    expect(said).toMatch(/tell (?:users|them) of the risk/);
    expect(said).toMatch(/plan to move off SMS/);
    expect(said).toMatch(/not let SMS alone guard money or personal data/);
  },
);
