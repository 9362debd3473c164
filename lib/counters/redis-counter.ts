import { createHash } from 'node:crypto';
import { misuse } from '../misuse';
import {
  NO_COUNT,
  NO_LIMIT,
  type Count,
  type Counter,
  type Held,
  type Place,
  type Settlement,
  type Wish,
} from '../ports/counter';
import { SETTLE } from './redis-script';
import { settleApart } from './settle-apart';

export interface RedisCounterOptions {
  /**
   * Sends one command, as node-redis (`(args) => client.sendCommand(args)`), ioredis
   * (`([name, ...args]) => client.call(name, ...args)`) or a cluster client
   * (`(args, key) => cluster.sendCommand(key, false, args)`) do.
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
 * On a cluster, where the subjects of a decision lie in several slots, it is one call for each: those
 * that are the user's own first, then, together, those that others need, too.
 */
export function redisCounter(options: RedisCounterOptions): Counter {
  const { sendCommand, prefix } = checkOptions(options);

  const call = async (keys: readonly string[], wish: string): Promise<unknown> => {
    const args = [String(keys.length), ...keys, wish];
    const slot = keys[0] ?? '';
    try {
      return await sendCommand(['EVALSHA', SHA, ...args], slot);
    } catch (error) {
      // Each node of a cluster, and each new primary, has to see the script once.
      if (!String(error).includes('NOSCRIPT')) throw error;
      return sendCommand(['EVAL', SETTLE, ...args], slot);
    }
  };
  const together = async (wish: Wish): Promise<Settlement> => {
    const { keys, text } = written(wish, prefix);
    return keys.length === 0 ? NOTHING : readReply(await call(keys, text), wish);
  };

  // Learned from the first answer: nothing but the server knows how its keys are spread.
  let apart = false;
  return {
    settle: async (wish) => {
      if (!apart) {
        try {
          return await together(wish);
        } catch (error) {
          if (!String(error).includes('CROSSSLOT')) throw error;
          apart = true;
        }
      }
      return settleApart(wish, together);
    },
  };
}

const NOTHING: Settlement = { ok: true, read: new Map(), places: new Map(), full: [] };

/** The wish as the script reads it: subjects by their number, so that each is named once. */
function written(wish: Wish, prefix: string): { keys: string[]; text: string } {
  const numbers = new Map<string, number>();
  const at = (key: string): [number, string] => {
    const [subject, count] = partsOf(key);
    const number = numbers.get(subject) ?? numbers.size + 1;
    numbers.set(subject, number);
    return [number, count];
  };
  const text = JSON.stringify([
    (wish.read ?? []).map(at),
    (wish.clear ?? []).map(at),
    (wish.take ?? []).map(({ key, window, limit, by = 1 }: Place) => [
      ...at(key),
      Math.ceil(window),
      Math.min(limit, NO_LIMIT),
      by,
    ]),
    (wish.give ?? []).map(({ key, ends, by = 1 }: Held) => [...at(key), ends, by]),
  ]);
  return { keys: [...numbers.keys()].map((subject) => prefix + subject), text };
}

/** The subject of a key, and what of it is counted. */
function partsOf(key: string): [subject: string, count: string] {
  const border = key.indexOf('#');
  return border < 0 ? [key, ''] : [key.slice(0, border), key.slice(border + 1)];
}

/** Three numbers for each key that was read or asked for a place, then which places were full. */
function readReply(reply: unknown, { read = [], take = [] }: Wish): Settlement {
  const numbers = Array.isArray(reply) ? reply.map(wholeNumber) : [];
  const counts = 3 * (read.length + take.length);
  if (numbers.length !== counts + take.length || !numbers.every(Number.isSafeInteger)) {
    throw new Error('Redis answered a count with something else.');
  }
  const found = (keys: readonly string[], first: number): Map<string, Count> => {
    const entries = keys.map((key, index): [string, Count] => {
      const [count = 0, left = 0, ends = 0] = numbers.slice(3 * (first + index));
      return [key, { count: count < 0 ? NO_COUNT : count, left, ends }];
    });
    return new Map(entries.filter(([, { ends }]) => ends > 0));
  };
  const full = take.filter((_, index) => numbers[counts + index] === 1);
  return {
    ok: full.length === 0,
    read: found(read, 0),
    places: found(
      take.map(({ key }) => key),
      read.length,
    ),
    full,
  };
}

function checkOptions(options: unknown): Required<RedisCounterOptions> {
  const given = (options ?? {}) as Partial<RedisCounterOptions>;
  const { sendCommand, prefix = 'sms2fa:' } = given;
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

/** `Number` makes 0 of nothing, and 0 of a count that is not there would fail open. */
function wholeNumber(part: unknown): number {
  const told = typeof part === 'number' || typeof part === 'bigint' || typeof part === 'string';
  return told && part !== '' ? Number(part) : Number.NaN;
}
