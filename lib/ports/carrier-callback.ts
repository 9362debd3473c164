import type { DeliveryReport } from './sms-sender';

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
