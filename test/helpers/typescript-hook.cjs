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
/** CommonJS, in which `import()` stays as it is. */
const MODULE = 'Node20';

require.extensions['.ts'] = (module, file) => {
  const source = readFileSync(file, 'utf8');
  module._compile(translated(source, file), file);
};

function translated(source, file) {
  const name = join(kept, `${createHash('sha256').update(MODULE).update(source).digest('hex')}.js`);
  try {
    return readFileSync(name, 'utf8');
  } catch {
    const ts = require('typescript');
    const compilerOptions = {
      module: ts.ModuleKind[MODULE],
      target: ts.ScriptTarget.ES2023,
      esModuleInterop: true,
      // NestJS asks for both.
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
    };
    const { outputText } = ts.transpileModule(source, { compilerOptions, fileName: file });
    // Written beside and renamed, so that no other process reads half of it.
    const draft = `${name}.${process.pid}`;
    writeFileSync(draft, outputText);
    renameSync(draft, name);
    return outputText;
  }
}
