import { shown } from '../misuse';
import {
  createSimulator,
  MAGIC_NUMBERS,
  SIMULATOR_CREDENTIALS,
  type CallbackShape,
  type RunningSimulator,
  type SimulatorOptions,
  type StatusCodeStyle,
} from '../simulator';
import { DONE, type Command, type Context } from './command';
import { CommandFailure, UsageError } from './command-failure';
import { readWhole, type OptionSpecs } from './command-line';
import { readAccount, readNumber } from './settings';

/** How the simulated carrier behaves. */
const SIMULATOR_OPTIONS = {
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
const MAGIC_PHONES: readonly string[] = [
  'Phones with a fixed course:',
  ...Object.entries(MAGIC_NUMBERS).map(([phone, mode]) => `  ${phone}  ${mode}`),
];

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

export const simulate: Command = {
  name: 'simulate',
  summary: 'runs a simulated carrier, with a phone page, until Ctrl-C',
  usage: '',
  options: {
    port: {
      kind: 'text',
      value: '<port>',
      about: 'where it listens; 0 takes a free one (SIMULATOR_PORT; 3001)',
    },
    host: { kind: 'text', value: '<address>', about: 'of which interface (127.0.0.1)' },
    ...SIMULATOR_OPTIONS,
  },
  settings: ['FLOWROUTE_ACCESS_KEY', 'FLOWROUTE_SECRET_KEY', 'FLOWROUTE_FROM', 'SIMULATOR_PORT'],
  details: [
    'It takes the keys FLOWROUTE_ACCESS_KEY and FLOWROUTE_SECRET_KEY where both are set, so that an app',
    'needs no other setting than FLOWROUTE_API; else keys of its own, which it prints.',
    'Ctrl-C ends it with the exit code 0, not 130: it is meant to end so.',
    '',
    ...MAGIC_PHONES,
    '',
    'Its paths, faults and phones in full: docs/simulator.md of the package.',
  ],
  run: runSimulate,
};

async function runSimulate(context: Context): Promise<number> {
  const { given, env, printer, signal } = context;
  const host = given.text('host') ?? '127.0.0.1';
  const port =
    given.whole('port', 0, 65_535) ??
    readWhole('SIMULATOR_PORT', env.SIMULATOR_PORT ?? '3001', 0, 65_535);
  const options = readSimulatorOptions(context);
  const simulator = await startSimulator(options, { port, host, option: '--port' });
  const { accessKey, secretKey, from = [] } = options;
  const { url } = simulator;
  // Given keys may be real ones; those that it brings itself are no secret.
  const ownKeys = readAccount(context) === undefined;
  printer.result(
    { api: url, phonePage: `${url}/`, from, ...(ownKeys ? { accessKey, secretKey } : {}) },
    [
      `The carrier:  ${url}`,
      `The phone:    ${url}/`,
      '',
      'Settings for an app:',
      `FLOWROUTE_API=${url}`,
      `FLOWROUTE_FROM=${from[0] ?? ''}`,
      ...(ownKeys
        ? [`FLOWROUTE_ACCESS_KEY=${accessKey}`, `FLOWROUTE_SECRET_KEY=${secretKey}`]
        : []),
    ],
  );
  if (!LOOPBACK.has(host)) {
    printer.remark('Whoever reaches this address reads every code that is sent through it.');
  }
  await aborted(signal);
  await simulator.close();
  return DONE;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** The simulator checks the values itself; here they only get their types. */
function readSimulatorOptions(context: Context): SimulatorOptions {
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
  throw new UsageError(`--time-scale is ${shown(text)}. Give a number from 0 to 100, such as 0.1.`);
}

/** Starts a simulator; fails in words where the port is taken. `option` is how to name another. */
export async function startSimulator(
  options: SimulatorOptions,
  { port, host, option }: { port: number; host: string; option: string },
): Promise<RunningSimulator> {
  const simulator = createSimulator(options);
  try {
    return await simulator.listen(port, host);
  } catch (error) {
    const { code = 'no code' } = error as NodeJS.ErrnoException;
    throw new CommandFailure(
      `The simulator cannot listen on ${host}, port ${port} (${code}). Give another ${option}; 0 takes a free one.`,
    );
  }
}
