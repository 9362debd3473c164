import { runApp } from '../row.mjs';

/** connect-redis over the clients and kinds of Redis, with its own choice of a counter or a given one. */
const SERVERS = {
  redis: 'redis',
  'redis, cluster': 'redisCluster',
  'redis, sentinel': 'sentinel',
  ioredis: 'redis',
  'ioredis, cluster': 'redisCluster',
  'ioredis, sentinel': 'sentinel',
};

function redisRow({ connect, client, kind, counted = true, ttl, ...row }) {
  const [name] = kind.split(',');
  const given = { client: kind, counted, ttl };
  const words = [
    kind.split(', ')[1] ?? 'one server',
    counted ? '`redisCounter`' : 'no counter given',
    ttl && `\`ttl\` ${ttl}`,
  ];
  const packages = { 'connect-redis': connect, [name]: client };
  return {
    ...row,
    title: words.filter(Boolean).join(', '),
    shown: [connect, client],
    run: (world) =>
      runApp({ ...row, store: 'redis', packages, given, needs: [SERVERS[kind]] }, world),
  };
}

const NODE_REDIS = ['redis-4', 'redis-5', 'redis'];
const CONNECT = ['connect-redis-7', 'connect-redis-8', 'connect-redis'];
/** connect-redis 9 wants node-redis 5 or newer. */
const pairs = CONNECT.flatMap((connect) =>
  NODE_REDIS.map((client) => ({ connect, client })),
).filter(({ connect, client }) => !(connect === 'connect-redis' && client === 'redis-4'));

const newest = { connect: 'connect-redis', client: 'redis' };
export default {
  kind: 'Redis',
  rows: [
    redisRow({ ...newest, kind: 'redis', counted: false, core: true }),
    ...pairs.map((pair) => redisRow({ ...pair, kind: 'redis' })),
    redisRow({ ...newest, client: 'redis-5', kind: 'redis', counted: false }),
    redisRow({ ...newest, kind: 'redis', counted: false, ttl: 'of its cookie' }),
    redisRow({ ...newest, kind: 'redis', counted: false, ttl: 'idle' }),
    redisRow({ ...newest, kind: 'redis, cluster', counted: false }),
    redisRow({ ...newest, kind: 'redis, cluster' }),
    redisRow({ ...newest, client: 'redis-5', kind: 'redis, cluster' }),
    redisRow({ connect: 'connect-redis-7', client: 'redis-4', kind: 'redis, cluster' }),
    redisRow({ ...newest, kind: 'redis, sentinel', counted: false }),
    redisRow({ ...newest, kind: 'redis, sentinel' }),
    redisRow({ ...newest, client: 'redis-5', kind: 'redis, sentinel' }),
    ...['ioredis-5', 'ioredis'].flatMap((client) =>
      ['ioredis', 'ioredis, cluster', 'ioredis, sentinel'].map((kind) =>
        redisRow({ connect: 'connect-redis-8', client, kind }),
      ),
    ),
    redisRow({ connect: 'connect-redis-7', client: 'ioredis-5', kind: 'ioredis' }),
    redisRow({ connect: 'connect-redis-8', client: 'ioredis', kind: 'ioredis', counted: false }),
    redisRow({
      connect: 'connect-redis',
      client: 'ioredis',
      kind: 'ioredis',
      expected: { outcome: 'control fails', why: /syntax error/ },
    }),
  ],
};
