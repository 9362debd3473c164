/**
 * Small JSON records with a lifetime, kept next to the app's sessions. Writes are blind (the last
 * one wins), so nothing that is counted or spent may live here: that is the Counter's job.
 */
export interface Records {
  /** The record, or `undefined` where there is none or its life is over. */
  get(key: string): Promise<unknown>;
  /** The same, as it was at most ten seconds ago; what this process wrote it sees at once. */
  recent(key: string): Promise<unknown>;
  /** Keeps `record` under `key` until `expiresAt` (milliseconds since the epoch). */
  set(key: string, record: unknown, expiresAt: number): Promise<void>;
  /** Forgets the record. */
  delete(key: string): Promise<void>;
}
