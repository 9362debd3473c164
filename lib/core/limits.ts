import { HOUR_MS } from '../durations';

/** Clocks of two app servers may differ by this much, in milliseconds. */
export const CLOCK_SKEW = 120_000;
/**
 * How long a text is remembered, and what anybody may ask of it: whether its code was used, and what
 * became of its session. Receipts come within minutes; milliseconds.
 */
export const TEXT_LIFETIME = HOUR_MS;

/** At most `count` within `seconds`. */
export interface Rate {
  count: number;
  seconds: number;
}

/** What the conversion guard always lets through. */
export interface Floors {
  hour: number;
  day: number;
}

/** Every number a deployment may turn, with its default in `DEFAULT_LIMITS`. Times in seconds. */
export interface Limits {
  /** Digits of a code; 6 to 10. */
  codeLength: number;
  /** How long a challenge lives; 60 to 600. A resend does not lengthen it. */
  challengeLifetime: number;
  /** Guesses per challenge; 1 to 10. */
  guessesPerChallenge: number;
  /** Consecutive failures of a user before the first lock; 3 to 100. */
  lockAfter: number;
  /** Further failures before each later lock; 1 to 100. */
  lockEvery: number;
  /** How long the first lock is; each later one is twice as long, up to 24 h. 900 to 86400. */
  lockDuration: number;
  /** Consecutive failures that disable the factor; `lockAfter` to 100. */
  hardStop: number;
  /** Waits between texts, per user and per phone; the last one repeats. Each 15 to 3600. */
  resendWait: readonly number[];
  /** The wait after a right code, for its user and phone; 1 to 3600. */
  waitAfterSuccess: number;
  /**
   * Unanswered texts to a confirmed phone. Of a rate over a day or more two are kept for a browser in
   * which the user has passed before (fewer where it is below ten), and two for each account of a
   * phone that several share.
   */
  textsPerPhone: readonly Rate[];
  /** Unanswered texts to a user; two of a day are kept as above. */
  textsPerUser: readonly Rate[];
  /** Unanswered texts to confirmed phones asked for from one IP address (IPv6: one /64). */
  textsPerAddress: readonly Rate[];
  /** Unanswered texts to one unconfirmed phone that one user asks for; twice as many whoever asks. */
  unconfirmedPerPhone: readonly Rate[];
  /** Different unconfirmed phones that one user may try, confirmed afterwards or not. */
  phonesPerUser: readonly Rate[];
  /**
   * Unanswered texts to unconfirmed phones asked for from one IP address (IPv6: one /64). The longest
   * rate counts those on their way, too; the others only those whose challenge has ended.
   */
  unconfirmedPerAddress: readonly Rate[];
  /**
   * Unanswered texts to unconfirmed phones of one number block (the number without its last 4
   * digits): three quarters of them for one address, and of those a quarter counts for all others.
   */
  unconfirmedPerBlock: readonly Rate[];
  /** Texts sent to a user, answered or not. */
  sentPerUser: readonly Rate[];
  /** Texts sent to a phone, answered or not. */
  sentPerPhone: readonly Rate[];
  /** Texts sent for one IP address (IPv6: one /64), answered or not. */
  sentPerAddress: readonly Rate[];
  /** Answers to HELP over all; each number gets one a day. */
  helpAnswers: readonly Rate[];
  /** Calls of `beforeSend` for one user; to a confirmed phone two of a day are kept as above. */
  hookCallsPerUser: readonly Rate[];
  /** Calls of `beforeSend` for one IP address (IPv6: one /64). */
  hookCallsPerAddress: readonly Rate[];
  /**
   * The first step of the conversion guard in a country: codes texted to unconfirmed numbers that
   * nobody entered, in an hour and in a day (24 h). So many are always allowed, and more where more
   * was verified before; the second step is at three times that. 1 to 1000000 each.
   */
  conversionPerCountry: Floors;
  /** The same for one number block (the number without its last 4 digits). */
  conversionPerBlock: Floors;
  /** Malformed requests from one IP address (IPv6: one /64) before they get 429. */
  malformedPerAddress: readonly Rate[];
  /** Wrong recovery codes of one session; nothing else is refused for them. */
  recoveryPerSession: readonly Rate[];
  /** Wrong recovery codes from one IP address (IPv6: one /64), whosever they are meant to be. */
  recoveryPerAddress: readonly Rate[];
  /** All texts sent together; empty by default. Events go out at 80 % and at 100 %. */
  overall: readonly Rate[];
  /** How fresh the second factor must be to change or remove it; 1 to 1200. */
  factorChangeMaxAge: number;
  /** How long a session stays verified; 60 to 86400. */
  verifiedSession: number;
  /** How long a verified session may lie idle; 60 to 86400. The default is no limit of its own. */
  verifiedIdle: number;
  /** How long the carrier may take; 1 to 30. */
  carrierCall: number;
}

