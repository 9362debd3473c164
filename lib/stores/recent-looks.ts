import type { Clock } from '../ports/clock';

/**
 * A short memory for what the gate asks a store on every request. What this process writes, it sees
 * at once; what another one writes, within ten seconds. A look that failed is not remembered.
 */
export interface RecentLooks<T> {
  /** What was found at most ten seconds ago, else what `ask` finds now. */
  find(key: string, ask: () => Promise<T>): Promise<T>;
  /** What was found at most ten seconds ago. */
  recent(key: string): Promise<T> | undefined;
  /** Remembers a look that begins now. */
  keep(key: string, found: Promise<T>): Promise<T>;
  /** Whether this very look is still the one that is remembered. */
  isKept(key: string, found: Promise<T>): boolean;
  forget(key: string): void;
  /** Forgets before and after a write: a look that began before it must not outlive it. */
  writing<Written>(key: string, write: () => Written | Promise<Written>): Promise<Written>;
}

const FRESH_FOR = 10_000;
const MOST_REMEMBERED = 10_000;

export function recentLooks<T>(clock: Clock): RecentLooks<T> {
  const looks = new Map<string, { freshUntil: number; found: Promise<T> }>();

  const forget = (key: string): void => void looks.delete(key);
  const isKept = (key: string, found: Promise<T>): boolean => looks.get(key)?.found === found;
  const recent = (key: string): Promise<T> | undefined => {
    const look = looks.get(key);
    return look !== undefined && clock() < look.freshUntil ? look.found : undefined;
  };
  const keep = (key: string, found: Promise<T>): Promise<T> => {
    looks.delete(key);
    looks.set(key, { freshUntil: clock() + FRESH_FOR, found });
    found.catch(() => {
      if (isKept(key, found)) forget(key);
    });
    const oldest = looks.keys().next();
    if (looks.size > MOST_REMEMBERED && oldest.done !== true) looks.delete(oldest.value);
    return found;
  };

  return {
    find: (key, ask) => recent(key) ?? keep(key, ask()),
    recent,
    keep,
    isKept,
    forget,
    writing: async (key, write) => {
      forget(key);
      try {
        return await write();
      } finally {
        forget(key);
      }
    },
  };
}
