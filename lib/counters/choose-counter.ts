import cluster from 'node:cluster';
import { misuse } from '../misuse';
import type { Clock } from '../ports/clock';
import type { Counter } from '../ports/counter';
import type { SessionStore } from '../ports/session-store';
import { memoryCounter } from './memory-counter';
import { redisCounter, type RedisCounterOptions } from './redis-counter';

/** What a process manager gives each of several processes. */
const SIGNS = ['NODE_APP_INSTANCE', 'pm_id'];
/** Where one process is what everybody expects. */
const ALONE = ['development', 'test'];

let warned = false;

/**
 * The counter of an app that names none: the client of its connect-redis session store, where its
 * kind is known, else this process's memory. That is not enough for several processes. Where there
 * may be some (in production, or by a sign of them) this throws a `TypeError` with the line to add;
 * where nobody knows, it warns once, with the code `SMS2FA_MEMORY_COUNTER`.
 */
export function chooseCounter(
  store: SessionStore,
  clock: Clock,
  warn: (code: string, line: string) => void,
): Counter {
  const client = redisClientOf(store);
  if (typeof client === 'function') {
    // The keys themselves begin with the app's own namespace.
    return redisCounter({ sendCommand: client, prefix: '' });
  }
  const { NODE_ENV = '' } = process.env;
  const alone = ALONE.includes(NODE_ENV);
  const sign = cluster.isWorker || SIGNS.some((name) => process.env[name] !== undefined);
  const why = NODE_ENV === 'production' ? 'in production' : 'as one of several processes';
  const cure =
    `Counted in the memory of this process only, an attacker would get every limit once per process, and a restart would forget them. ` +
    `Give counter: ${client ?? lineFor(store)}. ` +
    'If this app is one process on purpose, counter: memoryCounter() says so.';
  if (NODE_ENV === 'production' || (sign && !alone)) {
    throw misuse('counter', undefined, `This app runs ${why}. ${cure}`);
  }
  if ((sign || !alone) && !warned) {
    warned = true;
    warn('SMS2FA_MEMORY_COUNTER', `counter is not given. ${cure}`);
  }
  return memoryCounter({ clock });
}

/** What an app most likely has, by its store. */
function lineFor(store: SessionStore): string {
  // connect-pg-simple
  return store.constructor.name === 'PGStore'
    ? 'postgresCounter({ query: (text, values) => pool.query(text, values) })'
    : 'redisCounter({ sendCommand }), postgresCounter({ query }) or rateLimiterCounter(limiter); docs/counters.md has each line';
}

type Send = RedisCounterOptions['sendCommand'];

interface Client extends Record<string, unknown> {
  sendCommand: (...args: unknown[]) => Promise<unknown>;
}

/**
 * A kind of client, told by what only it has: most have a `sendCommand`, and no two the same one.
 * `way` is how it sends one command; where that cannot be known from the client itself, what an app writes.
 */
interface Kind {
  is: (client: Client) => boolean;
  way: string | ((client: Client) => Send);
}

const written = (way: string): string => `redisCounter({ sendCommand: ${way} })`;
const has = (client: Client, types: Record<string, string>): boolean =>
  Object.entries(types).every(([name, type]) => typeof client[name] === type);

const KINDS: readonly Kind[] = [
  {
    // ioredis and iovalkey, single and Cluster; their `sendCommand` takes a Command.
    is: (client) => has(client, { call: 'function', status: 'string' }),
    way: (client) => {
      const { call } = client as unknown as { call: (...args: string[]) => Promise<unknown> };
      return (args) => call.apply(client, args);
    },
  },
  {
    // node-redis, createCluster()
    is: (client) => has(client, { isOpen: 'boolean', masters: 'object' }),
    way: (client) => (args, key) => client.sendCommand(key, false, args),
  },
  {
    // node-redis, createSentinel()
    is: (client) => has(client, { isOpen: 'boolean', getSentinelNode: 'function' }),
    way: (client) => (args) => client.sendCommand(false, args),
  },
  {
    // node-redis 4 with legacyMode: promises are given by what it has as `v4`.
    is: isLegacy,
    way: (client) => (args) => (client.v4 as Client).sendCommand(args),
  },
  {
    // node-redis, createClient()
    is: (client) => has(client, { isOpen: 'boolean', isReady: 'boolean' }),
    // The timer of node-redis is for commands that wait for a connection. It costs more than all
    // else of a command; one that goes out at once has the shorter limit of the guarded counter.
    way: (client) => (args) =>
      client.isReady === true
        ? client.sendCommand(args, { timeout: undefined })
        : client.sendCommand(args),
  },
  {
    // node-redis, createClientPool()
    is: (client) => has(client, { isOpen: 'boolean', totalClients: 'number', execute: 'function' }),
    way: (client) => (args) => client.sendCommand(args),
  },
  {
    // node-redis 3 and before
    is: (client) => has(client, { send_command: 'function', connected: 'boolean' }),
    way: written('([name, ...args]) => promisify(client.send_command).call(client, name, args)'),
  },
  {
    // What `client.legacy()` of node-redis gives: callbacks only, and its client is hidden in it.
    is: (client) => has(client, { multi: 'function' }) && client.sendCommand.length === 0,
    way: `${written('(args) => client.sendCommand(args)')} with the client that .legacy() was called on`,
  },
];

const ANY = `${written('(args) => client.sendCommand(args)')} for node-redis, ${written(
  '([name, ...args]) => client.call(name, ...args)',
)} for ioredis`;

/**
 * How to send a command with the client of a store; where its way is not known, what the app has to
 * write; `undefined` where it is no client of Redis.
 */
function redisClientOf(store: object): Send | string | undefined {
  const { client } = store as { client?: unknown };
  if (typeof client !== 'object' || client === null) return undefined;
  if (typeof (client as Partial<Client>).sendCommand === 'function') {
    const { way = ANY } = KINDS.find(({ is }) => is(client as Client)) ?? {};
    return typeof way === 'string' ? way : way(client as Client);
  }
  // connect-redis 7 and 8 keep a few verbs of the client only, and hide the rest.
  return has(client as Client, { mget: 'function', expire: 'function' }) ? ANY : undefined;
}

function isLegacy({ options }: Client): boolean {
  return (options as { legacyMode?: unknown } | undefined)?.legacyMode === true;
}
