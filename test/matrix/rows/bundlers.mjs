import { createRequire } from 'node:module';
import { join } from 'node:path';
import { folderOf } from '../app-dir.mjs';
import { runApp, startNode } from '../row.mjs';

/** Bundlers put the app, Express and the package into one file, which then runs where nothing else is. */
const load = async (alias) =>
  import(createRequire(join(folderOf(alias), 'package.json')).resolve(folderOf(alias)));

const esbuild = (options) => async (folder, outfile) => {
  const { build } = await load('esbuild');
  const made = { bundle: true, platform: 'node', logLevel: 'error', ...options };
  await build({
    ...made,
    absWorkingDir: folder,
    entryPoints: ['entry.mjs'],
    outfile: join(folder, outfile),
  });
};
/** What was CommonJS asks for Node's own modules by `require`, which an ES module has to make. */
const REQUIRE =
  "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

async function webpack(folder, outfile) {
  const { default: bundle } = await load('webpack');
  const stats = await new Promise((resolve, reject) => {
    bundle(
      {
        context: folder,
        entry: './entry.mjs',
        target: 'node',
        mode: 'production',
        optimization: { minimize: false },
        output: { path: folder, filename: outfile },
        // Express looks for a view engine by a name that it is told; there is none here.
        ignoreWarnings: [/the request of a dependency is an expression/],
      },
      (error, done) => (error ? reject(error) : resolve(done)),
    );
  });
  const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
  if (errors.length + warnings.length > 0) throw new Error([...errors, ...warnings][0].message);
}

async function rollup(folder, outfile) {
  const [{ rollup: make }, commonjs, json, nodeResolve] = await Promise.all(
    ['rollup', '@rollup/plugin-commonjs', '@rollup/plugin-json', '@rollup/plugin-node-resolve'].map(
      load,
    ),
  );
  const bundle = await make({
    input: join(folder, 'entry.mjs'),
    plugins: [nodeResolve.default({ preferBuiltins: true }), commonjs.default(), json.default()],
    logLevel: 'silent',
  });
  await bundle.write({ file: join(folder, outfile), format: 'es' });
}

const BUNDLES = [
  { title: 'CommonJS', alias: 'esbuild', outfile: 'out.cjs', make: esbuild({ format: 'cjs' }) },
  {
    title: 'CommonJS, minified',
    alias: 'esbuild',
    outfile: 'out.cjs',
    make: esbuild({ format: 'cjs', minify: true }),
  },
  {
    title: 'ESM',
    alias: 'esbuild',
    outfile: 'out.mjs',
    make: esbuild({ format: 'esm', banner: { js: REQUIRE } }),
  },
  {
    title: 'CommonJS, production, `memoryCounter`',
    alias: 'webpack',
    outfile: 'out.cjs',
    make: webpack,
    given: { counted: true },
    // The strictest of them: what it warns of counts as failed.
    core: true,
  },
  {
    title: 'CommonJS, production, no counter',
    alias: 'webpack',
    outfile: 'out.cjs',
    make: webpack,
    expected: { outcome: 'refused', why: /This app runs in production.* Give counter/ },
  },
  { title: 'ESM', alias: 'rollup', outfile: 'out.mjs', make: rollup },
];

export default {
  kind: 'Bundlers',
  rows: BUNDLES.map(({ title, alias, outfile, make, given: more, expected, core }) => ({
    title,
    core,
    expected,
    shown: [alias],
    run: (world) =>
      runApp({ given: more }, world, async (folder, given) => {
        await make(folder, outfile);
        return startNode(folder, given, { entry: outfile, alone: true });
      }),
  })),
};
