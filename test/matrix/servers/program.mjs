import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const READY = 60_000;

/** A program that is not on this machine; the rows that need it are skipped by its name. */
export class Missing extends Error {
  isMissing = true;
}

/** Where Debian keeps servers that it does not put on the `PATH`. */
function folders() {
  const postgres = '/usr/lib/postgresql';
  const versions = existsSync(postgres) ? readdirSync(postgres).sort().reverse() : [];
  const kept = versions.map((version) => join(postgres, version, 'bin'));
  return [...kept, ...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
}

export function programOf(...names) {
  for (const name of names) {
    const found = folders()
      .map((folder) => join(folder, name))
      .find((path) => existsSync(path));
    if (found !== undefined) return found;
  }
  throw new Missing(`${names[0]} is not installed`);
}

/** The version that a program tells of itself. */
export function versionOf(program, pattern = /(\d+\.\d+(\.\d+)?)/) {
  return pattern.exec(execFileSync(program, ['--version'], { encoding: 'utf8' }))?.[1];
}

/** Database servers refuse to run as root: there they run as nobody. */
export function plainUser() {
  if (process.getuid?.() !== 0) return {};
  const id = (flag) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** A folder of a server's own, which the user that it runs as may write to. */
export function makeFolder(name, { uid, gid } = {}) {
  const folder = mkdtempSync(join(tmpdir(), `matrix-${name}-`));
  if (uid !== undefined) chownSync(folder, uid, gid);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts a server, and waits until its port takes connections. */
export async function startServer(program, args, port, user = {}) {
  const child = spawn(program, args, { ...user, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  let ended = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => (said = (said + chunk).slice(-2_000)));
  }
  const exited = new Promise((resolve) => child.once('close', () => ((ended = true), resolve())));
  const stop = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  const until = Date.now() + READY;
  while (!(await isListening(port))) {
    if (ended || Date.now() > until) {
      await stop();
      throw new Error(`${program} did not come up: ${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { stop };
}

function isListening(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => (socket.destroy(), resolve(true)));
    socket.once('error', () => resolve(false));
  });
}
