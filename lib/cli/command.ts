import type { Clock } from '../ports/clock';
import type { Syntax } from './command-line';
import type { Printer, Prompts, Wait } from './terminal';
import type { SettingName, Sources } from './settings';

/* Exit codes. */
export const DONE = 0;
export const FAILED = 1;
export const NOT_UNDERSTOOD = 2;
/** Stopped with Ctrl-C, as shells count it: 128 and the number of the signal. */
export const INTERRUPTED = 130;

/** What a command works with. */
export interface Context extends Sources {
  printer: Printer;
  prompts: Prompts;
  clock: Clock;
  wait: Wait;
  signal: AbortSignal;
}

export interface Command extends Syntax {
  /** One line for the list of commands. */
  summary: string;
  /** What stands behind the name, such as `<id>`. */
  usage: string;
  /** What it takes from the environment or from a file. */
  settings: readonly SettingName[];
  /** Lines below its options in the help. */
  details?: readonly string[];
  /** Resolves with the exit code. */
  run: (context: Context) => Promise<number>;
}
