import { createSentinel } from 'redis';
import { createClient as createOlderClient } from 'redis5';
import { redisCounter } from '../../lib';
import type { Counter } from '../../lib/ports/counter';
import { testClock } from '../helpers/clock';
import { startRedisCluster, type RedisCluster } from '../helpers/redis-cluster';
import {
  age,
  agingCounter,
  connect,
  hasRedis,
  startRedis,
  startSentinel,
  type RedisClient,
  type RedisServer,
} from '../helpers/redis-server';
import { counterContract } from './counter';
import type { CounterUnderTest } from './counter-under-test';

/** A counter in Redis whose time the test sets forward on all of these nodes. */
function inRedis(counter: Counter, nodes: readonly RedisClient[]): CounterUnderTest {
  const clock = testClock();
  return {
    counter: agingCounter(counter, clock),
    pass: async (milliseconds) => {
      await clock.advance(milliseconds / 1_000);
      await Promise.all(nodes.map((node) => age(node, milliseconds)));
    },
  };
}

const SPOIL = `
local whole, counts = pcall(cmsgpack.unpack, redis.call('GET', KEYS[1]))
if not whole then counts = {} end
counts[ARGV[1]] = cjson.decode(ARGV[2])
redis.call('SET', KEYS[1], cmsgpack.pack(counts))`;

/** Writes what is no count where one lies. */
const spoilIn =
  (send: (args: string[], key: string) => Promise<unknown>) =>
  async (key: string, value: string): Promise<void> => {
    const [subject, count] = key.split('#');
    const at = `sms2fa:${subject}`;
    await send(['EVAL', SPOIL, '1', at, count ?? '', value], at);
  };

const withRedis = hasRedis() ? describe : describe.skip;

withRedis('on one Redis', () => {
  let server: RedisServer;
  let client: RedisClient;
  const olderClient = () => createOlderClient({ url: server.url });
  let older: ReturnType<typeof olderClient>;
  beforeAll(async () => {
    server = await startRedis();
    client = await connect(server);
    older = olderClient();
    await older.connect();
  });
  beforeEach(() => client.flushAll());
  afterAll(async () => {
    client.destroy();
    older.destroy();
    await server.stop();
  });

  const clients: [string, (args: string[]) => Promise<unknown>][] = [
    ['redisCounter with node-redis 6', (args) => client.sendCommand(args)],
    ['redisCounter with node-redis 5', (args) => older.sendCommand(args)],
  ];
  for (const [name, sendCommand] of clients) {
    counterContract(name, {
      reach: 'decision',
      make: () => inRedis(redisCounter({ sendCommand }), [client]),
      spoil: spoilIn(sendCommand),
    });
  }
});

withRedis('on a Redis Cluster', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  });
  beforeEach(() => Promise.all(cluster.nodes.map((node) => node.flushAll())));
  afterAll(() => cluster.stop());

  const send = (args: string[], key: string) => cluster.client.sendCommand(key, false, args);
  counterContract('redisCounter', {
    reach: 'subject',
    make: () => inRedis(redisCounter({ sendCommand: send }), cluster.nodes),
    spoil: spoilIn(send),
  });
});

withRedis('behind Sentinel', () => {
  let primary: RedisServer;
  let watch: RedisServer;
  let client: RedisClient;
  const sentinelClient = () =>
    createSentinel({
      name: 'main',
      sentinelRootNodes: [{ host: '127.0.0.1', port: watch.port }],
    });
  let sentinel: ReturnType<typeof sentinelClient>;
  beforeAll(async () => {
    primary = await startRedis();
    watch = await startSentinel(primary);
    client = await connect(primary);
    sentinel = sentinelClient();
    await sentinel.connect();
  });
  beforeEach(() => client.flushAll());
  afterAll(async () => {
    await sentinel.close();
    client.destroy();
    await Promise.all([watch.stop(), primary.stop()]);
  });

  const send = (args: string[]) => sentinel.sendCommand(false, args);
  counterContract('redisCounter', {
    reach: 'decision',
    make: () => inRedis(redisCounter({ sendCommand: send }), [client]),
    spoil: spoilIn(send),
  });
});
