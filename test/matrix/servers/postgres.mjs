import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { freePort, makeFolder, plainUser, programOf, startServer, versionOf } from './program.mjs';

/** A PostgreSQL of the run's own. */
export async function startPostgres() {
  const [initdb, postgres] = [programOf('initdb'), programOf('postgres')];
  const user = plainUser();
  const { folder, remove } = makeFolder('postgres', user);
  const data = join(folder, 'data');
  const made = ['-D', data, '-U', 'matrix', '--auth=trust', '--no-sync', '-E', 'UTF8'];
  execFileSync(initdb, made, { ...user, stdio: 'pipe', cwd: folder });
  const port = await freePort();
  const settings = ['-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off'];
  const args = ['-D', data, '-p', String(port), '-k', folder, ...settings];
  const { stop } = await startServer(postgres, args, port, user);
  return {
    version: `PostgreSQL ${versionOf(postgres)}`,
    address: {
      url: `postgres://matrix@127.0.0.1:${port}/postgres`,
      host: '127.0.0.1',
      port,
      user: 'matrix',
      database: 'postgres',
    },
    stop: async () => {
      await stop();
      remove();
    },
  };
}
