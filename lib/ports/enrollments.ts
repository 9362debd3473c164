/**
 * A user's second factor as the app keeps it: one JSON value that belongs to the library.
 * Apps store and return it whole and do not look inside.
 */
export interface Enrollment {
  /** The confirmed number, E.164. */
  phone: string;
  /** When the code texted to it came back; milliseconds since the epoch. */
  confirmedAt: number;
  /** Changes whenever every mark made before must die: new phone, removal, revocation. */
  epoch: string;
  /** The IP address that the code came back from. */
  confirmedFrom?: string;
  /** What is left of the recovery codes: salted digests, never the codes. */
  recoveryCodes?: RecoveryCodes;
  /** A newer set, until its user says that it is kept. */
  newRecoveryCodes?: NewRecoveryCodes;
  /** Browsers that pass without a code until they expire. */
  devices?: TrustedDevice[];
  /** Those that passed once and no longer do, until they would have expired: a copy is known by them. */
  endedDevices?: EndedDevice[];
  /** Set by the hard stop: no texted code is taken any more; see the event `disabled`. */
  disabledAt?: number;
  /**
   * When the user named the phone, and the version of the words they agreed to with it; where the option
   * `terms` was given.
   */
  consent?: { at: number; version: string };
  /**
   * Counts up with every write, and begins anew at a number that was not there before. From 1 to
   * 2147483646, so an int4 column takes it; versions before 0.2 wrote the time in milliseconds.
   */
  version: number;
}

/** Recovery codes as they are kept. One salt for the set; a code that is used leaves the list. */
export interface RecoveryCodes {
  salt: string;
  digests: string[];
}

/** What a set of recovery codes is derived from, with the app's secret: no code can be read in it. */
export interface NewRecoveryCodes {
  /** 128 random bits. */
  id: string;
  /** Which of the configured secrets makes the codes. */
  keyId: string;
  madeAt: number;
  /** A digest of the id of the session that made the set, and that may see it again. */
  session: string;
}

/** A browser that passes without a code. Its token is in its cookie and nowhere else. */
export interface TrustedDevice {
  id: string;
  /** SHA-256 of the secret half of the last token that was seen. */
  digest: string;
  /** Of those that were handed out for it, and until when their sessions overlap; newest first. */
  next?: { digest: string; until: number }[];
  /** Of those that were handed out beside the one that was seen. */
  lost?: string[];
  /** Written by versions before 0.2, where `digest` was handed out and this was seen. */
  before?: { digest: string; until: number };
  /** The account's epoch when it was trusted: a new phone or password ends the trust. */
  epoch: string;
  /** The browser in words, such as `Firefox on Linux`. */
  name: string;
  trustedAt: number;
  lastUsedAt: number;
  expiresAt: number;
}

/** A browser whose trust was ended. Where that browser ended it itself, no token of it is good: `''`. */
export interface EndedDevice extends TrustedDevice {
  endedAt: number;
}

/**
 * Where enrollments are kept: a column, a row or a document in the app's own database.
 * Every function may be async.
 */
export interface Enrollments<User = unknown> {
  /**
   * The user's enrollment, or `undefined` or `null` where there is none. It may come as the database
   * makes it: as JSON text or bytes, with `null` for what is absent. `user` is what the app
   * put into `req.user`; it is there when a request is, so an app whose user already carries the
   * enrollment answers without a query.
   */
  get(
    userId: string,
    user?: User,
  ): Enrollment | null | undefined | Promise<Enrollment | null | undefined>;
  /**
   * Keeps `enrollment`, which is plain JSON, where the stored version still is `expectedVersion` (0:
   * none is stored), in one atomic step. Answers `true`, or `false` where another writer was first.
   */
  set(userId: string, enrollment: Enrollment, expectedVersion: number): boolean | Promise<boolean>;
  /**
   * Forgets the enrollment where the stored version still is `expectedVersion`. Answers `false`
   * where another writer was first; any other answer counts as done. Where none is stored either
   * answer is fine.
   */
  delete(userId: string, expectedVersion: number): unknown;
}

/** The largest number of an int4 column. No enrollment has it as its version. */
export const NO_VERSION = 2 ** 31 - 1;
