import { SIMULATOR_CREDENTIALS } from '../flowroute/simulator';
import type { Command, Context } from './command';
import { DONE } from './command';
import { readWhole } from './line/given';
import { readAccount, readNumber } from './settings/carrier';
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
    from: {
      kind: 'list',
      value: '<number>',
      about: 'a number of its account; may be given again (12065550100)',
    },
  },
  details: [
    'It takes the keys FLOWROUTE_ACCESS_KEY and FLOWROUTE_SECRET_KEY where both are set, so that an app',
    'needs no other setting than FLOWROUTE_API; else keys of its own, which it prints.',
  ],
  run: runSimulate,
};

async function runSimulate(context: Context): Promise<number> {
  const { given, env, printer, signal } = context;
  const host = given.text('host') ?? '127.0.0.1';
  const port =
    given.whole('port', 0, 65_535) ??
    readWhole('SIMULATOR_PORT', env.SIMULATOR_PORT ?? '3001', 0, 65_535);
  const from = readOwned(context);
  const account = readAccount(context);
  const { accessKey, secretKey } = account ?? SIMULATOR_CREDENTIALS;
  const place = { port, host, option: '--port' };
  const simulator = await startSimulator({ accessKey, secretKey, from }, place);
  // Its keys may be the real ones; those that it brings itself are no secret.
  const keys = account === undefined ? { accessKey, secretKey } : {};
  const { url } = simulator;
  printer.result({ api: url, phonePage: `${url}/`, from, ...keys }, [
    `The carrier:  ${url}`,
    `The phone:    ${url}/`,
    '',
    'Settings for an app:',
    `FLOWROUTE_API=${url}`,
    `FLOWROUTE_FROM=${from[0] ?? ''}`,
    ...(account === undefined
      ? [`FLOWROUTE_ACCESS_KEY=${accessKey}`, `FLOWROUTE_SECRET_KEY=${secretKey}`]
      : []),
  ]);
  if (!LOOPBACK.has(host)) {
    printer.remark('Whoever reaches this address reads every code that is sent through it.');
  }
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await simulator.close();
  return DONE;
}

function readOwned({ given, env }: Context): string[] {
  const listed = given.list('from');
  const numbers = listed.length > 0 ? listed : [env.FLOWROUTE_FROM ?? SIMULATOR_CREDENTIALS.from];
  return numbers.map((number) => readNumber('--from', number));
}
