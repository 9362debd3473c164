import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { folderOf } from '../app-dir.mjs';

/** What others say of the tarball: how it is packed, and whether its types are those of its files. */
const require = createRequire(import.meta.url);

async function findingsOfPublint({ installed }) {
  const { publint } = await import('publint');
  const { formatMessage } = await import('publint/utils');
  const { messages, pkg } = await publint({
    pkgDir: join(installed.modules, 'passport-sms-2fa'),
    strict: true,
  });
  return messages.map((message) => formatMessage(message, pkg, { color: false }));
}

async function findingsOfAttw({ installed }) {
  const file = join(
    dirname(require.resolve('@arethetypeswrong/cli/package.json')),
    'dist',
    'index.js',
  );
  const args = [file, installed.tarball, '--format', 'json'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1e8 }).catch(
    (error) => error,
  );
  const { analysis, problems } = JSON.parse(stdout);
  if (analysis.types?.kind !== 'included') return ['no types were found'];
  return Object.entries(problems).map(([kind, all]) => `${kind}: ${JSON.stringify(all[0])}`);
}

const checkRow = (alias, find) => ({
  core: true,
  shown: [alias],
  run: async (world) => {
    folderOf(alias);
    const findings = await find(world);
    return findings.length === 0
      ? { outcome: 'passes' }
      : { outcome: 'fails', why: findings.join(' · ') };
  },
});

export default {
  kind: 'The package itself',
  rows: [checkRow('publint', findingsOfPublint), checkRow('@arethetypeswrong/cli', findingsOfAttw)],
};
