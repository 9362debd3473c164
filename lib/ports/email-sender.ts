/** A mail on its way. */
export interface EmailMessage {
  to: string;
  subject: string;
  /** Plain text. */
  text: string;
}

/**
 * Hands one mail on. Rejects with a `SecondFactorError` where it was not taken: `refused: true`
 * where that is sure.
 */
export interface EmailSender {
  send(message: EmailMessage, options: { signal: AbortSignal }): Promise<unknown>;
}
