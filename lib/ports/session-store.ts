/**
 * The part of an express-session store that the library uses. Every such store fits
 * (MemoryStore, connect-redis, others): `get`, `set` and `destroy` are what express-session itself
 * requires of a store.
 */
export interface SessionStore {
  get(sid: string, callback: (error: unknown, record?: unknown) => void): unknown;
  // Declared as a method and with a loose record, so that every store's own type is assignable.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- every store's own type is assignable
  set(sid: string, record: any, callback?: (error?: unknown) => void): unknown;
  destroy(sid: string, callback?: (error?: unknown) => void): unknown;
  /** Says that a session is in use; express-session calls it where a session was not written. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- every store's own type is assignable
  touch?(sid: string, session: any, callback?: (error?: unknown) => void): unknown;
  /** Makes a session of what was kept; express-session calls it for each that it loads. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- every store's own type is assignable
  createSession?(req: any, data: any): unknown;
  /** Gives a request another session; Passport calls it at each sign-in. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- every store's own type is assignable
  regenerate?(req: any, done: (error?: unknown) => void): unknown;
  on?(event: string, listener: () => void): unknown;
}

/** The session that took the place of another one. */
export interface Successor {
  id: string;
  /** Until when the session before stays as it was; milliseconds since the epoch. */
  until: number;
  /** The app has not been told of it yet (`onRotate`), so nobody else is. */
  untold?: boolean | undefined;
  /** What was typed to get there, where it may be typed again; see `sealOf`. */
  seal?: string | undefined;
  /** What it was asked for as: the answer to another question is no repetition. */
  kind?: string | undefined;
  /** The challenge that it answered, by its `countName`: guesses at a repeated code are counted, too. */
  challengeId?: string | undefined;
}

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

/** What the names of records begin with, which lie among the sessions of a store. */
export const RECORD_PREFIX = 'sms2fa';
