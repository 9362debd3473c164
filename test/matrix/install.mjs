import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const HERE = fileURLToPath(new URL('.', import.meta.url));
const ROOT = join(HERE, '..', '..');
const QUIET = ['--no-audit', '--no-fund', '--loglevel=error'];

/** Installs what the rows are made of: for the core only `dependencies`, and no further runtime. */
export async function installHosts({ core }) {
  const more = core ? ['--omit=dev'] : [];
  await run('npm', ['ci', ...QUIET, ...more], { cwd: HERE });
  if (!core) await run('npm', ['ci', ...QUIET], { cwd: join(HERE, 'runtimes') });
}

/** Packs the package as it is published, and installs that into an empty folder. */
export async function installPackage({ built }) {
  const folder = mkdtempSync(join(tmpdir(), 'matrix-package-'));
  const scripts = built ? ['--ignore-scripts'] : [];
  await run('npm', ['pack', ...scripts, '--pack-destination', folder], { cwd: ROOT });
  const [tarball] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  const peersAreTheRows = ['--legacy-peer-deps', '--prefer-offline'];
  await run(
    'npm',
    ['install', ...QUIET, ...peersAreTheRows, '--prefix', folder, join(folder, tarball)],
    {
      cwd: folder,
    },
  );
  return {
    folder,
    tarball: join(folder, tarball),
    modules: join(folder, 'node_modules'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
