import { inspect } from 'node:util';

import { readNumber } from './numbers';

/** What the simulator accepts where nothing else is set. Invented; of no use at the carrier. */
export const SIMULATOR_CREDENTIALS = {
  accessKey: 'simulated',
  secretKey: 'simulated-secret-of-no-use-elsewhere',
  from: '12065550100',
} as const;

/** Settings of a simulator; each has a default. */
export interface SimulatorOptions {
  /** Default `SIMULATOR_CREDENTIALS.accessKey`. */
  accessKey?: string;
  /** Default `SIMULATOR_CREDENTIALS.secretKey`. */
  secretKey?: string;
  /** The numbers on the simulated account; default `[SIMULATOR_CREDENTIALS.from]`. */
  from?: readonly string[];
  /** The time in milliseconds since the epoch; default `Date.now`. */
  clock?: () => number;
}

/** The options, checked and defaulted. */
export interface SimulatorSettings {
  accessKey: string;
  secretKey: string;
  /** 11 digits each. */
  from: ReadonlySet<string>;
  clock: () => number;
}

/** Throws a `TypeError` that names the option, the value and the cure. */
export function readSimulatorOptions(options: SimulatorOptions): SimulatorSettings {
  return {
    accessKey: readKey('accessKey', options.accessKey ?? SIMULATOR_CREDENTIALS.accessKey),
    secretKey: readKey('secretKey', options.secretKey ?? SIMULATOR_CREDENTIALS.secretKey),
    from: readOwned(options.from ?? [SIMULATOR_CREDENTIALS.from]),
    clock: options.clock ?? Date.now,
  };
}

function readKey(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new TypeError(
    `createSimulator: ${name} must be a string that is not empty, but is ${inspect(value)}. Leave it out for a key that works.`,
  );
}

function readOwned(values: readonly unknown[]): ReadonlySet<string> {
  if (!Array.isArray(values) || values.length === 0) {
    throw new TypeError(
      `createSimulator: from must be a list of numbers, but is ${inspect(values)}. Leave it out for one that works.`,
    );
  }
  return new Set(
    values.map((value) => {
      const number = readNumber(value);
      if (number !== undefined) return number;
      throw new TypeError(
        `createSimulator: from must hold US or Canadian numbers, but holds ${inspect(value)}. Write them like '12065550100'.`,
      );
    }),
  );
}
