/**
 * What broke, in words that stay the same from version to version. Each is also the `code` of the
 * problem document that the router answers with.
 */
export type SecondFactorErrorCode =
  | 'delivery_failed'
  | 'phone_opted_out'
  | 'phone_invalid'
  | 'store_unavailable'
  | 'sending_suspended'
  | 'misconfigured';

/** Why the carrier did not take a text; tells an operator what to mend. */
export type DeliveryFailureReason =
  | 'credentials_rejected'
  | 'from_rejected'
  | 'to_rejected'
  | 'opted_out'
  | 'rate_limited'
  | 'rejected'
  | 'unavailable'
  | 'unknown_outcome';

/** What `check()` found of a set-up. */
export interface SetupFinding {
  readonly check:
    | 'counter'
    | 'clock'
    | 'store'
    | 'enrollments'
    | 'mountPath'
    | 'trust proxy'
    | 'userId'
    | 'body'
    | 'onRefused';
  /**
   * `wrong`: it cannot work so. `away`: it does not answer now, and may later. `warning`: it works, and
   * not as it should. `unknown`: that could not be seen, or not yet.
   */
  readonly state: 'wrong' | 'away' | 'warning' | 'unknown';
  readonly says: string;
  /** What to do about it. */
  readonly cure: string;
}

const STATUS: Record<SecondFactorErrorCode, number> = {
  delivery_failed: 502,
  phone_opted_out: 409,
  phone_invalid: 422,
  store_unavailable: 503,
  sending_suspended: 503,
  misconfigured: 500,
};

export interface SecondFactorErrorDetails {
  /** The error underneath. Kept for the app's log, never shown to a user. */
  cause?: unknown;
  /** Why a text was not taken. */
  reason?: DeliveryFailureReason;
  /**
   * True where the carrier surely did not take the text. False (the default) where nobody knows:
   * then the text is never sent again by itself.
   */
  refused?: boolean;
  /** All that `check()` found, warnings included. */
  findings?: readonly SetupFinding[];
}

/**
 * Something broke: the store, the counter or the carrier. Never thrown for what a user does
 * (a wrong code, a lock, a send too soon): those are returned. The gate stays shut whenever one
 * of these is thrown.
 */
export class SecondFactorError extends Error {
  override readonly name = 'SecondFactorError';
  readonly code: SecondFactorErrorCode;
  /** The HTTP status that the router and the gate answer with; Express reads it, too. */
  readonly status: number;
  readonly reason: DeliveryFailureReason | undefined;
  readonly refused: boolean;
  /** What `check()` found, where it is what rejects. */
  readonly findings: readonly SetupFinding[] | undefined;

  constructor(
    code: SecondFactorErrorCode,
    message: string,
    details: SecondFactorErrorDetails = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.status = STATUS[code];
    this.reason = details.reason;
    this.refused = details.refused ?? false;
    this.findings = details.findings;
  }
}
