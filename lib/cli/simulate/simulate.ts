import type { Command, Context } from '../command';
import { DONE } from '../command';
import { readWhole } from '../line/given';
import { readAccount } from '../settings/carrier';
import { MAGIC_PHONES, readSimulatorOptions, SIMULATOR_OPTIONS } from './simulator-options';
import { startSimulator } from './start-simulator';

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
