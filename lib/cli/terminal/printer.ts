import type { Screen, Surroundings } from '../surroundings';
import { printable } from './printable';

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
