import { createHash } from 'node:crypto';
import { inCall, misuse, refuseUnknown } from '../misuse';
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

/** The wish as the script reads it, JSON: subjects by their number, so that each is named once. */
function written(wish: Wish, prefix: string): { keys: string[]; text: string } {
  const { read = [], clear = [], take = [], give = [] } = wish;
  const subjects: string[] = [];
  const at = (key: string): string => {
    const border = key.indexOf('#');
    const subject = border < 0 ? key : key.slice(0, border);
    const known = subjects.indexOf(subject);
    const number = known < 0 ? subjects.push(subject) : known + 1;
    return `${number},${JSON.stringify(border < 0 ? '' : key.slice(border + 1))}`;
  };
  const placeAt = ({ key, window, limit, by = 1 }: Place): string =>
    `${at(key)},${Math.ceil(window)},${Math.min(limit, NO_LIMIT)},${by}`;
  const heldAt = ({ key, ends, by = 1 }: Held): string => `${at(key)},${ends},${by}`;
  const list = (items: readonly string[]): string =>
    items.length === 0 ? '[]' : `[[${items.join('],[')}]]`;
  const parts = [read.map(at), clear.map(at), take.map(placeAt), give.map(heldAt)];
  const text = `[${parts.map(list).join()}]`;
  return { keys: subjects.map((subject) => prefix + subject), text };
}

/** Three numbers for each key that was read or asked for a place, then which places were full. */
function readReply(reply: unknown, { read = [], take = [] }: Wish): Settlement {
  const numbers = Array.isArray(reply) ? reply.map(wholeNumber) : [];
  const counts = 3 * (read.length + take.length);
  if (numbers.length !== counts + take.length || !numbers.every(Number.isSafeInteger)) {
    throw new Error('Redis answered a count with something else.');
  }
  let at = 0;
  const tell = (key: string, found: Map<string, Count>): void => {
    const [count = 0, left = 0, ends = 0] = [numbers[at], numbers[at + 1], numbers[at + 2]];
    at += 3;
    if (ends > 0) found.set(key, { count: count < 0 ? NO_COUNT : count, left, ends });
  };
  const settled = { read: new Map<string, Count>(), places: new Map<string, Count>() };
  for (const key of read) tell(key, settled.read);
  for (const { key } of take) tell(key, settled.places);
  const full = take.filter((_, index) => numbers[counts + index] === 1);
  return { ok: full.length === 0, ...settled, full };
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

/** `Number` makes 0 of nothing, and 0 of a count that is not there would fail open. */
function wholeNumber(part: unknown): number {
  const told = typeof part === 'number' || typeof part === 'bigint' || typeof part === 'string';
  return told && part !== '' ? Number(part) : Number.NaN;
}
