import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { folderOf, makeAppDir } from '../app-dir.mjs';

/** An app in TypeScript is compiled: one file without an error, one in which each wrong line is found. */
const read = (name) =>
  readFileSync(new URL(`../hosts/types/${name}.ts.txt`, import.meta.url), 'utf8');
const [RIGHT, WRONG] = [read('app'), read('wrong')];
const wrongLines = WRONG.split('\n').flatMap((line, index) =>
  line.endsWith('// WRONG') ? [index + 1] : [],
);

const TYPESCRIPTS = ['typescript-5.4', 'typescript-5.9', 'typescript-6', 'typescript-7'];
const MODULES = { node10: 'CommonJS', node16: 'Node16', nodenext: 'NodeNext', bundler: 'ESNext' };
const FORMATS = { node10: 'CommonJS', node16: 'CommonJS', nodenext: 'ESM', bundler: 'ESM' };
const TYPES = ['express-session', 'passport', 'node'];

function settingsOf(typescript, resolution) {
  return {
    compilerOptions: {
      noEmit: true,
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
      esModuleInterop: true,
      target: 'ES2022',
      types: ['node'],
      module: MODULES[resolution],
      moduleResolution: resolution,
      // It goes away with TypeScript 7.
      ...(resolution === 'node10' &&
        typescript === 'typescript-6' && { ignoreDeprecations: '6.0' }),
    },
    include: ['types.*'],
  };
}

async function compile(world, { typescript, resolution, format, express }) {
  const types = Object.fromEntries(TYPES.map((name) => [`@types/${name}`, `@types/${name}`]));
  const end = format === 'ESM' ? 'mts' : 'ts';
  const app = makeAppDir({
    packages: { ...types, '@types/express': express },
    // They go by the types of Express that stand beside them.
    copied: ['@types/express-session', '@types/passport'],
    installed: world.installed,
    files: {
      [`types.app.${end}`]: RIGHT,
      [`types.wrong.${end}`]: WRONG,
      'tsconfig.json': JSON.stringify(settingsOf(typescript, resolution)),
    },
  });
  try {
    const said = await tsc(typescript, app.folder);
    const found = [...said.matchAll(/^(\S+?)\((\d+),\d+\): error (.*)/gm)];
    const other = said.split('\n').find((line) => /^error /.test(line));
    const errors = found.filter(([, file]) => file !== `types.wrong.${end}`);
    if (other !== undefined) return { outcome: 'fails', why: other };
    if (errors.length > 0)
      return { outcome: 'fails', why: `${errors.length} errors, the first: ${errors[0][0]}` };
    const lines = [...new Set(found.map(([, , line]) => Number(line)))];
    const missed = wrongLines.filter((line) => !lines.includes(line));
    if (missed.length > 0)
      return { outcome: 'fails', why: `what is wrong compiles: line ${missed.join()} of wrong.ts` };
    return { outcome: 'passes' };
  } finally {
    app.remove();
  }
}

async function tsc(typescript, cwd) {
  const compiler = createRequire(import.meta.url).resolve(join(folderOf(typescript), 'bin', 'tsc'));
  const run = promisify(execFile);
  const args = [compiler, '-p', '.', '--pretty', 'false'];
  const { stdout } = await run(process.execPath, args, { cwd }).catch((error) => error);
  return stdout;
}

function typesRow(row) {
  const { typescript, resolution, format, express = '@types/express' } = row;
  return {
    core: row.core ?? false,
    title: `${resolution}, ${format}`,
    shown: [typescript, express],
    run: (world) => compile(world, { ...row, express }),
  };
}

const rows = TYPESCRIPTS.flatMap((typescript) =>
  Object.keys(MODULES)
    // TypeScript 7 does not know it any more.
    .filter((resolution) => !(typescript === 'typescript-7' && resolution === 'node10'))
    .map((resolution) => {
      const format = FORMATS[resolution];
      const core = typescript === 'typescript-6' && ['node10', 'nodenext'].includes(resolution);
      return { typescript, resolution, format, core };
    }),
);
const older = TYPESCRIPTS.map((typescript) => ({
  typescript,
  resolution: 'nodenext',
  format: 'ESM',
  express: '@types/express-4',
}));

export default {
  kind: 'TypeScript, strict, without `skipLibCheck`',
  rows: [...rows, ...older].map(typesRow),
};
