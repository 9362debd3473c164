import type { Command, OptionSpec } from '../command';
import { COMMON_OPTIONS } from './common-options';

export const PROGRAM = 'passport-sms-2fa';

const SETTINGS = `Settings come from options, from the environment or from a file named by --env-file:
FLOWROUTE_ACCESS_KEY, FLOWROUTE_SECRET_KEY, FLOWROUTE_FROM, FLOWROUTE_API, PUBLIC_URL,
SECOND_FACTOR_SECRET. Keys and secrets are never taken from arguments and never printed.`;

const EXIT_CODES = 'Exit code: 0 done, 1 it failed, 2 not understood, 130 stopped with Ctrl-C.';

export function overview(commands: readonly Command[]): string {
  const wide = Math.max(...commands.map(({ name }) => name.length));
  return [
    `Usage: ${PROGRAM} <command> [options]`,
    '',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(wide)}  ${summary}`),
    '',
    `"${PROGRAM} <command> --help" shows the options of a command; --version the version.`,
    SETTINGS,
    EXIT_CODES,
  ].join('\n');
}

export function helpOf({ name, usage, summary, options, details = [] }: Command): string {
  const rows = Object.entries({ ...options, ...COMMON_OPTIONS }).map(optionRow);
  const wide = Math.max(...rows.map(([left]) => left.length));
  return [
    `Usage: ${[PROGRAM, name, usage].filter((part) => part !== '').join(' ')} [options]`,
    '',
    `It ${summary}.`,
    '',
    ...rows.map(([left, about]) => `  ${left.padEnd(wide)}  ${about}`),
    '',
    ...(details.length === 0 ? [] : [...details, '']),
    EXIT_CODES,
  ].join('\n');
}

function optionRow([name, { short, value, about }]: [string, OptionSpec]): [string, string] {
  const left = [
    short === undefined ? '' : `-${short}, `,
    `--${name}`,
    value === undefined ? '' : ` ${value}`,
  ];
  return [left.join(''), about];
}
