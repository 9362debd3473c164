import type { Clock } from '../ports/clock';
import type { Count, Counter } from '../ports/counter';
import { misuse } from '../misuse';
import { checkClock } from './check-clock';
import { ADD, PEEK, type Script } from './redis-scripts';

export interface RedisCounterOptions {
  /**
   * Sends one command, as node-redis (`(args) => client.sendCommand(args)`), ioredis
   * (`([name, ...args]) => client.call(name, ...args)`) or a cluster client
   * (`(args, key) => cluster.sendCommand(key, false, args)`) do.
   */
  sendCommand: (args: string[], key: string) => Promise<unknown>;
  /** Stands before every key; default `sms2fa:`. */
  prefix?: string;
  /** Default `Date.now`. Lifetimes run by the clock of Redis; this one only names their end. */
  clock?: Clock;
}

/**
 * Counts in Redis, Valkey, Redis Cluster or behind Sentinel, for any number of processes. One
 * script call a count: atomic, one round trip, one key (so a cluster needs no hash tags).
 */
export function redisCounter(options: RedisCounterOptions): Counter {
  const given = options as Partial<RedisCounterOptions> | undefined;
  const { sendCommand, prefix = 'sms2fa:' } = given ?? {};
  if (typeof sendCommand !== 'function') {
    throw misuse(
      'redisCounter({ sendCommand })',
      sendCommand,
      'Give a function that sends one command, such as (args) => client.sendCommand(args).',
    );
  }
  if (typeof prefix !== 'string') {
    throw misuse(
      'redisCounter({ prefix })',
      prefix,
      "Give a text such as 'acme:', or leave it out.",
    );
  }
  const clock = checkClock('redisCounter', options);

  const run = async (script: Script, key: string, ...args: string[]): Promise<unknown> => {
    const full = prefix + key;
    try {
      return await sendCommand(['EVALSHA', script.sha, '1', full, ...args], full);
    } catch (error) {
      // Each node of a cluster, and each new primary, has to see a script once.
      if (!String(error).includes('NOSCRIPT')) throw error;
      return sendCommand(['EVAL', script.source, '1', full, ...args], full);
    }
  };
  const countFrom = (reply: unknown): Count => {
    const [count, left] = Array.isArray(reply) ? reply.map(wholeNumber) : [];
    if (!Number.isSafeInteger(count) || !Number.isSafeInteger(left)) {
      throw new Error('Redis answered a count with something else.');
    }
    return {
      count: count === -1 ? Number.MAX_SAFE_INTEGER : Number(count),
      expiresAt: clock() + Math.max(0, Number(left)),
    };
  };

  return {
    add: async (key, lifetimeMs, by = 1) =>
      countFrom(await run(ADD, key, String(Math.ceil(lifetimeMs)), String(by))),
    peek: async (key) => {
      const reply = await run(PEEK, key);
      return reply === null || reply === undefined ? undefined : countFrom(reply);
    },
    clear: async (key) => {
      await sendCommand(['DEL', prefix + key], prefix + key);
    },
  };
}

/** `Number` makes 0 of nothing, and 0 of a count that is not there would fail open. */
function wholeNumber(part: unknown): number {
  const told = typeof part === 'number' || typeof part === 'bigint' || typeof part === 'string';
  return told && part !== '' ? Number(part) : Number.NaN;
}
