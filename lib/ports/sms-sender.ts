/** A text on its way to a phone. */
export interface SmsMessage {
  /** E.164 with the plus sign, such as `+12065550142`. */
  to: string;
  /** The whole text: ASCII, at most 160 characters, the domain line last. */
  body: string;
}

/** What the carrier answered when it took a text. */
export interface SmsReceipt {
  /** The carrier's name for the message; delivery receipts refer to it. */
  id?: string;
}

/**
 * Hands one text to a carrier.
 *
 * Resolves once the carrier has taken it. Rejects with a `SecondFactorError` otherwise:
 * `refused: true` where the text was surely not taken, `refused: false` where nobody can know
 * (a timeout after sending). A sender never sends again by itself what may have been taken.
 */
export interface SmsSender {
  send(message: SmsMessage, options?: { signal?: AbortSignal }): Promise<SmsReceipt>;
}
