/** Clocks of two app servers may differ by this much, in milliseconds. */
export const CLOCK_SKEW = 120_000;
/**
 * How long a text is remembered, and what anybody may ask of it: whether its code was used, and what
 * became of its session. Receipts come within minutes; milliseconds.
 */
export const TEXT_LIFETIME = 3_600_000;

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
  /** Further failures before each later lock; 1 to 100. Locks double from 15 min to 24 h. */
  lockEvery: number;
  /** Consecutive failures that disable the factor; `lockAfter` to 100. */
  hardStop: number;
  /** Waits between texts, per user and per phone; the last one repeats. Each 15 to 3600. */
  resendWait: readonly number[];
  /** Unanswered texts to a confirmed phone. */
  textsPerPhone: readonly Rate[];
  /** Unanswered texts to a user. */
  textsPerUser: readonly Rate[];
  /** Unanswered texts to confirmed phones asked for from one IP address (IPv6: one /64). */
  textsPerAddress: readonly Rate[];
  /** Texts to one unconfirmed phone, whoever asks. */
  unconfirmedPerPhone: readonly Rate[];
  /** Different unconfirmed phones that one user may try. */
  phonesPerUser: readonly Rate[];
  /** Texts to unconfirmed phones asked for from one IP address (IPv6: one /64). */
  unconfirmedPerAddress: readonly Rate[];
  /** Texts to unconfirmed phones of one number block (the number without its last 4 digits). */
  unconfirmedPerBlock: readonly Rate[];
  /**
   * Codes texted to unconfirmed numbers of one country that nobody entered, in an hour and in a day
   * (24 h): so many are always allowed, and more where more was verified before. 1 to 1000000 each.
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
  /** All texts together; empty by default. An event goes out at 80 %. */
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

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;

export const DEFAULT_LIMITS: Limits = {
  codeLength: 6,
  challengeLifetime: 300,
  guessesPerChallenge: 5,
  lockAfter: 10,
  lockEvery: 5,
  hardStop: 100,
  resendWait: [30, 60, 120, 300],
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
  conversionPerCountry: { hour: 20, day: 30 },
  conversionPerBlock: { hour: 10, day: 15 },
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
  hardStop: [3, 100],
  factorChangeMaxAge: [1, 1_200],
  verifiedSession: [60, DAY],
  verifiedIdle: [60, DAY],
  carrierCall: [1, 30],
} as const satisfies Partial<Record<keyof Limits, readonly [number, number]>>;

/** The least and the most seconds of a resend wait. */
export const RESEND_WAIT_RANGE = [15, HOUR] as const;
/** The least and the most of a floor. */
export const FLOOR_RANGE = [1, 1_000_000] as const;
/** The least and the most of a rate. */
export const RATE_RANGE = { count: [1, 1_000_000_000], seconds: [1, 31 * DAY] } as const;