// In seconds, as all limits.
const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;

export const DEFAULT_LIMITS: Limits = {
  codeLength: 6,
  challengeLifetime: 300,
  guessesPerChallenge: 5,
  lockAfter: 10,
  lockEvery: 5,
  lockDuration: 15 * MINUTE,
  hardStop: 100,
  resendWait: [30, 60, 120, 300],
  waitAfterSuccess: 10,
  textsPerPhone: [
    { count: 5, seconds: 10 * MINUTE },
    { count: 10, seconds: DAY },
  ],
  textsPerUser: [{ count: 10, seconds: DAY }],
  textsPerAddress: [{ count: 100, seconds: 10 * MINUTE }],
  unconfirmedPerPhone: [{ count: 5, seconds: DAY }],
  phonesPerUser: [{ count: 3, seconds: DAY }],
  unconfirmedPerAddress: [
    { count: 10, seconds: HOUR },
    { count: 50, seconds: DAY },
  ],
  unconfirmedPerBlock: [{ count: 20, seconds: HOUR }],
  sentPerUser: [
    { count: 10, seconds: HOUR },
    { count: 30, seconds: DAY },
  ],
  sentPerPhone: [
    { count: 10, seconds: HOUR },
    { count: 30, seconds: DAY },
  ],
  sentPerAddress: [{ count: 200, seconds: HOUR }],
  helpAnswers: [{ count: 100, seconds: DAY }],
  hookCallsPerUser: [{ count: 20, seconds: DAY }],
  hookCallsPerAddress: [{ count: 200, seconds: HOUR }],
  conversionPerCountry: { hour: 100, day: 300 },
  conversionPerBlock: { hour: 20, day: 40 },
  malformedPerAddress: [{ count: 50, seconds: 10 * MINUTE }],
  recoveryPerSession: [{ count: 10, seconds: MINUTE }],
  recoveryPerAddress: [{ count: 60, seconds: MINUTE }],
  overall: [],
  factorChangeMaxAge: 600,
  verifiedSession: DAY,
  verifiedIdle: DAY,
  carrierCall: 5,
};

/** The least and the most that each single number may be. */
export const RANGES = {
  codeLength: [6, 10],
  challengeLifetime: [60, 600],
  guessesPerChallenge: [1, 10],
  lockAfter: [3, 100],
  lockEvery: [1, 100],
  lockDuration: [900, DAY],
  hardStop: [3, 100],
  waitAfterSuccess: [1, 3_600],
  factorChangeMaxAge: [1, 1_200],
  verifiedSession: [60, DAY],
  verifiedIdle: [60, DAY],
  carrierCall: [1, 30],
} as const satisfies Partial<Record<keyof Limits, readonly [number, number]>>;

/** What a deployment may say that it keeps to; see `docs/presets.md`. */
export type Preset = keyof typeof PRESETS;

/** The limits that a standard has a word on: no more than `most`, no less than `least`. */
export const PRESETS = {
  // PCI DSS 4.0.1: 8.3.4 (ten attempts, half an hour), 8.2.8 (15 min idle).
  pci: {
    lockAfter: { most: 10 },
    lockEvery: { most: 10 },
    lockDuration: { least: 30 * MINUTE },
    verifiedIdle: { most: 15 * MINUTE },
  },
  // Delegated Regulation (EU) 2018/389, Art. 4(3)(b) and (d).
  psd2: {
    lockAfter: { most: 5 },
    lockEvery: { most: 5 },
    guessesPerChallenge: { most: 5 },
    factorChangeMaxAge: { most: 5 * MINUTE },
    verifiedIdle: { most: 5 * MINUTE },
  },
} as const satisfies Record<
  string,
  Partial<Record<keyof Limits, { most?: number; least?: number }>>
>;

/** The least and the most seconds of a resend wait. */
export const RESEND_WAIT_RANGE = [15, HOUR] as const;
/** The least and the most of a floor. */
export const FLOOR_RANGE = [1, 1_000_000] as const;
/** The least and the most of a rate. */
export const RATE_RANGE = { count: [1, 1_000_000_000], seconds: [1, 31 * DAY] } as const;
