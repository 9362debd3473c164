/** A count as it stands, and when its life ends (milliseconds since the epoch). */
export interface Count {
  count: number;
  expiresAt: number;
}

/**
 * Counts that no concurrent request can race. Guesses, sends and single use all rest on `add`
 * being one atomic step, over every process that serves the app.
 */
export interface Counter {
  /**
   * Adds `by` (default 1) in one atomic step and returns the count after it. The first addition
   * starts the life of the count; later ones do not lengthen it.
   *
   * A negative `by` gives places back: it never takes a count below zero and never starts one.
   * A value that is not a count (corrupt, negative) comes back as `Number.MAX_SAFE_INTEGER`,
   * so that whoever compares it with a limit refuses.
   */
  add(key: string, lifetimeMs: number, by?: number): Promise<Count>;
  /** The count as it stands; `undefined` where there is none or its life is over. */
  peek(key: string): Promise<Count | undefined>;
  /** Forgets the count. */
  clear(key: string): Promise<void>;
}
