/** A text on its way to a phone. */
export interface SmsMessage {
  /** E.164 with the plus sign, such as `+12065550142`. */
  to: string;
  /**
   * The whole text, the domain line last. In English ASCII of at most 160 characters; a language of other
   * characters has room for 70, and what a `transaction` says may make it longer than one text.
   */
  body: string;
}

/** How far a text got, as far as anyone knows. */
export type Delivery = 'accepted' | 'sent' | 'delivered' | 'failed' | 'unknown';

/** How far a text got, with the carrier's own words on it: what the event `delivery` tells. */
export interface DeliveryReport {
  delivery: Delivery;
  /** Its word for the state, such as `delivery failure`. */
  status?: string | undefined;
  /** Its code, such as Flowroute's 1110: what tells a filter, a dead handset and an opt-out apart. */
  code?: number | undefined;
  /** The same in its words; one line without numbers and codes. */
  description?: string | undefined;
}

/** What the carrier answered when it took a text. */
export interface SmsReceipt {
  /** The carrier's name for the message; delivery receipts refer to it. */
  id?: string;
  /** What it costs, in US dollars, where the carrier says so. */
  price?: number | undefined;
  /** How many texts it is charged as, where the carrier says so. */
  segments?: number | undefined;
}

/**
 * Hands one text to a carrier.
 *
 * Resolves once the carrier has taken it. Rejects with a `SecondFactorError` otherwise:
 * `refused: true` where the text was surely not taken, `refused: false` where nobody can know
 * (a timeout after sending). A sender never sends again by itself what may have been taken.
 */
export interface SmsSender {
  /**
   * The numbers that its texts come from, E.164. Answers to other numbers of the same account are not
   * about codes. Left out where it does not know; then every answer is taken to be.
   */
  numbers?: readonly string[];
  send(
    message: SmsMessage,
    options: { signal: AbortSignal },
    // A sender that knows no receipt resolves with nothing.
    // eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- a sender may answer nothing at all
  ): Promise<SmsReceipt | undefined | void>;
  /**
   * Looks up how far a text got, by the id of its receipt; `undefined` where the carrier does not
   * know it yet. Given one, the library asks while a user waits for a text, every few seconds: for
   * apps that the carrier cannot reach with delivery receipts.
   */
  delivery?(
    receipt: string,
    options: { signal: AbortSignal },
  ): Promise<Delivery | DeliveryReport | undefined>;
}

/** A sender that can be called by itself, too, as the ones of this package can. */
export interface StandaloneSender extends SmsSender {
  send(message: SmsMessage, options?: { signal?: AbortSignal | undefined }): Promise<SmsReceipt>;
}

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

/** What a carrier calls the app for, read out of whatever shape it came in. */
export type CarrierCallback =
  | ({ kind: 'receipt'; id: string } & DeliveryReport)
  | { kind: 'inbound'; id: string; text: InboundText };

/** A text that somebody sent to a number of the app. */
export interface InboundText {
  /** The carrier's name for it. */
  id: string;
  /** E.164 with the plus sign; a short code (`'72975'`) or a name (`'ACME'`) as the carrier writes it. */
  from: string;
  to: string;
  /** `''` where it came without words. */
  body: string;
  /** Where the pictures of an MMS lie; left out where there are none. */
  mediaUrls?: string[];
}

/** Reads the body of a callback; `undefined` where it is none. */
export type ReadCallback = (body: unknown) => CarrierCallback | undefined;
