import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const page = readFileSync(join(ROOT, 'docs', 'inside.md'), 'utf8');
const named = Array.from(
  page.matchAll(/`((?:lib|test|docs)\/[\w./-]+)`/g),
  ([, path = '']) => path,
);

test('every path on the map is there', () => {
  expect(named.length).toBeGreaterThan(40);
  expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

test('the map names every room of lib', () => {
  const rooms = readdirSync(join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' })
    .map((path) => `lib/${path}`)
    .filter((path) => statSync(join(ROOT, path)).isDirectory());
  expect(rooms.filter((room) => !named.includes(room))).toEqual([]);
});

test('a function that the map names stands in the file it is named with', () => {
  const said = [...page.matchAll(/`(lib\/[\w./-]+\.ts)` \(((?:`\w+`(?:, )?)+)\)/g)].flatMap(
    ([, path = '', names = '']) =>
      names.match(/\w+/g)!.map((name): [string, string] => [path, name]),
  );
  const has = ([path, name]: [string, string]): boolean =>
    new RegExp(`\\bfunction ${name}\\b`).test(readFileSync(join(ROOT, path), 'utf8'));
  expect(said.map(([, name]) => name)).toEqual(
    expect.arrayContaining(['deriveCode', 'takeGuess', 'keepMark']),
  );
  expect(said.filter((each) => !has(each))).toEqual([]);
});

test('the map can be read in one go', () => {
  expect(page.trimEnd().split('\n').length).toBeLessThanOrEqual(100);
});
