import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import semver from 'semver';
import { makeServers } from './servers/index.mjs';

/** What all rows share: the installed package, and the servers that are started when first needed. */
export async function makeWorld(installed) {
  const packed = JSON.parse(
    readFileSync(join(installed.modules, 'passport-sms-2fa', 'package.json'), 'utf8'),
  );
  const servers = makeServers();
  let names = 0;
  return {
    installed,
    version: packed.version,
    peers: packed.peerDependencies,
    satisfies: (version, range) => semver.satisfies(version, range),
    servers: (needs) => servers.addresses(needs),
    programs: async () => [`Node.js ${process.versions.node}`, ...(await servers.versions())],
    /** For tables, prefixes and folders: no two runs meet in one server. */
    freshName: () => `run${process.pid}x${++names}`,
    stop: async () => {
      await servers.stop();
      installed.remove();
    },
  };
}
