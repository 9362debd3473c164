import { startMariadb } from './mariadb.mjs';
import { startMemcached } from './memcached.mjs';
import { startPostgres } from './postgres.mjs';
import { startRedis, startRedisCluster, startSentinel } from './redis.mjs';

const STARTS = {
  postgres: startPostgres,
  mariadb: startMariadb,
  memcached: startMemcached,
  redis: startRedis,
  redisCluster: startRedisCluster,
  sentinel: startSentinel,
};

/** The servers of a run, each started when the first row needs it, all on free ports of this machine. */
export function makeServers() {
  const started = new Map();
  const start = (name) => {
    if (!started.has(name)) started.set(name, STARTS[name]());
    return started.get(name);
  };
  return {
    addresses: async (needs) => {
      const found = {};
      for (const name of needs) found[name] = (await start(name)).address;
      return found;
    },
    /** What those that were started say of themselves. */
    versions: async () => {
      const all = await Promise.all(
        [...started.values()].map((each) => each.catch(() => undefined)),
      );
      return [...new Set(all.flatMap((each) => each?.version ?? []))];
    },
    stop: async () => {
      for (const each of started.values()) await (await each.catch(() => undefined))?.stop();
    },
  };
}
