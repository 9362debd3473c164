import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import * as library from '../../lib';

const ROOT = join(__dirname, '..', '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
/** For those who change the library. */
const FOR_OTHERS = [
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'docs/decisions.md',
  'docs/inside.md',
  'docs/mutation.md',
  'docs/rules.md',
];
const pages = [
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'README.md',
  'SECURITY.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
/** What an app developer reads. */
const forUsers = pages
  .filter((page) => !FOR_OTHERS.includes(page))
  .map(read)
  .join('\n');

/** The members of an interface or of a union of strings, as they stand in the source. */
function members(path: string, from: string, to: string, pattern: RegExp): string[] {
  const source = read(path);
  const start = source.indexOf(from);
  expect(start).toBeGreaterThan(-1);
  const part = source.slice(start, source.indexOf(to, start));
  return [...part.matchAll(pattern)].map(([, name]) => name ?? '');
}

/** The codes of the warnings of the process. */
function warnings(): string[] {
  const sources = readdirSync(join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => read(`lib/${name}`));
  return [...new Set(sources.join('\n').match(/\bSMS2FA_[A-Z_]+\b/g))];
}

const MEMBER = /^ {2}([a-zA-Z_]+)\??[:(]/gm;
const surface: [string, string[]][] = [
  ['option', members('lib/options/options.ts', 'interface SecondFactorOptions', '\n}', MEMBER)],
  ['limit', members('lib/core/limits.ts', 'interface Limits', '\n}', MEMBER)],
  ['event', members('lib/core/events.ts', 'interface SecondFactorEvents', '\n}', MEMBER)],
  ['verb', members('lib/verbs.ts', 'export interface SecondFactor {', '\n}', MEMBER)],
  ['code', members('lib/core/outcomes.ts', 'type RefusalCode', ';', /'([a-z_]+)'/g)],
  ['export', Object.keys(library)],
  ['warning', warnings()],
];

test.each(surface)('every %s stands on a page for users', (_kind, names) => {
  expect(names.length).toBeGreaterThan(4);
  const missing = names.filter((name) => !new RegExp(`\\b${name}\\b`).test(forUsers));
  expect(missing).toEqual([]);
});

test('every link of a page leads somewhere', () => {
  const lost = pages.flatMap((page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link]) => link!);
    const here = dirname(join(ROOT, page));
    return links.filter((link) => !existsSync(resolve(here, link))).map((link) => [page, link]);
  });
  expect(lost).toEqual([]);
});

test('what CONTRIBUTING.md names is there', () => {
  const named = [
    ...read('CONTRIBUTING.md').matchAll(/(?<![\w/])(?:test|lib|docs|\.ci)\/[\w./-]*\w/g),
  ];
  expect(named.length).toBeGreaterThan(10);
  expect(named.map(([path]) => path).filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

test('[S200] what the carrier has of live codes is said among what is not promised, with what to do', () => {
  const security = readFileSync(join(__dirname, '..', '..', 'SECURITY.md'), 'utf8');
  const start = security.indexOf('## What is not promised');
  const section = security.slice(start, security.indexOf('## What you must do'));
  const said =
    /^- \*\*The carrier has live codes in clear\.\*\*[^]*?(?=^- )/m.exec(section)?.[0] ?? '';
  for (const part of ['portal', 'records', 'receipts', 'Log no body']) expect(said).toContain(part);
});
