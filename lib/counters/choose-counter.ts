import cluster from 'node:cluster';
import { misuse } from '../misuse';
import type { Clock } from '../ports/clock';
import type { Counter } from '../ports/counter';
import type { SessionStore } from '../ports/session-store';
import { memoryCounter } from './memory-counter';
import { redisClientOf } from './redis-client';
import { redisCounter } from './redis-counter';

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
export function chooseCounter(store: SessionStore, clock: Clock): Counter {
  const client = redisClientOf(store);
  // The keys themselves begin with the app's own namespace.
  if (client?.send !== undefined) return redisCounter({ sendCommand: client.send, prefix: '' });
  const { NODE_ENV = '' } = process.env;
  const alone = ALONE.includes(NODE_ENV);
  const sign = cluster.isWorker || SIGNS.some((name) => process.env[name] !== undefined);
  const why = NODE_ENV === 'production' ? 'in production' : 'as one of several processes';
  const cure =
    `Counted in the memory of this process only, an attacker would get every limit once per process, and a restart would forget them. ` +
    `Give counter: ${client?.line ?? lineFor(store)}. ` +
    'If this app is one process on purpose, counter: memoryCounter() says so.';
  if (NODE_ENV === 'production' || (sign && !alone)) {
    throw misuse('counter', undefined, `This app runs ${why}. ${cure}`);
  }
  if ((sign || !alone) && !warned) {
    warned = true;
    process.emitWarning(`passport-sms-2fa: counter is not given. ${cure}`, {
      code: 'SMS2FA_MEMORY_COUNTER',
    });
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
