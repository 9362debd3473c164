import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { browser, readCodes } from './browser.mjs';
import { serve } from './processes.mjs';

/** How many places a reader passes, and how the files of `lib` hang together. */

const LIB = fileURLToPath(new URL('../lib', import.meta.url));
const SHORT = 45;

/** The files of which a function runs during one request of each road. */
async function roads() {
  const app = await serve('library');
  await app.ask('watch');
  const files = {};
  // The first user loads what is loaded when first needed; the second one is looked at.
  for (const userId of ['u1', 'u2']) {
    const user = browser(app, userId);
    // The gate's first look at a session goes further than those after it: the last one counts.
    for (const operation of ['signIn', 'send', 'verify', 'gated', 'gated']) {
      if (operation === 'verify') await readCodes(app, [user]);
      await app.ask('ran');
      await user.perform(operation);
      files[operation] = (await app.ask('ran')).sort();
    }
  }
  await app.stop();
  return files;
}

/** Files, short files with one importer, and circles of files and of folders, types included. */
function lib() {
  const imports = new Map();
  const lines = new Map();
  for (const entry of readdirSync(LIB, { recursive: true })) {
    if (!entry.endsWith('.ts')) continue;
    const text = readFileSync(join(LIB, entry), 'utf8');
    lines.set(entry, text.split('\n').length - 1);
    const found = [...text.matchAll(/(?:from|import|import\(|require\()\s*'(\.[^']*)'/g)];
    imports.set(entry, new Set(found.map(([, to]) => join(dirname(entry), to))));
  }
  const known = (to) => [`${to}.ts`, join(to, 'index.ts')].find((file) => lines.has(file));
  for (const [file, all] of imports) imports.set(file, new Set([...all].map(known)));
  const importersOf = (file) => [...imports].filter(([, to]) => to.has(file)).length;
  const folders = new Map();
  for (const [file, to] of imports) {
    const from = dirname(file);
    // What lies in no folder is the entry, and what all may use.
    if (from === '.') continue;
    const others = folders.get(from) ?? folders.set(from, new Set()).get(from);
    for (const other of to) if (dirname(other) !== from) others.add(dirname(other));
  }
  return {
    files: lines.size,
    shortWithOneImporter: [...lines.keys()].filter(
      (file) => lines.get(file) <= SHORT && importersOf(file) === 1,
    ),
    fileCircles: circles(imports),
    folderCircles: circles(folders),
  };
}

/** Groups of nodes that all reach each other. */
function circles(edges) {
  const reach = (start) => {
    const seen = new Set();
    const open = [...edges.get(start)];
    for (let node; (node = open.pop()) !== undefined;) {
      if (seen.has(node)) continue;
      seen.add(node);
      open.push(...(edges.get(node) ?? []));
    }
    return seen;
  };
  const reached = new Map([...edges.keys()].map((node) => [node, reach(node)]));
  const groups = new Map();
  for (const [node, seen] of reached) {
    if (!seen.has(node)) continue;
    const group = [...seen].filter((other) => reached.get(other)?.has(node)).sort();
    groups.set(group.join(' '), group);
  }
  return [...groups.values()];
}

export async function measureStructure() {
  return { roads: await roads(), lib: lib() };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(JSON.stringify(await measureStructure(), null, 1));
}
