export interface AttemptLimit {
  /** Counts an attempt. Answers 0 where it may go on, else the seconds to wait. */
  count(key: string): number;
  /** Forgets the attempts: the right password came. */
  forget(key: string): void;
}

/** More names than this at a time is somebody trying names; the oldest make room. */
const MAX_KEYS = 10_000;

/**
 * At most `limit` attempts with a key in `windowMs`. An attempt is counted before it is looked at,
 * so that many at the same time count one by one. In memory, so each process counts for itself.
 */
export function createAttemptLimit(
  limit: number,
  windowMs: number,
  clock: () => number,
): AttemptLimit {
  const windows = new Map<string, { attempts: number; endsAt: number }>();
  return {
    count(key) {
      const now = clock();
      const current = windows.get(key);
      if (!current || current.endsAt <= now) {
        windows.delete(key); // to the end of the map: it is kept in order of age
        windows.set(key, { attempts: 1, endsAt: now + windowMs });
        makeRoom(windows);
        return 0;
      }
      if (current.attempts >= limit) return Math.ceil((current.endsAt - now) / 1000);
      current.attempts += 1;
      return 0;
    },
    forget: (key) => void windows.delete(key),
  };
}

function makeRoom(windows: Map<string, unknown>): void {
  if (windows.size <= MAX_KEYS) return;
  const [oldest] = windows.keys();
  if (oldest !== undefined) windows.delete(oldest);
}
