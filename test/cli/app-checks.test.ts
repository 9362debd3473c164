import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command } from './terminal';

const HOOK = join(__dirname, '../helpers/typescript-hook.cjs');
const MAIN = join(__dirname, '../../lib/cli/main.ts');
const LIBRARY = JSON.stringify(join(__dirname, '../../lib/index.ts'));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'doctor-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const MAKE = `
const session = require(${JSON.stringify(require.resolve('express-session'))});
const { createSecondFactor, mapEnrollments, memoryCounter, outboxSender } = require(${LIBRARY});
const make = (given) => createSecondFactor({
  appName: 'Acme', secret: 'a secret for tests, 32 characters or more', sessionStore: new session.MemoryStore(), sender: outboxSender(),
  enrollments: mapEnrollments(new Map()), counter: memoryCounter(), ...given,
});
`;

/** Has the doctor look at a module of this text. */
function examined(name: string, text: string, ...more: string[]) {
  return ran('doctor', name, text, ...more);
}

async function ran(what: 'doctor' | 'go-live', name: string, text: string, ...more: string[]) {
  const file = join(folder, name);
  writeFileSync(file, text);
  const args = ['-r', HOOK, MAIN, what, '--app', file, ...more];
  return new Promise<{ code: number; out: string; err: string }>((resolve) => {
    const env = { PATH: process.env.PATH };
    const child = execFile(process.execPath, args, { env }, (_error, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

test('an app in CommonJS that is set up right has nothing wrong, and only the app is looked at', async () => {
  const text = `${MAKE}exports.port = 1; exports.factor = make();`;
  const { code, out } = await examined('app.cjs', text, '--user', 'tester');
  expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/Nothing is wrong\.\n$/) });
  expect(
    out.match(/^(?:ok|\?|WRONG) +[a-zA-Z ]+?(?= {2})/gm)?.map((line) => line.replace(/ +/g, ' ')),
  ).toEqual([
    'ok counter',
    'ok clock',
    'ok store',
    'ok enrollments',
    '? mountPath',
    '? trust proxy',
  ]);
});

test('of an app in ESM that exports a promise each finding stands with its cure, and it fails', async () => {
  const text = `import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);${MAKE}
await null;
const rows = new Map();
const set = (id, enrollment) => (rows.set(id, enrollment), true);
const enrollments = { get: (id) => rows.get(id), set, delete: (id) => rows.delete(id) };
export default Promise.resolve(make({ enrollments }));`;
  const { code, out } = await examined('app.mjs', text);
  expect(code).toBe(1);
  expect(out).toMatch(
    /^WRONG {2}enrollments {2}enrollments\.set writes over .*\n +→ Compare the version/m,
  );
  expect(out).toMatch(/Wrong: 1 of 6\.\n$/);
});

test('a module without a second factor, or that cannot be loaded, is told in one sentence', async () => {
  const none = await examined('none.cjs', 'exports.a = 1;');
  expect(none).toMatchObject({
    code: 1,
    err: expect.stringMatching(/none\.cjs exports no second factor\./),
  });
  const broken = await examined('broken.cjs', "throw new Error('DB_URL is not set')");
  expect(broken).toMatchObject({
    code: 1,
    err: expect.stringMatching(/cannot be loaded: DB_URL is not set/),
  });
});

test('--user without --app is not understood', async () => {
  const { code, err } = await command(['doctor', '--user', 'a']);
  expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(/--app only/) });
});

test('go-live has texts, words and budgets of the app', async () => {
  const overall = 'limits: { overall: [{ count: 500, seconds: 86400 }] }';
  const text = `${MAKE}
const factor = exports.factor = make({ ${overall}, allowedCountries: ['US', 'PR'], terms: '/terms' });
factor.webhooks({ stopWords: ['HALT'], help: 'bank.example/help' });`;
  const { code, out } = await ran('go-live', 'live.cjs', text);
  expect(code).toBe(1);
  expect(out).toContain('123456 is your Acme sign-in code.');
  expect(out).toContain('Not you? Reply NO');
  expect(out).toMatch(/Stop words +HALT\n/);
  expect(out).toMatch(/Help answer +Acme: .* Help: bank\.example\/help/);
  expect(out).toMatch(/ok +At most 500 texts in 24 h altogether\./);
  expect(out).toMatch(/ok +Texts go to numbers of US, PR alone\./);
  expect(out).toMatch(/cannot be checked +The page of the terms is at \/terms/);
});

test('the module finds the settings of --settings in its environment, below what is set there', async () => {
  const file = join(folder, 'app.env');
  writeFileSync(file, 'APP_NAME=From the file\nPATH=elsewhere\n');
  const text = `${MAKE}
if (process.env.PATH === 'elsewhere') throw new Error('PATH');
exports.factor = make({ appName: process.env.APP_NAME });`;
  const { out } = await ran('go-live', 'settings.cjs', text, '--settings', file);
  expect(out).toContain('123456 is your From the file sign-in code.');
});

test('go-live has something to do where an app has no budget over all', async () => {
  const text = `${MAKE}exports.factor = make();`;
  const { out } = await ran('go-live', 'open.cjs', text, '--json');
  const { steps } = JSON.parse(out) as { steps: { title: string; findings: object[] }[] };
  expect(steps.find(({ title }) => title === 'Budgets')!.findings[0]).toMatchObject({
    state: 'todo',
    cure: expect.stringContaining('limits: { overall:'),
  });
});
