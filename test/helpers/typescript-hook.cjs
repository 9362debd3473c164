'use strict';

/**
 * Lets a plain `node` run the TypeScript of this repository, for tests that need processes of their
 * own: `node -r ./test/helpers/typescript-hook.cjs file.ts`. Types are only stripped. What was
 * translated once is kept by its content, so that a process that starts again starts quickly.
 */
const { createHash } = require('node:crypto');
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

const kept = join(__dirname, '..', '..', 'node_modules', '.cache', 'typescript-hook');
mkdirSync(kept, { recursive: true });
/** Changes with what translates, which is a part of the names. */
const TRANSLATOR = 'sucrase';

require.extensions['.ts'] = (module, file) => {
  const source = readFileSync(file, 'utf8');
  module._compile(translated(source, file), file);
};

function translated(source, file) {
  const name = join(
    kept,
    `${createHash('sha256').update(TRANSLATOR).update(source).digest('hex')}.js`,
  );
  try {
    return readFileSync(name, 'utf8');
  } catch {
    const outputText = translate(source, file);
    // Written beside and renamed, so that no other process reads half of it.
    const draft = `${name}.${process.pid}`;
    writeFileSync(draft, outputText);
    renameSync(draft, name);
    return outputText;
  }
}

/** CommonJS, in which `import()` stays as it is. */
function translate(source, file) {
  // NestJS asks for the types behind its decorators, and only the compiler writes those down.
  if (/^\s*@\w+\(/m.test(source)) return compile(source, file);
  const { stripTypes } = require('./strip-types.cjs');
  return stripTypes(source, file, { preserveDynamicImport: true });
}

function compile(source, file) {
  const ts = require('typescript');
  const compilerOptions = {
    module: ts.ModuleKind.Node20,
    target: ts.ScriptTarget.ES2023,
    esModuleInterop: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
  };
  return ts.transpileModule(source, { compilerOptions, fileName: file }).outputText;
}
