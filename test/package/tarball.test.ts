import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix, resolve } from 'node:path';
import ts from 'typescript';
import { startFirstApp, walk } from './first-app';

const ROOT = resolve(__dirname, '..', '..');
/** What an install of the tarball brings along. */
const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
};
/** What an app has of its own; that of the README with passwords. */
const PEERS = ['express', 'express-session', 'passport', 'passport-local'];

let folder: string;
let files: string[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'package-'));
  const out = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  // What the build prints comes before the list.
  const answer: unknown = JSON.parse(out.slice(out.search(/^[[{]/m)));
  const packed = (Array.isArray(answer) ? answer : Object.values(answer as object)) as {
    filename: string;
    files: { path: string }[];
  }[];
  files = packed[0]!.files.map(({ path }) => path);
  for (const kind of ['cjs', 'esm']) {
    const modules = join(folder, kind, 'node_modules');
    mkdirSync(join(modules, 'passport-sms-2fa'), { recursive: true });
    execFileSync('tar', [
      '-xzf',
      join(folder, packed[0]!.filename),
      '--strip-components=1',
      '-C',
      join(modules, 'passport-sms-2fa'),
    ]);
    for (const name of [...Object.keys(dependencies), ...PEERS]) {
      mkdirSync(dirname(join(modules, name)), { recursive: true });
      symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
    }
  }
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const APP = `
const store = new session.MemoryStore();
const sender = testOutbox();
const secondFactor = createSecondFactor({
  appName: 'Acme', secret: 'a secret for tests, 32 characters or more', sessionStore: store, sender, enrollments: mapEnrollments(new Map()),
});
const app = express();
app.use(session({ store, secret: 'y'.repeat(32), resave: false, saveUninitialized: false }));
app.use((req, res, next) => { req.user = { id: 'u' }; next(); });
app.use('/second-factor', secondFactor.router());
app.get('/account', secondFactor.require(), (req, res) => res.send('open'));
const server = app.listen(0, '127.0.0.1', async () => {
  const url = 'http://127.0.0.1:' + server.address().port;
  const json = { 'content-type': 'application/json' };
  const shut = await fetch(url + '/account');
  const sent = await fetch(url + '/second-factor/enrollment', { method: 'POST', headers: json, body: '{"phone":"+12065550142"}' });
  const simulator = await createSimulator().listen(0);
  await simulator.close();
  const client = await stepUp(fetch, { ask: () => undefined, origins: [url] })(url + '/account');
  console.log(JSON.stringify([shut.status, sent.status, sender.messages.length, client.status]));
  server.closeAllConnections();
  server.close();
});
`;

test('the tarball holds the build, the pages for its readers, the license and nothing else', () => {
  const outside = files.filter((path) => !/^(dist|docs)\//.test(path));
  expect(outside.sort()).toEqual([
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'SECURITY.md',
    'package.json',
  ]);
  const expected = /^dist\/.+\.(js|d\.ts|json)$|^docs\/.+\.(md|json|yaml)$/;
  expect(files.filter((path) => !outside.includes(path) && !expected.test(path))).toEqual([]);
  expect(files.filter((path) => path.startsWith('docs/'))).not.toEqual([]);
  expect(files).toEqual(
    expect.arrayContaining([
      'dist/index.js',
      'dist/index.d.ts',
      'dist/openapi.json',
      'dist/simulator/index.js',
    ]),
  );
});

test('the build leaves a command that can be run as it lies there', () => {
  // npm links a checkout to this file, and looks after its mode at the first install alone.
  const out = execFileSync(join(ROOT, 'dist', 'cli', 'main.js'), ['--version'], {
    encoding: 'utf8',
    timeout: 100_000,
  });
  expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test('what is for those who change the library stays in the repository', () => {
  const docs = files.filter((path) => path.startsWith('docs/'));
  const all = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' });
  const pages = all.filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`);
  const kept = ['docs/decisions.md', 'docs/mutation.md'];
  expect(pages.filter((page) => !docs.includes(page)).sort()).toEqual(kept);
});

test('nothing in the tarball refers to a page that is not in it', () => {
  const unpacked = join(folder, 'cjs', 'node_modules', 'passport-sms-2fa');
  const lost: string[][] = [];
  // package.json names them to leave them out.
  for (const file of files.filter((path) => path !== 'package.json')) {
    const text = readFileSync(join(unpacked, file), 'utf8');
    // Pictures stay in the repository: in the package their words stand for them.
    const links = file.endsWith('.md')
      ? text.matchAll(/(?<!!\[[^\]]*)\]\((?![a-z]+:|#)([^)#]+)/g)
      : [];
    for (const [, link = ''] of links) {
      if (!files.includes(posix.join(posix.dirname(file), link))) lost.push([file, link]);
    }
    for (const [page] of text.matchAll(/\bdocs\/[\w/-]+\.md\b/g)) {
      if (!files.includes(page)) lost.push([file, page]);
    }
    if (/\b(?:decisions|mutation)\.md\b/.test(text)) lost.push([file, 'a page of the repository']);
  }
  expect(lost).toEqual([]);
});

test.each([
  [
    'cjs',
    'app.cjs',
    `const express = require('express'); const session = require('express-session');
const { createSecondFactor, mapEnrollments } = require('passport-sms-2fa');
const { createSimulator } = require('passport-sms-2fa/simulator');
const { stepUp } = require('passport-sms-2fa/client');
const { testOutbox } = require('passport-sms-2fa/testing');`,
  ],
  [
    'esm',
    'app.mjs',
    `import express from 'express'; import session from 'express-session';
import { createSecondFactor, mapEnrollments } from 'passport-sms-2fa';
import { createSimulator } from 'passport-sms-2fa/simulator';
import { stepUp } from 'passport-sms-2fa/client';
import { testOutbox } from 'passport-sms-2fa/testing';`,
  ],
])('the tarball works in an empty %s app', (kind, name, imports) => {
  const file = join(folder, kind, name);
  writeFileSync(file, imports + APP);
  const out = execFileSync('node', [name], {
    cwd: join(folder, kind),
    encoding: 'utf8',
    timeout: 100_000,
  });
  expect(JSON.parse(out)).toEqual([403, 202, 1, 403]);
});

/** The app of the README, and the lines that it begins with as an ES module. */
const [FIRST_APP = '', ES_IMPORTS = ''] = Array.from(
  readFileSync(join(ROOT, 'README.md'), 'utf8').matchAll(/^```js\n(.*?)^```/gms),
  ([, block]) => block,
);

test.each([
  ['cjs', 'first.cjs', FIRST_APP],
  ['esm', 'first.mjs', ES_IMPORTS + FIRST_APP.replace(/^(?:const .* = require\(.*\);\n)+/, '')],
])(
  'the app of the README runs by the tarball as %s, from the password to the code',
  async (kind, name, text) => {
    writeFileSync(join(folder, kind, name), text);
    const app = await startFirstApp(join(folder, kind), name);
    const walked = await walk(app);
    expect(walked.steps).toEqual([
      '/account: /login',
      'username,password: /login',
      '/account: /login',
      'username,password: /second-factor/',
      'phone: /second-factor/',
      'code: /second-factor/recovery-codes',
      '/account: /account',
      '/login: /login',
      'username,password: /',
      '/account: /second-factor/',
    ]);
    expect(walked.shown).toContain('Your recovery codes');
    expect(walked.account).toBe('Hello bob');
    expect(walked.challenge).toContain('Text me a code');
    // Nothing is warned of: what a first start prints is what a reader has to understand.
    expect(app.said).toEqual([]);
  },
);

const { CommonJS, ESNext } = ts.ModuleKind;
test.each([
  ['node10', CommonJS, 'dist/client/index.d.ts'],
  ['node16', CommonJS, 'dist/client/index.d.ts'],
  ['node16', ESNext, 'dist/client/esm/index.d.ts'],
  ['bundler', ESNext, 'dist/client/esm/index.d.ts'],
] as const)('the types of all entries are found by %s (%s)', (moduleResolution, mode, client) => {
  const { options } = ts.convertCompilerOptionsFromJson({ moduleResolution }, folder);
  const entries = {
    'passport-sms-2fa': 'dist/index.d.ts',
    'passport-sms-2fa/client': client,
    'passport-sms-2fa/simulator': 'dist/simulator/index.d.ts',
    'passport-sms-2fa/testing': 'dist/testing/index.d.ts',
  };
  const from = join(folder, 'cjs', 'app.ts');
  const found = Object.keys(entries).map((name) => {
    const resolved = ts.resolveModuleName(name, from, options, ts.sys, undefined, undefined, mode);
    return resolved.resolvedModule?.resolvedFileName;
  });
  expect(found).toEqual(
    Object.values(entries).map((path) => expect.stringMatching(`/${path.replaceAll('.', '\\.')}$`)),
  );
});

test('the client is an ES module to a browser, of a file that needs no other', () => {
  const esm = join(folder, 'esm', 'node_modules', 'passport-sms-2fa', 'dist', 'client', 'esm');
  expect(readdirSync(esm).sort()).toEqual(['index.d.ts', 'index.js', 'package.json']);
  const code = readFileSync(join(esm, 'index.js'), 'utf8');
  expect(code).toMatch(/^export function stepUp\(/m);
  expect(code).not.toMatch(/\bimport\b|\brequire\(/);
});
