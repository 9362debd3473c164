import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'redis';

/** The processes that a measurement needs: apps and a Redis of its own. */

/** Serves `apps/<name>.mjs` in a process of its own; `ask` calls a function of that app. */
export async function serve(name, redisUrl, execArgv = []) {
  const file = new URL('serve.mjs', import.meta.url);
  const child = fork(file, redisUrl === undefined ? [name] : [name, redisUrl], { execArgv });
  const waiting = new Map();
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the app ${name} ended (${code})`);
  });
  ended.catch(() => undefined);
  const [{ port }] = await Promise.race([once(child, 'message'), ended]);
  child.on('message', ({ id, answer }) => waiting.get(id)?.(answer));
  let asked = 0;
  return {
    name,
    port,
    ask: (ask, argument) =>
      Promise.race([
        ended,
        new Promise((resolve) => {
          const id = ++asked;
          waiting.set(id, (answer) => (waiting.delete(id), resolve(answer)));
          child.send({ id, ask, argument });
        }),
      ]),
    stop: async () => {
      child.disconnect();
      await ended.catch(() => undefined);
    },
  };
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** A `redis-server` on a free port that keeps nothing on disk. */
export async function startRedis() {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'bench-redis-'));
  const args = ['--port', port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const child = spawn('redis-server', [...args, '--dir', folder].map(String), { stdio: 'ignore' });
  const url = `redis://127.0.0.1:${port}`;
  const client = createClient({ url });
  client.on('error', () => undefined); // until it listens
  await client.connect();
  const version = /redis_version:(\S+)/.exec(await client.info('server'))[1];
  return {
    url,
    port,
    client,
    version,
    stop: async () => {
      client.destroy();
      child.kill();
      await once(child, 'exit');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
