import type { RedisCounterOptions } from './redis-counter';

type Send = RedisCounterOptions['sendCommand'];

interface Client extends Record<string, unknown> {
  sendCommand: (...args: unknown[]) => Promise<unknown>;
}

/** A kind of client, told by what only it has: most have a `sendCommand`, and no two the same one. */
interface Kind {
  is: (client: Client) => boolean;
  /** How it sends one command; none where that cannot be known from the client itself. */
  send?: (client: Client) => Send;
  /** What an app writes for it. */
  line: string;
}

const written = (way: string): string => `redisCounter({ sendCommand: ${way} })`;
const has = (client: Client, types: Record<string, string>): boolean =>
  Object.entries(types).every(([name, type]) => typeof client[name] === type);

const KINDS: readonly Kind[] = [
  {
    // ioredis and iovalkey, single and Cluster; their `sendCommand` takes a Command.
    is: (client) => has(client, { call: 'function', status: 'string' }),
    send: (client) => {
      const { call } = client as unknown as { call: (...args: string[]) => Promise<unknown> };
      return (args) => call.apply(client, args);
    },
    line: written('([name, ...args]) => client.call(name, ...args)'),
  },
  {
    // node-redis, createCluster()
    is: (client) => has(client, { isOpen: 'boolean', masters: 'object' }),
    send: (client) => (args, key) => client.sendCommand(key, false, args),
    line: written('(args, key) => client.sendCommand(key, false, args)'),
  },
  {
    // node-redis, createSentinel()
    is: (client) => has(client, { isOpen: 'boolean', getSentinelNode: 'function' }),
    send: (client) => (args) => client.sendCommand(false, args),
    line: written('(args) => client.sendCommand(false, args)'),
  },
  {
    // node-redis 4 with legacyMode: promises are given by what it has as `v4`.
    is: (client) => has(client, { isReady: 'boolean' }) && isLegacy(client),
    send: (client) => (args) => (client.v4 as Client).sendCommand(args),
    line: written('(args) => client.v4.sendCommand(args)'),
  },
  {
    // node-redis, createClient()
    is: (client) => has(client, { isOpen: 'boolean', isReady: 'boolean' }),
    // The timer of node-redis is for commands that wait for a connection. It costs more than all
    // else of a command; one that goes out at once has the shorter limit of the guarded counter.
    send: (client) => (args) =>
      client.isReady === true
        ? client.sendCommand(args, { timeout: undefined })
        : client.sendCommand(args),
    line: written('(args) => client.sendCommand(args)'),
  },
  {
    // node-redis, createClientPool()
    is: (client) => has(client, { isOpen: 'boolean', totalClients: 'number', execute: 'function' }),
    send: (client) => (args) => client.sendCommand(args),
    line: written('(args) => client.sendCommand(args)'),
  },
  {
    // node-redis 3 and before
    is: (client) => has(client, { send_command: 'function', connected: 'boolean' }),
    line: written('([name, ...args]) => promisify(client.send_command).call(client, name, args)'),
  },
  {
    // What `client.legacy()` of node-redis gives: callbacks only, and its client is hidden in it.
    is: (client) => has(client, { multi: 'function' }) && client.sendCommand.length === 0,
    line: `${written('(args) => client.sendCommand(args)')} with the client that .legacy() was called on`,
  },
];

const ANY = `${written('(args) => client.sendCommand(args)')} for node-redis, ${written(
  '([name, ...args]) => client.call(name, ...args)',
)} for ioredis`;

/**
 * How to send a command with the client of a store. `send` is missing where its way is not known,
 * and then `line` is what the app has to write; `undefined` where it is no client of Redis.
 */
export function redisClientOf(store: object): { send?: Send; line: string } | undefined {
  const { client } = store as { client?: unknown };
  if (typeof client !== 'object' || client === null) return undefined;
  if (typeof (client as Partial<Client>).sendCommand === 'function') {
    const kind = KINDS.find(({ is }) => is(client as Client));
    if (kind === undefined) return { line: ANY };
    return kind.send === undefined
      ? { line: kind.line }
      : { send: kind.send(client as Client), line: kind.line };
  }
  // connect-redis 7 and 8 keep a few verbs of the client only, and hide the rest.
  return has(client as Client, { mget: 'function', expire: 'function' })
    ? { line: ANY }
    : undefined;
}

function isLegacy({ options }: Client): boolean {
  return (options as { legacyMode?: unknown } | undefined)?.legacyMode === true;
}
