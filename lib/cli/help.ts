import type { Command } from './command';
import { COMMON_OPTIONS, type OptionSpec } from './command-line';
import { SETTINGS } from './settings';

const PROGRAM = 'passport-sms-2fa';

const WHERE_SETTINGS = `Settings come from options, from the environment or from a file named by --settings; the help of a
command lists its own. Keys and secrets are never taken from arguments and never printed.`;

const EXIT_CODES = 'Exit code: 0 done, 1 it failed, 2 not understood, 130 stopped with Ctrl-C.';

export function overview(commands: readonly Command[]): string {
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

export function helpOf({ name, usage, summary, options, settings, details = [] }: Command): string {
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
