import type { Clock } from '../ports/clock';
import type { Given } from './line/given';
import type { SettingName } from './line/setting-names';
import type { Printer } from './terminal/printer';
import type { Prompts } from './terminal/prompts';

export interface OptionSpec {
  kind: 'text' | 'flag' | 'list';
  /** What its value is called in the help. */
  value?: string;
  short?: string;
  about: string;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

export const DONE = 0;
export const FAILED = 1;

/** What a command works with. */
export interface Context {
  given: Given;
  /** The environment; what is empty there is not set. */
  env: Readonly<Record<string, string | undefined>>;
  printer: Printer;
  prompts: Prompts;
  clock: Clock;
  signal: AbortSignal;
}

export interface Command {
  name: string;
  /** One line for the list of commands. */
  summary: string;
  /** What stands behind the name, such as `<id>`. */
  usage: string;
  /** What it takes beside its options: how many at most, and what they are called. */
  positionals?: { most: number; names: string };
  options: OptionSpecs;
  /** What it takes from the environment or from a file. */
  settings: readonly SettingName[];
  /** Lines below its options in the help. */
  details?: readonly string[];
  /** Resolves with the exit code. */
  run: (context: Context) => Promise<number>;
}
