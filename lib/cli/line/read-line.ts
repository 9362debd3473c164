import { parseArgs, type ParseArgsConfig } from 'node:util';

import type { Command, OptionSpecs } from '../command';
import { UsageError } from '../failures';
import { COMMON_OPTIONS } from './common-options';
import { Given } from './given';
import { nearest } from './nearest';

/** Where people look for the keys, and must not find them: arguments stand in the process list. */
const SECRET_OPTIONS: Readonly<Record<string, string>> = {
  'access-key': 'FLOWROUTE_ACCESS_KEY',
  'secret-key': 'FLOWROUTE_SECRET_KEY',
  secret: 'SECOND_FACTOR_SECRET',
  password: 'SECOND_FACTOR_SECRET',
};

/** Reads what stands behind the name of a command. */
export function readLine(command: Command, args: string[]): Given {
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

function refuseUnknown(command: Command, args: string[], names: string[]): void {
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

function strictly(command: Command, config: ParseArgsConfig & { allowPositionals: true }) {
  try {
    return parseArgs({ ...config, strict: true });
  } catch (error) {
    // Node names the option and never its value.
    const [sentence] = (error as Error).message.split('\n');
    throw new UsageError(`${command.name}: ${sentence ?? ''}. --help shows how it is written.`);
  }
}
