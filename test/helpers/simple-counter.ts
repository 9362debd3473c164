import type { SimpleCounter } from '../../lib/ports/counter';

interface Kept {
  count: number;
  expiresAt: number;
}

/** A counter of an app's own, which adds to one key at a time, some turns later as over a network. */
export function simpleCounter(clock: () => number, { keepsZeros = false } = {}): SimpleCounter {
  const counts = new Map<string, Kept>();
  const live = (key: string): Kept | undefined => {
    const found = counts.get(key);
    return found !== undefined && clock() < found.expiresAt ? found : undefined;
  };
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    add: async (key, lifetimeMs, by = 1) => {
      await turn();
      const found = live(key);
      const expiresAt = found?.expiresAt ?? clock() + lifetimeMs;
      const count = Math.max(0, (found?.count ?? 0) + by);
      if (found === undefined && by < 0) return { count: 0, expiresAt: clock() };
      if (count > 0 || keepsZeros) counts.set(key, { count, expiresAt });
      else counts.delete(key);
      return { count, expiresAt };
    },
    peek: async (key) => {
      await turn();
      const found = live(key);
      return found && { ...found };
    },
    clear: async (key) => {
      await turn();
      counts.delete(key);
    },
  };
}
