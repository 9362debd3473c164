import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, dirname } from 'node:path';

const ROOT = resolve(__dirname, '..', 'lib');
const files = readdirSync(ROOT, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ parentPath, name }) => join(parentPath, name));

/** What each room may import from; its own files are always allowed. */
const MAY_IMPORT: Record<string, string[]> = {
  ports: [],
  core: ['ports', 'root'],
  counters: ['ports', 'root'],
  senders: ['flowroute', 'ports', 'root'],
  stores: ['ports', 'root'],
  pages: ['core', 'ports'],
  options: ['core', 'ports', 'root', 'express'],
  flowroute: ['ports', 'root'],
  simulator: ['ports', 'root'],
  express: ['core', 'ports', 'options', 'pages', 'stores', 'root'],
  passport: ['core', 'ports', 'express', 'root'],
  cli: [
    'core',
    'ports',
    'counters',
    'stores',
    'senders',
    'options',
    'flowroute',
    'simulator',
    'root',
  ],
};
/** Files at the top that every room may see. */
const SHARED = new Set(['errors.ts', 'misuse.ts', 'store-call.ts', 'time-limit.ts']);
const FRAMEWORKS =
  /^(express|passport|passport-strategy|express-session|redis|connect-redis|node:http|node:https|node:net)$/;

function importsOf(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(/from '([^']+)'/g)].map(([, name]) => name ?? '');
}

/** The file that an import names: itself, or the entry of a folder. */
function targetOf(file: string, name: string): string {
  const path = resolve(dirname(file), name);
  return files.includes(`${path}.ts`) ? `${path}.ts` : join(path, 'index.ts');
}

function roomOf(file: string): string {
  const [first = '', second] = relative(ROOT, file).split('/');
  return second === undefined ? 'root' : first;
}

test('there is nothing but TypeScript in lib', () => {
  const others = files.filter((file) => !file.endsWith('.ts'));
  expect(others.map((file) => relative(ROOT, file))).toEqual([]);
});

test('imports go one way', () => {
  const wrong: string[] = [];
  for (const file of files) {
    const room = roomOf(file);
    if (room === 'root') continue;
    for (const name of importsOf(file).filter((each) => each.startsWith('.'))) {
      const target = targetOf(file, name);
      const other = roomOf(target);
      const shared = other === 'root' && SHARED.has(relative(ROOT, target));
      const allowed =
        other === room ||
        (MAY_IMPORT[room] ?? []).includes(other === 'root' && shared ? 'root' : other);
      if (!allowed || (other === 'root' && !shared))
        wrong.push(`${relative(ROOT, file)} → ${name}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('the simulator is seen by nobody but the command line', () => {
  const seeing = files
    .filter((file) => !['simulator', 'cli'].includes(roomOf(file)))
    .filter((file) => importsOf(file).some((name) => roomOf(targetOf(file, name)) === 'simulator'));
  expect(seeing.map((file) => relative(ROOT, file))).toEqual([]);
});

test('the core and the ports see no framework and no network', () => {
  const inner = files.filter((file) => ['core', 'ports'].includes(roomOf(file)));
  expect(inner.length).toBeGreaterThan(20);
  const wrong = inner.flatMap((file) => importsOf(file).filter((name) => FRAMEWORKS.test(name)));
  expect(wrong).toEqual([]);
});

test('the core has no clock and no randomness of its own', () => {
  const own = files
    .filter((file) => roomOf(file) === 'core')
    .filter((file) =>
      /Date\.now|new Date\(\)|Math\.random|randomBytes|randomUUID/.test(readFileSync(file, 'utf8')),
    );
  expect(own.map((file) => relative(ROOT, file))).toEqual([]);
});

test('no file is longer than 300 lines', () => {
  const long = files.filter((file) => readFileSync(file, 'utf8').split('\n').length > 301);
  expect(long.map((file) => relative(ROOT, file))).toEqual([]);
});
