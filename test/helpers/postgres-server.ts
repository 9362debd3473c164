import { spawn, spawnSync, type SpawnOptions } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort } from './redis-server';

/** A real PostgreSQL: the test's own, or the one that `TEST_POSTGRES_URL` names. */
export interface PostgresServer {
  url: string;
  stop(): Promise<void>;
  /** Goes away, as by a crash, and comes back with what it had; not one that is named. */
  crash(): Promise<void>;
  again(): Promise<void>;
}

/** Debian keeps the programs of each version in a folder of its own. */
const DEBIAN = '/usr/lib/postgresql';
const folders = [
  ...(process.env.PATH ?? '').split(delimiter),
  ...(existsSync(DEBIAN) ? readdirSync(DEBIAN).map((version) => join(DEBIAN, version, 'bin')) : []),
];
const programs = folders.find((folder) => existsSync(join(folder, 'initdb')));
const { TEST_POSTGRES_URL } = process.env;

/** Whether there is a PostgreSQL. In CI there must be: there nothing is skipped. */
export function hasPostgres(): boolean {
  const found = TEST_POSTGRES_URL !== undefined || programs !== undefined;
  if (!found && process.env.CI !== undefined) {
    throw new Error('postgresql is not installed; CI must not skip the tests that need it.');
  }
  if (!found) process.stderr.write('skipped: postgresql (initdb) is not installed\n');
  return found;
}

/** It refuses to run as root. */
function nobodySpecial(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag: string): number =>
    Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout.trim() || 65_534);
  return { uid: idOf('-u'), gid: idOf('-g') };
}

export async function startPostgresServer(): Promise<PostgresServer> {
  if (TEST_POSTGRES_URL !== undefined) {
    const none = () => Promise.resolve();
    return { url: TEST_POSTGRES_URL, stop: none, crash: none, again: none };
  }
  const folder = mkdtempSync(join(tmpdir(), 'postgres-'));
  const user = nobodySpecial();
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid ?? user.uid);
  const data = join(folder, 'data');
  const options: SpawnOptions = { ...user, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] };
  await ended('initdb', [
    ...['-D', data, '-U', 'tester', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'],
  ]);
  const port = await freePort();
  const settings = [
    ...['listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`, 'fsync=off'],
    ...['shared_buffers=16MB', 'max_connections=40', 'autovacuum=off'],
  ];
  const start = async () => {
    const started = run('postgres', [
      ...['-D', data, '-p', String(port)],
      ...settings.flatMap((setting) => ['-c', setting]),
    ]);
    await started.said('ready to accept connections');
    return started;
  };
  let server = await start();
  const crash = async (): Promise<void> => {
    server.child.kill('SIGQUIT');
    await server.exited;
  };
  return {
    url: `postgres://tester@127.0.0.1:${port}/postgres`,
    crash,
    again: async () => {
      server = await start();
    },
    stop: async () => {
      await crash();
      rmSync(folder, { recursive: true, force: true });
    },
  };

  function run(program: string, args: string[]) {
    const child = spawn(join(programs ?? '', program), args, options);
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
    let told = '';
    const said = (words: string): Promise<void> =>
      new Promise((resolve, reject) => {
        child.stderr?.on('data', (chunk: Buffer) => {
          told += chunk.toString();
          if (told.includes(words)) resolve();
        });
        void exited.then(() => reject(new Error(`${program} ended: ${told}`)));
      });
    return { child, exited, said };
  }
  async function ended(program: string, args: string[]): Promise<void> {
    const code = await run(program, args).exited;
    if (code !== 0) throw new Error(`${program} failed with ${code}`);
  }
}
