import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';
import { CommandFailure } from './command-failure';
import type { Surroundings } from './terminal';

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
