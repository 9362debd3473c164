import { createHash } from 'node:crypto';
import { inCall, misuse, refuseUnknown } from '../misuse';
import { NO_LIMIT, type Counter, type Settlement, type Wish } from '../ports/counter';
import { ruleFor } from '../server-failures';
import { evictions, explained, PROBE, SETTLE } from './redis-script';
import { settleApart } from './settle-apart';
import { readReply } from './settlement-reply';

export interface RedisCounterOptions {
  /**
   * Sends one command, as node-redis (`(args) => client.sendCommand(args)`), ioredis
   * (`([name, ...args]) => client.call(name, ...args)`), a cluster client of node-redis
   * (`(args, key) => cluster.sendCommand(key, false, args)`) or its Sentinel client
   * (`(args) => sentinel.sendCommand(false, args)`) do.
   */
  sendCommand: (args: [string, ...string[]], key: string) => Promise<unknown>;
  /** Stands before every key; default `sms2fa:`. */
  prefix?: string;
}

const SHA = createHash('sha1').update(SETTLE).digest('hex');

/**
 * Counts in Redis, Valkey, Redis Cluster or behind Sentinel, for any number of processes; Redis 5 or
 * newer. A decision is one script call: atomic, one round trip. The clock is that of Redis.
 *
 * On a cluster, where the subjects of a decision lie in several slots, it is rounds of calls, each for one
 * of them: see `settleApart`.
 */
export function redisCounter(options: RedisCounterOptions): Counter {
  const { sendCommand, prefix } = checkOptions(options);

  const send = async (args: [string, ...string[]], key: string): Promise<unknown> => {
    try {
      return await sendCommand(args, key);
    } catch (error) {
      throw explained(error, prefix);
    }
  };
  const call = async (keys: readonly string[], wish: string): Promise<unknown> => {
    const args = [String(keys.length), ...keys, wish];
    const slot = keys[0] ?? '';
    try {
      return await sendCommand(['EVALSHA', SHA, ...args], slot);
    } catch (error) {
      // Each node of a cluster, and each new primary, has to see the script once.
      if (!String(error).includes('NOSCRIPT')) throw explained(error, prefix);
      return send(['EVAL', SETTLE, ...args], slot);
    }
  };
  const together = async (wish: Wish): Promise<Settlement> => {
    const { keys, text } = written(wish, prefix);
    if (keys.length === 0) return { ok: true, read: new Map(), places: new Map(), full: [] };
    const settled = readReply(await call(keys, text), wish);
    if (settled === undefined)
      throw new Error('Redis answered a count with something else (docs/counters.md).');
    return settled;
  };

  // Learned from the first answer: nothing but the server knows how its keys are spread.
  let apart = false;
  const unlessApart = (wish: Wish, error: unknown): Promise<Settlement> => {
    if (!String(error).includes('CROSSSLOT')) throw error;
    apart = true;
    return settleApart(wish, together);
  };
  return {
    settle: (wish) =>
      apart
        ? settleApart(wish, together)
        : together(wish).catch((error: unknown) => unlessApart(wish, error)),
    check: async (subject) => {
      const key = prefix + subject;
      // An answer of any kind, or that the script is not known, says that the command is allowed.
      await call([key], '[0,0,0,0]');
      const refused = await send(['EVAL', PROBE, '1', key], key);
      if (!Array.isArray(refused)) throw new Error('Redis answered a script with something else.');
      if (refused.length > 0) {
        const names = refused.map(String);
        const line = ruleFor(names);
        throw new Error(`The user of Redis may not run ${names.join(', ')}. It needs: ${line}`);
      }
      return evictions(() => sendCommand(['INFO', 'memory'], key));
    },
  };
}

/** The wish as the script reads it; subjects by their number, so that each is named once. */
function written(wish: Wish, prefix: string): { keys: string[]; text: string } {
  const { read = [], clear = [], take = [], give = [] } = wish;
  const subjects: string[] = [];
  const parts: (number | string)[] = [read.length, clear.length, take.length, give.length];
  const name = (key: string): void => {
    const end = key.indexOf('#');
    const subject = end < 0 ? key : key.slice(0, end);
    const known = subjects.indexOf(subject);
    const number = known < 0 ? subjects.push(subject) : known + 1;
    parts.push(number, end < 0 ? '' : key.slice(end + 1));
  };
  read.forEach(name);
  clear.forEach(name);
  for (const { key, window, limit, by = 1 } of take) {
    name(key);
    parts.push(Math.ceil(window), Math.min(limit, NO_LIMIT), by);
  }
  for (const { key, ends, by = 1 } of give) {
    name(key);
    parts.push(ends, by);
  }
  return { keys: subjects.map((subject) => prefix + subject), text: JSON.stringify(parts) };
}

function checkOptions(options: unknown): Required<RedisCounterOptions> {
  refuseUnknown(
    inCall('redisCounter'),
    options,
    ['sendCommand', 'prefix'],
    'Give { sendCommand }.',
  );
  const { sendCommand, prefix = 'sms2fa:' } = options as Partial<RedisCounterOptions>;
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
  return { sendCommand, prefix };
}
