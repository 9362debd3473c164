import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FlowrouteError } from '../flowroute/flowroute-error';
import { nearest } from '../misuse';
import { callbacks } from './callback-setup';
import { DONE, FAILED, INTERRUPTED, NOT_UNDERSTOOD, type Command } from './command';
import { explainFailure, UsageError } from './command-failure';
import { COMMON_OPTIONS, Given, readLine, type OptionSpec } from './command-line';
import { demo } from './demo';
import { doctor } from './doctor';
import { goLive } from './go-live';
import { lookup, messages, send } from './messages';
import { Printer, Prompts, type Surroundings } from './terminal';
import { readEnvironment, SETTINGS } from './settings';
import { simulate } from './simulate';

export const COMMANDS: readonly Command[] = [
  demo,
  doctor,
  goLive,
  send,
  lookup,
  messages,
  callbacks,
  simulate,
];

/** Runs one command line and resolves with its exit code. Never rejects. */
export async function run(args: string[], surroundings: Surroundings): Promise<number> {
  const { signal } = surroundings;
  // What was written wrong is told in the form that was asked for, too.
  const printer = new Printer(surroundings, args.includes('--json'));
  const prompts = new Prompts(surroundings);
  try {
    return await runLine(args, surroundings, printer, prompts);
  } catch (error) {
    // A call that was broken off has more to say: whether a text went out.
    if (signal.aborted && !(error instanceof FlowrouteError)) printer.remark('\nStopped.');
    else tell(printer, error);
    if (signal.aborted) return INTERRUPTED;
    return isWrongUsage(error) ? NOT_UNDERSTOOD : FAILED;
  } finally {
    prompts.close();
  }
}

async function runLine(
  [name, ...args]: string[],
  surroundings: Surroundings,
  printer: Printer,
  prompts: Prompts,
): Promise<number> {
  const { env, clock, wait, signal } = surroundings;
  if (name === undefined) {
    printer.remark(overview(COMMANDS));
    return NOT_UNDERSTOOD;
  }
  const asked = name === 'help' ? (args[0] ?? '--help') : name;
  if (asked === '--help' || asked === '-h') {
    printer.result({ help: overview(COMMANDS) }, [overview(COMMANDS)]);
    return DONE;
  }
  if (asked === '--version') {
    printer.result({ version: version() }, [version()]);
    return DONE;
  }
  const command = commandNamed(asked);
  const given = name === 'help' ? new Given({ help: true }, []) : readLine(command, args);
  if (given.flag('help')) {
    printer.result({ help: helpOf(command) }, [helpOf(command)]);
    return DONE;
  }
  const settings = readEnvironment(env, given.text('settings'));
  return command.run({ given, env: settings, printer, prompts, clock, wait, signal });
}

function commandNamed(name: string): Command {
  const command = COMMANDS.find((each) => each.name === name);
  if (command !== undefined) return command;
  const names = COMMANDS.map((each) => each.name);
  if (name.startsWith('-')) {
    throw new UsageError(`Name a command first: ${names.join(', ')}. --help says what they do.`);
  }
  throw new UsageError(
    `There is no command "${name.slice(0, 40)}". The nearest is ${nearest(name, names)}; --help lists all.`,
  );
}

/** Also an option or setting that the library refused to start with. */
function isWrongUsage(error: unknown): boolean {
  const misuse = error instanceof TypeError && error.message.startsWith('passport-sms-2fa: ');
  return misuse || error instanceof UsageError;
}

function tell(printer: Printer, error: unknown): void {
  const { message, ...facts } = explainFailure(error);
  printer.failure(message, facts);
}

function version(): string {
  const file = join(__dirname, '..', '..', 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

const PROGRAM = 'passport-sms-2fa';

const WHERE_SETTINGS = `Settings come from options, from the environment or from a file named by --settings; the help of a
command lists its own. Keys and secrets are never taken from arguments and never printed.`;

const EXIT_CODES = 'Exit code: 0 done, 1 it failed, 2 not understood, 130 stopped with Ctrl-C.';

function overview(commands: readonly Command[]): string {
  return [
    `Usage: ${PROGRAM} <command> [options]`,
    '',
    ...aligned(commands.map(({ name, summary }) => [name, summary])),
    '',
    `"${PROGRAM} <command> --help" shows the options of a command; --version the version.`,
    WHERE_SETTINGS,
    EXIT_CODES,
  ].join('\n');
}

function helpOf({ name, usage, summary, options, settings, details = [] }: Command): string {
  const all = Object.entries<OptionSpec>({ ...options, ...COMMON_OPTIONS });
  return [
    `Usage: ${[PROGRAM, name, usage].filter((part) => part !== '').join(' ')} [options]`,
    '',
    `It ${summary}.`,
    '',
    ...aligned(all.map(optionRow)),
    '',
    'Settings, from the environment or a file named by --settings:',
    ...aligned(settings.map((setting) => [setting, SETTINGS[setting]])),
    '',
    ...(details.length === 0 ? [] : [...details, '']),
    EXIT_CODES,
  ].join('\n');
}

function aligned(rows: readonly (readonly [string, string])[]): string[] {
  const wide = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, about]) => `  ${left.padEnd(wide)}  ${about}`);
}

function optionRow([name, { short, value, about }]: [string, OptionSpec]): [string, string] {
  const left = [
    short === undefined ? '' : `-${short}, `,
    `--${name}`,
    value === undefined ? '' : ` ${value}`,
  ];
  return [left.join(''), about];
}
