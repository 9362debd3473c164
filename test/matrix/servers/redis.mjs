import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, makeFolder, programOf, startServer, versionOf } from './program.mjs';

const PLAIN = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
const cli = (port, ...args) =>
  execFileSync(programOf('redis-cli'), ['-p', String(port), ...args], {
    encoding: 'utf8',
    stdio: 'pipe',
  });
const versionText = () => `Redis ${versionOf(programOf('redis-server'), /v=(\S+)/)}`;

async function startOne(...more) {
  const program = programOf('redis-server');
  const { folder, remove } = makeFolder('redis');
  const port = await freePort();
  const args = ['--port', String(port), '--dir', folder, ...PLAIN, ...more];
  const { stop } = await startServer(program, args, port);
  return {
    port,
    stop: async () => {
      await stop();
      remove();
    },
  };
}

/** One Redis. */
export async function startRedis() {
  const { port, stop } = await startOne();
  return { version: versionText(), address: { url: `redis://127.0.0.1:${port}`, port }, stop };
}

/** A Redis Cluster of three masters. */
export async function startRedisCluster() {
  const nodes = [];
  for (let each = 0; each < 3; each++) {
    const bus = String(await freePort());
    nodes.push(await startOne('--cluster-enabled', 'yes', '--cluster-port', bus));
  }
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
  cli(nodes[0].port, '--cluster', 'create', ...addresses, '--cluster-yes');
  for (const { port } of nodes) {
    while (!cli(port, 'cluster', 'info').includes('cluster_state:ok')) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  return {
    version: versionText(),
    address: { url: `redis://${addresses[0]}`, port: nodes[0].port },
    stop: () => Promise.all(nodes.map((node) => node.stop())),
  };
}

/** A primary with one replica, and a sentinel that watches over them by the name `main`. */
export async function startSentinel() {
  const primary = await startOne();
  const replica = await startOne('--replicaof', '127.0.0.1', String(primary.port));
  const { folder, remove } = makeFolder('sentinel');
  // It writes what it finds out into its file.
  const file = join(folder, 'sentinel.conf');
  writeFileSync(file, `sentinel monitor main 127.0.0.1 ${primary.port} 1\n`);
  const port = await freePort();
  const args = [file, '--sentinel', '--port', String(port), '--bind', '127.0.0.1', '--dir', folder];
  const sentinel = await startServer(programOf('redis-server'), args, port);
  return {
    version: versionText(),
    address: { host: '127.0.0.1', port, name: 'main' },
    stop: async () => {
      for (const each of [sentinel, replica, primary]) await each.stop();
      remove();
    },
  };
}
