import { parseArgs, type ParseArgsConfig } from 'node:util';
import { nearest, shown } from '../misuse';
import { UsageError } from './command-failure';

export interface OptionSpec {
  kind: 'text' | 'flag' | 'list';
  /** What its value is called in the help. */
  value?: string;
  short?: string;
  about: string;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** What may stand on the command line behind the name of a command. */
export interface Syntax {
  name: string;
  /** What it takes beside its options: how many at most, and what they are called. */
  positionals?: { most: number; names: string };
  options: OptionSpecs;
}

/** Every command takes these. */
export const COMMON_OPTIONS = {
  json: { kind: 'flag', about: 'print JSON: one document, or for lists one a line' },
  // Not --env-file: Node takes that one for itself, wherever it stands.
  settings: {
    kind: 'text',
    value: '<file>',
    about: 'take settings from this file where the environment has none',
  },
  help: { kind: 'flag', short: 'h', about: 'show this' },
} as const satisfies OptionSpecs;

export const SHOW_NUMBERS = {
  'show-numbers': { kind: 'flag', about: 'show phone numbers whole' },
} as const satisfies OptionSpecs;

export const SHOW_BODIES = {
  'show-bodies': { kind: 'flag', about: 'show the texts themselves, which hold codes' },
} as const satisfies OptionSpecs;

export const YES = {
  yes: { kind: 'flag', short: 'y', about: 'do not ask before' },
} as const satisfies OptionSpecs;

/** Where people look for the keys, and must not find them: arguments stand in the process list. */
const SECRET_OPTIONS: Readonly<Record<string, string>> = {
  'access-key': 'FLOWROUTE_ACCESS_KEY',
  'secret-key': 'FLOWROUTE_SECRET_KEY',
  secret: 'SECOND_FACTOR_SECRET',
  password: 'SECOND_FACTOR_SECRET',
};

type GivenValues = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

/** What was written on the command line. */
export class Given {
  constructor(
    readonly values: GivenValues,
    readonly positionals: readonly string[],
  ) {}

  flag(name: string): boolean {
    return this.values[name] === true;
  }

  text(name: string): string | undefined {
    const value = this.values[name];
    return typeof value === 'string' ? value : undefined;
  }

  list(name: string): string[] {
    const value = this.values[name];
    return Array.isArray(value) ? value.map(String) : [];
  }

  /** A whole number in a range; `undefined` where it was not given. */
  whole(name: string, least: number, most: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    return readWhole(`--${name}`, text, least, most);
  }
}

export function readWhole(name: string, text: string, least: number, most: number): number {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (number >= least && number <= most) return number;
  throw new UsageError(`${name} is ${shown(text)}. Give a whole number from ${least} to ${most}.`);
}

/** Reads what stands behind the name of a command. */
export function readLine(command: Syntax, args: string[]): Given {
  const specs = { ...command.options, ...COMMON_OPTIONS };
  const config = { args, options: configOf(specs), allowPositionals: true } as const;
  refuseUnknown(command, args, Object.keys(specs));
  const { values, positionals } = strictly(command, config);
  const { most, names } = command.positionals ?? { most: 0, names: 'nothing' };
  if (positionals.length > most) {
    throw new UsageError(
      `${command.name} takes ${names} beside its options, but there is more. ` +
        'Put quotes around what has blanks in it.',
    );
  }
  return new Given(values, positionals);
}

function configOf(specs: OptionSpecs): NonNullable<ParseArgsConfig['options']> {
  return Object.fromEntries(
    Object.entries(specs).map(([name, { kind, short }]) => [
      name,
      {
        type: kind === 'flag' ? ('boolean' as const) : ('string' as const),
        multiple: kind === 'list',
        ...(short === undefined ? {} : { short }),
      },
    ]),
  );
}

function refuseUnknown(command: Syntax, args: string[], names: string[]): void {
  const options = configOf({ ...command.options, ...COMMON_OPTIONS });
  const { tokens } = parseArgs({ args, options, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind !== 'option' || names.includes(token.name)) continue;
    const setting = SECRET_OPTIONS[token.name];
    if (setting !== undefined) {
      throw new UsageError(
        `Secrets are not taken from the command line, where other users of this machine see them. ` +
          `Set ${setting} in the environment, or name a file with --settings.`,
      );
    }
    const near = nearest(token.name, names);
    throw new UsageError(
      `There is no option ${token.rawName} of ${command.name}. The nearest is --${near}; --help lists all.`,
    );
  }
}

function strictly(command: Syntax, config: ParseArgsConfig & { allowPositionals: true }) {
  try {
    return parseArgs({ ...config, strict: true });
  } catch (error) {
    // Node names the option and never its value.
    const [sentence] = (error as Error).message.split('\n');
    throw new UsageError(`${command.name}: ${sentence ?? ''}. --help shows how it is written.`);
  }
}
