import { PassThrough } from 'node:stream';
import { run } from '../../lib/cli/run';
import type { Surroundings } from '../../lib/cli/terminal';

export interface Terminal extends Surroundings {
  stdin: PassThrough & { isTTY?: boolean };
  stdout: PassThrough & { isTTY?: boolean };
  stderr: PassThrough & { isTTY?: boolean };
  /** What came out so far. */
  out: () => string;
  err: () => string;
  /** Resolves once this is on the error stream, where questions are asked, after what was awaited before. */
  asked: (words: string | RegExp) => Promise<string>;
  type: (line: string) => void;
}

export interface TerminalOptions {
  env?: Record<string, string>;
  clock?: () => number;
  /** Whether a person sits there; else everything is a pipe. */
  isTTY?: boolean;
  /** Lines that are there from the start; the input ends after them. */
  input?: string[];
}

/** Everything a command touches, in this process. */
export function terminal(options: TerminalOptions = {}): Terminal {
  const { env = {}, clock = Date.now, isTTY = false, input } = options;
  const stop = new AbortController();
  const stdin = Object.assign(new PassThrough(), { isTTY });
  const [stdout, stderr] = [0, 1].map(() => Object.assign(new PassThrough(), { isTTY }));
  const [out, err] = [collect(stdout!), collect(stderr!)];
  if (input) stdin.end(input.map((line) => `${line}\n`).join(''));
  let read = 0;
  return {
    env,
    clock,
    wait: (_milliseconds, signal) => {
      signal.throwIfAborted();
      return Promise.resolve();
    },
    stdin,
    stdout: stdout!,
    stderr: stderr!,
    signal: stop.signal,
    interrupt: () => stop.abort(),
    out,
    err,
    asked: async (words) => {
      for (;;) {
        const found = new RegExp(words).exec(err().slice(read));
        if (found) {
          read += found.index + found[0].length;
          return found[0];
        }
        await new Promise((resolve) => stderr!.once('data', resolve));
      }
    },
    type: (line) => stdin.write(isTTY ? `${line}\r` : `${line}\n`),
  };
}

function collect(stream: PassThrough): () => string {
  let text = '';
  stream.setEncoding('utf8').on('data', (part: string) => (text += part));
  return () => text;
}

export interface Ended {
  code: number;
  out: string;
  err: string;
}

/** Runs a command line to its end. */
export async function command(args: string[], options: TerminalOptions = {}): Promise<Ended> {
  const here = terminal({ input: [], ...options });
  const code = await run(args, here);
  return { code, out: here.out(), err: here.err() };
}

/** The lines of an output that is JSON. */
export function documents(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
