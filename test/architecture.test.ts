import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const ROOT = resolve(__dirname, '..', 'lib');
/** Every file of `lib`, by its path in there, with its text. */
const texts = new Map(
  readdirSync(ROOT, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .map((file) => [relative(ROOT, file), readFileSync(file, 'utf8')]),
);
const files = [...texts.keys()];

/** What each room may import from; its own files are always allowed. */
const MAY_IMPORT: Record<string, string[]> = {
  ports: [],
  core: ['ports'],
  counters: ['ports'],
  stores: ['ports'],
  flowroute: ['ports'],
  simulator: [],
  senders: ['flowroute', 'ports'],
  locales: ['core'],
  pages: ['core', 'ports', 'locales'],
  options: ['core', 'ports', 'locales', 'pages'],
  express: ['core', 'ports', 'locales', 'options', 'pages', 'stores'],
  passport: ['core', 'express'],
  check: ['core', 'ports', 'options', 'stores', 'express'],
  client: [],
  testing: ['ports', 'senders'],
  cli: [
    'core',
    'ports',
    'counters',
    'stores',
    'senders',
    'locales',
    'options',
    'flowroute',
    'simulator',
  ],
};
/** Files at the top that every room may see. */
const SHARED = new Set([
  'durations.ts',
  'errors.ts',
  'misuse.ts',
  'server-failures.ts',
  'telemetry.ts',
  'time-limit.ts',
]);

/** The layers of the core, the lowest first: each may see those before it. Two on a line are beside. */
const LAYERS = [
  ['core'],
  ['core/challenge'],
  ['core/delivery'],
  ['core/send'],
  ['core/verify'],
  ['core/enroll', 'core/devices'],
  ['core/admin'],
];

const FRAMEWORKS =
  /^(express|passport|passport-strategy|express-session|redis|connect-redis|node:http|node:https|node:net)$/;
const MOST_FILES = 200;
const MOST_LINES = 300;
/** A file as short as this with one importer is read with it, and may as well stand with it. */
const SHORT = 45;
const MOST_SHORT = 15;

/** What a file imports, types and what is loaded when first needed included. */
function importsOf(file: string): string[] {
  const found = texts.get(file)?.matchAll(/(?:from|import|import\(|require\()\s*'([^']+)'/g) ?? [];
  return [...found].map(([, name]) => name ?? '');
}

/** The file that an import names: itself, or the entry of a folder. */
function targetOf(file: string, name: string): string {
  const path = join(dirname(file), name);
  return texts.has(`${path}.ts`) ? `${path}.ts` : join(path, 'index.ts');
}

/** Which files of `lib` each file imports. */
const imported = new Map(
  files.map((file) => {
    const own = importsOf(file).filter((name) => name.startsWith('.'));
    return [file, new Set(own.map((name) => targetOf(file, name)))];
  }),
);
const edges = [...imported].flatMap(([file, targets]) =>
  [...targets].map((target): [from: string, to: string] => [file, target]),
);
const shown = ([from, to]: [string, string]): string => `${from} → ${to}`;
const linesOf = (file: string): number => (texts.get(file) ?? '').split('\n').length - 1;

function roomOf(file: string): string {
  const [first = '', second] = file.split('/');
  return second === undefined ? 'root' : first;
}

/** The layer of a file of the core, from 0. */
function layerOf(file: string): number {
  return LAYERS.findIndex((folders) => folders.includes(dirname(file)));
}

/** Whoever can be reached from itself, one group for each circle. */
function circles(of: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const reach = (start: string): Set<string> => {
    const seen = new Set<string>();
    const open = [...(of.get(start) ?? [])];
    for (let node; (node = open.pop()) !== undefined;) {
      if (seen.has(node)) continue;
      seen.add(node);
      open.push(...(of.get(node) ?? []));
    }
    return seen;
  };
  const reached = new Map([...of.keys()].map((node) => [node, reach(node)]));
  const groups = [...reached].flatMap(([node, seen]) =>
    seen.has(node) ? [[...seen].filter((other) => reached.get(other)?.has(node)).sort()] : [],
  );
  return [...new Set(groups.map((group) => group.join(' ⇄ ')))];
}

test('every import of lib finds its file', () => {
  expect(edges.filter(([, to]) => !texts.has(to)).map(shown)).toEqual([]);
});

test('there is nothing but TypeScript in lib', () => {
  expect(files.filter((file) => !file.endsWith('.ts'))).toEqual([]);
});

test('imports go one way', () => {
  const wrong = edges.filter(([from, to]) => {
    const [room, other] = [roomOf(from), roomOf(to)];
    // What lies at the top puts the rooms together, or is shared by all.
    if (room === 'root') return SHARED.has(from) && !(SHARED.has(to) || other === 'ports');
    if (other === 'root') return !SHARED.has(to);
    return other !== room && !MAY_IMPORT[room]?.includes(other);
  });
  expect(wrong.map(shown)).toEqual([]);
});

test('a room may see no more than it does', () => {
  const seen = new Set(edges.map(([from, to]) => `${roomOf(from)} → ${roomOf(to)}`));
  const allowed = Object.entries(MAY_IMPORT).flatMap(([room, others]) =>
    others.map((other) => `${room} → ${other}`),
  );
  expect(allowed.filter((each) => !seen.has(each))).toEqual([]);
  expect([...new Set(files.map(roomOf))].sort()).toEqual(
    ['root', ...Object.keys(MAY_IMPORT)].sort(),
  );
});

test('the core is layers, and none of them sees those above or beside it', () => {
  const core = edges.filter(([from, to]) => roomOf(from) === 'core' && roomOf(to) === 'core');
  expect(core.length).toBeGreaterThan(50);
  const wrong = core.filter(
    ([from, to]) =>
      layerOf(from) < 0 || (dirname(from) !== dirname(to) && layerOf(from) <= layerOf(to)),
  );
  expect(wrong.map(shown)).toEqual([]);
});

test('no files and no folders import each other in a circle, types included', () => {
  expect(circles(imported)).toEqual([]);
  const folders = new Map<string, Set<string>>();
  for (const [from, to] of edges) {
    // The top is no folder: it puts the rooms together, and has what all of them may use.
    const [folder, other] = [dirname(from), dirname(to)];
    if (folder === '.' || folder === other) continue;
    folders.set(folder, (folders.get(folder) ?? new Set()).add(other));
  }
  expect(circles(folders)).toEqual([]);
});

test('the simulator is seen by nobody but the command line', () => {
  const seeing = edges.filter(
    ([from, to]) => roomOf(to) === 'simulator' && !['simulator', 'cli'].includes(roomOf(from)),
  );
  expect(seeing.map(shown)).toEqual([]);
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
      /Date\.now|new Date\(\)|Math\.random|randomBytes|randomUUID/.test(texts.get(file) ?? ''),
    );
  expect(own).toEqual([]);
});

test(`lib has no more than ${MOST_FILES} files, none longer than ${MOST_LINES} lines`, () => {
  expect(files.length).toBeLessThanOrEqual(MOST_FILES);
  expect(files.filter((file) => linesOf(file) > MOST_LINES)).toEqual([]);
});

test(`no more than ${MOST_SHORT} files of ${SHORT} lines or fewer have a single importer`, () => {
  const importers = (file: string): number => edges.filter(([, to]) => to === file).length;
  const short = files.filter((file) => linesOf(file) <= SHORT && importers(file) === 1);
  // They are named where there are too many.
  expect(short.length <= MOST_SHORT ? [] : short).toEqual([]);
});

/** Words in what stands around a file: a name that is nowhere else is nobody's import. */
function wordsIn(sources: readonly string[]): ReadonlySet<string> {
  return new Set(sources.flatMap((source) => source.match(/\w+/g) ?? []));
}

test('what is exported is imported by somebody', () => {
  const tests = readdirSync(__dirname, { recursive: true, encoding: 'utf8' }).filter(
    (file) => /\.tsx?$/.test(file) && !file.includes('node_modules'),
  );
  const inTests = wordsIn(
    tests
      .map((file) => readFileSync(join(__dirname, file), 'utf8'))
      .flatMap((source) => source.match(/^import [^;]*|import\([^;]*|require\([^;]*/gm) ?? []),
  );
  const inFiles = new Map([...texts].map(([file, source]) => [file, wordsIn([source])]));
  const entries = ['index.ts', 'client/index.ts', 'simulator/index.ts', 'testing/index.ts'];
  const dead = [...texts].flatMap(([file, source]) => {
    const names = source.matchAll(
      /^export (?:async )?(?:const|function\*?|class|interface|type) (\w+)/gm,
    );
    const others = [...inFiles].filter(([other]) => other !== file);
    return [...names].flatMap(([, name = '']) =>
      entries.includes(file) || inTests.has(name) || others.some(([, words]) => words.has(name))
        ? []
        : [`${file}: ${name}`],
    );
  });
  expect(dead).toEqual([]);
});
