import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const HERE = fileURLToPath(new URL('.', import.meta.url));
export const ROOT = join(HERE, '..', '..');
const PACKAGE = 'passport-sms-2fa';

/** The apps, each with the page of the recipe for its enrollments, in the order of docs/hosts.md. */
export const APPS = { forms: 'sqlite', api: 'redis', shop: 'postgresql' };

/** The helpers of the other tests, which are TypeScript. */
export const require = createRequire(import.meta.url);
require('../helpers/typescript-hook.cjs');
const { createSimulator, SIMULATOR_CREDENTIALS } = require('../../dist/simulator/index.js');

export const diffOf = (name) => readFileSync(join(HERE, name, 'second-factor.diff'), 'utf8');

/** The block of this language on the page of a recipe for enrollments. */
export function recipe(page, language) {
  const text = readFileSync(join(ROOT, 'docs', 'enrollments', `${page}.md`), 'utf8');
  return new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'ms').exec(text)[1];
}

/**
 * A copy of an app in a folder of its own, with what its `node_modules` would have. With `storage`,
 * the page of a recipe, it gets the package, that recipe without its types, and then the diff.
 */
export function copyApp(name, storage) {
  const folder = mkdtempSync(join(tmpdir(), `host-${name}-`));
  cpSync(join(HERE, name), folder, { recursive: true });
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  for (const each of readdirSync(join(HERE, 'node_modules'))) {
    if (!each.startsWith('.')) symlinkSync(join(HERE, 'node_modules', each), join(modules, each));
  }
  if (storage !== undefined) {
    installPackage(join(modules, PACKAGE));
    const [extension, module] = existsSync(join(folder, 'server.cjs'))
      ? ['cjs', ts.ModuleKind.CommonJS]
      : ['mjs', ts.ModuleKind.ESNext];
    const compilerOptions = { module, target: ts.ScriptTarget.ES2023 };
    const { outputText } = ts.transpileModule(recipe(storage, 'ts'), { compilerOptions });
    writeFileSync(join(folder, `${storage}-enrollments.${extension}`), outputText);
    // Outside of any repository, so that it changes files here and nothing else.
    const env = { ...process.env, GIT_CEILING_DIRECTORIES: tmpdir() };
    execFileSync('git', ['apply', 'second-factor.diff'], { cwd: folder, env });
  }
  return folder;
}

/** A copy, so that it finds the app's Express as its peer; beside it what it depends on itself. */
function installPackage(folder) {
  if (!existsSync(join(ROOT, 'dist'))) throw new Error('there is no dist: npm run build');
  cpSync(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  mkdirSync(join(folder, 'node_modules'));
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  for (const each of Object.keys(dependencies)) {
    symlinkSync(join(ROOT, 'node_modules', each), join(folder, 'node_modules', each));
  }
}

/** The carrier, and the phones behind it. */
export async function startCarrier() {
  const simulator = await createSimulator().listen();
  return {
    env: {
      FLOWROUTE_ACCESS_KEY: SIMULATOR_CREDENTIALS.accessKey,
      FLOWROUTE_SECRET_KEY: SIMULATOR_CREDENTIALS.secretKey,
      FLOWROUTE_FROM: SIMULATOR_CREDENTIALS.from,
      FLOWROUTE_API: simulator.url,
    },
    /** The code of the last text to a phone, after which the phone has none. */
    code: async (phone) => {
      const { messages } = await (await fetch(`${simulator.url}/inbox?to=${phone}`)).json();
      await fetch(`${simulator.url}/inbox`, { method: 'DELETE' });
      return /\d{6}/.exec(messages[0].body)[0];
    },
    stop: () => simulator.close(),
  };
}

/** Runs the app of a folder as in production, in a process of its own. `age` is for its stores. */
export async function serve(folder, { env = {}, age } = {}) {
  const entry = existsSync(join(folder, 'server.cjs')) ? 'server.cjs' : 'server.mjs';
  const child = spawn(process.execPath, ['--require', join(HERE, 'clock.cjs'), entry], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      ...process.env,
      NODE_ENV: 'production',
      PORT: '0',
      SESSION_SECRET: 'a secret of the sessions in these tests',
      SECOND_FACTOR_SECRET: 'a secret of the second factor in these tests',
      ...env,
    },
  });
  let said = '';
  const exited = once(child, 'exit');
  const origin = await new Promise((resolve, reject) => {
    child.stderr.on('data', (chunk) => (said += chunk));
    child.stdout.on('data', (chunk) => {
      said += chunk;
      const [, url] = /Listening on (\S+)\n/.exec(said) ?? [];
      if (url !== undefined) resolve(url);
    });
    exited.then(() => reject(new Error(`${entry} ended: ${said}`)));
  });
  return {
    origin,
    /** Lets the time of the app go on. */
    later: async (seconds) => {
      const heard = once(child, 'message');
      child.send(seconds * 1_000);
      await heard;
      await age?.(seconds * 1_000);
    },
    /** All that it said, but for where it listens. */
    said: () => said.replace(/^Listening on .*\n/m, ''),
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** Has what was started in a test stopped after it, the last first. */
export function undoing(test) {
  const undo = [];
  test.after(async () => {
    for (const each of undo.reverse()) await each();
  });
  return (step) => undo.push(step);
}

export const remove = (folder) => rmSync(folder, { recursive: true, force: true });
