import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { folderOf } from '../app-dir.mjs';
import { runApp, startNode } from '../row.mjs';
import { Missing } from '../servers/program.mjs';

/** Where each runtime has its program, and how that runs a file. */
const NODE = { path: ['bin', 'node'], args: [] };
const PROGRAMS = {
  'node-20': NODE,
  'node-22': NODE,
  'node-24': { ...NODE, args: ['--disallow-code-generation-from-strings'] },
  'node-26': { ...NODE, args: ['--throw-deprecation'] },
  '@oven/bun-linux-x64': { path: ['bin', 'bun'], args: [] },
  '@deno/linux-x64-glibc': {
    path: ['deno'],
    args: ['run', '--allow-all', '--node-modules-dir=manual'],
  },
};

export function programOf(runtime) {
  let folder;
  try {
    folder = folderOf(runtime);
  } catch (error) {
    throw new Missing(error.message);
  }
  const program = join(folder, ...PROGRAMS[runtime].path);
  if (!existsSync(program)) throw new Missing(`${program} is not there`);
  return program;
}

const FORMATS = { CommonJS: 'entry.cjs', ESM: 'entry.mjs' };

function runtimeRow({ runtime, format, words = [], shown = [], ...row }) {
  const { args } = PROGRAMS[runtime];
  const title = [
    format,
    ...words,
    ...args.filter((each) => /^--(dis|throw)/.test(each)).map((each) => `\`${each}\``),
  ];
  return {
    title: title.join(', '),
    shown: [runtime, ...shown],
    run: (world) => {
      const started = { program: programOf(runtime), args, entry: FORMATS[format] };
      return runApp(row, world, (folder, given) => startNode(folder, given, started));
    },
  };
}

const onRedis = (connect) => ({
  store: 'redis',
  packages: { 'connect-redis': connect, redis: 'redis' },
  shown: [connect, 'redis'],
  given: { client: 'redis', counted: false },
  needs: ['redis'],
  words: ['Redis'],
});

/** The one that runs all other rows, with an ESM app. */
const esm = {
  core: true,
  title: `ESM, the running Node.js ${process.versions.node}`,
  run: (world) =>
    runApp({}, world, (folder, given) => startNode(folder, given, { entry: 'entry.mjs' })),
};

const runtimes = Object.keys(PROGRAMS);
export default {
  kind: 'Runtimes',
  rows: [
    esm,
    ...runtimes.flatMap((runtime) =>
      Object.keys(FORMATS).map((format) => runtimeRow({ runtime, format })),
    ),
    // connect-redis 10 wants Node.js 22.
    ...['node-22', 'node-24', 'node-26'].map((runtime) =>
      runtimeRow({ runtime, format: 'CommonJS', ...onRedis('connect-redis-10') }),
    ),
    ...['@oven/bun-linux-x64', '@deno/linux-x64-glibc'].map((runtime) =>
      runtimeRow({ runtime, format: 'ESM', ...onRedis('connect-redis') }),
    ),
  ],
};
