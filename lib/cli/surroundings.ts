import type { Clock } from '../ports/clock';

/** Where output goes; `isTTY` where a person reads along. */
export type Screen = NodeJS.WritableStream & { isTTY?: boolean };

/** Everything a command touches outside of itself; handed in, so that a test can be all of it. */
export interface Surroundings {
  env: Readonly<Record<string, string | undefined>>;
  stdin: NodeJS.ReadableStream & { isTTY?: boolean };
  /** For results only; prompts and remarks go to `stderr`. */
  stdout: Screen;
  stderr: Screen;
  clock: Clock;
  /** Aborts at Ctrl-C. */
  signal: AbortSignal;
  /** Ctrl-C while a line is being typed: the terminal then sends a character and no signal. */
  interrupt: () => void;
}
