import { createCluster } from 'redis';
import { until } from './cluster';
import { connect, freePort, startRedis, type RedisClient, type RedisServer } from './redis-server';

const SLOTS = 16_384;

const makeCluster = (url: string) => createCluster({ rootNodes: [{ url }] });

/** A Redis Cluster of three masters. */
export interface RedisCluster {
  client: ReturnType<typeof makeCluster>;
  /** Of one of its nodes. */
  port: number;
  /** One client for each of its nodes. */
  nodes: RedisClient[];
  servers: RedisServer[];
  stop(): Promise<void>;
}

/** Starts three servers, shares the slots out among them and makes them know each other. */
export async function startRedisCluster(more: string[] = []): Promise<RedisCluster> {
  const buses = await Promise.all([1, 2, 3].map(() => freePort()));
  const servers = await Promise.all(
    buses.map((bus) =>
      startRedis(undefined, '--cluster-enabled', 'yes', '--cluster-port', String(bus), ...more),
    ),
  );
  const nodes = await Promise.all(servers.map((server) => connect(server)));
  await Promise.all(nodes.map((node, index) => introduce(node, index, servers, buses)));
  await until(
    'each node knows which slots are whose',
    async () => (await Promise.all(nodes.map(isReady))).every(Boolean),
    15_000,
  );
  const client = makeCluster(servers[0]!.url);
  client.on('error', () => undefined);
  await client.connect();
  return {
    client,
    port: servers[0]!.port,
    nodes,
    servers,
    stop: async () => {
      client.destroy();
      for (const node of nodes) node.destroy();
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}

async function introduce(
  node: RedisClient,
  index: number,
  servers: readonly RedisServer[],
  buses: readonly number[],
): Promise<void> {
  const share = (each: number): number => Math.floor((SLOTS * each) / servers.length);
  const [from, to] = [share(index), share(index + 1) - 1];
  await node.sendCommand(['CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1)]);
  await node.sendCommand(['CLUSTER', 'ADDSLOTSRANGE', String(from), String(to)]);
  for (const [other, { port }] of servers.entries()) {
    const address = ['127.0.0.1', String(port), String(buses[other])];
    if (other !== index) await node.sendCommand(['CLUSTER', 'MEET', ...address]);
  }
}

async function isReady(node: RedisClient): Promise<boolean> {
  const info = await node.clusterInfo();
  const signs = ['cluster_state:ok', `cluster_slots_ok:${SLOTS}`, 'cluster_size:3'];
  return signs.every((sign) => info.includes(sign));
}
