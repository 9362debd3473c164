import {
  MAGIC_NUMBERS,
  SIMULATOR_CREDENTIALS,
  type CallbackShape,
  type SimulatorOptions,
  type StatusCodeStyle,
} from '../../simulator';
import type { Context, OptionSpecs } from '../command';
import { UsageError } from '../failures';
import { readAccount, readNumber } from '../settings/carrier';

/** How the simulated carrier behaves. */
export const SIMULATOR_OPTIONS = {
  from: {
    kind: 'list',
    value: '<number>',
    about: 'a number of its account; may be given again (FLOWROUTE_FROM; 12065550100)',
  },
  unregistered: {
    kind: 'list',
    value: '<number>',
    about: 'a number of its account that may not text; may be given again',
  },
  'record-delay-ms': {
    kind: 'text',
    value: '<ms>',
    about: 'how long a text cannot be looked up after it was taken (0)',
  },
  'callback-shape': { kind: 'text', value: '<shape>', about: 'of callbacks: wrapped or flat' },
  'status-code': {
    kind: 'text',
    value: '<style>',
    about: 'of receipts: number, string, null or missing',
  },
  'time-scale': {
    kind: 'text',
    value: '<factor>',
    about: 'what the waits before receipts are multiplied with (1)',
  },
} as const satisfies OptionSpecs;

/** The phones with a fixed course, for the help. */
export const MAGIC_PHONES: readonly string[] = [
  'Phones with a fixed course:',
  ...Object.entries(MAGIC_NUMBERS).map(([phone, mode]) => `  ${phone}  ${mode}`),
];

/** The simulator checks the values itself; here they only get their types. */
export function readSimulatorOptions(context: Context): SimulatorOptions {
  const { given } = context;
  const { accessKey, secretKey } = readAccount(context) ?? SIMULATOR_CREDENTIALS;
  const shape = given.text('callback-shape') as CallbackShape | undefined;
  const statusCode = given.text('status-code') as StatusCodeStyle | undefined;
  const recordDelayMs = given.whole('record-delay-ms', 0, 60_000);
  const timeScale = readScale(given.text('time-scale'));
  return {
    accessKey,
    secretKey,
    from: readOwnNumbers(context),
    unregistered: given.list('unregistered').map((each) => readNumber('--unregistered', each)),
    ...(shape === undefined ? {} : { callbackShape: shape }),
    ...(statusCode === undefined ? {} : { statusCode }),
    ...(recordDelayMs === undefined ? {} : { recordDelayMs }),
    ...(timeScale === undefined ? {} : { timeScale }),
  };
}

function readOwnNumbers({ given, env }: Context): string[] {
  const listed = given.list('from');
  if (listed.length > 0) return listed.map((number) => readNumber('--from', number));
  const { FLOWROUTE_FROM = SIMULATOR_CREDENTIALS.from } = env;
  return [readNumber('FLOWROUTE_FROM', FLOWROUTE_FROM)];
}

function readScale(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,3}(\.\d{1,6})?$/.test(text) && Number(text) <= 100) return Number(text);
  throw new UsageError('--time-scale must be a number from 0 to 100, such as 0.1.');
}
