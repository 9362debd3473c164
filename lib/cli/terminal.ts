import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';
import { maskPhone } from '../core/outcomes';
import type { Clock } from '../ports/clock';
import { CommandFailure } from './command-failure';

/** Where output goes; `isTTY` where a person reads along. */
type Screen = NodeJS.WritableStream & { isTTY?: boolean };

/** Resolves after so many milliseconds, or rejects as soon as the signal aborts. */
export type Wait = (milliseconds: number, signal: AbortSignal) => Promise<void>;

/** Everything a command touches outside of itself; handed in, so that a test can be all of it. */
export interface Surroundings {
  env: Readonly<Record<string, string | undefined>>;
  stdin: NodeJS.ReadableStream & { isTTY?: boolean };
  /** For results only; prompts and remarks go to `stderr`. */
  stdout: Screen;
  stderr: Screen;
  clock: Clock;
  wait: Wait;
  /** Aborts at Ctrl-C. */
  signal: AbortSignal;
  /** Ctrl-C while a line is being typed: the terminal then sends a character and no signal. */
  interrupt: () => void;
}

/** Words of others without what could steer a terminal or forge a line. */
export function printable(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ');
}

/** A number as it may be seen; '-' where there is none. */
export function shownNumber(number: string | undefined, whole: boolean): string {
  if (number === undefined) return '-';
  return whole ? `+${number.replace(/^\+/, '')}` : maskPhone(number);
}

/** An address without its last part, where a secret stands, and without its query. */
export function shownAddress(address: string): string {
  if (!URL.canParse(address)) return '(not an address)';
  const { origin, pathname } = new URL(address);
  return printable(`${origin}${pathname.replace(/[^/]+\/*$/, '…')}`);
}

/** Of an address that is not this app's: nobody here knows where in it a secret stands. */
export function foreignAddress(address: string): string {
  if (!URL.canParse(address)) return '(not an address)';
  return printable(`${new URL(address).origin}/…`);
}

/** How each style begins and ends on a terminal (ECMA-48). */
const STYLES = { red: [31, 39], green: [32, 39], yellow: [33, 39], dim: [2, 22] } as const;

export type Style = keyof typeof STYLES;

/** Writes results to the one stream and remarks to the other. */
export class Printer {
  readonly #surroundings: Surroundings;
  readonly #json: boolean;

  constructor(surroundings: Surroundings, json: boolean) {
    this.#surroundings = surroundings;
    this.#json = json;
  }

  /** What the command was asked for, as a document or as lines for people. */
  result(document: object, lines: readonly string[]): void {
    const { stdout } = this.#surroundings;
    stdout.write(this.#json ? `${asJson(document)}\n` : lines.map((line) => `${line}\n`).join(''));
  }

  /** A remark for whoever is watching. */
  remark(text: string): void {
    this.#surroundings.stderr.write(`${text}\n`);
  }

  failure(message: string, facts: object): void {
    const { stderr } = this.#surroundings;
    const line = printable(message);
    if (this.#json) stderr.write(`${asJson({ error: line, ...facts })}\n`);
    else stderr.write(`${this.#styled(stderr, 'red', line)}\n`);
  }

  /** For text that goes into `result`. */
  paint(style: Style, text: string): string {
    return this.#styled(this.#surroundings.stdout, style, text);
  }

  #styled(screen: Screen, style: Style, text: string): string {
    const { NO_COLOR, TERM } = this.#surroundings.env;
    const plain = screen.isTTY !== true || (NO_COLOR ?? '') !== '' || TERM === 'dumb';
    const [begin, end] = STYLES[style];
    return plain ? text : `\u001b[${begin}m${text}\u001b[${end}m`;
  }
}

/** JSON leaves some control characters as they are, which a terminal would obey. */
function asJson(document: object): string {
  return JSON.stringify(document).replace(/[\p{Cf}\u007f-\u009f\u2028\u2029]/gu, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

/** Asks on the terminal. Where the input is a pipe, its lines are the answers. */
export class Prompts {
  readonly #surroundings: Surroundings;
  readonly #lines: string[] = [];
  #reader: Interface | undefined;
  #ended = false;
  #hidden = false;
  #wake: () => void = () => undefined;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  /** Whether a person sits there, who can be led from step to step. */
  get isTerminal(): boolean {
    const { stdin, stderr } = this.#surroundings;
    return stdin.isTTY === true && stderr.isTTY === true;
  }

  async ask(question: string): Promise<string> {
    return (await this.#answer(question)).trim();
  }

  /** Nothing of the answer is shown. */
  async askHidden(question: string): Promise<string> {
    try {
      return await this.#answer(question, { hidden: true });
    } finally {
      this.#hidden = false;
      this.#surroundings.stderr.write('\n');
    }
  }

  /** Anything but a clear yes is a no. Whoever asks so has an option --yes. */
  async confirm(question: string): Promise<boolean> {
    const answer = await this.#answer(`${question} [y/N] `, {
      cure: ' Give --yes to have it not asked.',
    });
    return /^y(es)?$/i.test(answer.trim());
  }

  /** Gives the terminal back. */
  close(): void {
    this.#reader?.close();
  }

  async #answer(question: string, { hidden = false, cure = '' } = {}): Promise<string> {
    const { signal } = this.#surroundings;
    const reader = (this.#reader ??= this.#open());
    if (this.#ended) this.#surroundings.stderr.write(question);
    else {
      reader.setPrompt(question);
      reader.prompt();
    }
    // Only now: the question itself is shown.
    this.#hidden = hidden;
    for (;;) {
      signal.throwIfAborted();
      const line = this.#lines.shift();
      if (line !== undefined) return line;
      if (this.#ended) {
        throw new CommandFailure(`The input ended before the question was answered.${cure}`);
      }
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #open(): Interface {
    const { stdin, stderr, signal, interrupt } = this.#surroundings;
    const output = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        if (!this.#hidden) stderr.write(chunk);
        done();
      },
    });
    // No history: the arrow keys would bring back what was typed unseen.
    const terminal = stdin.isTTY === true;
    const reader = createInterface({ input: stdin, output, terminal, historySize: 0 });
    reader.on('line', (line) => {
      this.#lines.push(line);
      this.#wake();
    });
    reader.on('close', () => {
      this.#ended = true;
      this.#wake();
    });
    reader.on('SIGINT', interrupt);
    signal.addEventListener('abort', () => this.#wake(), { once: true });
    return reader;
  }
}
