/** Who asked not to be texted by which number. Numbers are 11 digits. */
export class OptOuts {
  readonly #pairs = new Set<string>();

  /**
   * Takes in what a consumer wrote to a number. A lone STOP, in any case, blocks this pair and
   * only this pair; a lone UNSTOP opens it. "STOP PLEASE" does neither.
   */
  hear(consumer: string, number: string, body: string): void {
    const word = body.trim().toUpperCase();
    if (word === 'STOP') this.#pairs.add(`${number} ${consumer}`);
    if (word === 'UNSTOP') this.#pairs.delete(`${number} ${consumer}`);
  }

  blocks(consumer: string, number: string): boolean {
    return this.#pairs.has(`${number} ${consumer}`);
  }

  clear(): void {
    this.#pairs.clear();
  }
}
