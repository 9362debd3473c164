import { inspect } from 'node:util';

import type { Clock } from '../../ports/clock';
import type { Counter } from '../../ports/counter';
import {
  ACCOUNT_OPTIONS,
  readAccountOptions,
  type AccountSettings,
  type FlowrouteAccountOptions,
} from './account-options';
import { isWhole, onlyKnown, refusal } from './check-option';

/** What `FlowrouteClient` needs to know. Checked once, when it is made. */
export interface FlowrouteClientOptions extends FlowrouteAccountOptions {
  /** How often a call that surely did nothing is made again; 0 to 5, default 2. */
  retries?: number | undefined;
  /**
   * Keeps the carrier's 5 calls a second over all processes that share the access key. Default:
   * each process keeps them for itself.
   */
  counter?: Counter | undefined;
  /** The time in milliseconds; only differences count, and the date where the carrier names one. */
  clock?: Clock | undefined;
}

/** The options, checked and defaulted. */
export interface ClientSettings extends AccountSettings {
  retries: number;
  counter: Counter | undefined;
  clock: Clock | undefined;
}

const OWNER = 'FlowrouteClient';
const NAMES = new Set([...ACCOUNT_OPTIONS, 'retries', 'counter', 'clock']);

/** Throws a `TypeError` that names the option, the value and the cure. */
export function readClientOptions(options: FlowrouteClientOptions): ClientSettings {
  const given = onlyKnown(OWNER, options, NAMES);
  return {
    ...readAccountOptions(OWNER, given),
    retries: readRetries(given.retries),
    counter: readCounter(OWNER, given.counter),
    clock: readClock(given.clock),
  };
}

function readRetries(value: unknown): number {
  if (value === undefined) return 2;
  if (isWhole(value, 0, 5)) return value;
  throw refusal(
    OWNER,
    'retries',
    inspect(value),
    'a whole number from 0 to 5',
    'Leave it out for 2, or give 0 to try once.',
  );
}

export function readCounter(owner: string, value: unknown): Counter | undefined {
  const { add, clear } = (value ?? {}) as Partial<Record<string, unknown>>;
  if (value === undefined || (typeof add === 'function' && typeof clear === 'function')) {
    return value as Counter | undefined;
  }
  throw refusal(
    owner,
    'counter',
    typeof value === 'object' && value !== null ? 'an object' : inspect(value),
    'a Counter',
    'Give redisCounter({ sendCommand }), or leave it out where there is one process.',
  );
}

function readClock(value: unknown): Clock | undefined {
  if (value === undefined || typeof value === 'function') return value as Clock | undefined;
  throw refusal(
    OWNER,
    'clock',
    inspect(value),
    'a function that returns milliseconds',
    'Leave it out for the real time.',
  );
}
