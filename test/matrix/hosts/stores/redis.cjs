'use strict';

/** connect-redis over each client that it takes. Without `counted` the counter is the package's choice. */
exports.makeStore = async ({ servers, run, client: kind, counted, ttl, factor }) => {
  const { client, sendCommand } = await CLIENTS[kind](servers);
  const found = require('connect-redis');
  // Up to 8 it is the default export, from 8 on a named one.
  const RedisStore = found.RedisStore ?? found.default;
  const counter = counted && factor?.redisCounter({ sendCommand, prefix: `${run}c:` });
  return {
    store: new RedisStore({ client, prefix: `${run}:`, ...TTL[ttl] }),
    factorOptions: counted && factor ? { counter } : {},
  };
};

/** Options of the store by which it tells how long a session lives. */
const TTL = {
  'of its cookie': {
    ttl: ({ cookie }) => Math.ceil((cookie.expires.getTime() - Date.now()) / 1000),
  },
  idle: { ttl: () => 60 },
};

/** Each client, connected, with how it sends a command: as docs/counters.md has it. */
const CLIENTS = {
  redis: async ({ redis }) => {
    const client = await connected(require('redis').createClient({ url: redis.url }));
    return { client, sendCommand: (args) => client.sendCommand(args) };
  },
  'redis, cluster': async ({ redisCluster }) => {
    const client = await connected(
      require('redis').createCluster({ rootNodes: [{ url: redisCluster.url }] }),
    );
    return { client, sendCommand: (args, key) => client.sendCommand(key, false, args) };
  },
  'redis, sentinel': async ({ sentinel: { host, port, name } }) => {
    const client = await connected(
      require('redis').createSentinel({ name, sentinelRootNodes: [{ host, port }] }),
    );
    return { client, sendCommand: (args) => client.sendCommand(false, args) };
  },
  ioredis: async ({ redis }) => {
    const client = new (ioredis().Redis)(redis.port, '127.0.0.1');
    return { client, sendCommand: ([name, ...args]) => client.call(name, ...args) };
  },
  'ioredis, cluster': async ({ redisCluster: { port } }) => {
    const client = new (ioredis().Cluster)([{ host: '127.0.0.1', port }]);
    return { client, sendCommand: ([name, ...args]) => client.call(name, ...args) };
  },
  'ioredis, sentinel': async ({ sentinel: { host, port, name } }) => {
    const client = new (ioredis().Redis)({ sentinels: [{ host, port }], name });
    return { client, sendCommand: ([command, ...args]) => client.call(command, ...args) };
  },
};

const ioredis = () => require('ioredis');

async function connected(client) {
  client.on('error', (error) => console.error(error));
  await client.connect();
  return client;
}
