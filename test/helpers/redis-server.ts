import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'redis';
import type { Counter, Settlement } from '../../lib/ports/counter';
import type { TestClock } from './clock';

/** A real redis-server of the test's own, on a free port. */
export interface RedisServer {
  port: number;
  url: string;
  process: ChildProcess;
  /** Ends it and leaves its files. */
  kill(): Promise<void>;
  /** Starts it again on its files, where it has any. */
  again(): Promise<void>;
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

/** Starts redis-server in a folder of its own, and waits until it says that it is ready. */
async function start(
  port: number,
  ready: string,
  argsIn: (folder: string) => string[],
): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'redis-'));
  const args = argsIn(folder);
  let { child, exited } = await run(args, ready);
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    get process() {
      return child;
    },
    kill,
    again: async () => {
      ({ child, exited } = await run(args, ready));
    },
    stop: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function run(
  args: readonly string[],
  ready: string,
): Promise<{ child: ChildProcess; exited: Promise<void> }> {
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes(ready)) resolve();
    });
    void exited.then(() => reject(new Error(`redis-server ended: ${said}`)));
  });
  return { child, exited };
}

export async function startRedis(port?: number, ...more: string[]): Promise<RedisServer> {
  const chosen = port ?? (await freePort());
  return start(chosen, 'Ready to accept connections', (folder) => [
    ...['--port', String(chosen), '--bind', '127.0.0.1', '--save', '', '--dir', folder],
    ...['--appendonly', 'no', ...more],
  ]);
}

/** A sentinel that watches over this primary by the name `main`. */
export async function startSentinel(primary: RedisServer): Promise<RedisServer> {
  const port = await freePort();
  return start(port, '+monitor master', (folder) => {
    // It writes what it finds out into its file.
    const file = join(folder, 'sentinel.conf');
    writeFileSync(file, `sentinel monitor main 127.0.0.1 ${primary.port} 1\n`);
    return [file, '--sentinel', '--port', String(port), '--bind', '127.0.0.1', '--dir', folder];
  });
}

export async function connect(server: RedisServer): Promise<RedisClient> {
  const client: RedisClient = makeClient(server.url);
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** A Redis of its own, and a client, from the first test to the last of the `describe` that this is called in. */
export function ownRedis(): { readonly server: RedisServer; readonly client: RedisClient } {
  let server: RedisServer;
  let client: RedisClient;
  beforeAll(async () => {
    server = await startRedis();
    client = await connect(server);
  });
  afterAll(async () => {
    client.destroy();
    await server.stop();
  });
  return {
    get server() {
      return server;
    },
    get client() {
      return client;
    },
  };
}

/** All keys with what is left of their lives, in milliseconds (-1: none). */
export async function lifetimes(client: RedisClient): Promise<Map<string, number>> {
  const keys = await client.keys('*');
  return new Map(
    await Promise.all(keys.map(async (key) => [key, await client.pTTL(key)] as const)),
  );
}

/** A count as it lies in Redis: a field of the hash of its subject, `<count> <end>`. */
interface KeptCount {
  key: string;
  name: string;
  value: string;
  count: number;
  /** By the clock of Redis, milliseconds. */
  ends: number;
}

/** Every count in Redis, also what is none. */
export async function keptCounts(client: RedisClient): Promise<KeptCount[]> {
  const found = await Promise.all(
    (await client.keys('*')).map(async (key) => {
      // Sessions and records are texts; their ends are told by the clock of the app.
      if ((await client.type(key)) !== 'hash') return [];
      return Object.entries(await client.hGetAll(key)).map(([name, value]) => ({
        key,
        name,
        value,
      }));
    }),
  );
  return found.flat().map((each) => {
    // Of a count of one there is its end alone.
    const [, count = '1', ends] = /^(?:(\d+) )?(\d+)$/.exec(each.value) ?? [];
    return { ...each, count: Number(ends && count), ends: Number(ends) };
  });
}

/** Removes these counts, as if their windows were over. */
export async function dropCounts(client: RedisClient, isOver: (each: KeptCount) => boolean) {
  for (const each of await keptCounts(client)) {
    if (isOver(each)) await client.hDel(each.key, each.name);
  }
}

/** Lets the counts in Redis age, as an injected clock does for everything else. */
export async function age(client: RedisClient, milliseconds: number): Promise<void> {
  const lives = await lifetimes(client);
  for (const { key, name, count, ends } of await keptCounts(client)) {
    if (!Number.isNaN(ends)) {
      const sooner = String(Math.ceil(ends - milliseconds));
      await client.hSet(key, name, count === 1 ? sooner : `${count} ${sooner}`);
    }
    const left = lives.get(key) ?? 0;
    if (left > 0) await client.pExpire(key, Math.floor(left - milliseconds));
  }
}

/**
 * A counter whose counts age with `age`: there their ends come nearer, while by the clock of a test
 * the time goes on. Told by that clock an end stays what it was, and a place goes back into its window.
 */
export function agingCounter(counter: Counter, clock: TestClock): Counter {
  const begun = clock();
  const shifted = (counts: Settlement['read'], by: number): Settlement['read'] =>
    new Map([...counts].map(([key, each]) => [key, { ...each, ends: each.ends + by }]));
  return {
    settle: async (wish) => {
      const passed = clock() - begun;
      const give = (wish.give ?? []).map((held) => ({ ...held, ends: held.ends - passed }));
      const { read, places, ...settled } = await counter.settle({ ...wish, give });
      return { ...settled, read: shifted(read, passed), places: shifted(places, passed) };
    },
  };
}
