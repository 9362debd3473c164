import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { typeErrors } from './type-errors';

const ROOT = join(__dirname, '..', '..');
const pages = [
  'README.md',
  'SECURITY.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

interface Block {
  name: string;
  language: string;
  text: string;
}
const blocks = pages.flatMap((page): Block[] =>
  Array.from(
    readFileSync(join(ROOT, page), 'utf8').matchAll(/^( *)```(\w+)\n(.*?)^\1```$/gms),
    ([, indent = '', language = '', text = ''], index) => ({
      name: `${page} block ${index + 1}`,
      language,
      text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }),
  ),
);
const code = blocks.filter(({ language }) => /^[jt]sx?$/.test(language));

/** What other languages are tested by, each of them whole. */
const ELSEWHERE: Record<string, string> = {
  sh: 'the commands of this repository, below, and those of the command line in test/cli',
  sql: 'counters.test.ts and enrollments.test.ts run them',
  text: 'counters.test.ts gives these rights to a user of Redis',
  diff: 'test/hosts applies each to its app',
  html: 'test/client shows the dialog; the templates are those of test/pages',
  json: 'below',
  prisma: 'test/recipes makes its client of it',
};
/** These import packages that only their own folder has: test/recipes and test/servers compile and run them. */
const APART = /^docs\/(?:enrollments\/|sockets-and-servers\.md)/;

function syntaxErrors(text: string): string[] {
  const { diagnostics = [] } = ts.transpileModule(text, {
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext },
  });
  return diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

/** As a whole program; else as options out of their object, which some pages show alone. */
function asProgram(text: string): string {
  if (syntaxErrors(text).length === 0) return text;
  const options = `createSecondFactor({ ...options, ${text} });`;
  return syntaxErrors(options).length === 0 ? options : text;
}

/** What the pages take from the reader's own app: anything; and from the library what it really is. */
const OF_THE_LIBRARY = `
import * as library from 'passport-sms-2fa';
declare const secondFactor: library.SecondFactor;
declare const options: library.SecondFactorOptions<any>;
/** A page shows the options that it is about. */
declare function createSecondFactor(given: Partial<library.SecondFactorOptions<any>>): library.SecondFactor;
`;
const names = [
  'flowrouteSender',
  'emailSender',
  'failoverSender',
  'outboxSender',
  'mapEnrollments',
  'memoryCounter',
  'redisCounter',
  'postgresCounter',
  'rateLimiterCounter',
];

function withSurroundings(text: string): string {
  const program = asProgram(text);
  const isOwn = (name: string): boolean =>
    new RegExp(`\\b(?:const|let|function|class|import)\\b[^;=(]*\\b${name}\\b`).test(program);
  const library = names.filter((name) => !isOwn(name));
  const surroundings = OF_THE_LIBRARY.split('\n').filter((line) => {
    const [, name] = /^declare (?:const|function) (\w+)/.exec(line) ?? [];
    return name === undefined || !isOwn(name);
  });
  const declared = [...surroundings, ...library.map((name) => `const ${name} = library.${name};`)];
  return `${declared.join('\n')}\n${program}\nexport {};`;
}

/** What is right in JavaScript, where nothing says that a list is a pair or a promise is one of text. */
const UNTYPED = [
  'docs/codes-by-mail.md block 1: Argument of type', // the other options are left out
  "docs/codes-by-mail.md block 1: 'user' is of type 'unknown'",
  'docs/identity-providers.md block 2: Expected 1 arguments, but got 0.', // a promise of nothing, in JavaScript
  'docs/other-factors.md block 2: Expected 4 arguments, but got 3.', // its types ask for what has a default
  'docs/other-factors.md block 3: Expected 1 arguments, but got 0.',
  'docs/roads-in.md block 2: Expected 1 arguments, but got 0.',
  'docs/single-page-app.md block 3: Type ',
  'docs/step-up.md block 5: Type ',
];

test('every block has a language that something tests', () => {
  const unknown = blocks.filter(
    ({ language }) => !/^[jt]s$/.test(language) && !(language in ELSEWHERE),
  );
  expect(unknown.map(({ name, language }) => [name, language])).toEqual([]);
});

test('every block of code can be read', () => {
  expect(code.length).toBeGreaterThan(60);
  const broken = code.map(({ name, text }) => [name, ...syntaxErrors(asProgram(text))]);
  expect(broken.filter(([, ...errors]) => errors.length > 0)).toEqual([]);
});

test('every block of code fits the types of the library, whatever the rest of the app is', () => {
  const here = code.filter(({ name }) => !APART.test(name));
  const fileOf = new Map(here.map((block, index) => [`block-${index}.mts`, block]));
  const files = [...fileOf].map(([file, { text }]) => [file, withSurroundings(text)]);
  const errors = typeErrors(Object.fromEntries(files) as Record<string, string>, undefined, true);
  // What only the reader has is anything at all: names, packages and files that are not here.
  const OF_THE_READER =
    /implicitly has an? '|^Cannot find |^No value exists in scope for the shorthand|^Could not find a declaration file|^Relative import paths need/;
  const wrong = errors
    .map((line) => /^(\S+): ([^]*)$/.exec(line) ?? [])
    .map(([, file = '', says = '']): [string, string] => [file, says])
    .filter(([, says]) => !OF_THE_READER.test(says));
  const told = wrong.map(([file, says]) => `${fileOf.get(file)?.name}: ${says.split('\n')[0]}`);
  expect(told.filter((line) => !UNTYPED.some((start) => line.startsWith(start)))).toEqual([]);
  expect(UNTYPED.filter((start) => !told.some((line) => line.startsWith(start)))).toEqual([]);
}, 240_000);

test('the commands of this repository are its scripts', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const shell = blocks.filter(({ language }) => language === 'sh').map(({ text }) => text);
  const called = [...shell.join('\n').matchAll(/npm run (?:--silent )?([\w:]+)/g)];
  expect(called.length).toBeGreaterThan(3);
  expect(called.map(([, name = '']) => name).filter((name) => !(name in scripts))).toEqual([]);
});

test('every block of JSON can be read', () => {
  for (const { language, text } of blocks) {
    if (language === 'json') JSON.parse(text);
  }
});
