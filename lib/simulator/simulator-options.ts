import { hiddenMisuse, inCall, misuse, refuseUnknown } from '../misuse';
import { readNumber } from './message-record';
import { realSchedule, type Schedule } from './callback-posts';

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
  refuseUnknown(inCall('createSimulator'), options, NAMES);
  // `undefined` is as good as left out; `null` is a wrong value like others.
  const {
    accessKey = SIMULATOR_CREDENTIALS.accessKey,
    secretKey = SIMULATOR_CREDENTIALS.secretKey,
    from = [SIMULATOR_CREDENTIALS.from],
    unregistered = [],
    recordDelayMs = 0,
    callbackShape = 'wrapped',
    statusCode = 'number',
    timeScale = 1,
    clock = Date.now,
    schedule = realSchedule,
  } = options;
  const others = readNumbers('unregistered', unregistered);
  return {
    accessKey: readKey('accessKey', accessKey),
    secretKey: readKey('secretKey', secretKey),
    numbers: new Set([...readNumbers('from', from), ...others]),
    unregistered: others,
    recordDelayMs: readWithin('recordDelayMs', recordDelayMs, 60_000),
    callbackShape: readChoice('callbackShape', callbackShape, CALLBACK_SHAPES),
    statusCode: readChoice('statusCode', statusCode, STATUS_CODES),
    timeScale: readWithin('timeScale', timeScale, 100),
    clock: readFunction('clock', clock),
    schedule: readFunction('schedule', schedule),
  };
}

/** The value stays out of the error: it may be a key of a real account. */
function readKey(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  const cure = 'Give a string that is not empty, or leave it out for a key that works.';
  throw hiddenMisuse(option(name), value, cure);
}

/** `from` needs at least one number; another list may be empty. */
function readNumbers(name: 'from' | 'unregistered', values: readonly unknown[]): string[] {
  const cure = "Give a list of US or Canadian numbers, like ['12065550100'].";
  if (!Array.isArray(values) || (name === 'from' && values.length === 0)) {
    throw misuse(option(name), values, cure);
  }
  return values.map((value: unknown, index) => {
    const number = readNumber(value);
    if (number !== undefined) return number;
    throw misuse(`${option(name)}[${index}]`, value, cure);
  });
}

function readWithin(name: string, value: unknown, most: number): number {
  if (typeof value === 'number' && value >= 0 && value <= most) return value;
  const cure = `Give a number from 0 to ${most}, or leave it out for the default.`;
  throw misuse(option(name), value, cure);
}

function readChoice<Choice extends string>(
  name: string,
  value: unknown,
  choices: readonly Choice[],
): Choice {
  const choice = choices.find((each) => each === value);
  if (choice !== undefined) return choice;
  const cure = `Give one of ${choices.join(', ')}, or leave it out for the default.`;
  throw misuse(option(name), value, cure);
}

function readFunction<Wanted>(name: string, value: Wanted): Wanted {
  if (typeof value === 'function') return value;
  throw misuse(option(name), value, 'Give a function, or leave it out for real time.');
}

function option(name: string): string {
  return `createSimulator({ ${name} })`;
}
