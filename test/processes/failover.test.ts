import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createSentinel } from 'redis';
import { redisCounter } from '../../lib';
import { guardedCounter } from '../../lib/counters/guarded-counter';
import type { Counter } from '../../lib/ports/counter';
import { until } from '../helpers/cluster';
import { LONG } from '../helpers/long';
import { startRedisCluster } from '../helpers/redis-cluster';
import { connect, hasRedis, startRedis, startSentinel } from '../helpers/redis-server';

/**
 * A primary of Redis dies under load; for the figures of docs/scale.md for longer: `LONG_TESTS=1 npx jest
 * test/processes/failover.test.ts`. Every key is a code that two requests spend at once.
 */
const IN_FLIGHT = 32;
const WINDOW = 600_000;
/** So many codes are spent before; so long it is dead, and so long no call may fail until it is over; milliseconds. */
const [BEFORE, DEAD, QUIET] = LONG ? [500, 3_000, 2_000] : [100, 1_000, 1_500];

interface Load {
  /** How often each key was granted. */
  granted: Map<string, number>;
  errors: number;
  /** When the last call was granted that began after this time; tells when it works again. */
  lastGrant: number;
  lastError: number;
  stop(): Promise<void>;
}

const placeOf = (key: string) => ({ key, window: WINDOW, limit: 1 });

function load(counter: Counter): Load {
  const run: Load & { ended: boolean } = {
    granted: new Map(),
    errors: 0,
    lastGrant: 0,
    lastError: 0,
    ended: false,
    stop: async () => {
      run.ended = true;
      await Promise.all(workers);
    },
  };
  const spend = async (key: string): Promise<void> => {
    try {
      const { ok } = await counter.settle({ take: [placeOf(key)] });
      if (!ok) return;
      run.granted.set(key, (run.granted.get(key) ?? 0) + 1);
      run.lastGrant = Date.now();
    } catch {
      run.errors += 1;
      run.lastError = Date.now();
      await pause(5);
    }
  };
  const workers = Array.from({ length: IN_FLIGHT }, async (_, worker) => {
    for (let turn = 0; !run.ended; turn += 1) {
      const key = `w${worker}-${turn}#spent`;
      await Promise.all([spend(key), spend(key)]);
    }
  });
  return run;
}

/** Keys that were granted once, and of which nothing is known any more. */
async function lostOf(counter: Counter, { granted }: Load): Promise<number> {
  let lost = 0;
  const keys = [...granted.keys()];
  for (let from = 0; from < keys.length; from += 50) {
    const some = keys.slice(from, from + 50);
    const { read } = await counter.settle({ read: some });
    lost += some.filter((key) => !read.has(key)).length;
  }
  return lost;
}

const twiceOf = ({ granted }: Load): number => [...granted.values()].filter((n) => n > 1).length;

function report(what: string, figures: Record<string, number>): void {
  if (!LONG) return;
  const said = Object.entries(figures).map(([name, value]) => `${name} ${value}`);
  process.stdout.write(`${what}: ${said.join(', ')}\n`);
}

(hasRedis() ? describe : describe.skip)('a primary dies under load', () => {
  test('of a Redis Cluster that writes each change down: nothing is lost, nothing granted twice, and it goes on without a restart', async () => {
    const more = ['--appendonly', 'yes', '--appendfsync', 'always'];
    const cluster = await startRedisCluster([
      ...more,
      ...['--cluster-node-timeout', '2000', '--cluster-require-full-coverage', 'no'],
    ]);
    const counter = guardedCounter(
      redisCounter({
        sendCommand: (args: string[], key: string) => cluster.client.sendCommand(key, false, args),
      }),
      Date.now,
    );
    try {
      const run = load(counter);
      await until('there is some load', async () => run.granted.size > BEFORE, 30_000);
      const before = run.granted.size;
      await cluster.servers[1]!.kill();
      const died = Date.now();
      await pause(DEAD);
      const during = run.granted.size;
      await cluster.servers[1]!.again();
      const back = Date.now();
      await until(
        'no call fails any more',
        async () =>
          run.errors > 0 &&
          run.lastGrant > back &&
          Date.now() - Math.max(back, run.lastError) > QUIET,
        60_000,
      );
      await run.stop();
      const lost = await lostOf(counter, run);
      report('cluster', {
        granted: run.granted.size,
        'while it was dead': during - before,
        refused: run.errors,
        lost,
        twice: twiceOf(run),
        'ms dead': back - died,
        'ms until no call failed': Math.max(0, run.lastError - back),
      });
      expect(during).toBeGreaterThan(before);
      expect(run.errors).toBeGreaterThan(0);
      expect({ lost, twice: twiceOf(run) }).toEqual({ lost: 0, twice: 0 });
    } finally {
      await cluster.stop();
    }
  });

  test('watched by Sentinel: it goes on with the replica without a restart, and grants nothing twice', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'replica-'));
    const primary = await startRedis();
    const replica = await startRedis(
      undefined,
      ...['--replicaof', '127.0.0.1', String(primary.port), '--dir', folder],
    );
    const asked = await connect(replica);
    await until(
      'the replica follows',
      async () => (await asked.info('replication')).includes('master_link_status:up'),
      30_000,
    );
    const watch = await startSentinel(primary);
    const eyes = await connect(watch);
    for (const setting of ['down-after-milliseconds', 'failover-timeout']) {
      await eyes.sendCommand(['SENTINEL', 'SET', 'main', setting, '1000']);
    }
    await until(
      'the sentinel knows the replica',
      async () =>
        JSON.stringify(await eyes.sendCommand(['SENTINEL', 'REPLICAS', 'main'])).includes(
          String(replica.port),
        ),
      30_000,
    );
    const client = createSentinel({
      name: 'main',
      sentinelRootNodes: [{ host: '127.0.0.1', port: watch.port }],
      scanInterval: 500,
    });
    client.on('error', () => undefined);
    await client.connect();
    const counter = guardedCounter(
      redisCounter({ sendCommand: (args: string[]) => client.sendCommand(false, args) }),
      Date.now,
    );
    try {
      const run = load(counter);
      await until('there is some load', async () => run.granted.size > BEFORE, 30_000);
      primary.process.kill('SIGKILL');
      const died = Date.now();
      await until(
        'the replica takes writes, and no call fails any more',
        async () =>
          run.errors > 0 && run.lastGrant > run.lastError && Date.now() - run.lastError > QUIET,
        60_000,
      );
      await run.stop();
      const lost = await lostOf(counter, run);
      report('sentinel', {
        granted: run.granted.size,
        refused: run.errors,
        lost,
        twice: twiceOf(run),
        'ms until no call failed': run.lastError - died,
      });
      expect(run.errors).toBeGreaterThan(0);
      // Redis answers before its replica has heard of it: what it answered last may be lost.
      expect(lost).toBeLessThanOrEqual(2 * IN_FLIGHT);
      expect(twiceOf(run)).toBe(0);
    } finally {
      await client.close();
      asked.destroy();
      eyes.destroy();
      await Promise.all([watch.stop(), replica.stop(), primary.stop()]);
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
