import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'redis';

/** A real redis-server of the test's own, on a free port. */
export interface RedisServer {
  port: number;
  url: string;
  process: ChildProcess;
  stop(): Promise<void>;
}

const makeClient = (url: string) => createClient({ url });

export type RedisClient = ReturnType<typeof makeClient>;

const found = spawnSync('redis-server', ['--version']).error === undefined;

/** Whether redis-server is installed. In CI it must be: there nothing is skipped. */
export function hasRedis(): boolean {
  if (!found && process.env.CI !== undefined) {
    throw new Error('redis-server is not installed; CI must not skip the tests that need it.');
  }
  if (!found) process.stderr.write('skipped: redis-server is not installed\n');
  return found;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export async function startRedis(port?: number, ...more: string[]): Promise<RedisServer> {
  const chosen = port ?? (await freePort());
  const folder = mkdtempSync(join(tmpdir(), 'redis-'));
  const args = ['--port', String(chosen), '--bind', '127.0.0.1', '--save', '', '--dir', folder];
  const child = spawn('redis-server', [...args, '--appendonly', 'no', ...more], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('Ready to accept connections')) resolve();
    });
    void exited.then(() => reject(new Error(`redis-server ended: ${said}`)));
  });
  return {
    port: chosen,
    url: `redis://127.0.0.1:${chosen}`,
    process: child,
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function connect(server: RedisServer): Promise<RedisClient> {
  const client: RedisClient = makeClient(server.url);
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** All keys with what is left of their lives, in milliseconds (-1: none). */
export async function lifetimes(client: RedisClient): Promise<Map<string, number>> {
  const keys = await client.keys('*');
  return new Map(
    await Promise.all(keys.map(async (key) => [key, await client.pTTL(key)] as const)),
  );
}

/** Lets the counts in Redis age, as an injected clock does for everything else. */
export async function age(client: RedisClient, milliseconds: number): Promise<void> {
  for (const [key, left] of await lifetimes(client)) {
    // Counts are the only hashes: each count says its own end.
    if (left <= 0 || (await client.type(key)) !== 'hash') continue;
    for (const [name, value] of Object.entries(await client.hGetAll(key))) {
      const [count, ends] = value.split(' ');
      const earlier = Math.ceil(Number(ends) - milliseconds);
      if (Number.isFinite(earlier)) await client.hSet(key, name, `${count} ${earlier}`);
    }
    await client.pExpire(key, Math.floor(left - milliseconds));
  }
}
