import type { DeliveryFailureReason } from '../../errors';

/** What a `FlowrouteError` is made of; its properties of the same names say more. */
export interface FlowrouteErrorDetails {
  reason: DeliveryFailureReason;
  /** Whether what was asked for has surely not happened. */
  refused: boolean;
  /** The HTTP status of the answer. */
  status?: number | undefined;
  /** In milliseconds. */
  retryAfterMs?: number | undefined;
  supportId?: string | undefined;
  /** Must hold no key, no text and no whole number. */
  cause?: unknown;
}

/** A call to Flowroute that did not do what was asked. The message says what to do about it. */
export class FlowrouteError extends Error {
  override readonly name = 'FlowrouteError';
  /** The HTTP status of the answer; `undefined` where there was none. */
  readonly status: number | undefined;
  readonly reason: DeliveryFailureReason;
  /**
   * True where what was asked for has surely not happened. False where nobody knows: then a text
   * must not be sent again by itself.
   */
  readonly refused: boolean;
  /** How long to wait before another try, where the carrier or the client knows. */
  readonly retryAfterMs: number | undefined;
  /** The carrier's own name for the failure; its support asks for it. */
  readonly supportId: string | undefined;

  constructor(message: string, details: FlowrouteErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.status = details.status;
    this.reason = details.reason;
    this.refused = details.refused;
    this.retryAfterMs = details.retryAfterMs;
    this.supportId = details.supportId;
  }
}
