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
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const FOUND = [join(HERE, 'node_modules'), join(HERE, 'runtimes', 'node_modules')];
const NAME = 'passport-sms-2fa';

/** Where a package of the matrix lies, by the name or alias that it was installed under. */
export function folderOf(alias) {
  const folder = FOUND.map((modules) => join(modules, alias)).find((path) => existsSync(path));
  if (folder === undefined) throw new Error(`${alias} is not installed`);
  return folder;
}

export const versionOf = (alias) =>
  JSON.parse(readFileSync(join(folderOf(alias), 'package.json'), 'utf8')).version;

/**
 * An app of its own: a folder with the files of the hosts, and in `node_modules` just the packages of
 * one row, each by its own name. The package is a copy, so that it finds the row's Express as its
 * peer, and so is what else is to find the row's versions; without `installed` it is not there at all.
 */
export function makeAppDir({ packages, installed, store = 'memory', files = {}, copied = [] }) {
  const folder = mkdtempSync(join(tmpdir(), 'matrix-app-'));
  const modules = join(folder, 'node_modules');
  const link = (name, target) => {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(target, join(modules, name));
  };
  for (const [name, alias] of Object.entries(packages)) {
    if (copied.includes(name)) cpSync(folderOf(alias), join(modules, name), { recursive: true });
    else link(name, folderOf(alias));
  }
  if (installed !== undefined) {
    for (const name of readdirSync(installed.modules)) {
      if (name.startsWith('.') || name === NAME) continue;
      if (packages[name] === undefined) link(name, join(installed.modules, name));
    }
    cpSync(join(installed.modules, NAME), join(modules, NAME), { recursive: true });
  }
  writeFileSync(join(folder, 'package.json'), '{ "name": "app", "private": true }\n');
  for (const name of ['app.cjs', 'serve.cjs', 'entry.cjs', 'entry.mjs']) {
    let text = readFileSync(join(HERE, 'hosts', name), 'utf8');
    if (installed === undefined) text = withoutPackage(text);
    writeFileSync(join(folder, name), text);
  }
  cpSync(join(HERE, 'hosts', 'stores', `${store}.cjs`), join(folder, 'store.cjs'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The control does not even name it. */
function withoutPackage(text) {
  return text
    .replace("import * as factor from 'passport-sms-2fa';", 'const factor = undefined;')
    .replace("require('passport-sms-2fa')", 'undefined');
}
