/** Tells open pages that there is something new to show. */
export class Changes {
  readonly #listeners = new Set<() => void>();

  readonly announce = (): void => {
    for (const listener of this.#listeners) listener();
  };

  /** The answer ends it. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
