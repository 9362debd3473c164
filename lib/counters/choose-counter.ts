import cluster from 'node:cluster';
import type { Clock } from '../ports/clock';
import type { Counter } from '../ports/counter';
import type { SessionStore } from '../ports/session-store';
import { memoryCounter } from './memory-counter';
import { redisCounter } from './redis-counter';

interface RedisClient {
  sendCommand(args: string[], options?: { timeout: undefined }): Promise<unknown>;
  /** Whether a command goes out at once. */
  isReady?: boolean;
}
interface RedisCluster {
  sendCommand(key: string, readonly: boolean, args: string[]): Promise<unknown>;
}

interface RedisSentinel {
  sendCommand(readonly: boolean, args: string[]): Promise<unknown>;
}

/**
 * The counter of an app that names none: the client of its connect-redis session store, where it
 * has one, else this process's memory. Memory is not enough for an app of several processes, and
 * whether there are others cannot be seen from here: in production, or in a cluster worker, a
 * warning with the code `SMS2FA_MEMORY_COUNTER` says what to do.
 */
export function chooseCounter(store: SessionStore, clock: Clock): Counter {
  const client = (store as { client?: unknown }).client;
  // The keys themselves begin with the app's own namespace.
  const prefix = '';
  if (isCluster(client)) {
    return redisCounter({
      sendCommand: (args, key) => client.sendCommand(key, false, args),
      prefix,
    });
  }
  if (isSentinel(client)) {
    return redisCounter({ sendCommand: (args) => client.sendCommand(false, args), prefix });
  }
  if (isClient(client)) {
    return redisCounter({
      // The timer of node-redis is for commands that wait for a connection. It costs more than all
      // else of a command; one that goes out at once has the shorter limit of the guarded counter.
      sendCommand: (args) =>
        client.isReady === true
          ? client.sendCommand(args, { timeout: undefined })
          : client.sendCommand(args),
      prefix,
    });
  }
  if (process.env.NODE_ENV === 'production' || cluster.isWorker) {
    process.emitWarning(
      'passport-sms-2fa counts guesses and texts in the memory of this process only. ' +
        'With more than one process an attacker gets every limit once per process, and a restart forgets them. ' +
        'Give the option counter, such as redisCounter({ sendCommand }); memoryCounter() silences this for an app that is one process.',
      { code: 'SMS2FA_MEMORY_COUNTER' },
    );
  }
  return memoryCounter({ clock });
}

function isClient(client: unknown): client is RedisClient {
  return (
    typeof client === 'object' &&
    client !== null &&
    typeof (client as Partial<RedisClient>).sendCommand === 'function'
  );
}

function isCluster(client: unknown): client is RedisCluster {
  return isClient(client) && 'masters' in client;
}

/** The client of node-redis that asks sentinels for the primary. */
function isSentinel(client: unknown): client is RedisSentinel {
  return isClient(client) && 'getSentinelNode' in client;
}
