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

/** What is counted of a subject, by name: the end of a count of one, else count and end. */
export type Counts = Record<string, unknown>;

/**
 * Runs Lua with `counts`, what is counted of the subject at a key (nil where that is none), and `given` as JSON
 * in `ARGV[1]`. Answers what it returns as JSON; nothing where it returns none.
 */
async function inScript(
  client: RedisClient,
  key: string,
  script: string,
  given?: Counts,
): Promise<unknown> {
  const text = await client.eval(
    `local value = redis.pcall('GET', KEYS[1])
    local whole, counts = pcall(cmsgpack.unpack, value)
    if not whole or type(counts) ~= 'table' then counts = nil end
    ${script}`,
    { keys: [key], arguments: [JSON.stringify(given ?? null)] },
  );
  return typeof text === 'string' ? (JSON.parse(text) as unknown) : undefined;
}

/** What is counted of the subject at a key; nothing where there is none. */
export async function countsAt(client: RedisClient, key: string): Promise<Counts | undefined> {
  const told = await inScript(client, key, 'return counts and cjson.encode(counts)');
  return told as Counts | undefined;
}

/** Puts these in their places, beside what else is counted of the subject; `null` takes one out. */
export async function putCounts(client: RedisClient, key: string, counts: Counts): Promise<void> {
  await inScript(
    client,
    key,
    `counts = counts or {}
    for name, each in pairs(cjson.decode(ARGV[1])) do
      if each == cjson.null then counts[name] = nil else counts[name] = each end
    end
    if next(counts) then redis.call('SET', KEYS[1], cmsgpack.pack(counts), 'KEEPTTL')
    else redis.call('DEL', KEYS[1]) end`,
    counts,
  );
}

/** One count as it lies in Redis. */
interface KeptCount {
  key: string;
  name: string;
  count: number;
  /** By the clock of Redis, milliseconds. */
  ends: number;
}

/** Every count in Redis, also what is none. */
export async function keptCounts(client: RedisClient): Promise<KeptCount[]> {
  // Sessions and records are no counts; their ends are told by the clock of the app.
  const found = await Promise.all(
    (await client.keys('*')).map(async (key) =>
      Object.entries((await countsAt(client, key)) ?? {}).map(([name, each]) => {
        const [count, ends] = Array.isArray(each) ? (each as unknown[]) : [1, each];
        return { key, name, count: Number(count), ends: Number(ends) };
      }),
    ),
  );
  return found.flat();
}

/** Removes these counts, as if their windows were over. */
export async function dropCounts(client: RedisClient, isOver: (each: KeptCount) => boolean) {
  for (const each of await keptCounts(client)) {
    if (isOver(each)) await putCounts(client, each.key, { [each.name]: null });
  }
}

/** Lets the counts in Redis age, as an injected clock does for everything else. */
export async function age(client: RedisClient, milliseconds: number): Promise<void> {
  const all = `for _, key in ipairs(redis.call('KEYS', '*')) do
    local whole, counts = pcall(cmsgpack.unpack, redis.pcall('GET', key))
    if whole and type(counts) == 'table' then
      local by = tonumber(ARGV[1])
      for name, each in pairs(counts) do
        if type(each) == 'number' then counts[name] = math.ceil(each - by)
        elseif type(each) == 'table' then each[2] = math.ceil(each[2] - by) end
      end
      local left = math.floor(redis.call('PTTL', key) - by)
      if left > 0 then redis.call('SET', key, cmsgpack.pack(counts), 'PX', left)
      else redis.call('DEL', key) end
    end
  end`;
  await client.eval(all, { arguments: [String(milliseconds)] });
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
