import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, makeFolder, plainUser, programOf, startServer, versionOf } from './program.mjs';

/** `%` alone would lose against the nameless account of `localhost`. */
const ACCOUNTS = ['localhost', '%'].map(
  (host) => `GRANT ALL ON matrix.* TO matrix@'${host}' IDENTIFIED BY 'matrix';`,
);

/** A MariaDB of the run's own. */
export async function startMariadb() {
  const install = programOf('mariadb-install-db', 'mysql_install_db');
  const mariadbd = programOf('mariadbd', 'mysqld');
  const user = plainUser();
  const { folder, remove } = makeFolder('mariadb', user);
  const data = join(folder, 'data');
  const auth = ['--auth-root-authentication-method=normal', '--skip-test-db'];
  execFileSync(install, ['--no-defaults', `--datadir=${data}`, ...auth], {
    ...user,
    stdio: 'pipe',
  });
  const first = join(folder, 'first.sql');
  writeFileSync(first, ['CREATE DATABASE matrix;', ...ACCOUNTS, ''].join('\n'));
  const port = await freePort();
  const args = [
    ...['--no-defaults', `--datadir=${data}`, `--init-file=${first}`],
    ...['--bind-address=127.0.0.1', `--port=${port}`, `--socket=${join(folder, 's')}`],
    ...[`--pid-file=${join(folder, 'pid')}`, '--innodb-flush-log-at-trx-commit=0'],
  ];
  const { stop } = await startServer(mariadbd, args, port, user);
  return {
    version: `MariaDB ${versionOf(mariadbd)}`,
    address: { host: '127.0.0.1', port, user: 'matrix', password: 'matrix', database: 'matrix' },
    stop: async () => {
      await stop();
      remove();
    },
  };
}
