import { inspect } from 'node:util';
import { readNumber } from './numbers';
import { realSchedule, type Schedule } from './timers';

/** What the simulator accepts where nothing else is set. Invented; of no use at the carrier. */
export const SIMULATOR_CREDENTIALS = {
  accessKey: 'simulated',
  secretKey: 'simulated-secret-of-no-use-elsewhere',
  from: '12065550100',
} as const;

/** With the `data` wrapper of newer accounts, or without it as older ones still get callbacks. */
const CALLBACK_SHAPES = ['wrapped', 'flat'] as const;
export type CallbackShape = (typeof CALLBACK_SHAPES)[number];

/** How a receipt writes `status_code`; each was seen at the carrier. */
const STATUS_CODES = ['number', 'string', 'null', 'missing'] as const;
export type StatusCodeStyle = (typeof STATUS_CODES)[number];

/** Settings of a simulator; each has a default. */
export interface SimulatorOptions {
  /** Default `SIMULATOR_CREDENTIALS.accessKey`. */
  accessKey?: string;
  /** Default `SIMULATOR_CREDENTIALS.secretKey`. */
  secretKey?: string;
  /** The numbers on the simulated account; default `[SIMULATOR_CREDENTIALS.from]`. */
  from?: readonly string[];
  /** Numbers on the account that are not registered for texts: sending from them is refused. */
  unregistered?: readonly string[];
  /**
   * How long a text cannot be looked up after it was taken; at the carrier it is a few seconds.
   * Default 0, up to 60,000 milliseconds.
   */
  recordDelayMs?: number;
  /** How callbacks are posted; default `wrapped`. */
  callbackShape?: CallbackShape;
  /** How receipts write their code; default `number`. */
  statusCode?: StatusCodeStyle;
  /**
   * What the waits before receipts and between tries are multiplied with: 1 (the default) takes as
   * long as at the carrier, 0.1 a tenth of it.
   */
  timeScale?: number;
  /** The time in milliseconds since the epoch; default `Date.now`. */
  clock?: () => number;
  /** Has something done later and answers how to take it back; default real timers. */
  schedule?: Schedule;
}

/** The options, checked and defaulted; numbers have 11 digits. */
export interface SimulatorSettings extends Required<Omit<SimulatorOptions, 'from'>> {
  /** Every number on the account, also those that are not registered. */
  numbers: ReadonlySet<string>;
  unregistered: readonly string[];
}

const NAMES: readonly (keyof SimulatorOptions)[] = [
  'accessKey',
  'secretKey',
  'from',
  'unregistered',
  'recordDelayMs',
  'callbackShape',
  'statusCode',
  'timeScale',
  'clock',
  'schedule',
];

/** Throws a `TypeError` that names the option, the value and the cure. */
export function readSimulatorOptions(options: SimulatorOptions): SimulatorSettings {
  refuseUnknown(options, NAMES);
  const unregistered = readNumbers('unregistered', options.unregistered ?? []);
  const registered = readNumbers('from', options.from ?? [SIMULATOR_CREDENTIALS.from]);
  return {
    accessKey: readKey('accessKey', options.accessKey ?? SIMULATOR_CREDENTIALS.accessKey),
    secretKey: readKey('secretKey', options.secretKey ?? SIMULATOR_CREDENTIALS.secretKey),
    numbers: new Set([...registered, ...unregistered]),
    unregistered,
    recordDelayMs: readWithin('recordDelayMs', options.recordDelayMs ?? 0, 60_000),
    callbackShape: readChoice('callbackShape', options.callbackShape ?? 'wrapped', CALLBACK_SHAPES),
    statusCode: readChoice('statusCode', options.statusCode ?? 'number', STATUS_CODES),
    timeScale: readWithin('timeScale', options.timeScale ?? 1, 100),
    clock: readFunction('clock', options.clock ?? Date.now),
    schedule: readFunction('schedule', options.schedule ?? realSchedule),
  };
}

/** A misspelled option would be left out without a word. */
function refuseUnknown(options: object, names: readonly string[]): void {
  const stranger = Object.keys(options).find((name) => !names.includes(name));
  if (stranger === undefined) return;
  throw new TypeError(
    `createSimulator: there is no option ${inspect(stranger)}. Use ${names.join(', ')}.`,
  );
}

/** The value stays out of the error: it may be a key of a real account. */
function readKey(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  const shown = value === '' ? inspect(value) : '(hidden)';
  throw wrong(name, 'a string that is not empty', shown, 'Leave it out for a key that works.');
}

/** `from` needs at least one number; another list may be empty. */
function readNumbers(name: 'from' | 'unregistered', values: readonly unknown[]): string[] {
  if (!Array.isArray(values) || (name === 'from' && values.length === 0)) {
    throw wrong(name, 'a list of numbers', inspect(values), "Write it like ['12065550100'].");
  }
  return values.map((value) => {
    const number = readNumber(value);
    if (number !== undefined) return number;
    throw wrong(
      name,
      'a list of US or Canadian numbers',
      inspect(value),
      "Write them like '12065550100'.",
    );
  });
}

function readWithin(name: string, value: unknown, most: number): number {
  if (typeof value === 'number' && value >= 0 && value <= most) return value;
  throw wrong(name, `a number from 0 to ${most}`, inspect(value), 'Leave it out for the default.');
}

function readChoice<Choice extends string>(
  name: string,
  value: unknown,
  choices: readonly Choice[],
): Choice {
  const choice = choices.find((each) => each === value);
  if (choice !== undefined) return choice;
  throw wrong(
    name,
    `one of ${choices.join(', ')}`,
    inspect(value),
    'Leave it out for the default.',
  );
}

function readFunction<Wanted>(name: string, value: Wanted): Wanted {
  if (typeof value === 'function') return value;
  throw wrong(name, 'a function', inspect(value), 'Leave it out for real time.');
}

function wrong(name: string, wanted: string, shown: string, cure: string): TypeError {
  return new TypeError(`createSimulator: ${name} must be ${wanted}, but is ${shown}. ${cure}`);
}
