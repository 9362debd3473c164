import type { Clock } from '../ports/clock';
import type { Records } from '../ports/records';
import { recentLooks } from './recent-looks';

/** Records with a short memory for those that the gate asks for on each request. */
export function rememberedRecords(
  records: Records,
  clock: Clock,
  isAskedOften: (key: string) => boolean,
): Records {
  const looks = recentLooks<unknown>(clock);
  return {
    get: (key) => (isAskedOften(key) ? looks.find(key, () => records.get(key)) : records.get(key)),
    set: (key, record, expiresAt) => looks.writing(key, () => records.set(key, record, expiresAt)),
    delete: (key) => looks.writing(key, () => records.delete(key)),
  };
}
