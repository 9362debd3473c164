import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { createConnection } from 'mysql2/promise';
import { blockOf } from '../docs/page';
import { freePort } from '../helpers/redis-server';
import { MongoWire } from './mongo-wire';

/** A database of the tests' own, at one port for as long as they run. */
export interface TestServer {
  port: number;
  /** Lets clients in; the database starts with the first time. */
  start(): Promise<void>;
  /** As when it is killed: every connection breaks, and none is taken. */
  stop(): Promise<void>;
  /** For good. */
  end(): Promise<void>;
}

/** Stands before a database, which takes too long to start anew for each recipe. */
async function cuttable(behind: number, close: () => unknown): Promise<TestServer> {
  const port = await freePort();
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  const stop = async () => {
    const closed = new Promise((resolve) => server?.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  const start = async () => {
    const next = createServer((socket) => {
      const database = connect(behind, '127.0.0.1');
      for (const [from, to] of [
        [socket, database],
        [database, socket],
      ] as const) {
        // prettier-ignore
        sockets.add(from);
        from.on('error', () => undefined).on('close', () => (sockets.delete(from), to.destroy()));
        from.pipe(to);
      }
    });
    server = next;
    await new Promise<void>((resolve) => next.listen(port, '127.0.0.1', resolve));
  };
  const end = async () => {
    await stop();
    await close();
  };
  return { port, start, stop, end };
}

/** With the table of its page. */
export async function postgresServer(): Promise<TestServer> {
  const port = await freePort();
  const workerData = { port, sql: blockOf('postgresql', 'sql') };
  const worker = new Worker(join(__dirname, 'postgres-worker.cjs'), { workerData });
  await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  return cuttable(port, () => worker.terminate());
}

const hasMariadb =
  spawnSync('mariadbd', ['--version']).error === undefined &&
  spawnSync('mariadb-install-db', ['--help']).error === undefined;

/** Whether mariadbd is installed. In CI it must be: there nothing is skipped. */
export function hasMysql(): boolean {
  if (!hasMariadb && process.env.CI !== undefined) {
    throw new Error('mariadbd is not installed; CI must not skip the tests that need it.');
  }
  if (!hasMariadb)
    process.stderr.write('skipped: the recipes on MySQL, mariadbd is not installed\n');
  return hasMariadb;
}

/** A MariaDB with the table of its page. */
export async function mysqlServer(): Promise<TestServer> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'mariadb-'));
  const user = process.getuid?.() === 0 ? ['--user=root'] : [];
  const place = ['--no-defaults', `--datadir=${folder}`, ...user];
  const made = spawnSync('mariadb-install-db', [...place, '--auth-root-authentication-method=normal', '--skip-test-db']); // prettier-ignore
  if (made.status !== 0) throw new Error(`mariadb-install-db: ${made.stderr.toString()}`);
  const small = ['--skip-grant-tables', '--innodb-flush-log-at-trx-commit=0', '--skip-log-bin'];
  const at = [`--port=${port}`, '--bind-address=127.0.0.1', `--socket=${join(folder, 's')}`];
  const server = spawn('mariadbd', [...place, ...small, ...at], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const gone = new Promise((resolve) => server.once('exit', resolve));
  await new Promise<void>((resolve, reject) => {
    let said = '';
    server.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('ready for connections')) resolve();
    });
    void gone.then(() => reject(new Error(`mariadbd ended: ${said}`)));
  });
  const client = await createConnection({ host: '127.0.0.1', port, user: 'root' });
  await client.query('CREATE DATABASE app');
  await client.query('USE app');
  await client.query(blockOf('mysql', 'sql'));
  await client.end();
  return cuttable(port, async () => {
    server.kill('SIGKILL');
    await gone;
    rmSync(folder, { recursive: true, force: true });
  });
}

export async function mongoServer(): Promise<TestServer & { clear: () => void }> {
  const wire = new MongoWire();
  wire.port = await freePort();
  const [start, stop] = [() => wire.start(), () => wire.stop()];
  const clear = () => wire.rows.clear();
  return { clear, port: wire.port, start, stop, end: stop };
}
