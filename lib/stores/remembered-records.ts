import type { Clock } from '../ports/clock';
import type { Records } from '../ports/records';

const FRESH_FOR = 10_000;
const MOST_REMEMBERED = 10_000;

/**
 * Records with a short memory for those that the gate asks for on each request. What this process
 * writes, it sees at once; what another one writes, within ten seconds.
 */
export function rememberedRecords(
  records: Records,
  clock: Clock,
  isAskedOften: (key: string) => boolean,
): Records {
  const looks = new Map<string, { freshUntil: number; found: Promise<unknown> }>();
  const look = (key: string): Promise<unknown> => {
    const found = records.get(key);
    looks.delete(key);
    looks.set(key, { freshUntil: clock() + FRESH_FOR, found });
    found.catch(() => {
      if (looks.get(key)?.found === found) looks.delete(key);
    });
    const oldest = looks.keys().next();
    if (looks.size > MOST_REMEMBERED && oldest.done !== true) looks.delete(oldest.value);
    return found;
  };
  const writing = async (key: string, write: () => Promise<void>): Promise<void> => {
    // Before and after: a look that began before the write must not outlive it.
    looks.delete(key);
    try {
      await write();
    } finally {
      looks.delete(key);
    }
  };
  return {
    get: (key) => {
      if (!isAskedOften(key)) return records.get(key);
      const known = looks.get(key);
      return known !== undefined && clock() < known.freshUntil ? known.found : look(key);
    },
    set: (key, record, expiresAt) => writing(key, () => records.set(key, record, expiresAt)),
    delete: (key) => writing(key, () => records.delete(key)),
  };
}
